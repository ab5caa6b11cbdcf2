//! `reproduce`: published tables counted and measured anew. One file or function a publication.

mod analog_rates;
mod front;
mod retrain;
mod tables;

use crate::args::reproduce::{Oh2023Args, Publication, ReproduceArgs};
use crate::{Outcome, output, trained};
use anyhow::Result;
use tilewright::report::reproduction::Oh2023;

/// Counts, trains or simulates if asked to, and writes.
pub(crate) fn run(args: &ReproduceArgs) -> Result<Outcome> {
    match &args.publication {
        Publication::Oh2023(args) if args.front => {
            output::result(&args.output, &front::document(&front::savings()?))?;
        }
        Publication::Oh2023(args) => {
            output::result(&args.output, &tables::document(&oh2023(args)?))?;
        }
        Publication::AnalogRates(args) => {
            output::result(&args.output, &analog_rates::document(&analog_rates::measured(args)?))?;
        }
    }
    Ok(Outcome::Done)
}

/// With stored rates, or with those of networks trained anew.
fn oh2023(args: &Oh2023Args) -> Result<Oh2023> {
    let counted = Oh2023::count(&trained::stored()?)?;
    if !args.retrain.retrain {
        return Ok(counted);
    }
    Ok(Oh2023::count(&retrain::run(&args.retrain, &counted.missing)?)?)
}
