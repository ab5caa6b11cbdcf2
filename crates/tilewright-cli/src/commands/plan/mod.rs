//! `plan`: which layers get 2D+1D kernels within a crossbar budget.

mod tables;

use crate::args::PlanArgs;
use crate::losses::Losses;
use crate::settings::targets_of;
use crate::{Outcome, output};
use anyhow::Result;
use tilewright::explore::KernelSearch;
use tilewright::mapping::scheme::find;
use tilewright::report::PlanSummary;

/// Searches and writes.
pub(crate) fn run(args: &PlanArgs) -> Result<Outcome> {
    args.rules.held_apart("a plan counts")?;
    let network = args.input.resolve(&args.model)?;
    output::warn_of(&network.coverage());
    let (design, bits) = args.design.design()?.for_network(&network)?;
    let targets = targets_of(&design, &args.rules, &bits)?;
    let target = targets.alike("a plan")?;
    let scheme = args.scheme.as_deref().map_or(Ok(design.scheme_for(false)), find)?;
    let losses = Losses::read(&args.losses)?;
    let search = KernelSearch::new(&network, &losses.0, scheme, target)?;
    let summary = PlanSummary::new(&search, args.budget)?;
    output::result(&args.output, &tables::document(&summary, target))?;
    Ok(Outcome::Done)
}
