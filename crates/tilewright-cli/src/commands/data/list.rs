//! `data list`

use crate::args::data::DataListArgs;
use crate::{Outcome, output};
use anyhow::Result;
use serde::Serialize;
use tilewright::report::table::{Column, Document, Kind, Table};
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
    output::result(&args.output, &Document::new("Data sets").table(table(&rows)).json(output::as_json(&rows)))?;
    Ok(Outcome::Done)
}

fn table(rows: &[Row]) -> Table {
    let mut table = Table::new(vec![
        Column::new(Kind::Words, "name", "name"),
        Column::new(Kind::Whole, "train_images", "train"),
        Column::new(Kind::Whole, "test_images", "test"),
        Column::new(Kind::Exact, "classes", "classes"),
        Column::data("download_bytes"),
        Column::shown(Kind::Exact, "download"),
        Column::new(Kind::Words, "source", "source").hidden_at(1),
        Column::data("folder"),
        Column::shown(Kind::Words, "folder"),
    ]);
    for row in rows {
        table.row([
            row.name.into(),
            row.train_images.into(),
            row.test_images.into(),
            row.classes.into(),
            row.download_bytes.into(),
            format!("{:.1} MB", row.download_bytes as f64 / 1e6).into(),
            row.source.into(),
            row.folder.as_ref().into(),
            row.folder.as_deref().unwrap_or("not here").into(),
        ]);
    }
    table
}
