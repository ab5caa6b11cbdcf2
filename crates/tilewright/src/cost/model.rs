//! A chip with every part priced, and what a mapped network costs on it.

use super::activity::Event;
use super::adc;
use super::clockwork::Clockwork;
use super::component::{self, Place, Price, settling_ns};
use super::conductance::MeanLevels;
use super::result::AdcChoice;
use super::technology::Technology;
use super::{CostError, InputHistograms, Library, Origin, Site};
use crate::circuit::device::ConductanceRange;
use crate::hardware::{AdcBits, Chains, Design, Level, Order, Part, Weights};
use crate::mapping::{LayerBits, LayerMapping, Mapping, Target};
use crate::network::Network;
use std::collections::BTreeMap;
use std::sync::Arc;

/// What is asked of a chip besides what its file says.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Settings {
    /// How strong the inputs are.
    pub inputs: InputHistograms,
    /// Bits of the inputs of layers; those without a number of their own have the chip's.
    pub layer_inputs: LayerBits,
    /// What is known of the levels of weights, for all models that are given a clone of it.
    pub levels: MeanLevels,
}

/// A part with its price and where that is from.
#[derive(Clone, Debug)]
pub(super) struct Priced {
    pub level: Level,
    pub component: &'static str,
    /// Many breakdowns have it.
    pub label: Arc<str>,
    pub price: Price,
    pub leakage_mw: f64,
    /// Digital operations it does, at a price of their own or while it is at work.
    pub does: &'static [Event],
    pub origins: Vec<Origin>,
}

/// The component that the model of converters prices.
const CONVERTERS: &str = "adc";

impl Priced {
    fn new(place: Place<'_>, mut site: Site<'_>, leakage_mw_per_mm2: f64) -> Result<Self, CostError> {
        let component = component::find(&place.part.component)?;
        let (level, label) = (place.level, place.part.label().into());
        let price = component.price(place, &mut site)?;
        let leakage_mw = (price.area_um2 - price.idle_um2) * 1e-6 * leakage_mw_per_mm2;
        let (component, does, origins) = (component.name(), component.does(), site.origins);
        Ok(Self { level, component, label, price, leakage_mw, does, origins })
    }
}

/// Where a part of a chip, or a time, is priced.
fn site<'a>(chip: &'a Design, library: &'a Library, technology: &'a Technology, key: String) -> Site<'a> {
    let encoding = chip.encoding();
    let adc_bits = f64::from(chip.adc_bits(chip.rows_at_once(), &encoding));
    Site { chip, crossbar: chip.crossbar, encoding, adc_bits, library, technology, key, origins: vec![] }
}

/// A chip with every part priced. Made once, it prices any number of mappings.
#[derive(Clone, Debug)]
pub struct CostModel {
    pub(super) chip: Design,
    pub(super) settings: Settings,
    pub(super) parts: Vec<Priced>,
    pub(super) clockwork: Clockwork,
    pub(super) adc_bits: Option<u32>,
    /// Conductances of the cells.
    pub(super) range: ConductanceRange,
    leakage_mw_per_mm2: f64,
    /// Constants of the reads' strength and of times.
    pub(super) others: Vec<Origin>,
    /// Constants given in place of built-in ones that this chip does not read.
    pub(super) unread: Vec<String>,
    /// Those layers that have settings of their own, on macros of their own.
    own: BTreeMap<String, Self>,
}

impl CostModel {
    /// Prices every part of a chip.
    ///
    /// # Errors
    /// [`CostError`] naming file and key of what is missing or wrong.
    pub fn new(chip: &Design, library: &Library, settings: Settings) -> Result<Self, CostError> {
        chip.verify()?;
        priceable(chip)?;
        let technology = Technology::new(library)?;
        let mut clock = site(chip, library, &technology, "pulse_ns".into());
        let clockwork = clockwork(&mut clock)?;
        let range = chip.cells.device()?.range();
        let leakage = chip.leakage.as_deref().map(|id| clock.number(id, "mW/mm^2")).transpose()?.unwrap_or(0.0);
        let priced = |(level, part): (Level, &Part)| {
            Priced::new(Place { part, level }, site(chip, library, &technology, part.label().into()), leakage)
        };
        let parts = chip.parts().map(priced).collect::<Result<Vec<_>, _>>()?;
        let adc_bits = chip.adc.is_some().then(|| chip.adc_bits(chip.rows_at_once(), &chip.encoding()));
        let (chip, others) = (chip.clone(), clock.origins);
        let unread = vec![];
        let of_layers = chip.of_layers()?.into_iter();
        let own = of_layers.map(|(layer, chip)| Ok((layer, Self::new(&chip, library, settings.clone())?)));
        let own = own.collect::<Result<_, CostError>>()?;
        let mut model = Self {
            chip,
            settings,
            parts,
            clockwork,
            adc_bits,
            range,
            leakage_mw_per_mm2: leakage,
            others,
            unread,
            own,
        };
        model.unread = library.replaced().filter(|id| !model.reads(id)).map(str::to_owned).collect();
        Ok(model)
    }

    /// The same chip with converters of another model, the only thing that is priced anew.
    ///
    /// # Errors
    /// [`CostError::Setting`] if the model does not reach the bits; otherwise as [`CostModel::new`].
    pub(super) fn with_converters(&self, model: &str, library: &Library) -> Result<Self, CostError> {
        let mut other = self.clone();
        for own in other.own.values_mut() {
            *own = own.with_converters(model, library)?;
        }
        if let Some(adc) = &mut other.chip.adc {
            adc.model = model.into();
        }
        let technology = Technology::new(library)?;
        let (chip, leakage) = (&other.chip, other.leakage_mw_per_mm2);
        for (priced, (level, part)) in other.parts.iter_mut().zip(chip.parts()) {
            if priced.component == CONVERTERS {
                let site = site(chip, library, &technology, part.label().into());
                *priced = Priced::new(Place { part, level }, site, leakage)?;
            }
        }
        Ok(other)
    }

    /// Whether a constant has part in what this chip costs: in a part, a time, the node's table, or a model of converters that
    /// its own is compared with.
    pub(super) fn reads(&self, id: &str) -> bool {
        let origins = self.parts.iter().flat_map(|part| &part.origins).chain(&self.others);
        let shared = ["technology.supply.", "wire.resistance."].iter().any(|table| id.starts_with(table));
        let compared = self.chip.adc.is_some() && id.starts_with("adc.");
        shared
            || compared
            || origins.into_iter().any(|origin| origin.id == id)
            || self.own.values().any(|own| own.reads(id))
    }

    /// The chip.
    pub const fn chip(&self) -> &Design {
        &self.chip
    }

    /// The chip as it is for a layer: with the layer's own settings, if it has some.
    pub(super) fn of_layer(&self, layer: &str) -> &Self {
        self.own.get(layer).unwrap_or(self)
    }

    /// What networks are mapped onto for this chip, but for layers that have settings of their own.
    pub const fn target(&self) -> Target {
        Target::new(self.chip.crossbar, self.chip.encoding())
    }

    /// Checks that what was set for layers goes with a network and with the chip.
    pub(super) fn verify(&self, network: &Network) -> Result<(), CostError> {
        self.settings.inputs.verify(network)?;
        let widest = self.chip.input_bits;
        let mut layers = network.iter().filter(|&(node, _)| network.is_layer(node)).map(|(_, node)| &node.name);
        let Some(layer) = layers.find(|layer| self.input_bits(layer) > widest) else {
            return Ok(());
        };
        let problem = format!(
            "layer {layer:?} has inputs of {} bits, chip {} takes at most {widest}; give the chip more",
            self.input_bits(layer),
            self.chip.name
        );
        Err(CostError::Setting { problem })
    }

    pub(super) fn check(&self, mapping: &Mapping) -> Result<(), CostError> {
        let at_once = match self.chip {
            Design { schedule: Order::Pipelined, .. } => Some("`schedule` layer-by-layer"),
            Design { chains: Chains::Streamed, .. } => Some("`chains` stored"),
            _ => None,
        };
        if let Some(setting) = at_once.filter(|_| mapping.sharing.is_some()) {
            let problem = format!(
                "layers that share crossbars cannot run at once; give {setting}, or each layer its own crossbars"
            );
            return Err(CostError::Setting { problem });
        }
        let differs = |layer: &&LayerMapping| !self.of_layer(&layer.name).holds(layer);
        let Some(LayerMapping { name, crossbar, encoding, .. }) = mapping.layers.iter().find(differs) else {
            return Ok(());
        };
        let chip = &self.of_layer(name).chip;
        let problem = format!(
            "layer {name:?} is mapped onto {crossbar} crossbars with {encoding:?}, chip {} has {} with {:?}",
            chip.name,
            chip.crossbar,
            chip.encoding()
        );
        Err(CostError::Setting { problem })
    }

    /// Whether a layer is on crossbars of the chip, in its encoding with as many bits of a weight or fewer.
    fn holds(&self, layer: &LayerMapping) -> bool {
        let weight_bits = layer.encoding.weight_bits;
        let encoding = Weights { weight_bits, ..self.chip.encoding }.encoding();
        let fits = weight_bits <= self.chip.encoding.weight_bits;
        layer.crossbar == self.chip.crossbar && layer.encoding == encoding && fits
    }

    /// Bits of a layer's inputs.
    pub(super) fn input_bits(&self, layer: &str) -> u32 {
        self.settings.layer_inputs.of(layer, self.chip.input_bits)
    }

    /// Whether a part of the chip does what such an event counts.
    pub(super) fn does(&self, event: Event) -> bool {
        self.parts.iter().any(|part| part.does.contains(&event))
    }

    /// Leakage of a µm², in mW.
    pub(super) fn leakage_density(&self) -> f64 {
        self.leakage_mw_per_mm2 * 1e-6
    }

    /// The converters in words.
    pub(super) fn adc_choice(&self) -> Option<AdcChoice> {
        let settings = self.chip.adc.as_ref()?;
        let priced = self.parts.iter().find(|part| part.component == CONVERTERS)?;
        Some(AdcChoice {
            model: settings.model.clone(),
            bits: self.adc_bits?,
            columns: settings.columns,
            rate_gsps: settings.rate_gsps,
            energy_pj: priced.price.charges.first().map_or(0.0, |charge| charge.energy_pj),
            area_um2: priced.price.area_um2 / priced.price.units.max(1.0),
            source: adc::find(&settings.model).map_or("", |model| model.summary()),
        })
    }
}

/// Checks what only those know who price a design: its node, the names of its parts and its model of converters, and converters that
/// could be built.
fn priceable(design: &Design) -> Result<(), CostError> {
    let wrong = |key: &str, problem: String| CostError::value(&design.file, key, problem);
    let [least, most] = Technology::range();
    if !(least..=most).contains(&design.node_nm) {
        return Err(wrong("node_nm", format!("{} nm; there is data from {least} to {most} nm", design.node_nm)));
    }
    if let Some(settings) = &design.adc {
        adc::find(&settings.model).map_err(|error| wrong("adc.model", error.to_string()))?;
        if settings.bits == AdcBits::Exact {
            let problem = "currents are read exactly, and no converter does that; give `adc-bits` 1 to 16, or lossless";
            return Err(wrong("adc.bits", problem.into()));
        }
    }
    let lists = [("macro", &design.macro_parts), ("tile", &design.tile_parts), ("chip", &design.chip_parts)];
    for (list, parts) in lists {
        for (place, part) in parts.iter().enumerate() {
            let key = format!("{list}[{place}].component");
            component::find(&part.component).map_err(|error| wrong(&key, error.to_string()))?;
        }
    }
    Ok(())
}

fn clockwork(site: &mut Site<'_>) -> Result<Clockwork, CostError> {
    let read_ns = match site.chip.pulse_ns {
        Some(given) => given,
        None => site.time_ns(&format!("{}.pulse", site.chip.cell))?.max(settling_ns(site)?),
    };
    let (conversion_ns, sharing) =
        site.chip.adc.as_ref().map_or((0.0, 1.0), |adc| (1.0 / adc.rate_gsps, f64::from(adc.columns)));
    Ok(Clockwork { read_ns, conversion_ns, sharing })
}
