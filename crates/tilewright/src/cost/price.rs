//! What a part takes.

use super::activity::Event;

/// Memory bought by the bank.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bank {
    /// Bytes of a bank.
    pub bytes: f64,
    /// Area of a bank in µm².
    pub area_um2: f64,
}

/// An energy for each event.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Charge {
    /// What it is paid for.
    pub event: Event,
    /// Energy in pJ.
    pub energy_pj: f64,
}

/// What a part of one macro, tile or chip takes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Price {
    /// Units a macro, tile or chip has.
    pub units: f64,
    /// Area of all of them in µm².
    pub area_um2: f64,
    /// Area of them that does not leak, in µm²: cells that keep their state without power.
    pub idle_um2: f64,
    /// Energies.
    pub charges: Vec<Charge>,
    /// A buffer that is as large as the schedule needs; its area then is not in `area_um2`.
    pub bank: Option<Bank>,
    /// The most of its events a nanosecond, where that is its own and does not follow from the chip.
    pub busiest: Option<f64>,
}
