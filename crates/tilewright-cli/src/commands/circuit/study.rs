//! `circuit`: what a crossbar's wires and terminals take from its currents.

use crate::args::circuit::{Cells, StudyArgs};
use crate::sweep::{self, Figure};
use crate::{Outcome, output};
use anyhow::Result;
use serde::Serialize;
use tilewright::circuit::study::{CellPattern, Losses, Parameter, Specimen, Sweep};
use tilewright::report::html;
use tilewright::report::table::{Column, Document, Kind, Table, Value};

/// Version of the JSON form.
const SCHEMA: u32 = 1;

/// Ohm per segment unless a design or other wires were typed.
const WIRE: f64 = 2.5;

const TITLE: &str = "What wires take from a crossbar";

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
    if args.vary.is_given() {
        let share = |key, title| Column::new(Kind::Share, key, title);
        let figures: Vec<Figure<Losses>> = vec![
            (share("mean_loss", "current lost"), |losses| losses.mean_loss.into()),
            (share("worst_loss", "worst column"), |losses| losses.worst_loss.into()),
            (share("least_loss", "best column"), |losses| losses.least_loss.into()),
            (Column::new(Kind::Power, "residual", "residual").hidden_at(1), |losses| losses.residual.into()),
        ];
        sweep::run(args, &args.output, (TITLE, figures), |args| Ok(specimen(args)?.losses()?))?;
        return Ok(Outcome::Done);
    }
    let specimen = specimen(args)?;
    let sweeps = [
        specimen.sweep(Parameter::Size, &SIZES)?,
        specimen.sweep(Parameter::ColumnLength, &LENGTHS)?,
        specimen.sweep(Parameter::Wire, &WIRES)?,
        specimen.sweep(Parameter::Source, &TERMINALS)?,
        specimen.sweep(Parameter::Sink, &TERMINALS)?,
        // Cells that are all on have no off conductance to vary.
        Specimen { cells: CellPattern::Random(args.seed), ..specimen }.sweep(Parameter::OnOff, &RATIOS)?,
    ];
    let study = Study { schema: SCHEMA, specimen: &specimen, sweeps: &sweeps };
    let document = Document::new(TITLE).table(table(&sweeps));
    let document = document.json(output::as_json(&study)).page(|| html::circuit(&specimen, &sweeps));
    output::result(&args.output, &document)?;
    Ok(Outcome::Done)
}

/// The crossbar that was typed.
fn specimen(args: &StudyArgs) -> Result<Specimen> {
    let mut design = args.design.design()?;
    if args.design.name.is_none() && args.design.value("wire").is_none() {
        design.wires.wire = WIRE;
    }
    let device = design.cells.device()?;
    device.is_linear()?;
    Ok(Specimen {
        rows: design.crossbar.rows,
        columns: design.crossbar.columns,
        g_on: device.range().on,
        on_off: design.cells.on_off()?,
        cells: match args.pattern {
            Cells::On => CellPattern::On,
            Cells::Random => CellPattern::Random(args.seed),
        },
        wiring: design.wires.wiring(),
    })
}

fn table(sweeps: &[Sweep]) -> Table {
    let mut table = Table::new(vec![
        Column::data("varied"),
        Column::shown(Kind::Words, "varied"),
        Column::new(Kind::Exact, "value", "value"),
        Column::new(Kind::Share, "mean_loss", "current lost"),
        Column::new(Kind::Share, "worst_loss", "worst column"),
        Column::new(Kind::Share, "least_loss", "best column"),
        Column::data("iterations"),
        Column::new(Kind::Power, "residual", "residual").hidden_at(1),
    ]);
    for sweep in sweeps {
        let varied = serde_json::to_value(sweep.varied).ok();
        let varied: Value = varied.as_ref().and_then(serde_json::Value::as_str).into();
        for point in &sweep.points {
            table.row([
                varied.clone(),
                html::words_of(sweep.varied).into(),
                point.value.into(),
                point.losses.mean_loss.into(),
                point.losses.worst_loss.into(),
                point.losses.least_loss.into(),
                point.losses.iterations.into(),
                point.losses.residual.into(),
            ]);
        }
    }
    table
}
