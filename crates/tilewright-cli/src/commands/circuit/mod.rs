//! `circuit`: one crossbar as a circuit.

mod solve;
mod spice;
mod study;

use crate::Outcome;
use crate::args::circuit::{CircuitArgs, CircuitCommand, LineArgs};
use anyhow::Result;
use tilewright::circuit::Wiring;

/// Studies, solves or writes.
pub(crate) fn run(args: &CircuitArgs) -> Result<Outcome> {
    match &args.command {
        None => study::run(&args.study),
        Some(CircuitCommand::Solve(args)) => solve::run(args),
        Some(CircuitCommand::Spice(args)) => spice::run(args),
    }
}

/// Wires and terminals as typed.
fn wiring(args: &LineArgs) -> Wiring {
    Wiring {
        r_word: args.wire,
        r_bit: args.bit_wire.unwrap_or(args.wire),
        r_source: args.source,
        r_sink: args.sink,
        drive: args.drive,
        collect: args.collect,
    }
}
