//! The commands, one file each.

mod circuit;
mod completions;
pub(crate) mod cost;
mod data;
mod design;
mod device;
mod evaluate;
mod explore;
mod export;
mod inputs;
mod map;
mod plan;
mod report;
mod reproduce;
mod simulate;
mod verify;
mod zoo;

use crate::Outcome;
use crate::args::parse::Line;
use crate::args::{Command, Destination};
use crate::{heed, output};
use anyhow::Result;

/// Runs a command, if everything that was typed is heeded and its result can be written.
pub(crate) fn run(Line { command, typed }: Line) -> Result<Outcome> {
    heed::refuse_idle(&command, &typed)?;
    match command.destination() {
        Destination::Output => {}
        Destination::File(path) => output::check(path)?,
        Destination::Folder(path) => output::check_folder(path)?,
    }
    match command {
        Command::Map(args) => map::run(&args),
        Command::Plan(args) => plan::run(&args),
        Command::Cost(args) => cost::run(&args),
        Command::Explore(args) => explore::run(&args, &typed),
        Command::Design(args) => design::run(&args),
        Command::Device(args) => device::run(&args),
        Command::Zoo(args) => zoo::run(&args),
        Command::Data(args) => data::run(&args),
        Command::Completions(args) => completions::run(&args),
        Command::Man(args) => completions::man(&args),
        Command::Report(args) => report::run(&args),
        Command::Verify(args) => verify::run(&args),
        Command::Evaluate(args) => evaluate::run(&args),
        Command::Inputs(args) => inputs::run(&args),
        Command::Simulate(args) => simulate::run(&args, &typed),
        Command::Reproduce(args) => reproduce::run(&args),
        Command::Circuit(args) => circuit::run(&args),
        Command::Export(args) => export::run(&args, &typed),
    }
}
