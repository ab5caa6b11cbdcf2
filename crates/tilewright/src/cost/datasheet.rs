//! What a chip is by itself: the area and the greatest power of crossbar, macro, tile and chip, without any network.

use super::activity::{Activity, Event};
use super::component::Charge;
use super::model::Priced;
use super::{Breakdown, CostModel};
use crate::hardware::{Accumulation, Level, Subtraction};
use crate::mapping::SignRule;
use serde::Serialize;

/// One level of a chip.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Unit {
    /// What it is.
    pub level: &'static str,
    /// Area in mm².
    pub area_mm2: f64,
    /// Power with everything at work, in mW.
    pub power_mw: f64,
}

/// The levels of a chip at full work: in every pulse as many word lines driven as can be at a time, and every bit line read.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Datasheet {
    /// The chip.
    pub chip: String,
    /// A crossbar's share of a macro, a macro, a tile, the chip.
    pub units: Vec<Unit>,
    /// Greatest number of operations a second, in 10¹².
    pub peak_tops: f64,
    /// The parts of one chip, level within level. Here `energy_pj` and `leakage_pj` are of one nanosecond: numerically mW.
    pub tree: Breakdown,
}

impl Datasheet {
    /// The unit of a level.
    pub fn unit(&self, level: &str) -> Option<&Unit> {
        self.units.iter().find(|unit| unit.level == level)
    }
}

impl CostModel {
    /// The chip by itself. A chip without a number of tiles has one.
    pub fn datasheet(&self) -> Datasheet {
        let chip = self.chip();
        let per_tile = f64::from(chip.macros_per_tile);
        let tiles = f64::from(chip.tiles_per_chip.unwrap_or(1));
        let one_macro = self.level(Level::Macro, "macro", &[]);
        let tile = self.level(Level::Tile, "tile", &[(per_tile, "macros", &one_macro)]);
        let mut tree = self.level(Level::Chip, &chip.name, &[(tiles, "tiles", &tile)]);
        if chip.layout_overhead > 0.0 {
            let overhead = Breakdown::leaf("layout overhead", tree.area_um2 * chip.layout_overhead, 0.0, 0.0);
            let parts = tree.parts.into_iter().chain([overhead]).collect();
            tree = Breakdown::of(tree.name, parts);
        }
        let crossbars = f64::from(chip.crossbars_per_macro);
        let unit = |level, tree: &Breakdown, of: f64| Unit {
            level,
            area_mm2: tree.area_um2 * 1e-6 / of,
            power_mw: tree.total_energy_pj() / of,
        };
        let units = vec![
            unit("crossbar", &one_macro, crossbars),
            unit("macro", &one_macro, 1.0),
            unit("tile", &tile, 1.0),
            unit("chip", &tree, 1.0),
        ];
        let macs = (chip.rows_at_once() * chip.encoding().weights_per_row(chip.crossbar)) as f64;
        let peak_tops = tiles * per_tile * crossbars * 2.0 * macs / (chip.pulses() * self.pulse_ns()) * 1e-3;
        Datasheet { chip: chip.name.clone(), units, peak_tops, tree }
    }

    /// One pulse with its conversions, in ns.
    fn pulse_ns(&self) -> f64 {
        let convert = self.clockwork.conversion_ns * self.clockwork.sharing;
        match self.chip().conversion {
            crate::hardware::Conversion::Sampled => self.clockwork.read_ns.max(convert),
            crate::hardware::Conversion::Serial => self.clockwork.read_ns + convert,
        }
    }

    /// A level of parts of its own and of so many of the level below.
    fn level(&self, level: Level, name: &str, below: &[(f64, &str, &Breakdown)]) -> Breakdown {
        let inner = below.iter().map(|(count, name, tree)| times(tree, *count, name));
        let peak = self.peak(level);
        let own = self.parts.iter().filter(|part| part.level == level).map(|part| leaf(part, &peak));
        Breakdown::of(name, inner.chain(own).collect())
    }

    /// Events of one macro, tile or chip in a nanosecond of full work.
    fn peak(&self, level: Level) -> Activity {
        let chip = self.chip();
        let crossbars = match level {
            Level::Macro => f64::from(chip.crossbars_per_macro),
            Level::Tile | Level::Chip => f64::from(chip.crossbars_per_macro) * f64::from(chip.macros_per_tile),
        };
        let per_ns = crossbars / self.pulse_ns();
        let [rows, columns] = [chip.rows_at_once(), chip.crossbar.columns].map(|lines| lines as f64);
        // Pulses of a load, step by step.
        let pulses = chip.pulses() * chip.crossbar.rows.div_ceil(chip.rows_at_once()) as f64;
        let paired = chip.encoding().sign == SignRule::Differential && chip.subtraction == Subtraction::Analog;
        let sums = if paired { columns / 2.0 } else { columns };
        let conversions = if chip.accumulation == Accumulation::Analog { sums / chip.pulses() } else { sums };
        let bus = f64::from(chip.bus_bits) * chip.clock_ghz;
        let mut peak = Activity::default();
        for (event, count) in [
            (Event::RowPulse, rows * per_ns),
            (Event::WeightRead, rows * columns * per_ns),
            (Event::ColumnPulse, columns * per_ns),
            (Event::SumPulse, sums * per_ns),
            (Event::Conversion, conversions * per_ns),
            (Event::PartialSum, conversions * per_ns),
            // Into the register and out of it.
            (Event::InputBit, 2.0 * rows * f64::from(chip.input_bits) / chip.pulses() * per_ns),
            (Event::OutputBit, 2.0 * conversions * f64::from(chip.output_bits) * per_ns),
            (Event::BufferBit, bus),
            (Event::HopBit, bus),
            (Event::LinkBit, bus),
            (Event::Activation, chip.clock_ghz),
            (Event::Pooling, chip.clock_ghz),
            (Event::MultiplyAccumulate, chip.clock_ghz),
            (Event::Step, per_ns * (pulses + 1.0) / pulses),
            (Event::MacroTime, 1.0),
            (Event::TileTime, 1.0),
            (Event::ChipTime, 1.0),
        ] {
            peak[event] = count;
        }
        peak
    }
}

fn leaf(part: &Priced, peak: &Activity) -> Breakdown {
    let most = |charge: &Charge| part.price.busiest.unwrap_or(peak[charge.event]);
    let power: f64 = part.price.charges.iter().map(|charge| charge.energy_pj * most(charge)).sum();
    Breakdown::leaf(part.label.clone(), part.price.area_um2, power, part.leakage_mw)
}

/// So many of a tree, every number multiplied.
fn times(tree: &Breakdown, count: f64, name: &str) -> Breakdown {
    let parts: Vec<Breakdown> = tree.parts.iter().map(|part| times(part, count, &part.name)).collect();
    if parts.is_empty() {
        let Breakdown { area_um2, energy_pj, leakage_pj, .. } = tree;
        return Breakdown::leaf(name, area_um2 * count, energy_pj * count, leakage_pj * count);
    }
    Breakdown::of(name, parts)
}
