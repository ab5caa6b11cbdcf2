//! `circuit`: one crossbar as a circuit.

mod case;
mod solve;
mod study;

use crate::Outcome;
use crate::args::circuit::{CircuitArgs, CircuitCommand};
use anyhow::Result;

/// Studies or solves.
pub(crate) fn run(args: &CircuitArgs) -> Result<Outcome> {
    match &args.command {
        None => study::run(&args.study),
        Some(CircuitCommand::Solve(args)) => solve::run(args),
    }
}
