//! `data list`

use crate::args::Format;
use crate::args::data::DataListArgs;
use crate::table::{self, Column, Table, thousands};
use crate::{Outcome, csv, output};
use anyhow::Result;
use serde::Serialize;
use std::io::Write;
use tilewright_data::Places;
use tilewright_data::catalog::CATALOG;

/// A data set as flat values.
#[derive(Debug, Serialize)]
struct Row {
    name: &'static str,
    train_images: usize,
    test_images: usize,
    classes: usize,
    download_bytes: u64,
    source: &'static str,
    /// `None` if it is not here.
    folder: Option<String>,
}

/// Lists the data sets.
pub(super) fn run(args: &DataListArgs) -> Result<Outcome> {
    let places = Places::new(args.place.data.as_deref());
    let rows = CATALOG.iter().map(|entry| Row {
        name: entry.name,
        train_images: entry.train.images,
        test_images: entry.test.images,
        classes: entry.classes(),
        download_bytes: entry.archives.iter().map(|archive| archive.bytes).sum(),
        source: entry.source,
        folder: places.find(entry).map(|folder| folder.display().to_string()),
    });
    let rows: Vec<Row> = rows.collect();
    output::write(&args.output.output, |to| match args.output.format {
        Format::Table => Ok(to.write_all(table(&rows).as_bytes())?),
        Format::Json => output::json(to, &rows),
        Format::Csv => csv(to, &rows),
    })?;
    Ok(Outcome::Done)
}

fn table(rows: &[Row]) -> String {
    let mut table = Table::new(vec![
        Column::text("name"),
        Column::number("train"),
        Column::number("test"),
        Column::number("classes"),
        Column::number("download"),
        Column::text("source").hidden_at(1),
        Column::text("folder"),
    ]);
    for row in rows {
        table.row(vec![
            row.name.into(),
            thousands(row.train_images as u64),
            thousands(row.test_images as u64),
            row.classes.to_string(),
            format!("{:.1} MB", row.download_bytes as f64 / 1e6),
            row.source.into(),
            row.folder.clone().unwrap_or_else(|| "not here".into()),
        ]);
    }
    table.render(table::width())
}

fn csv(to: &mut dyn Write, rows: &[Row]) -> Result<()> {
    csv::line(to, ["name", "train_images", "test_images", "classes", "download_bytes", "source", "folder"])?;
    for row in rows {
        let [train, test, classes] = [row.train_images, row.test_images, row.classes].map(|number| number.to_string());
        let (bytes, folder) = (row.download_bytes.to_string(), row.folder.as_deref().unwrap_or_default());
        csv::line(to, [row.name, &train, &test, &classes, &bytes, row.source, folder])?;
    }
    Ok(())
}
