//! `reproduce`: published tables counted anew. One function a publication.

use crate::args::{Format, Publication, ReproduceArgs};
use crate::table::{self, Column, Table, percent, thousands, wrap};
use crate::{Outcome, csv, output};
use anyhow::Result;
use std::io::Write;
use tilewright::mapping::SubImageWindow;
use tilewright::report::reproduction::{KernelCount, Oh2023};

/// Counts and writes.
pub(crate) fn run(args: &ReproduceArgs) -> Result<Outcome> {
    match args.publication {
        Publication::Oh2023 => {
            let counted = Oh2023::count()?;
            output::write(&args.output.output, |to| match args.output.format {
                Format::Table => Ok(to.write_all(oh2023_text(&counted, table::width()).as_bytes())?),
                Format::Json => output::json(to, &counted),
                Format::Csv => oh2023_csv(to, &counted),
            })?;
        }
    }
    Ok(Outcome::Done)
}

fn oh2023_text(counted: &Oh2023, width: Option<usize>) -> String {
    let parts = [
        "Oh, An, Min, Micromachines 14(2):309, 2023: the claims, and what we count\n".into(),
        claims(counted).render(width),
        "Crossbars of all 3×3 layers by kernels\n".into(),
        counts(counted).render(width),
        "Overlap of m×m windows under a 3×3 kernel\n".into(),
        overlaps(counted).render(width),
        wrap(&format!("Reading: {}\n", counted.reading), width),
    ];
    parts.join("\n")
}

fn claims(counted: &Oh2023) -> Table {
    let mut table = Table::new(vec![
        Column::text("claim"),
        Column::text("paper"),
        Column::number("3D"),
        Column::number("replaced"),
        Column::number("fewer"),
    ]);
    for claim in &counted.claims {
        table.row(vec![
            claim.statement.into(),
            claim.paper.into(),
            thousands(claim.crossbars_3d),
            thousands(claim.crossbars),
            percent(1.0 - claim.fraction),
        ]);
    }
    table
}

fn counts(counted: &Oh2023) -> Table {
    let mut table = Table::new(vec![
        Column::text("network"),
        Column::text("crossbar"),
        Column::text("window"),
        Column::text("kernels"),
        Column::number("ratio"),
        Column::number("crossbars"),
        Column::number("fewer"),
    ]);
    for count in &counted.counts {
        table.row(vec![
            count.network.into(),
            count.crossbar.to_string(),
            window(count.window),
            count.kernels.clone(),
            format!("{:.2}", count.ratio),
            thousands(count.crossbars),
            percent(count.reduction),
        ]);
    }
    table
}

fn overlaps(counted: &Oh2023) -> Table {
    let mut table = Table::new(vec![Column::number("m"), Column::number("overlap")]);
    for overlap in &counted.overlaps {
        table.row(vec![overlap.window.to_string(), format!("{:.4}", overlap.overhead)]);
    }
    table
}

fn window(window: SubImageWindow) -> String {
    match window {
        SubImageWindow::Largest => "largest".into(),
        SubImageWindow::Best => "best".into(),
        SubImageWindow::Side(side) => side.to_string(),
    }
}

fn oh2023_csv(to: &mut dyn Write, counted: &Oh2023) -> Result<()> {
    csv::line(to, ["network", "rows", "columns", "window", "kernels", "ratio", "crossbars", "reduction"])?;
    for count in &counted.counts {
        let KernelCount { network, crossbar, kernels, ratio, crossbars, reduction, .. } = count;
        let [rows, columns] = [crossbar.rows, crossbar.columns].map(|side| side.to_string());
        let [ratio, crossbars, reduction] = [ratio.to_string(), crossbars.to_string(), reduction.to_string()];
        let window = window(count.window);
        csv::line(to, [*network, &rows, &columns, &window, kernels, &ratio, &crossbars, &reduction])?;
    }
    Ok(())
}
