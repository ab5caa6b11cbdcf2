//! What becomes of every design that was typed with settings that vary.

use crate::args::OutputArgs;
use crate::args::vary::Varies;
use crate::{command_line, output, progress, threads};
use anyhow::{Context, Result};
use serde::Serialize;
use tilewright::hardware::each;
use tilewright::report::table::{Column, Value};
use tilewright::report::{SweepReport, SweptRun};

/// A column of a sweep's table, and what it shows of a result.
pub(crate) type Figure<T> = (Column, fn(&T) -> Value);

/// Does the work for every design, and writes one line a design. A design that nothing comes of is a result like any other, unless nothing
/// comes of any.
pub(crate) fn run<A: Varies + Sync, T: Serialize + Send>(
    args: &A,
    output: &OutputArgs,
    (title, figures): (&str, Vec<Figure<T>>),
    work: impl Fn(&A) -> Result<T> + Sync,
) -> Result<()> {
    let variations = args.variations()?;
    let bar = progress::bar("designs");
    let results = each(&variations, threads::asked(None), &progress::on(&bar), |(_, args)| work(args));
    bar.finish_and_clear();
    let mut results = results.context("nothing ends a sweep early")?;
    if results.iter().all(Result::is_err) {
        return results.swap_remove(0).map(drop);
    }
    let runs = variations
        .into_iter()
        .zip(results)
        .map(|((varied, _), result)| SweptRun::new(varied, result.map_err(|error| format!("{error:#}"))));
    let report = SweepReport::new(Some(command_line::typed()), runs.collect());
    let columns = figures.iter().map(|(column, _)| column.clone()).collect();
    let row = |result: &T| figures.iter().map(|(_, value)| value(result)).collect();
    let document = report.document(title, columns, row);
    output::result(output, &document.json(output::as_json(&report)))
}
