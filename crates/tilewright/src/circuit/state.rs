//! The voltages of a crossbar's nodes, and the lines they lie on.

use super::Crossbar;
use super::line::{Line, Run};

/// What the solver finds, `[row][column]`.
pub(super) struct State {
    /// How far each word node is below its source. Volt.
    pub(super) drop: Vec<f64>,
    /// Voltage of each bit node.
    pub(super) bit: Vec<f64>,
}

impl State {
    /// So many times `step` farther.
    pub(super) fn moved(&self, step: &Self, times: f64) -> Self {
        let along =
            |from: &[f64], step: &[f64]| from.iter().zip(step).map(|(from, step)| from + times * step).collect();
        Self { drop: along(&self.drop, &step.drop), bit: along(&self.bit, &step.bit) }
    }
}

/// Which line a crossbar's layer is made of, for whoever checks the balance of its nodes.
pub(super) fn lines_of(crossbar: &Crossbar) -> [(Line, Run); 2] {
    [(crossbar.wiring().word_line(), Run::AlongRows), (crossbar.wiring().bit_line(), Run::DownColumns)]
}
