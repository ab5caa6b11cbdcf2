//! A chip with every part priced, and what a mapped network costs on it.

use super::activity::{Activity, Event, Work};
use super::adc;
use super::component::{self, Place, Price, settling_ns};
use super::conductance::Conductance;
use super::digital::Digital;
use super::result::{self, AdcChoice, Cost, Hardware};
use super::schedule::{Clockwork, LayerTime, Schedule, schedule};
use super::technology::Technology;
use super::{CostError, InputHistograms, Library, Origin, Site, floor_plan, storage};
use crate::circuit::device::ConductanceRange;
use crate::hardware::{AdcBits, Design, Level, Order, Part, Weights};
use crate::mapping::scheme::Scheme;
use crate::mapping::{LayerBits, LayerMapping, Mapping, MappingError, Target, Targets, map_network, search};
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
    chip: Design,
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

    /// What a mapped network costs.
    ///
    /// # Errors
    /// [`CostError::Setting`] if it is mapped onto another crossbar or encoding than the chip has, a layer's inputs have more bits
    /// than the chip's, or a histogram does not go with a layer's inputs.
    pub fn cost(&self, network: &Network, mapping: &Mapping) -> Result<Cost, CostError> {
        self.check(mapping)?;
        self.verify(network)?;
        let works = self.works(network, mapping)?;
        let macros: Vec<f64> = works.iter().map(|work| self.macros(work)).collect();
        let times: Vec<LayerTime> = (works.iter().zip(&macros).zip(&mapping.layers))
            .map(|((work, macros), layer)| {
                let Self { chip, clockwork, .. } = self.of_layer(&layer.name);
                clockwork.layer(chip, work, *macros)
            })
            .collect();
        let homes = floor_plan::homes(network);
        let chips = self.chips(&macros);
        let activities = self.activities(network, &works, &macros, &times, &homes, &chips);
        let schedule = schedule(self.chip.schedule, network, mapping, &times);
        let chip_time_ns = chip_time_ns(&schedule, &times, &chips);
        let buffer_bytes = self.buffer_bytes(network, mapping, &homes);
        let hardware = Hardware::new(&self.chip, macros);
        Ok(result::roll_up(&result::Parts {
            model: self,
            network,
            mapping,
            times,
            activities,
            schedule,
            chip_time_ns,
            buffer_bytes,
            hardware,
        }))
    }

    /// The chips that layers of so many macros lie on.
    pub(super) fn chips(&self, macros: &[f64]) -> Vec<floor_plan::Chips> {
        let per_chip = self.chip.tiles_per_chip.map(|tiles| f64::from(tiles) * f64::from(self.chip.macros_per_tile));
        floor_plan::chips(macros, per_chip)
    }

    /// Maps a network by a scheme onto the chip's crossbars.
    ///
    /// # Errors
    /// As [`map_network`].
    pub fn map(&self, network: &Network, scheme: &dyn Scheme) -> Result<Mapping, MappingError> {
        map_network(network, scheme, &self.chip.targets(&self.target(), &LayerBits::default())?, None)
    }

    /// Maps a network by a scheme onto `target`, or onto [`Targets`], with the chip's crossbars and encodings: as the scheme says, or so that it is best
    /// for an objective, the latter within a crossbar budget if there is one.
    ///
    /// # Errors
    /// As [`map_network`] and [`CostModel::optimize`]; [`CostError::Setting`] for a budget without an objective.
    pub fn map_for(
        &self,
        network: &Network,
        scheme: &dyn Scheme,
        target: impl Into<Targets>,
        (objective, budget): (Option<search::Priced>, Option<u64>),
    ) -> Result<Mapping, CostError> {
        let target = &target.into();
        self.verify(network)?;
        match (objective, budget) {
            (Some(least), _) => self.optimize(network, scheme, target, (least, budget)),
            (None, None) => Ok(map_network(network, scheme, target, None)?),
            (None, Some(_)) => {
                Err(CostError::Setting { problem: "a crossbar budget goes with the objective latency".into() })
            }
        }
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

    fn check(&self, mapping: &Mapping) -> Result<(), CostError> {
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

    /// What each layer does in crossbars, reads weighted by how strong they are.
    fn works(&self, network: &Network, mapping: &Mapping) -> Result<Vec<Work>, CostError> {
        let layers = network.layers();
        let work = |(place, layer): (usize, &LayerMapping)| {
            let input_bits = self.input_bits(&layer.name);
            let Self { chip, clockwork, range, .. } = self.of_layer(&layer.name);
            let mut work = Work::new(layer, (chip, clockwork), input_bits)?;
            let conductance = Conductance::of(network, layers[place].node, chip, *range);
            let strength = self.settings.inputs.mean_square(&layer.name, chip, input_bits)?;
            conductance.weigh(work.events_mut(), strength);
            Ok(work)
        };
        mapping.layers.iter().enumerate().map(work).collect()
    }

    /// Bits of a layer's inputs.
    pub(super) fn input_bits(&self, layer: &str) -> u32 {
        self.settings.layer_inputs.of(layer, self.chip.input_bits)
    }

    /// For each node the bits of a value that it takes: of a layer's inputs, or the chip's for a digital operation.
    pub(super) fn widths(&self, network: &Network) -> Vec<f64> {
        let mut widths = vec![f64::from(self.chip.input_bits); network.nodes().len()];
        for (id, node) in network.iter().filter(|&(id, _)| network.is_layer(id)) {
            widths[id.0] = f64::from(self.input_bits(&node.name));
        }
        widths
    }

    /// Macros of a layer: whole ones, for layers do not share converters.
    pub(super) fn macros(&self, work: &Work) -> f64 {
        (work.crossbars / f64::from(self.chip.crossbars_per_macro)).ceil()
    }

    fn activities(
        &self,
        network: &Network,
        works: &[Work],
        macros: &[f64],
        times: &[LayerTime],
        homes: &[Option<usize>],
        chips: &[floor_plan::Chips],
    ) -> Vec<Activity> {
        let mut activities: Vec<Activity> = works.iter().map(|work| *work.events()).collect();
        for ((activity, time), macros) in activities.iter_mut().zip(times).zip(macros) {
            self.at_work(activity, time.total_ns, *macros);
        }
        for (does, home) in Digital::of_nodes(network).into_iter().zip(homes) {
            if let (Digital::Events(event, count), Some(activity)) = (does, activities.get_mut(home.unwrap_or(0))) {
                activity[event] += count;
            }
        }
        let centres = floor_plan::centres(macros, f64::from(self.chip.macros_per_tile));
        let widths = self.widths(network);
        let hops = floor_plan::bit_hops(network, homes, &widths, &centres);
        let crossings = floor_plan::bit_crossings(network, homes, &widths, chips);
        for ((activity, hops), crossings) in activities.iter_mut().zip(hops).zip(crossings) {
            activity[Event::HopBit] += hops;
            activity[Event::LinkBit] += crossings;
        }
        activities
    }

    /// Macros and their share of tiles, at work for a time.
    pub(super) fn at_work(&self, activity: &mut Activity, time_ns: f64, macros: f64) {
        activity[Event::MacroTime] = macros * time_ns;
        activity[Event::TileTime] = macros / f64::from(self.chip.macros_per_tile) * time_ns;
    }

    fn buffer_bytes(&self, network: &Network, mapping: &Mapping, homes: &[Option<usize>]) -> f64 {
        let values = match self.chip.schedule {
            Order::LayerByLayer => storage::live_values(network),
            Order::Pipelined => storage::pipelined_values(network, mapping, homes).iter().sum(),
        };
        values * f64::from(self.chip.input_bits) / 8.0
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

/// How long chips are at work for an image, summed over chips: layer by layer those that the layer lies on, while it runs;
/// pipelined all of them, from one image to the next.
pub(super) fn chip_time_ns(schedule: &Schedule, times: &[LayerTime], chips: &[floor_plan::Chips]) -> f64 {
    match schedule.order {
        Order::LayerByLayer => times.iter().zip(chips).map(|(time, chips)| time.total_ns * chips.count()).sum(),
        Order::Pipelined => schedule.interval_ns * chips.iter().map(|chips| chips.last + 1.0).fold(1.0, f64::max),
    }
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
