//! `export`: what is where, for other programs.

mod arrays;
mod document;
mod onnx;
mod placement;
mod spice;

use crate::Outcome;
use crate::args::export::{ExportArgs, ExportCommand};
use crate::args::parse::Typed;
use anyhow::Result;

/// Writes a placement, a netlist or a model.
pub(crate) fn run(args: &ExportArgs, typed: &Typed) -> Result<Outcome> {
    match &args.command {
        None => placement::run(&args.placement),
        Some(ExportCommand::Spice(args)) => spice::run(args, typed),
        Some(ExportCommand::Onnx(args)) => onnx::run(args),
    }
}
