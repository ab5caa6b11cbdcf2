//! A design: everything that is said of the hardware.
//!
//! The keys of its TOML are the fields below; a part is a `[[macro]]`, `[[tile]]` or `[[chip]]` table.

use super::{
    Accumulation, AdcBits, AdcSettings, Cells, Chains, Compensation, Conversion, InputCoding, LayerSettings, Neurons,
    Order, Subtraction, Wires,
};
use crate::mapping::scheme::{self, Scheme};
use crate::mapping::{CrossbarSize, Encoding, SignRule, lossless_bits};
use crate::network::WeightRange;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// One part of a macro, a tile or a chip.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Part {
    /// The component by its name in the registry.
    pub component: String,
    /// Its name in tables; by default the component's.
    #[serde(default)]
    pub name: Option<String>,
    /// What its constants' names begin with, as in `driver.isaac`.
    #[serde(default)]
    pub constants: Option<String>,
    /// Units a macro, tile or chip has; by default as many as the component says.
    #[serde(default)]
    pub count: Option<f64>,
    /// Bytes it stores, where it is a register or a buffer.
    #[serde(default)]
    pub bytes: Option<f64>,
}

impl Part {
    /// What it is called in tables.
    pub fn label(&self) -> &str {
        self.name.as_deref().unwrap_or(&self.component)
    }
}

/// The part of a chip that multiplies what is on no crossbar.
pub const MAC_UNIT: &str = "mac-unit";
/// Such units of a chip that has them and does not say how many.
pub const MAC_UNITS: u32 = 64;

/// The hardware, said once.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Design {
    /// Its name.
    pub name: String,
    /// A sentence on what it is.
    pub about: String,
    /// Process node in nm.
    pub node_nm: f64,
    /// Clock of the digital part in GHz.
    pub clock_ghz: f64,
    /// Bits of an input value: the widest that registers, buffers, drivers and converters are made for.
    pub input_bits: u32,
    /// Bits of an output value.
    pub output_bits: u32,
    /// The unit crossbar, unless another is asked for.
    pub crossbar: CrossbarSize,
    /// Word lines of a crossbar that are driven at a time; by default all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub active_rows: Option<usize>,
    /// How weights become cells, unless asked for otherwise.
    pub encoding: Weights,
    /// The range of the weights of a network in floating point that stands for the cells' range of conductances.
    #[serde(default, skip_serializing_if = "WeightRange::is_default")]
    pub weight_range: WeightRange,
    /// The mapping scheme, unless asked for otherwise or searched.
    #[serde(default = "im2col")]
    pub scheme: String,
    /// What the names of its cell's constants begin with, as in `cell.1t1r-22nm`.
    pub cell: String,
    /// How inputs become pulses.
    pub inputs: InputCoding,
    /// Bits of an input driver.
    pub dac_bits: u32,
    /// Where pulses are added up.
    pub accumulation: Accumulation,
    /// Where pairs are subtracted.
    pub subtraction: Subtraction,
    /// What the cells are.
    #[serde(default)]
    pub cells: Cells,
    /// Wires and terminals of every crossbar.
    #[serde(default)]
    pub wires: Wires,
    /// What is done about errors.
    #[serde(default)]
    pub compensation: Compensation,
    /// Whether conversion and reading overlap.
    pub conversion: Conversion,
    /// Time of one pulse in ns; by default the constant `CELL.pulse`, or the settling of the lines if that takes longer.
    #[serde(default)]
    pub pulse_ns: Option<f64>,
    /// The converters; without them and without [`Design::neuron`] nothing is said of what reads the currents.
    #[serde(default)]
    pub adc: Option<AdcSettings>,
    /// The analog neurons that pass currents on, in place of converters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub neuron: Option<Neurons>,
    /// Crossbars of a macro.
    pub crossbars_per_macro: u32,
    /// Macros of a tile.
    pub macros_per_tile: u32,
    /// Tiles of a chip; by default as many as it takes.
    #[serde(default)]
    pub tiles_per_chip: Option<u32>,
    /// Bits a tile's buffer delivers a clock.
    pub bus_bits: u32,
    /// Bytes of buffer a tile has; by default as many as the schedule needs.
    #[serde(default)]
    pub buffer_bytes_per_tile: Option<f64>,
    /// How layers take turns.
    pub schedule: Order,
    /// Where a layer of 1×1 kernels takes its input from.
    #[serde(default, skip_serializing_if = "Chains::is_default")]
    pub chains: Chains,
    /// Area between components, as a part of theirs.
    pub layout_overhead: f64,
    /// The constant of leakage an area; without it powers are whole and nothing leaks besides.
    #[serde(default)]
    pub leakage: Option<String>,
    /// The file of settings of single layers, in place of [`Design::layers`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub layer_settings: Option<String>,
    /// Settings of single layers; read from that file, if there is one ([`Design::read_layer_settings`]).
    #[serde(default, rename = "layer", skip_serializing_if = "LayerSettings::is_empty")]
    pub layers: LayerSettings,
    /// Parts of a macro.
    #[serde(rename = "macro")]
    pub macro_parts: Vec<Part>,
    /// Parts of a tile besides its macros.
    #[serde(default, rename = "tile")]
    pub tile_parts: Vec<Part>,
    /// Parts of the chip besides its tiles.
    #[serde(default, rename = "chip")]
    pub chip_parts: Vec<Part>,
    /// The file it was read from, for messages.
    #[serde(skip)]
    pub file: String,
    /// Settings that were given over the file's own, by name.
    #[serde(skip)]
    pub given: BTreeSet<&'static str>,
}

/// How weights become cells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Weights {
    /// How the sign is kept.
    pub sign: SignRule,
    /// Bits of a signed weight.
    pub weight_bits: u32,
    /// Bits of a cell; by default a weight is whole in one cell, or one pair.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cell_bits: Option<u32>,
}

impl Weights {
    /// The same with bits of every cell.
    pub const fn encoding(&self) -> Encoding {
        let cell_bits = match self.cell_bits {
            Some(bits) => bits,
            None => self.weight_bits,
        };
        Encoding { sign: self.sign, weight_bits: self.weight_bits, cell_bits }
    }
}

impl From<Encoding> for Weights {
    fn from(Encoding { sign, weight_bits, cell_bits }: Encoding) -> Self {
        Self { sign, weight_bits, cell_bits: Some(cell_bits) }
    }
}

fn im2col() -> String {
    "im2col".into()
}

impl Design {
    /// The scheme that networks are mapped by unless another is asked for: its own, or the optimum where the mapping space is searched.
    ///
    /// # Panics
    /// If the design has a scheme that there is not ([`Design::verify`]).
    pub fn scheme_for(&self, searched: bool) -> &'static dyn Scheme {
        let name = if searched { "optimal" } else { &self.scheme };
        scheme::find(name).expect("a scheme there is, since it was checked")
    }

    /// How weights become cells.
    pub const fn encoding(&self) -> Encoding {
        self.encoding.encoding()
    }

    /// Word lines of a crossbar that are driven at a time.
    pub fn rows_at_once(&self) -> usize {
        self.active_rows.unwrap_or(self.crossbar.rows)
    }

    /// Pulses of one load of inputs of the chip's bits.
    pub fn pulses(&self) -> f64 {
        self.pulses_of(self.input_bits)
    }

    /// Pulses of one load of inputs of so many bits.
    pub fn pulses_of(&self, input_bits: u32) -> f64 {
        f64::from(match self.inputs {
            InputCoding::BitSerial => input_bits.div_ceil(self.dac_bits),
            InputCoding::SignMagnitude => (input_bits - 1).max(1),
            InputCoding::Analog => 1,
        })
    }

    /// Bits of a conversion where `rows` word lines are driven at a time: those given, or as many as tell every sum apart.
    ///
    /// A sum of R products of a level of at most L and a d-bit pulse is at most R·L·(2^d − 1); a pair subtracted before
    /// conversion, or pulses with a sign, also have the negative ones.
    pub fn adc_bits(&self, rows: usize, encoding: &Encoding) -> u32 {
        let adc = self.adc.as_ref();
        let given = |adc: &AdcSettings| match adc.bits {
            AdcBits::Given(bits) => Some(bits),
            AdcBits::Exact | AdcBits::Lossless => adc.bits_over_input.map(|more| self.input_bits + more),
        };
        adc.and_then(given).unwrap_or_else(|| self.lossless_bits(rows, encoding))
    }

    /// Bits of a conversion that tell every sum of `rows` cells of a column apart.
    pub(crate) fn lossless_bits(&self, rows: usize, encoding: &Encoding) -> u32 {
        let levels = |bits: u32| (1i64 << bits) - 1;
        let pulse = match self.inputs {
            InputCoding::BitSerial => [0, levels(self.dac_bits.min(self.input_bits))],
            InputCoding::SignMagnitude => [-1, 1],
            InputCoding::Analog => [0, levels(self.input_bits)],
        };
        lossless_bits(encoding.sum_ends(rows, pulse, self.subtraction == Subtraction::Analog))
    }

    /// Multiply-accumulate units of the chip, for products that are on no crossbar; nothing if it has none.
    pub fn mac_units(&self) -> Option<u32> {
        let part = self.chip_parts.iter().find(|part| part.component == MAC_UNIT)?;
        Some(part.count.map_or(MAC_UNITS, |count| count as u32))
    }

    /// Gives the chip so many multiply-accumulate units in place of those it has; 0 leaves none.
    pub fn set_mac_units(&mut self, units: u32) {
        let component = MAC_UNIT.to_owned();
        let has = self.chip_parts.iter().position(|part| part.component == MAC_UNIT);
        let count = Some(f64::from(units));
        match (has, units) {
            (Some(place), 0) => drop(self.chip_parts.remove(place)),
            (Some(place), _) => self.chip_parts[place].count = count,
            (None, 0) => {}
            (None, _) => self.chip_parts.push(Part { component, name: None, constants: None, count, bytes: None }),
        }
    }

    /// All parts with the level they are on.
    pub(crate) fn parts(&self) -> impl Iterator<Item = (Level, &Part)> {
        let on = |level: Level, parts: &'_ [Part]| std::iter::repeat_n(level, parts.len());
        on(Level::Macro, &self.macro_parts)
            .zip(&self.macro_parts)
            .chain(on(Level::Tile, &self.tile_parts).zip(&self.tile_parts))
            .chain(on(Level::Chip, &self.chip_parts).zip(&self.chip_parts))
    }
}

/// What a part is a part of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Crossbars with what reads them.
    Macro,
    /// Macros with a buffer and a router.
    Tile,
    /// Tiles with what leads outside.
    Chip,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mapping::SignRule;

    #[test]
    fn bits_of_a_conversion_by_hand() {
        let chip = Design::preset("generic-22nm").expect("it is built in");
        let chip = Design { dac_bits: 1, subtraction: Subtraction::Digital, ..chip };
        let encoding = |sign, cell_bits| Encoding { sign, weight_bits: 8, cell_bits };
        // 128 · 3 · 1 = 384 < 2^9.
        assert_eq!(chip.adc_bits(128, &encoding(SignRule::Offset, 2)), 9);
        assert_eq!(chip.adc_bits(128, &encoding(SignRule::Offset, 1)), 8);
        assert_eq!(chip.adc_bits(127, &encoding(SignRule::Offset, 1)), 7);
        let chip = Design { subtraction: Subtraction::Analog, dac_bits: 2, ..chip };
        // 64 · 1 · 3 · 2 = 384.
        assert_eq!(chip.adc_bits(64, &encoding(SignRule::Differential, 1)), 9);
    }
}
