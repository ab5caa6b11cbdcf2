//! `reproduce`: published tables counted and measured anew. One function a publication.

mod retrain;
mod tables;

use crate::args::reproduce::{PageFormat, Publication, ReproduceArgs};
use crate::{Outcome, csv, output, table, trained};
use anyhow::Result;
use std::io::Write;
use tilewright::report::html::reproduction;
use tilewright::report::recognition::{RatePoint, SIDES};
use tilewright::report::reproduction::{KernelCount, Oh2023};

/// Counts, trains if asked to, and writes.
pub(crate) fn run(args: &ReproduceArgs) -> Result<Outcome> {
    match args.publication {
        Publication::Oh2023 => {
            let counted = oh2023(args)?;
            output::write(&args.output.output, |to| match args.output.format {
                PageFormat::Table => Ok(to.write_all(tables::text(&counted, table::width()).as_bytes())?),
                PageFormat::Json => output::json(to, &counted),
                PageFormat::Csv => oh2023_csv(to, &counted),
                PageFormat::Html => Ok(to.write_all(reproduction(&counted).as_bytes())?),
            })?;
        }
    }
    Ok(Outcome::Done)
}

/// With stored rates, or with those of networks trained anew.
fn oh2023(args: &ReproduceArgs) -> Result<Oh2023> {
    let counted = Oh2023::count(&trained::stored()?)?;
    if !args.retrain.retrain {
        return Ok(counted);
    }
    Ok(Oh2023::count(&retrain::run(&args.retrain, &counted.missing)?)?)
}

/// The counts, then a line for every trained network and crossbar; each leaves empty what it does not have.
fn oh2023_csv(to: &mut dyn Write, counted: &Oh2023) -> Result<()> {
    let counts = ["network", "rows", "columns", "window", "kernels", "ratio", "crossbars", "reduction"];
    let rates = [
        "trained",
        "rate",
        "rate_deviation",
        "rate_low",
        "rate_high",
        "seeds",
        "points_lost",
        "points_lost_error",
        "equal_training",
        "recipe",
    ];
    csv::line(to, counts.into_iter().chain(rates))?;
    for count in &counted.counts {
        let KernelCount { network, crossbar, kernels, ratio, crossbars, reduction, .. } = count;
        let [rows, columns] = [crossbar.rows, crossbar.columns].map(|side| side.to_string());
        let [ratio, crossbars, reduction] = [ratio.to_string(), crossbars.to_string(), reduction.to_string()];
        let window = tables::window(count.window);
        let fields = [*network, &rows, &columns, &window, kernels, &ratio, &crossbars, &reduction];
        csv::line(to, fields.into_iter().chain([""; 10]))?;
    }
    for point in &counted.rates {
        for (side, crossbars) in SIDES.into_iter().zip(point.crossbars) {
            csv::line(to, rate_fields(point, side, crossbars))?;
        }
    }
    Ok(())
}

fn rate_fields(point: &RatePoint, side: usize, crossbars: u64) -> [String; 18] {
    let RatePoint { name, network, kernels, recipe, ratio, rate, interval, lost, .. } = point;
    let written = |value: Option<f64>| value.map_or(String::new(), |value| value.to_string());
    [
        network.clone(),
        side.to_string(),
        side.to_string(),
        "largest".into(),
        kernels.clone(),
        ratio.to_string(),
        crossbars.to_string(),
        String::new(),
        name.clone(),
        rate.mean.to_string(),
        written(rate.deviation),
        written(interval.map(|[low, _]| low)),
        written(interval.map(|[_, high]| high)),
        rate.seeds.to_string(),
        written(lost.map(|lost| lost.points)),
        written(lost.and_then(|lost| lost.standard_error)),
        lost.map_or(String::new(), |lost| lost.equal_training.to_string()),
        recipe.clone(),
    ]
}
