//! What parts cost, added up.

use super::Breakdown;
use super::activity::{Activity, EVENTS, Event};
use super::chains::Chain;
use super::model::{CostModel, Priced};
use super::products::{Product, Products};
use super::result::{Cost, LayerCost, ProductCost, Unpriced};
use super::schedule::{LayerTime, Schedule};
use super::unpriced;
use crate::hardware::{Chains, Design, Level};
use crate::mapping::{LayerMapping, Mapping};
use crate::network::{Coverage, Network};

/// What is rolled up.
pub(super) struct Parts<'a> {
    pub model: &'a CostModel,
    pub network: &'a Network,
    pub mapping: &'a Mapping,
    /// Macros at work while each layer runs.
    pub at_work: Vec<f64>,
    pub times: Vec<LayerTime>,
    pub activities: Vec<Activity>,
    pub products: Products,
    /// For each layer how it takes what is made before it, if no map is stored between.
    pub chains: Vec<Option<Chain>>,
    pub schedule: Schedule,
    pub chip_time_ns: f64,
    pub buffer_bytes: f64,
    pub hardware: Hardware,
}

/// Macros of each layer, and the tiles and chips that hold them.
pub(super) struct Hardware {
    pub macros: Vec<f64>,
    pub tiles: f64,
    pub chips: f64,
    per_tile: f64,
}

impl Hardware {
    pub(super) fn new(chip: &Design, macros: Vec<f64>) -> Self {
        let per_tile = f64::from(chip.macros_per_tile);
        let tiles = (macros.iter().sum::<f64>() / per_tile).ceil().max(1.0);
        let chips = chip.tiles_per_chip.map_or(1.0, |most| (tiles / f64::from(most)).ceil());
        Self { macros, tiles, chips, per_tile }
    }

    fn idle_macros(&self) -> f64 {
        self.tiles * self.per_tile - self.macros.iter().sum::<f64>()
    }

    /// Macros or tiles that `macros` macros take: their share of a tile.
    fn share(&self, level: Level, macros: f64) -> f64 {
        match level {
            Level::Macro => macros,
            Level::Tile => macros / self.per_tile,
            Level::Chip => 0.0,
        }
    }

    fn instances(&self, level: Level) -> f64 {
        match level {
            Level::Macro => self.tiles * self.per_tile,
            Level::Tile => self.tiles,
            Level::Chip => self.chips,
        }
    }
}

impl Parts<'_> {
    fn energy_pj(&self, part: &Priced, activity: &Activity) -> f64 {
        part.price.charges.iter().map(|charge| charge.energy_pj * activity[charge.event]).sum()
    }

    /// Area of all instances of a chip-level part; a buffer is as large as the schedule needs.
    fn chip_area_um2(&self, part: &Priced) -> f64 {
        let bank = part.price.bank.map_or(0.0, |bank| (self.buffer_bytes / bank.bytes).ceil() * bank.area_um2);
        part.price.area_um2 * self.hardware.chips + bank
    }

    fn leakage_mw(&self, part: &Priced) -> f64 {
        // A bank's density is that of the chip's other parts.
        let bank = self.chip_area_um2(part) - part.price.area_um2 * self.hardware.chips;
        let density = self.model.leakage_density();
        part.leakage_mw * self.hardware.instances(part.level)
            + if part.level == Level::Chip { bank * density } else { 0.0 }
    }

    fn by_component(&self, total: &Activity) -> Breakdown {
        let level = |level: Level, name: &str| {
            let parts =
                self.model.parts.iter().enumerate().filter(|(_, part)| part.level == level).map(|(place, part)| {
                    let area = match level {
                        Level::Chip => self.chip_area_um2(part),
                        _ => part.price.area_um2 * self.hardware.instances(level),
                    };
                    let leakage = self.leakage_mw(part) * self.schedule.interval_ns;
                    let [more_area, more_energy, more_leakage] = self.more_of_own(place);
                    let energy = self.energy_pj(part, total);
                    Breakdown::leaf(part.label.clone(), area + more_area, energy + more_energy, leakage + more_leakage)
                });
            Breakdown::of(name, parts.collect())
        };
        let levels = [(Level::Macro, "macros"), (Level::Tile, "tiles, shared"), (Level::Chip, "chip, shared")];
        let levels = levels.into_iter().map(|(on, name)| level(on, name)).filter(|level| !level.parts.is_empty());
        self.with_overhead(levels.collect())
    }

    /// What a part takes more where layers have macros of their own than if those were like all others: area in µm², energy and leakage in
    /// pJ. The parts of all macros are the same ones, in the same order; those of the chip have no share in a layer.
    fn more_of_own(&self, part: usize) -> [f64; 3] {
        let common = &self.model.parts[part];
        let mut more = [0.0; 3];
        for (layer, mapped) in self.mapping.layers.iter().enumerate() {
            let own = &self.model.of_layer(&mapped.name).parts[part];
            if common.level == Level::Chip || std::ptr::eq(own, common) {
                continue;
            }
            let (share, activity) =
                (self.hardware.share(own.level, self.hardware.macros[layer]), &self.activities[layer]);
            more[0] += (own.price.area_um2 - common.price.area_um2) * share;
            more[1] += self.energy_pj(own, activity) - self.energy_pj(common, activity);
            more[2] += (own.leakage_mw - common.leakage_mw) * share * self.schedule.interval_ns;
        }
        more
    }

    fn by_layer(&self, total: &Activity) -> Breakdown {
        let mut parts: Vec<Breakdown> =
            (0..self.times.len()).map(|layer| self.layer(&self.mapping.layers[layer].name, layer)).collect();
        if !self.products.list.is_empty() {
            // Their units are of the chip; what they read takes the buses of the tiles.
            parts.push(Breakdown::of(
                "products off crossbars",
                self.share_of(self.model, 0.0, &self.products.activity()),
            ));
        }
        let idle = self.hardware.idle_macros();
        if idle > 0.0 {
            parts.push(Breakdown::of("idle macros", self.share_of(self.model, idle, &Activity::default())));
        }
        let on_chip = self.model.parts.iter().filter(|part| part.level == Level::Chip);
        let shared = on_chip.map(|part| {
            let leakage = self.leakage_mw(part) * self.schedule.interval_ns;
            Breakdown::leaf(part.label.clone(), self.chip_area_um2(part), self.energy_pj(part, total), leakage)
        });
        let shared = Breakdown::of("chip, shared", shared.collect());
        if !shared.parts.is_empty() {
            parts.push(shared);
        }
        self.with_overhead(parts)
    }

    fn layer(&self, name: &str, layer: usize) -> Breakdown {
        let model = self.model.of_layer(name);
        Breakdown::of(name, self.share_of(model, self.hardware.macros[layer], &self.activities[layer]))
    }

    /// What `macros` macros of a model and their share of tiles take.
    fn share_of(&self, model: &CostModel, macros: f64, activity: &Activity) -> Vec<Breakdown> {
        let parts = model.parts.iter().filter(|part| part.level != Level::Chip).map(|part| {
            let instances = self.hardware.share(part.level, macros);
            let leakage = part.leakage_mw * instances * self.schedule.interval_ns;
            Breakdown::leaf(
                part.label.clone(),
                part.price.area_um2 * instances,
                self.energy_pj(part, activity),
                leakage,
            )
        });
        parts.collect()
    }

    /// The chip of these parts, with the area that layout adds.
    fn with_overhead(&self, mut parts: Vec<Breakdown>) -> Breakdown {
        let overhead = self.model.chip().layout_overhead;
        if overhead > 0.0 {
            let area: f64 = parts.iter().map(|part| part.area_um2).sum();
            parts.push(Breakdown::leaf("layout overhead", area * overhead, 0.0, 0.0));
        }
        Breakdown::of(self.model.chip().name.as_str(), parts)
    }

    fn total_activity(&self) -> Activity {
        let mut total = Activity::default();
        let products = self.products.activity();
        for event in ALL {
            total[event] = self.activities.iter().map(|activity| activity[event]).sum::<f64>() + products[event];
        }
        // Layers that run at once do so in one time.
        total[Event::ChipTime] = self.chip_time_ns;
        total
    }

    fn layers(&self) -> Vec<LayerCost> {
        let layer = |(place, layer): (usize, &LayerMapping)| {
            let input_bits = self.model.input_bits(&layer.name);
            LayerCost {
                name: layer.name.clone(),
                crossbars: self.mapping.crossbars_of(place),
                macros: if self.mapping.sharing.is_some() { self.at_work[place] } else { self.hardware.macros[place] },
                input_bits,
                pulses: self.model.of_layer(&layer.name).chip().pulses_of(input_bits),
                steps: self.times[place].steps,
                cycles: layer.counts.cycles,
                cycle_ns: self.times[place].cycle_ns,
                bound: self.times[place].bound,
                span_ns: self.schedule.layers[place],
                streamed: self.chains[place].is_some(),
                operations: 2 * layer.shape.macs(),
            }
        };
        self.mapping.layers.iter().enumerate().map(layer).collect()
    }

    /// What multiply-accumulate units take for each operation.
    fn product_costs(&self) -> Vec<ProductCost> {
        let cost = |(product, span): (&Product, &[f64; 2])| {
            let node = self.network.node(product.node);
            ProductCost {
                name: node.name.clone(),
                operation: node.op.name().into(),
                macs: product.macs as u64,
                buffer_bits: product.buffer_bits,
                bound: product.time.bound,
                span_ns: *span,
            }
        };
        self.products.list.iter().zip(&self.schedule.products).map(cost).collect()
    }

    /// What is said of the products off the crossbars: which units compute them, or that they have no price.
    fn off_crossbars(&self, coverage: &Coverage) -> Option<String> {
        let warning = coverage.warning()?;
        let priced = self.products.list.len();
        let Some(units) = self.model.chip().mac_units().filter(|_| priced > 0) else {
            let hint = match self.network.digital_products().any(|(node, _)| self.network.is_product(node)) {
                true => "; `mac-units` gives the chip units that compute them",
                false => "",
            };
            return Some(format!("{warning}; area, energy and time are without them{hint}"));
        };
        let missing = coverage.off_crossbars.len().saturating_sub(priced);
        let but = match missing {
            0 => String::new(),
            _ => format!("; area, energy and time are without {missing} of them, whose products are not known"),
        };
        Some(format!("{warning}; {units} multiply-accumulate units compute them{but}"))
    }

    fn note_of_chains(&self) -> Option<String> {
        let streamed = self.chains.iter().flatten().count();
        match (self.model.chip().chains, streamed) {
            (Chains::Stored, _) => None,
            (Chains::Streamed, 0) => Some(
                "no layer can take its input as it is made, so all feature maps are stored: that takes a 1×1 layer directly behind \
                 the only layer whose results it takes, in windows that make up one another"
                    .into(),
            ),
            (Chains::Streamed, _) => Some(format!("{streamed} layers take their input as it is made, with no feature map stored between")),
        }
    }

    fn notes(&self, coverage: &Coverage, unpriced: &[Unpriced]) -> Vec<String> {
        let chip = self.model.chip();
        let mut notes = Vec::new();
        notes.extend(self.off_crossbars(coverage));
        notes.extend(unpriced::note(unpriced));
        let has: f64 = chip.buffer_bytes_per_tile.unwrap_or(f64::INFINITY) * self.hardware.tiles;
        if self.buffer_bytes > has {
            notes.push(format!(
                "the schedule needs {:.0} kB of buffer, the tiles have {:.0} kB: the rest would have to leave the chip, which is not priced",
                self.buffer_bytes / 1024.0,
                has / 1024.0
            ));
        }
        if self.hardware.chips > 1.0 {
            notes.push(format!(
                "{} chips, for one has {} tiles",
                self.hardware.chips,
                chip.tiles_per_chip.unwrap_or(0)
            ));
        }
        if self.hardware.chips > 1.0 && !self.model.parts.iter().any(|part| part.component == "link") {
            notes.push(format!("chip {} has no link, so what travels between chips is not priced", chip.name));
        }
        if !self.model.unread.is_empty() {
            notes.push(format!(
                "chip {} reads none of the constants given as {}",
                chip.name,
                self.model.unread.join(", ")
            ));
        }
        if !chip.layers.is_empty() {
            notes.push(format!("layers with macros of their own: {}", chip.layers));
        }
        notes.extend(self.note_of_chains());
        if let Some(sharing) = &self.mapping.sharing {
            let apart: u64 = self.mapping.layers.iter().map(LayerMapping::own_crossbars).sum();
            notes.push(format!(
                "layers share {} crossbars; each on its own they would take {apart}, and no packing takes fewer than {}",
                sharing.crossbars, sharing.lower_bound
            ));
        }
        if chip.leakage.is_none() {
            notes.push("leakage is part of the powers this chip is known by, and not listed separately".into());
        }
        notes
    }
}

const ALL: [Event; EVENTS] = [
    Event::RowPulse,
    Event::WeightRead,
    Event::EmptyRead,
    Event::OffsetRead,
    Event::ColumnPulse,
    Event::SumPulse,
    Event::Conversion,
    Event::PartialSum,
    Event::InputBit,
    Event::OutputBit,
    Event::BufferBit,
    Event::HopBit,
    Event::LinkBit,
    Event::Activation,
    Event::Pooling,
    Event::MultiplyAccumulate,
    Event::Step,
    Event::MacroTime,
    Event::TileTime,
    Event::ChipTime,
];

/// Trees and totals.
pub(super) fn roll_up(parts: &Parts<'_>) -> Cost {
    let total = parts.total_activity();
    let (by_component, by_layer) = (parts.by_component(&total), parts.by_layer(&total));
    let chip = parts.model.chip();
    let (coverage, unpriced) = (parts.network.coverage(), parts.model.unpriced(parts.network));
    let on_crossbars: u64 = parts.mapping.layers.iter().map(|layer| 2 * layer.shape.macs()).sum();
    let products = parts.product_costs();
    let operations = products.iter().map(|product| 2 * product.macs).fold(on_crossbars, u64::saturating_add);
    let area_mm2 = by_component.area_um2 * 1e-6;
    let energy_pj = by_component.total_energy_pj();
    let interval_ns = parts.schedule.interval_ns;
    let tops = operations as f64 / interval_ns * 1e-3;
    Cost {
        network: parts.network.name.clone(),
        scheme: parts.mapping.scheme,
        chip: chip.name.clone(),
        node_nm: chip.node_nm,
        crossbar: chip.crossbar,
        active_rows: chip.rows_at_once(),
        encoding: chip.encoding(),
        input_bits: chip.input_bits,
        pulses: chip.pulses(),
        adc: parts.model.adc_choice(),
        order: chip.schedule,
        area_mm2,
        energy_uj: energy_pj * 1e-6,
        leakage_uj: by_component.leakage_pj * 1e-6,
        latency_ms: parts.schedule.latency_ns * 1e-6,
        interval_ms: interval_ns * 1e-6,
        images_per_second: 1e9 / interval_ns,
        operations,
        tops,
        tops_per_w: operations as f64 / energy_pj,
        tops_per_mm2: tops / area_mm2,
        power_mw: energy_pj / interval_ns,
        crossbars: parts.mapping.crossbars(),
        macros: parts.hardware.macros.iter().sum(),
        tiles: parts.hardware.tiles,
        chips: parts.hardware.chips,
        buffer_bytes: parts.buffer_bytes,
        layer_settings: chip.layers.clone(),
        layers: parts.layers(),
        products,
        by_component,
        by_layer,
        adc_spread: None,
        notes: parts.notes(&coverage, &unpriced),
        coverage,
        unpriced,
    }
}
