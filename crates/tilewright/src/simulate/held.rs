//! Cells that programming does not move.

/// Whether programming moves a cell, and the conductance of one that it does not move, in siemens.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Held {
    /// It does.
    No,
    /// It is stuck.
    Stuck(f64),
    /// It was never formed.
    Unformed(f64),
}
