//! Converters: how a current becomes a number.

use super::SimulateError;
use super::converter_errors::ConverterErrors;
use crate::hardware::{RangeRule, RangeScope};
use crate::network::executor::Lanes;
use fearless_simd::{Simd, f32x16, prelude::*};
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

/// The straight line of one converter.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Line {
    /// Codes a level.
    pub(super) inverse: f32,
    /// Levels a code.
    pub(super) step: f32,
    /// Least code.
    pub(super) least: f32,
    /// Greatest code.
    pub(super) most: f32,
}

impl Line {
    /// Mean of the squared rounding errors, in levels; none where a code stands for one level.
    pub(super) fn rounding_error(&self) -> f64 {
        let step = f64::from(self.step);
        (step * step - 1.0) / 12.0
    }
}

/// The lines of a crossbar's channels.
#[derive(Clone, Debug)]
pub(crate) struct Lines(pub(super) Vec<Line>);

impl Lines {
    /// Those of `count` channels from `first` on.
    pub(super) fn of(&self, first: usize, count: usize) -> &[Line] {
        &self.0[first..first + count]
    }
}

/// Rounds each channel's current to the nearest code of its line and gives what the code stands for.
#[inline(always)]
pub(super) fn convert<S: Simd>(simd: S, lines: &[Line], currents: &mut [Lanes]) {
    for (current, line) in currents.iter_mut().zip(lines) {
        let code = (f32x16::simd_from(simd, current.0) * line.inverse).round_ties_even();
        let code = code.max(f32x16::splat(simd, line.least)).min(f32x16::splat(simd, line.most));
        *current = Lanes((code * line.step).into());
    }
}
