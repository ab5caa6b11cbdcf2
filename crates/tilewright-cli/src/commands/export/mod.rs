//! `export`: what is where, for other programs.

mod arrays;
mod document;
mod placement;
mod spice;

use crate::Outcome;
use crate::args::export::{ExportArgs, ExportCommand};
use crate::args::parse::Typed;
use anyhow::Result;

/// Writes a placement, or a netlist.
pub(crate) fn run(args: &ExportArgs, typed: &Typed) -> Result<Outcome> {
    match &args.command {
        None => placement::run(&args.placement),
        Some(ExportCommand::Spice(args)) => spice::run(args, typed),
    }
}
