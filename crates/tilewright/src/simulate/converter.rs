//! Converters: how a current becomes a number.

use super::SimulateError;
use super::converter_errors::ConverterErrors;
use super::converter_line::Line;
use crate::hardware::{RangeRule, RangeScope};
use serde::{Deserialize, Serialize};

/// An analog-to-digital converter.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Adc {
    /// Bits, 1 to 16.
    pub bits: u32,
    /// How its range is chosen.
    pub range: RangeRule,
    /// Which columns share a range.
    pub scope: RangeScope,
    /// What is wrong with each; nothing if there are none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub errors: Option<ConverterErrors>,
}

impl Adc {
    /// Ranges by the greatest magnitude, one a layer.
    pub const fn new(bits: u32) -> Self {
        Self { bits, range: RangeRule::Max, scope: RangeScope::Layer, errors: None }
    }

    /// Checks every setting.
    ///
    /// # Errors
    /// [`SimulateError::Setting`] for bits, a percentile or a number of columns out of range.
    pub fn verify(&self) -> Result<(), SimulateError> {
        SimulateError::check(
            "ADC bits",
            &self.bits,
            (1..=16).contains(&self.bits),
            "1 to 16, or none for exact reads",
        )?;
        if let Some(part) = self.range.wrong_percentile() {
            SimulateError::check("the percentile of the ADC range", &part, false, "50 to 100")?;
        }
        if let RangeScope::Columns(columns) = self.scope {
            SimulateError::check("columns that share an ADC range", &columns, columns > 0, "1 or more")?;
        }
        self.errors.map_or(Ok(()), |errors| errors.verify(self.bits))
    }

    /// The least current that its range has whatever is seen: negative where one line is for a whole layer that subtracts.
    pub(super) fn certain(&self, subtracts: bool) -> f64 {
        if self.scope == RangeScope::Layer && subtracts { -1.0 } else { 0.0 }
    }

    /// The line of a converter whose currents lie within `range`, both in levels.
    ///
    /// A converter never resolves finer than one level: with bits enough for every sum, it reads it exactly.
    pub(super) fn line(&self, [least, most]: [f64; 2]) -> Line {
        let codes = (1u64 << self.bits) as f64;
        let (low, high) = if least >= 0.0 { (0.0, codes - 1.0) } else { (-codes / 2.0, codes / 2.0 - 1.0) };
        let steps = if self.bits == 1 && least < 0.0 { 1.0 } else { high };
        let step = (most.max(-least) / steps).max(1.0);
        Line { inverse: (1.0 / step) as f32, step: step as f32, least: low as f32, most: high as f32 }
    }
}
