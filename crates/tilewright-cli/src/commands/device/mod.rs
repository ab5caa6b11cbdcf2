//! `device`: memory cells, built in and of one's own.

mod fit;
mod list;

use crate::Outcome;
use crate::args::hardware::{DeviceCommand, DeviceCommandArgs};
use anyhow::Result;

/// Lists or fits.
pub(crate) fn run(args: &DeviceCommandArgs) -> Result<Outcome> {
    match &args.command {
        None => list::run(&args.list),
        Some(DeviceCommand::Fit(args)) => fit::run(args),
    }
}
