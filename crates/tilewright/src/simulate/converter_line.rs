//! The steps of converters, and what they make of currents.

use crate::network::executor::Lanes;
use fearless_simd::{Simd, f32x16, prelude::*};

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
