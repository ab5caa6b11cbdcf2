//! The price of a whole network from a choice for each layer: what [`CostModel::cost`] makes of it, without its trees.

use super::choice::{Choice, More};
use crate::cost::activity::Event;
use crate::cost::component::Bank;
use crate::cost::digital::Digital;
use crate::cost::estimate::chip_time_ns;
use crate::cost::model::CostModel;
use crate::cost::products::Products;
use crate::cost::roll_up::Hardware;
use crate::cost::schedule::{LayerTime, Schedule, Tasks, schedule_of};
use crate::cost::{floor_plan, storage};
use crate::hardware::{Level, Order};
use crate::mapping::search::Priced;
use crate::network::Network;

/// Totals of a network.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Totals {
    pub area_um2: f64,
    pub energy_pj: f64,
    pub latency_ns: f64,
}

impl Totals {
    /// What is least, and what decides among equals.
    pub(super) fn value(&self, least: Priced) -> [f64; 2] {
        let Self { area_um2, energy_pj, latency_ns } = *self;
        match least {
            Priced::Area => [area_um2, latency_ns],
            Priced::Energy => [energy_pj, latency_ns],
            Priced::Latency => [latency_ns, area_um2],
            Priced::EnergyDelay => [energy_pj * latency_ns, area_um2],
            Priced::AreaDelay => [area_um2 * latency_ns, energy_pj],
        }
    }
}

/// What one macro, tile or chip takes: area in µm², leakage in mW.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Unit {
    pub area_um2: f64,
    pub leakage_mw: f64,
}

/// A network on a chip: all of its price that does not depend on how layers are mapped, and how the rest follows.
pub(super) struct Whole<'a> {
    pub model: &'a CostModel,
    pub network: &'a Network,
    homes: Vec<Option<usize>>,
    /// For each node the bits of a value that it takes.
    widths: Vec<f64>,
    /// What multiply-accumulate units do.
    pub products: Products,
    /// Energy of operations between layers and of those units, in pJ.
    pub digital_pj: f64,
    hop_pj: f64,
    link_pj: f64,
    /// Power of parts of a chip at work, in mW.
    pub chip_mw: f64,
    pub one_macro: Unit,
    pub tile: Unit,
    pub chip: Unit,
    pub banks: Vec<Bank>,
    /// Values in buffers, those that layers hold of their own inputs apart.
    values: f64,
}

impl<'a> Whole<'a> {
    pub(super) fn new(model: &'a CostModel, network: &'a Network) -> Self {
        let products = model.products(network);
        let homes = floor_plan::homes(network, &products);
        let digital = Digital::of_nodes(network).into_iter().map(|does| match does {
            Digital::Events(event, count) => count * model.charge_pj(event),
            Digital::Free | Digital::Products | Digital::Unknown => 0.0,
        });
        let products_pj: f64 = products.events().iter().map(|(event, count)| count * model.charge_pj(*event)).sum();
        let unit = |level: Level| {
            let parts = model.parts.iter().filter(|part| part.level == level);
            parts.fold(Unit::default(), |sum, part| Unit {
                area_um2: sum.area_um2 + part.price.area_um2,
                leakage_mw: sum.leakage_mw + part.leakage_mw,
            })
        };
        let on_chip = model.parts.iter().filter(|part| part.level == Level::Chip);
        Self {
            model,
            network,
            digital_pj: digital.sum::<f64>() + products_pj,
            hop_pj: model.charge_pj(Event::HopBit),
            link_pj: model.charge_pj(Event::LinkBit),
            chip_mw: model.charge_pj(Event::ChipTime),
            one_macro: unit(Level::Macro),
            tile: unit(Level::Tile),
            chip: unit(Level::Chip),
            banks: on_chip.filter_map(|part| part.price.bank).collect(),
            values: match model.chip().schedule {
                Order::LayerByLayer => storage::live_values(network, &[]),
                Order::Pipelined => storage::waiting_values(network, &homes).iter().sum(),
            },
            products,
            homes,
            widths: model.widths(network),
        }
    }

    pub(super) fn order(&self) -> Order {
        self.model.chip().schedule
    }

    /// What the network costs under these choices, one a layer.
    pub(super) fn totals(&self, chosen: &[Choice]) -> Totals {
        let macros: Vec<f64> = chosen.iter().map(|choice| choice.macros).collect();
        let transport_pj = self.transport_pj(&macros);
        self.totals_with(chosen, transport_pj)
    }

    /// The same with so much energy for what travels.
    pub(super) fn totals_with(&self, chosen: &[Choice], transport_pj: f64) -> Totals {
        let macros: Vec<f64> = chosen.iter().map(|choice| choice.macros).collect();
        let times: Vec<LayerTime> = chosen.iter().map(|choice| choice.time).collect();
        let schedule = self.schedule(chosen, &times);
        let chips = self.model.chips(&macros);
        let hardware = Hardware::new(self.model.chip(), macros);
        let lines = chosen.iter().map(|choice| choice.line_values).sum();
        let more = More::sum(chosen.iter().map(|choice| choice.more));
        let (area_um2, leakage_mw) = self.area_and_leakage(hardware.tiles, hardware.chips, lines, more);
        let own: f64 = chosen.iter().map(|choice| choice.own_pj).sum();
        let shared = self.chip_mw * chip_time_ns(&schedule, (&times, &self.products), &chips);
        let energy_pj = own + self.digital_pj + transport_pj + shared + leakage_mw * schedule.interval_ns;
        Totals { area_um2, energy_pj, latency_ns: schedule.latency_ns }
    }

    pub(super) fn schedule(&self, chosen: &[Choice], times: &[LayerTime]) -> Schedule {
        let firsts: Vec<f64> = chosen.iter().map(|choice| choice.first).collect();
        let holders: Vec<usize> = (0..times.len()).collect();
        // Searches are of maps that are stored.
        let chains = vec![None; times.len()];
        let (network, products) = (self.network, &self.products);
        schedule_of(
            self.order(),
            Tasks { network, firsts: &firsts, chains: &chains, holders: &holders, times, products },
        )
    }

    /// Area in µm² and leakage in mW of so many tiles and chips; `lines` are the values that layers hold of their inputs, and `more`
    /// is what macros of other kinds take more than the design's.
    pub(super) fn area_and_leakage(&self, tiles: f64, chips: f64, lines: f64, more: More) -> (f64, f64) {
        let per_tile = f64::from(self.model.chip().macros_per_tile);
        let sum = |of: fn(Unit) -> f64| tiles * (per_tile * of(self.one_macro) + of(self.tile)) + chips * of(self.chip);
        let bytes = self.buffer_bytes(lines);
        let banks: f64 = self.banks.iter().map(|bank| (bytes / bank.bytes).ceil() * bank.area_um2).sum();
        let area_um2 = (sum(|unit| unit.area_um2) + more.area_um2 + banks) * (1.0 + self.model.chip().layout_overhead);
        (area_um2, sum(|unit| unit.leakage_mw) + more.leakage_mw + banks * self.model.leakage_density())
    }

    /// The macros of a choice, those of other kinds as so many of the design's as have their area.
    pub(super) fn worth(&self, choice: &Choice) -> f64 {
        let per_tile = f64::from(self.model.chip().macros_per_tile);
        choice.macros + choice.more.area_um2 / (self.one_macro.area_um2 + self.tile.area_um2 / per_tile)
    }

    fn buffer_bytes(&self, lines: f64) -> f64 {
        let lines = if self.order() == Order::Pipelined { lines } else { 0.0 };
        let chip = self.model.chip();
        (self.values + lines) * f64::from(chip.input_bits) / 8.0 + self.products.buffer_bytes(chip)
    }

    /// Energy of what travels between tiles and chips.
    fn transport_pj(&self, macros: &[f64]) -> f64 {
        let Self { network, homes, widths, .. } = self;
        let mut energy_pj = 0.0;
        if self.hop_pj > 0.0 {
            let centres = floor_plan::centres(macros, f64::from(self.model.chip().macros_per_tile));
            energy_pj += self.hop_pj * floor_plan::bit_hops(network, homes, widths, &centres).iter().sum::<f64>();
        }
        if self.link_pj > 0.0 {
            let chips = self.model.chips(macros);
            energy_pj += self.link_pj * floor_plan::bit_crossings(network, homes, widths, &chips).iter().sum::<f64>();
        }
        energy_pj
    }

    /// No mapping has less transport: every layer on one tile.
    pub(super) fn least_transport_pj(&self, layers: usize) -> f64 {
        let one_tile = vec![[0.0; 2]; layers];
        self.hop_pj * floor_plan::bit_hops(self.network, &self.homes, &self.widths, &one_tile).iter().sum::<f64>()
    }
}

#[cfg(test)]
mod tests {
    use super::super::choice::Offer;
    use super::*;
    use crate::cost::{Library, Settings};
    use crate::hardware::{Design, MacroKind, MacroKinds, PRICED};
    use crate::mapping::search::candidates;
    use crate::mapping::{LayerBits, Tiles, scheme::Im2col};
    use crate::network::zoo;

    /// Any choices for layers whose inputs have unequal bits: the totals are those of the price in full.
    #[test]
    fn totals_are_those_of_the_price_in_full() {
        let network = zoo::build("resnet8").expect("a network of the zoo");
        check(&network, 0);
        let of_stage: Vec<String> =
            network.layers().into_iter().map(|layer| layer.name).filter(|name| name.contains('2')).collect();
        check(&network.keep_digital(&of_stage).expect("layers that there are"), 100);
    }

    fn check(network: &Network, mac_units: u32) {
        let layer_inputs: LayerBits = (network.layers().iter().zip([4, 2, 3].into_iter().cycle()))
            .map(|(layer, bits)| (layer.name.clone(), bits))
            .collect();
        for (preset, _) in PRICED {
            for (schedule, tiles_per_chip, few_rows) in [
                (Order::LayerByLayer, None, false),
                (Order::LayerByLayer, None, true),
                (Order::Pipelined, None, false),
                (Order::Pipelined, Some(2), false),
            ] {
                let chip = Design::preset(preset).expect("a preset");
                let mut chip = Design { active_rows: (few_rows && chip.adc.is_some()).then_some(16), ..chip };
                chip.set_mac_units(mac_units);
                let tiles_per_chip = tiles_per_chip.or(chip.tiles_per_chip);
                let chip = Design { schedule, tiles_per_chip, ..chip };
                let settings = Settings { layer_inputs: layer_inputs.clone(), ..Settings::default() };
                let model = CostModel::new(&chip, &Library::built_in(), settings).expect("it is valid");
                let whole = Whole::new(&model, network);
                let kinds = match chip.adc {
                    Some(_) => "crossbar=64 active-rows=9 adc-columns=2; crossbar=256x96 adc-rate=0.1",
                    None => "crossbar=64; crossbar=256x96",
                };
                let kinds: MacroKinds = kinds.parse().expect("kinds of macros");
                let of_kind = |kind| {
                    let chip = chip.of_kind(kind).expect("it goes together");
                    CostModel::new(&chip, &Library::built_in(), model.settings.clone()).expect("it is valid")
                };
                let of_kinds: Vec<(&MacroKind, CostModel)> = kinds.iter().map(|kind| (kind, of_kind(kind))).collect();
                let mut mapping = model.map(network, &Im2col).expect("it fits");
                let mut others = 0;
                for turn in 0..5 {
                    let mut chosen = Vec::new();
                    let mut design = chip.clone();
                    for (place, layer) in network.layers().iter().enumerate() {
                        let offered = |kind: usize| {
                            let model = kind.checked_sub(1).map_or(&model, |kind| &of_kinds[kind].1);
                            let target = model.target();
                            let reading = model.reading(network, layer, &target.encoding).expect("no histograms");
                            let candidates = candidates(&layer.shape, &target).expect("it fits");
                            let offer = Offer { kind, model, target, candidates: &candidates };
                            let energy = (Priced::Energy, true);
                            (target, whole.model.choices(layer, reading, &offer, energy).expect("it is priced"))
                        };
                        // The last mapping is on the design's macros alone, and so are layers that a kind would lose something of.
                        let kind = if turn == 4 { 0 } else { (place * 5 + turn) % 3 };
                        let (kind, (target, choices)) = match offered(kind) {
                            (_, choices) if choices.is_empty() => (0, offered(0)),
                            offered => (kind, offered),
                        };
                        if let Some(kind) = kind.checked_sub(1) {
                            design.layers.insert(&layer.name, of_kinds[kind].0);
                            others += 1;
                        }
                        let choice = choices[(place * 7919 + turn * 104_729) % choices.len()];
                        let tiles = Tiles::new(&layer.shape, choice.tiling, target.crossbar, target.encoding);
                        let mapped = &mut mapping.layers[place];
                        (mapped.crossbar, mapped.encoding) = (target.crossbar, target.encoding);
                        mapped.tiling = choice.tiling;
                        mapped.counts = tiles.and_then(|tiles| tiles.counts()).expect("it fits");
                        chosen.push(choice);
                    }
                    let model = CostModel::new(&design, &Library::built_in(), model.settings.clone());
                    let model = model.expect("it is valid");
                    let (totals, cost) = (whole.totals(&chosen), model.cost(network, &mapping).expect("it is priced"));
                    for (found, expected) in [
                        (totals.area_um2 * 1e-6, cost.area_mm2),
                        (totals.energy_pj * 1e-6, cost.energy_uj),
                        (totals.latency_ns * 1e-6, cost.latency_ms),
                    ] {
                        assert!(
                            (found / expected - 1.0).abs() < 1e-9,
                            "{preset} {schedule:?}: {found}, in full {expected}"
                        );
                    }
                }
                assert!(others > 0, "{preset} {schedule:?}: no layer is on another kind of macro");
            }
        }
    }
}
