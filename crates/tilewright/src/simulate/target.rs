//! What a crossbar is to hold.

use crate::circuit::device::ConductanceRange;
use crate::mapping::Encoding;
use crate::mapping::placement::PlacedCrossbar;
use crate::network::Tensor;

/// A crossbar of used rows and columns, ready to be programmed.
#[derive(Clone, Debug)]
pub struct Target {
    /// Used rows.
    pub rows: usize,
    /// Used columns: the cells of every weight column, then an offset column if the encoding has one.
    pub columns: usize,
    /// Wanted conductances `[row][column]`, row-major, in siemens.
    pub siemens: Vec<f64>,
}

/// How the levels of an encoding lie in a device's range.
#[derive(Clone, Copy, Debug)]
pub struct LevelScale {
    /// Conductance of level 0, in siemens.
    pub off: f64,
    /// Conductance between neighbouring levels, in siemens.
    pub step: f64,
}

impl LevelScale {
    /// The greatest level at the upper end of the range, level 0 at the lower. A layer that holds the least weight has one more
    /// level where a pair's cell holds it whole.
    pub fn new(encoding: &Encoding, weights: &Tensor<i32>, ConductanceRange { off, on }: ConductanceRange) -> Self {
        let least = weights.values().iter().copied().min().unwrap_or(0);
        let mut cells = vec![0; encoding.columns_per_weight()];
        encoding.encode(least, &mut cells);
        let top = cells.into_iter().fold(encoding.top_level(), i32::max);
        Self { off, step: (on - off) / f64::from(top) }
    }

    /// The conductances that a placed crossbar's levels stand for.
    pub fn target(&self, placed: &PlacedCrossbar, weights: &Tensor<i32>, encoding: &Encoding) -> Target {
        let levels = placed.program(weights, encoding);
        let siemens = levels.levels.iter().map(|&level| self.off + f64::from(level) * self.step).collect();
        Target { rows: placed.rows.len(), columns: levels.columns, siemens }
    }
}
