//! `plan`: which layers get 2D+1D kernels within a crossbar budget.

mod losses;
mod tables;

use crate::args::{Format, PlanArgs};
use crate::settings::combine;
use crate::{Outcome, csv, output, table};
use anyhow::Result;
use losses::Losses;
use std::io::Write;
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
    output::write(&args.output.output, |to| match args.output.format {
        Format::Table => Ok(to.write_all(tables::text(&summary, &target, table::width()).as_bytes())?),
        Format::Json => output::json(to, &summary),
        Format::Csv => write_csv(to, &summary),
    })?;
    Ok(Outcome::Done)
}

fn write_csv(to: &mut dyn Write, summary: &PlanSummary) -> Result<()> {
    csv::line(to, ["network", "scheme", "crossbars", "loss", "ratio", "kernels", "weight_bits", "weight_bits_from"])?;
    for plan in &summary.plans {
        let [crossbars, loss, ratio] = [plan.crossbars.to_string(), plan.loss.to_string(), plan.ratio.to_string()];
        let basis = &summary.basis;
        let (bits, from) = (basis.weight_bits.to_string(), basis.weight_bits_from.name());
        csv::line(to, [&basis.network, basis.scheme, &crossbars, &loss, &ratio, &plan.kernels, &bits, from])?;
    }
    Ok(())
}
