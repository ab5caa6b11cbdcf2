//! `plan`: which layers get 2D+1D kernels within a crossbar budget.

mod losses;
mod tables;

use crate::args::PlanArgs;
use crate::settings::combine;
use crate::{Outcome, output};
use anyhow::Result;
use losses::Losses;
use tilewright::explore::KernelSearch;
use tilewright::mapping::FloatBits;
use tilewright::mapping::scheme::find;
use tilewright::report::PlanSummary;

/// Searches and writes.
pub(crate) fn run(args: &PlanArgs) -> Result<Outcome> {
    let network = args.input.resolve(&args.model)?;
    output::warn_of(&network.coverage());
    let (target, _) = combine(&network, (&args.target, &args.rules), None, FloatBits::default())?;
    let losses = Losses::read(&args.losses)?;
    let search = KernelSearch::new(&network, &losses.0, find(&args.scheme)?, &target)?;
    let summary = PlanSummary::new(&search, args.budget)?;
    output::result(&args.output, &tables::document(&summary, &target))?;
    Ok(Outcome::Done)
}
