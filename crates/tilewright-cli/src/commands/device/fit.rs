//! `device fit`: a device file from measurements.

use crate::args::hardware::DeviceFitArgs;
use crate::{Outcome, input, output};
use anyhow::{Result, anyhow};
use std::path::Path;
use tilewright::circuit::device::{DeviceFit, Goodness, LevelFit, Measurements, Shape};
use tilewright::report::table::{Column, Document, Kind, Table, Value, counted};
use tilewright::report::{DeviceFitSummary, html};

/// Fits, writes the device file, and says how well it fits.
pub(super) fn run(args: &DeviceFitArgs) -> Result<Outcome> {
    let name = name_of(&args.output)?;
    let text = input::text("the measurements", &args.measurements, input::MATRICES)?;
    let file = args.measurements.display().to_string();
    let measurements = Measurements::from_csv(&text, &file, args.unit)?;
    let summary = DeviceFitSummary::new(name, &file, DeviceFit::new(&measurements, args.levels)?);
    output::write(&args.output, |to| Ok(to.write_all(summary.toml().as_bytes())?))?;
    let notes = notes(&summary, &args.output);
    let document = Document::new(format!("Device {name}")).table(table(&summary)).lines(&*notes);
    let page = || html::device_fit(&summary, &summary.fit.curves(&measurements), table(&summary), &notes);
    let text = (args.format.render)(&document.json(output::as_json(&summary)).page(page), output::width());
    output::print(|to| Ok(to.write_all(text.as_bytes())?))?;
    Ok(Outcome::Done)
}

/// The device's name, that of its file; `--device` knows a file by its end.
fn name_of(output: &Path) -> Result<&str> {
    let named = output.extension().is_some_and(|end| end == "toml").then(|| output.file_stem()?.to_str()).flatten();
    named.ok_or_else(|| anyhow!("{}: it is not the name of a device file; give --output NAME.toml", output.display()))
}

/// A row a level, and with times a row a time of it.
fn table(DeviceFitSummary { fit, .. }: &DeviceFitSummary) -> Table {
    let of_times =
        |kind, key, title| if fit.times.is_some() { Column::new(kind, key, title) } else { Column::data(key) };
    let mut table = Table::new(vec![
        Column::data("target_siemens"),
        Column::data("mean_siemens"),
        Column::data("deviation_siemens"),
        Column::shown(Kind::Quantity, "target µS"),
        Column::new(Kind::Words, "distribution", "distribution"),
        Column::shown(Kind::Quantity, "mean µS"),
        Column::shown(Kind::Quantity, "deviation µS"),
        of_times(Kind::Quantity, "drift", "drift ν"),
        of_times(Kind::Quantity, "drift_deviation", "deviation ν").hidden_at(1),
        of_times(Kind::Quantity, "seconds", "time s"),
        Column::new(Kind::Whole, "measurements", "measurements"),
        Column::new(Kind::Fixed(4), "ks", "KS"),
        Column::new(Kind::Fixed(4), "critical", "1 % critical"),
        Column::new(Kind::Words, "holds", "fits"),
    ]);
    for level in &fit.levels {
        level.goodness.iter().for_each(|goodness| table.row(row(level, goodness)));
    }
    table
}

fn row(LevelFit { target, distribution, drift, .. }: &LevelFit, goodness: &Goodness) -> [Value; 14] {
    let shape = match distribution.shape {
        Shape::Normal => "normal",
        Shape::Lognormal => "lognormal",
    };
    let micro = |siemens: f64| Value::from(siemens * 1e6);
    [
        (*target).into(),
        distribution.mean.into(),
        distribution.deviation.into(),
        micro(*target),
        shape.into(),
        micro(distribution.mean),
        micro(distribution.deviation),
        drift.map(|drift| drift.mean).into(),
        drift.map(|drift| drift.deviation).into(),
        goodness.seconds.into(),
        goodness.measurements.into(),
        goodness.ks.into(),
        goodness.critical.into(),
        if goodness.holds() { "yes" } else { "no" }.into(),
    ]
}

fn notes(DeviceFitSummary { fit, .. }: &DeviceFitSummary, file: &Path) -> String {
    let samples = fit.levels.iter().flat_map(|level| &level.goodness);
    let [all, off] = samples.fold([0, 0], |[all, off], goodness| [all + 1, off + u64::from(!goodness.holds())]);
    let verdict = match off {
        0 => format!("{} within the 1 % critical value.", counted(all, "sample")),
        off => format!(
            "{off} of {} beyond the 1 % critical value: cells are not distributed like that.",
            counted(all, "sample")
        ),
    };
    let reach = match fit.times {
        Some(times) => {
            format!("Drift is known from {} to {} s; any later time is refused.", times.first, times.longest)
        }
        None => "Without a column of times, any time after programming is refused.".into(),
    };
    format!(
        "KS is the statistic of Kolmogorov and Smirnov. {verdict} {reach} Read noise is part of the deviations.\nTo use it: --device {}\n",
        file.display()
    )
}
