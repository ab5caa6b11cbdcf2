//! `zoo`: the networks that come along.

use crate::args::{Format, ZooArgs};
use crate::table::{self, Column, Table, thousands};
use crate::{Outcome, csv, output};
use anyhow::Result;
use serde::Serialize;
use std::io::Write;
use tilewright::network::zoo;

/// A network of the zoo as flat numbers.
#[derive(Debug, Serialize)]
struct Row {
    name: &'static str,
    /// `[channels, height, width]`
    input: [usize; 3],
    data_set: &'static str,
    /// Stages whose width can be chosen; 0 if it cannot be.
    stages: usize,
    layers: usize,
    weights: u64,
    macs: u64,
    source: &'static str,
}

/// Lists the zoo.
pub(crate) fn run(args: &ZooArgs) -> Result<Outcome> {
    let rows = zoo::entries().iter().map(|entry| {
        let network = entry.build()?;
        let zoo::Entry { name, input, data_set, source, .. } = *entry;
        let (layers, weights, macs) = (network.layers().len(), network.weights(), network.macs());
        Ok(Row { name, input, data_set, stages: entry.stages(), layers, weights, macs, source })
    });
    let rows = rows.collect::<Result<Vec<Row>>>()?;
    output::write(&args.output.output, |to| match args.output.format {
        Format::Table => Ok(to.write_all(table(&rows).as_bytes())?),
        Format::Json => output::json(to, &rows),
        Format::Csv => csv(to, &rows),
    })?;
    Ok(Outcome::Done)
}

impl Row {
    fn image(&self) -> String {
        self.input.map(|side| side.to_string()).join("×")
    }
}

fn table(rows: &[Row]) -> String {
    let mut table = Table::new(vec![
        Column::text("name"),
        Column::text("input"),
        Column::text("data set"),
        Column::number("stages").hidden_at(2),
        Column::number("layers"),
        Column::number("weights"),
        Column::number("MACs"),
        Column::text("source").hidden_at(1),
    ]);
    for row in rows {
        table.row(vec![
            row.name.into(),
            row.image(),
            row.data_set.into(),
            if row.stages == 0 { "–".into() } else { row.stages.to_string() },
            row.layers.to_string(),
            thousands(row.weights),
            thousands(row.macs),
            row.source.into(),
        ]);
    }
    let note = "\nA network with stages takes a width: resnet20:width=1.5, or one a stage, resnet20:width=1,1.5,2.\n";
    table.render(table::width()) + &table::wrap(note, table::width())
}

fn csv(to: &mut dyn Write, rows: &[Row]) -> Result<()> {
    csv::line(to, ["name", "input", "data_set", "layers", "weights", "macs", "source", "stages"])?;
    for row in rows {
        let [layers, weights, macs] = [row.layers as u64, row.weights, row.macs].map(|number| number.to_string());
        let input = row.input.map(|side| side.to_string()).join("x");
        csv::line(to, [row.name, &input, row.data_set, &layers, &weights, &macs, row.source, &row.stages.to_string()])?;
    }
    Ok(())
}
