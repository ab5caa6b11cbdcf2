//! Wires and terminals of every crossbar.

use crate::circuit::{Collect, Drive, Wiring};
use serde::{Deserialize, Serialize};

/// Resistances in ohm, and where the terminals are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Wires {
    /// Of word and bit lines between neighbouring cells. Ohm.
    pub wire: f64,
    /// Of bit lines alone; by default as of word lines. Ohm.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bit_wire: Option<f64>,
    /// Of each source. Ohm.
    pub source: f64,
    /// Of each sink. Ohm.
    pub sink: f64,
    /// Ends of the word lines with a source.
    pub drive: Drive,
    /// Ends of the bit lines with a sink.
    pub collect: Collect,
}

impl Wires {
    /// The same as the circuit takes it.
    pub fn wiring(&self) -> Wiring {
        let Self { wire, bit_wire, source, sink, drive, collect } = *self;
        Wiring { r_word: wire, r_bit: bit_wire.unwrap_or(wire), r_source: source, r_sink: sink, drive, collect }
    }

    /// Whether no wire and no terminal has a resistance.
    pub fn are_ideal(&self) -> bool {
        let Wiring { r_word, r_bit, r_source, r_sink, .. } = self.wiring();
        [r_word, r_bit, r_source, r_sink].iter().all(|&ohm| ohm == 0.0)
    }
}
