//! `circuit`: what a crossbar's wires and terminals take from its currents.

use crate::args::circuit::{Cells, StudyArgs};
use crate::args::reproduce::PageFormat;
use crate::hardware::wiring;
use crate::table::{self, Column, Table, percent};
use crate::{Outcome, csv, output};
use anyhow::Result;
use serde::Serialize;
use std::io::Write;
use tilewright::circuit::study::{CellPattern, Specimen, Sweep, Varied};
use tilewright::report::html;

/// Version of the JSON form.
const SCHEMA: u32 = 1;

/// Ohm per segment unless typed.
const WIRE: f64 = 2.5;

const SIZES: [f64; 6] = [16.0, 32.0, 64.0, 128.0, 256.0, 512.0];
/// Up to the 784 pixels of an MNIST image on one column.
const LENGTHS: [f64; 9] = [16.0, 32.0, 64.0, 98.0, 128.0, 196.0, 256.0, 392.0, 784.0];
const WIRES: [f64; 7] = [0.0, 0.1, 0.5, 1.0, 2.5, 5.0, 10.0];
const TERMINALS: [f64; 5] = [0.0, 10.0, 100.0, 1000.0, 10_000.0];
const RATIOS: [f64; 5] = [1.0, 2.0, 10.0, 100.0, 1000.0];

#[derive(Serialize)]
struct Study<'a> {
    schema: u32,
    specimen: &'a Specimen,
    sweeps: &'a [Sweep],
}

pub(super) fn run(args: &StudyArgs) -> Result<Outcome> {
    let specimen = Specimen {
        rows: args.crossbar.rows,
        columns: args.crossbar.columns,
        g_on: args.cells.g_on,
        on_off: args.cells.on_off,
        cells: match args.pattern {
            Cells::On => CellPattern::On,
            Cells::Random => CellPattern::Random(args.seed),
        },
        wiring: wiring(&args.wires, WIRE),
    };
    let sweeps = [
        specimen.sweep(Varied::Size, &SIZES)?,
        specimen.sweep(Varied::ColumnLength, &LENGTHS)?,
        specimen.sweep(Varied::Wire, &WIRES)?,
        specimen.sweep(Varied::Source, &TERMINALS)?,
        specimen.sweep(Varied::Sink, &TERMINALS)?,
        // Cells that are all on have no off conductance to vary.
        Specimen { cells: CellPattern::Random(args.seed), ..specimen }.sweep(Varied::OnOff, &RATIOS)?,
    ];
    output::write(&args.output.output, |to| match args.output.format {
        PageFormat::Table => Ok(to.write_all(text(&sweeps).as_bytes())?),
        PageFormat::Json => output::json(to, &Study { schema: SCHEMA, specimen: &specimen, sweeps: &sweeps }),
        PageFormat::Csv => write_csv(to, &sweeps),
        PageFormat::Html => Ok(to.write_all(html::circuit(&specimen, &sweeps).as_bytes())?),
    })?;
    Ok(Outcome::Done)
}

fn text(sweeps: &[Sweep]) -> String {
    let columns = vec![
        Column::text("varied"),
        Column::number("value"),
        Column::number("current lost"),
        Column::number("worst column"),
        Column::number("best column"),
        Column::number("residual").hidden_at(1),
    ];
    let mut rows = Table::new(columns);
    for sweep in sweeps {
        for point in &sweep.points {
            let lost = [point.mean_loss, point.worst_loss, point.least_loss].map(percent);
            let [all, worst, best] = lost;
            let (name, value) = (html::words_of(sweep.varied).into(), point.value.to_string());
            rows.row(vec![name, value, all, worst, best, format!("{:.1e}", point.residual)]);
        }
    }
    rows.render(table::width())
}

fn write_csv(to: &mut dyn Write, sweeps: &[Sweep]) -> Result<()> {
    csv::line(to, ["varied", "value", "mean_loss", "worst_loss", "least_loss", "iterations", "residual"])?;
    for sweep in sweeps {
        for point in &sweep.points {
            let varied = serde_json::to_value(sweep.varied)?;
            let numbers = [point.value, point.mean_loss, point.worst_loss, point.least_loss].map(|x| x.to_string());
            let last = [point.iterations.to_string(), point.residual.to_string()];
            csv::line(to, [varied.as_str().unwrap_or_default().to_owned()].into_iter().chain(numbers).chain(last))?;
        }
    }
    Ok(())
}
