//! The commands, one file each.

mod completions;
mod map;
mod zoo;

use crate::Outcome;
use crate::args::Command;
use anyhow::Result;

/// Runs a command.
pub(crate) fn run(command: Command) -> Result<Outcome> {
    match command {
        Command::Map(args) => map::run(&args),
        Command::Zoo(args) => zoo::run(&args),
        Command::Completions(args) => completions::run(&args),
        Command::Man(args) => completions::man(&args),
        _ => todo!(),
    }
}
