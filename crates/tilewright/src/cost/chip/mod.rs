//! A chip as data: its node, how it reads, what its macros, tiles and itself are made of.
//!
//! The presets are files under `data/cost/chips/`; `tilewright chip NAME` writes one out to be changed. The keys are
//! the fields below; a part is a `[[macro]]`, `[[tile]]` or `[[chip]]` table.

mod changes;
mod parse;

pub use changes::Changes;

use super::CostError;
use crate::mapping::{CrossbarSize, Encoding, lossless_bits};
use crate::network::nearest;
use serde::{Deserialize, Serialize};

/// How inputs become pulses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum InputCoding {
    /// Unsigned, `dac_bits` a pulse, least significant first: ⌈input bits / dac bits⌉ pulses.
    BitSerial,
    /// Sign and magnitude, a pulse of either sign for each bit of the magnitude: max(1, input bits − 1) pulses.
    SignMagnitude,
    /// One analog level for the whole value: one pulse.
    Analog,
}

/// Where the pulses of an input are added up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Accumulation {
    /// After conversion, by shift-and-add: a conversion a pulse.
    Digital,
    /// In the analog part, before the one conversion.
    Analog,
}

/// Where the two columns of a differential pair are subtracted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Subtraction {
    /// After conversion: both columns are converted.
    Digital,
    /// Before it: a pair is converted once.
    Analog,
}

/// Whether columns are converted while the next pulse is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Conversion {
    /// Held by sample-and-hold while the next pulse is read.
    Sampled,
    /// Within the pulse, after the read.
    Serial,
}

/// How the layers of a network take turns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Order {
    /// One layer at a time, one image at a time.
    LayerByLayer,
    /// All layers at once, each as soon as the rows it needs are there; a new image whenever the slowest layer is done.
    Pipelined,
}

/// The analog-to-digital converters.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AdcSettings {
    /// The model by its name in the registry.
    pub model: String,
    /// Analog sums one converter takes in turn.
    pub columns: u32,
    /// Conversions a second, in 10⁹.
    pub rate_gsps: f64,
    /// Bits of a conversion; by default as many as every sum of a crossbar takes.
    #[serde(default)]
    pub bits: Option<u32>,
    /// Bits by which a conversion exceeds those of the input, where the chip grows them so (instead of `bits`).
    #[serde(default)]
    pub bits_over_input: Option<u32>,
}

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

/// A chip.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Chip {
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
    /// How weights become cells, unless asked for otherwise.
    pub encoding: Encoding,
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
    /// Whether conversion and reading overlap.
    pub conversion: Conversion,
    /// Time of one pulse in ns; by default the constant `CELL.pulse`, or the settling of the lines if that takes longer.
    #[serde(default)]
    pub pulse_ns: Option<f64>,
    /// The converters; without them the neurons are analog.
    #[serde(default)]
    pub adc: Option<AdcSettings>,
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
    /// Area between components, as a part of theirs.
    pub layout_overhead: f64,
    /// The constant of leakage an area; without it powers are whole and nothing leaks besides.
    #[serde(default)]
    pub leakage: Option<String>,
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
}

/// A preset: its name and its file.
pub type Preset = (&'static str, &'static str);

/// The built-in chips.
pub const PRESETS: [Preset; 6] = [
    ("generic-22nm", include_str!("../../../data/cost/chips/generic-22nm.toml")),
    ("generic-65nm", include_str!("../../../data/cost/chips/generic-65nm.toml")),
    ("isaac", include_str!("../../../data/cost/chips/isaac.toml")),
    ("puma", include_str!("../../../data/cost/chips/puma.toml")),
    ("neurram", include_str!("../../../data/cost/chips/neurram.toml")),
    ("seed", include_str!("../../../data/cost/chips/seed.toml")),
];

/// The file of a preset.
///
/// # Errors
/// [`CostError::Unknown`] with the names there are and the nearest one.
pub fn preset_text(name: &str) -> Result<&'static str, CostError> {
    let found = PRESETS.into_iter().find(|(known, _)| *known == name);
    found.map(|(_, text)| text).ok_or_else(|| CostError::Unknown {
        what: "chip",
        name: name.into(),
        known: PRESETS.map(|(name, _)| name).join(", "),
        suggestion: nearest(name, PRESETS.iter().map(|(name, _)| *name)),
    })
}

impl Chip {
    /// A built-in chip.
    ///
    /// # Errors
    /// [`CostError::Unknown`] with the names there are and the nearest one.
    pub fn preset(name: &str) -> Result<Self, CostError> {
        Self::parse(name, preset_text(name)?)
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

    /// Bits of a conversion on crossbars of `rows` word lines: those given, or as many as tell every sum apart.
    ///
    /// A sum of R products of a level of at most L and a d-bit pulse is at most R·L·(2^d − 1); a pair subtracted before
    /// conversion, or pulses with a sign, also have the negative ones.
    pub fn adc_bits(&self, rows: usize, encoding: &Encoding) -> u32 {
        let adc = self.adc.as_ref();
        if let Some(bits) = adc.and_then(|adc| adc.bits.or(adc.bits_over_input.map(|more| self.input_bits + more))) {
            return bits;
        }
        let levels = |bits: u32| (1i64 << bits) - 1;
        let pulse = match self.inputs {
            InputCoding::BitSerial => [0, levels(self.dac_bits.min(self.input_bits))],
            InputCoding::SignMagnitude => [-1, 1],
            InputCoding::Analog => [0, levels(self.input_bits)],
        };
        lossless_bits(encoding.sum_ends(rows, pulse, self.subtraction == Subtraction::Analog))
    }

    /// All parts with the level they are on.
    pub(super) fn parts(&self) -> impl Iterator<Item = (Level, &Part)> {
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
        let chip = Chip::preset("generic-22nm").expect("it is built in");
        let chip = Chip { dac_bits: 1, subtraction: Subtraction::Digital, ..chip };
        let encoding = |sign, cell_bits| Encoding { sign, weight_bits: 8, cell_bits };
        // 128 · 3 · 1 = 384 < 2^9.
        assert_eq!(chip.adc_bits(128, &encoding(SignRule::Offset, 2)), 9);
        assert_eq!(chip.adc_bits(128, &encoding(SignRule::Offset, 1)), 8);
        assert_eq!(chip.adc_bits(127, &encoding(SignRule::Offset, 1)), 7);
        let chip = Chip { subtraction: Subtraction::Analog, dac_bits: 2, ..chip };
        // 64 · 1 · 3 · 2 = 384.
        assert_eq!(chip.adc_bits(64, &encoding(SignRule::Differential, 1)), 9);
    }
}
