//! The same command with other values of some options.

use crate::args::simulate::{SimulateArgs, Vary};
use crate::args::{Command, parse};
use crate::command_line;
use anyhow::{Result, anyhow};
use tilewright::report::simulation::Varied;

/// What was typed, then the same with each value of each option that varies, one at a time.
pub(super) fn of(args: &SimulateArgs) -> Result<Vec<(Option<Varied>, SimulateArgs)>> {
    let mut variations = vec![(None, args.clone())];
    for Vary { option, values } in &args.run.vary {
        for value in values {
            let varied = Varied { option: option.clone(), value: value.clone() };
            variations.push((Some(varied), with(option, value)?));
        }
    }
    Ok(variations)
}

/// The command line with an option after it, which overrides the same one before.
fn with(option: &str, value: &str) -> Result<SimulateArgs> {
    let typed = command_line::words().iter().cloned().chain([format!("--{option}={value}").into()]);
    match parse::parse_overriding(typed)
        .map_err(|error| anyhow!("--vary {option}={value}: {}", reason(&error)))?
        .command
    {
        Command::Simulate(args) => Ok(*args),
        _ => unreachable!("it was simulate before"),
    }
}

/// What clap found, without what it says around it: how to use a command that was not typed so.
fn reason(error: &clap::Error) -> String {
    let text = error.to_string();
    text.lines().next().unwrap_or_default().trim_start_matches("error: ").to_owned()
}
