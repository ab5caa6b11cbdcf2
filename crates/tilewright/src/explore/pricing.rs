//! The prices of the designs of a space, and which of them no other one beats.

use super::{ExploreError, Figures, Front, LAYOUT_SETTINGS, Layout, Outcome, Outcomes, Point, Space, Values};
use crate::cost::{Cost, CostError, CostModel, Library, MeanLevels, Settings, adc};
use crate::hardware::{
    Design, FaultMap, HardwareError, LayerSettings, Neurons, PRICED_DEFAULT, SETTINGS, Setting, Stage,
};
use crate::mapping::{Mapping, NetworkBits, Target, kernels};
use crate::network::{HeldIntegers, Network, NetworkError, nearest};
use crate::simulate::Hardware;
use crate::workers::{self, Watch};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::Arc;

/// Designs that are priced at once: enough of them that nobody waits for a thread.
const CHUNK: usize = 64;

/// Raised when a design of the same space, networks, chips and constants gets other figures, so that stores do not mix them.
pub const PRICES_VERSION: u32 = 5;

/// What the names of a space mean.
#[derive(Clone, Debug)]
pub struct Sources {
    /// Networks by the names that the space has for them.
    pub networks: BTreeMap<String, Network>,
    /// Chips by the names that the space has for its designs.
    pub chips: BTreeMap<String, Design>,
    /// The constants that parts are priced by.
    pub library: Library,
    /// Texts of the files of devices.
    pub devices: BTreeMap<String, String>,
    /// Maps of stuck cells by their files.
    pub fault_maps: BTreeMap<String, Arc<FaultMap>>,
    /// Settings of single layers by their files.
    pub layer_settings: BTreeMap<String, LayerSettings>,
    /// What replacing each layer by kernels of rank 1, 2, … loses, by its name, where that is known.
    pub losses: Option<BTreeMap<String, Vec<f64>>>,
}

impl Sources {
    /// Networks and chips that name no files of their own.
    pub const fn new(networks: BTreeMap<String, Network>, chips: BTreeMap<String, Design>, library: Library) -> Self {
        Self {
            networks,
            chips,
            library,
            devices: BTreeMap::new(),
            fault_maps: BTreeMap::new(),
            layer_settings: BTreeMap::new(),
            losses: None,
        }
    }

    /// A chip with these settings, and how it maps networks.
    pub(super) fn designed(&self, chip: &str, settings: &[(&str, &str)]) -> Result<(Layout, Design), ExploreError> {
        let (mut layout, mut design) = (Layout::default(), self.chips[chip].clone());
        settings.iter().try_for_each(|&setting| set(&mut layout, &mut design, setting))?;
        self.read(&mut design);
        Ok((layout, design))
    }

    /// Gives a design the texts of the files that its settings name.
    fn read(&self, design: &mut Design) {
        let cells = &mut design.cells;
        if let Some(text) = self.devices.get(&cells.device) {
            cells.device_text = Some(text.clone());
        }
        if let Some(map) = cells.fault_map.as_ref().and_then(|file| self.fault_maps.get(file)) {
            cells.known_faults = Some(Arc::clone(map));
        }
        if let Some(layers) = design.layer_settings.as_ref().and_then(|file| self.layer_settings.get(file)) {
            design.layers = layers.clone();
        }
    }
}

/// A design's network on its crossbars.
pub(super) struct Mapped<'a> {
    pub network: Cow<'a, Network>,
    pub design: Design,
    pub bits: NetworkBits,
    pub model: CostModel,
    pub mapping: Mapping,
    /// What its kernels lose, where losses are given.
    pub kernel_loss: Option<f64>,
}

/// Prices designs, and keeps those on the front.
#[derive(Clone, Debug)]
pub struct Pricing<'a> {
    space: &'a Space,
    sources: &'a Sources,
    /// What networks and their weights say of every design, worked out once.
    held: BTreeMap<&'a str, HeldIntegers>,
    levels: MeanLevels,
}

impl<'a> Pricing<'a> {
    /// Checks every setting and value of a space.
    ///
    /// # Errors
    /// [`ExploreError::Space`] for a setting that there is not, with the nearest one, and for a value that no design can have.
    ///
    /// # Panics
    /// If a network or a design of the space is not among the sources.
    pub fn new(space: &'a Space, sources: &'a Sources) -> Result<Self, ExploreError> {
        if space.asks_losses() && sources.losses.is_none() {
            let problem = "kernel-loss is the sum of what replacing layers loses; give the file of these losses too";
            return Err(ExploreError::Measure { problem: problem.into() });
        }
        // It has converters and neurons, so that any setting is one of it.
        let converters = Design::preset(PRICED_DEFAULT).map_err(CostError::from)?;
        let mut anything = Design { neuron: Some(Neurons::default()), ..converters };
        for variable in &space.vary {
            is_heeded(space, &variable.name)?;
            for value in &variable.values {
                set(&mut Layout::default(), &mut anything, (&variable.name, value))?;
            }
        }
        let held = sources.networks.iter().map(|(name, network)| (name.as_str(), HeldIntegers::of(network))).collect();
        Ok(Self { space, sources, held, levels: MeanLevels::default() })
    }

    /// Prices the designs at `places`, on so many threads; the same on any number. `None` if the watch ended it.
    pub fn outcomes(&self, places: &[u64], threads: usize, watch: Watch<'_>) -> Option<Vec<Outcome>> {
        let chunks: Vec<&[u64]> = places.chunks(CHUNK).collect();
        let sizes: Vec<u64> = chunks.iter().map(|chunk| chunk.len() as u64).collect();
        let job = |chunk: usize| -> Result<Vec<Outcome>, Infallible> {
            Ok(chunks[chunk].iter().map(|&place| self.outcome(place)).collect())
        };
        let Ok(outcomes) = workers::run(&sizes, threads, watch, job);
        outcomes.map(|outcomes| outcomes.into_iter().flatten().collect())
    }

    /// A design of the space.
    pub(super) fn point(&self, place: u64) -> Point<'a> {
        self.space.point(place)
    }

    /// The network of a design, with the name that the space has for it.
    pub(super) fn network(&self, point: &Point<'a>) -> (&'a str, &'a Network) {
        (point.network, &self.sources.networks[point.network])
    }

    /// Prices one design.
    pub fn outcome(&self, place: u64) -> Outcome {
        let point = self.space.point(place);
        self.figures(&point).map_err(|error| error.to_string().into())
    }

    fn figures(&self, point: &Point<'_>) -> Result<Figures, ExploreError> {
        let Mapped { network, mapping, model, kernel_loss, .. } = self.mapped(point)?;
        let gap_millionths = mapping.search.as_ref().and_then(|search| search.stop.gap_millionths());
        Ok(Figures { kernel_loss, gap_millionths, ..Figures::of(&model.cost(&network, &mapping)?) })
    }

    /// The space whose designs are priced.
    pub const fn space(&self) -> &'a Space {
        self.space
    }

    /// A design's mapping, and its price with all of its trees.
    ///
    /// # Errors
    /// Why the design has no price.
    pub fn detailed(&self, place: u64) -> Result<(Mapping, Cost), ExploreError> {
        let Mapped { network, mapping, model, .. } = self.mapped(&self.point(place))?;
        let cost = model.cost(&network, &mapping)?;
        Ok((mapping, cost))
    }

    /// Whether this is so of what is analog of any design; those that cannot be simulated do not count.
    pub fn any_hardware(&self, is_so: impl Fn(&Hardware) -> bool) -> bool {
        let mut designs = (0..self.space.size()).filter_map(|place| self.designed(&self.point(place)).ok());
        designs.any(|(_, design)| Hardware::of(&design).is_ok_and(|hardware| is_so(&hardware)))
    }

    /// A design with its settings.
    fn designed(&self, point: &Point<'_>) -> Result<(Layout, Design), ExploreError> {
        self.sources.designed(point.design, &point.settings)
    }

    /// Maps a design's network as it is priced.
    pub(super) fn mapped(&self, point: &Point<'_>) -> Result<Mapped<'a>, ExploreError> {
        let (layout, design) = self.designed(point)?;
        let network = &self.sources.networks[point.network];
        let held = &self.held[point.network];
        let (design, bits) = design.for_integers(network, held).map_err(CostError::from)?;
        let (layer_inputs, levels) = (bits.layer_inputs.clone(), self.levels.clone());
        let settings = Settings { layer_inputs, levels, ..Settings::default() };
        let model = CostModel::new(&design, &self.sources.library, settings)?;
        let target = layout.target((design.crossbar, design.encoding()), &bits);
        let (network, replacement) = replaced(network, (&layout, &design), &target)?;
        let kernel_loss =
            self.sources.losses.as_ref().map(|losses| loss_of(replacement.as_ref(), losses)).transpose()?;
        let targets = design.targets(&target, &bits.layer_weights).map_err(CostError::from)?;
        let (scheme, search) = (layout.scheme(&design), (layout.objective, layout.within));
        let Some(kinds) = &layout.macro_kinds else {
            let mapping = layout.placed(model.map_for(&network, scheme, &targets, search)?).map_err(CostError::from)?;
            return Ok(Mapped { network, design, bits, model, mapping, kernel_loss });
        };
        let Some(least) = layout.objective else {
            let problem = "macro-kinds are chosen by a search for a price; give an objective too, such as area-delay";
            return Err(ExploreError::Space { problem: problem.into() });
        };
        let kinds = (kinds, &self.sources.library);
        let (model, mapping) = model.choose_kinds(kinds, &network, (scheme, &targets), (least, layout.within))?;
        let mapping = layout.placed(mapping).map_err(CostError::from)?;
        Ok(Mapped { network, design: model.chip().clone(), bits, model, mapping, kernel_loss })
    }

    /// What is to be minimised of a design; nothing if it does not keep to the limits, or if its rate is asked for and not known.
    pub fn values(&self, figures: &Figures) -> Option<Values> {
        self.space.values(figures).filter(|_| self.space.keeps_limits(figures))
    }

    /// The front of what was priced, its keys the places of designs.
    pub fn front(&self, outcomes: &Outcomes) -> Front<u64> {
        let mut front = Front::new();
        for (place, outcome) in outcomes.iter() {
            if let Some(values) = outcome.as_ref().ok().and_then(|figures| self.values(figures)) {
                front.offer(values, place);
            }
        }
        front
    }
}

/// Reads one setting of a design.
fn set(layout: &mut Layout, design: &mut Design, (name, value): (&str, &str)) -> Result<(), ExploreError> {
    let wrong = |problem: String| ExploreError::Space { problem: format!("{name} = {value}: {problem}") };
    if layout.set(name, value).map_err(wrong)? {
        return Ok(());
    }
    let Some(setting) = hardware_settings().find(|setting| setting.name == name) else {
        let offer = nearest(name, names()).map(|near| format!("; did you mean {near}?")).unwrap_or_default();
        let known = names().collect::<Vec<_>>().join(", ");
        return Err(ExploreError::Space { problem: format!("{name} is not a setting: there are {known}{offer}") });
    };
    if name == "adc" {
        adc::find(value)?;
    }
    design.set(setting, value).map_err(|error| match error {
        HardwareError::Setting { problem, .. } => wrong(problem),
        error => ExploreError::Cost(error.into()),
    })
}

/// The name of a setting that can vary, as the lists of settings have it.
pub fn setting_name(name: &str) -> Option<&'static str> {
    names().find(|known| *known == name)
}

/// All settings that can vary.
fn names() -> impl Iterator<Item = &'static str> {
    LAYOUT_SETTINGS.iter().map(|setting| setting.name).chain(hardware_settings().map(|setting| setting.name))
}

/// Settings of the hardware that mappings, prices or rates heed.
fn hardware_settings() -> impl Iterator<Item = &'static Setting> {
    SETTINGS.iter().filter(|setting| setting.is_heeded_by(&[Stage::Map, Stage::Cost, Stage::Simulate]))
}

/// Refuses a setting that changes nothing of what a space asks for, or that leaves nothing to ask it of.
fn is_heeded(space: &Space, name: &str) -> Result<(), ExploreError> {
    let simulated = hardware_settings().find(|setting| setting.name == name);
    let is_priced = simulated.is_none_or(|setting| setting.is_heeded_by(&[Stage::Map, Stage::Cost]));
    let problem = match space.asks_rates() {
        false if !is_priced => format!("{name} changes no price; ask for a rate too (maximize rate), or leave it out"),
        _ if name == "macro-kinds" && space.values_of("objective").next().is_none() => {
            "macro-kinds are chosen by a search for a price; let objective vary too, as in objective=area-delay".into()
        }
        true if name == "share-layers" => {
            "share-layers has a price and no rate: crossbars that layers share are not simulated; leave it or the rate out".into()
        }
        true if name == "kernels" => {
            "kernels leaves the layers that it replaces without trained weights, so that there is no rate; give \
                                      networks that were trained with such kernels"
                .into()
        }
        _ => return Ok(()),
    };
    Err(ExploreError::Space { problem })
}

/// The network without the layers that a layout keeps digital.
pub(super) fn kept_digital<'a>(network: &'a Network, layout: &Layout) -> Result<Cow<'a, Network>, ExploreError> {
    match &layout.kept_digital[..] {
        [] => Ok(Cow::Borrowed(network)),
        layers => Ok(Cow::Owned(network.clone().keep_digital(layers).map_err(|error| of_space(&error))?)),
    }
}

/// The network under its kernel plan and without the layers that are kept digital, and what the plan replaces; what a replacement
/// saves is counted under the layout's scheme.
fn replaced<'a>(
    network: &'a Network,
    (layout, design): (&Layout, &Design),
    target: &Target,
) -> Result<(Cow<'a, Network>, Option<Replaced>), ExploreError> {
    let kept = kept_digital(network, layout)?;
    let Some(plan) = &layout.kernels else {
        if !layout.kept_digital.is_empty() {
            kept.verify_kept_digital().map_err(|error| of_space(&error))?;
        }
        return Ok((kept, None));
    };
    let replacement =
        kernels::selected(&kept, plan, layout.scheme(design), target).map_err(|error| of_space(&error))?;
    let network = replacement.apply(&kept).map_err(|error| of_space(&error))?;
    network.verify_kept_digital().map_err(|error| of_space(&error))?;
    let layers = replacement.layers().iter().map(|layer| (kept.node(layer.node).name.clone(), layer.rank)).collect();
    Ok((Cow::Owned(network), Some(layers)))
}

/// Layers with 2D+1D kernels, by name, and how many 2D kernels an input channel has.
type Replaced = Vec<(String, usize)>;

/// What replacing layers loses, a loss below 0 counting as 0.
fn loss_of(replaced: Option<&Replaced>, losses: &BTreeMap<String, Vec<f64>>) -> Result<f64, ExploreError> {
    let loss = |(name, rank): &(String, usize)| {
        let of_rank = losses.get(name).and_then(|of_layer| of_layer.get(rank - 1));
        of_rank.map(|loss| loss.max(0.0)).ok_or_else(|| ExploreError::Losses {
            problem: format!("have no number for {name:?} with {rank} 2D kernels an input channel; give one, or leave such kernels out"),
        })
    };
    replaced.into_iter().flatten().map(loss).sum()
}

fn of_space(error: &NetworkError) -> ExploreError {
    ExploreError::Space { problem: error.to_string() }
}
