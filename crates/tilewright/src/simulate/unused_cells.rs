//! Cells that hold no weight: programmed to level 0 like any other, or never formed.

use super::SimulateError;
use crate::circuit::device::ConductanceRange;
use crate::mapping::placement::PlacedCrossbar;
use crate::random::Draws;
use serde::Serialize;

/// What is done with the cells of a crossbar that the mapping leaves without a weight (structural zeros).
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum UnusedCells {
    /// They are programmed to level 0, with all errors of a cell.
    #[default]
    Programmed,
    /// They are never formed, so that nothing programs them, moves them or makes their reads noisy.
    Unformed(Unformed),
}

/// Cells as they leave the factory.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Unformed {
    /// Conductance of such a cell, in siemens.
    pub siemens: f64,
    /// Share of them that conduct like a cell that is fully on, 0 to 1.
    pub shorts: f64,
}

impl UnusedCells {
    /// Checks the numbers.
    ///
    /// # Errors
    /// [`SimulateError::Setting`] with what was found and what is allowed.
    pub(super) fn verify(&self, range: ConductanceRange) -> Result<(), SimulateError> {
        let Self::Unformed(Unformed { siemens, shorts }) = self else { return Ok(()) };
        let conducts = (0.0..=range.on).contains(siemens);
        let allowed = format!("0 to {:e} S, the greatest conductance of the device", range.on);
        SimulateError::check("conductance of unformed cells", siemens, conducts, &allowed)?;
        SimulateError::check(
            "share of shorts",
            shorts,
            (0.0..=1.0).contains(shorts),
            "0 to 1, a share of the unformed cells",
        )
    }

    /// Whether two crossbars may differ in these cells.
    pub(super) fn varies(&self) -> bool {
        matches!(self, Self::Unformed(Unformed { shorts, .. }) if *shorts > 0.0)
    }
}

impl Unformed {
    /// The conductance of one cell, in siemens. Takes one uniform number where there are shorts.
    pub(super) fn draw(&self, on: f64, draws: &mut Draws) -> f64 {
        if self.shorts > 0.0 && draws.uniform() < self.shorts { on } else { self.siemens }
    }
}

/// Which cells `[row][column]` of a crossbar of `columns` columns hold a weight, each in `cells` columns side by side; an offset column is
/// no structural zero either.
pub(super) fn formed(placed: &PlacedCrossbar, cells: usize, columns: usize) -> Vec<bool> {
    let mut formed = vec![false; placed.rows.len() * columns];
    for weight in &placed.weights {
        let first = weight.row * columns + weight.column * cells;
        formed[first..first + cells].fill(true);
    }
    for row in formed.chunks_exact_mut(columns) {
        row[placed.columns.len() * cells..].fill(true);
    }
    formed
}
