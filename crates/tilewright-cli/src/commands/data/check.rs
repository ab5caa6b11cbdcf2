//! `data check`

use crate::args::data::DataCheckArgs;
use crate::{Outcome, output};
use anyhow::{Result, anyhow};
use serde::Serialize;
use std::path::{Path, PathBuf};
use tilewright::report::table::{Column, Document, Kind, Table, thousands};
use tilewright_data::Places;
use tilewright_data::catalog::{CATALOG, Entry};
use tilewright_data::{load, problem};

/// One thing that was checked.
#[derive(Debug, Serialize)]
struct Row {
    name: &'static str,
    /// A file, or "train" or "test".
    part: &'static str,
    /// What was found, or what is wrong with it.
    found: String,
    ok: bool,
}

/// Checks the data sets.
pub(super) fn run(args: &DataCheckArgs) -> Result<Outcome> {
    let places = Places::new(args.place.data.as_deref());
    let rows: Vec<Row> = chosen(args, &places)?.into_iter().flat_map(|(entry, folder)| check(entry, &folder)).collect();
    output::result(&args.output, &Document::new("Data sets").table(table(&rows)).json(output::as_json(&rows)))?;
    Ok(if rows.iter().all(|row| row.ok) { Outcome::Done } else { Outcome::CheckFailed })
}

/// The sets that were named, or all that are here.
fn chosen(args: &DataCheckArgs, places: &Places) -> Result<Vec<(&'static Entry, PathBuf)>> {
    if !args.sets.is_empty() {
        return args.sets.iter().map(|&entry| Ok((entry, places.require(entry)?))).collect();
    }
    let here: Vec<_> = CATALOG.iter().filter_map(|entry| places.find(entry).map(|folder| (entry, folder))).collect();
    if here.is_empty() {
        return Err(anyhow!("no data set is here; see `tilewright data list`"));
    }
    Ok(here)
}

/// Every file, and then every split.
fn check(entry: &Entry, folder: &Path) -> Vec<Row> {
    let row = |part, result: Result<String, String>| {
        let ok = result.is_ok();
        Row { name: entry.name, part, found: result.unwrap_or_else(|problem| problem), ok }
    };
    let files = entry.files().map(|file| {
        row(
            file.name,
            match problem(folder, file) {
                Ok(None) => Ok(format!("{} bytes as published", thousands(file.bytes))),
                Ok(Some(problem)) => Err(problem),
                Err(error) => Err(format!("{error:#}")),
            },
        )
    });
    let splits = entry.splits().into_iter().map(|split| {
        let loaded = load(entry, split, folder).map_err(|error| format!("{error:#}"));
        row(split.name, loaded.map(|set| images(&set.class_counts())))
    });
    files.chain(splits).collect()
}

/// Numbers of images, all and of a class.
fn images(counts: &[usize]) -> String {
    let [least, most] = [counts.iter().min(), counts.iter().max()].map(|count| count.copied().unwrap_or(0) as u64);
    let each = if least == most { thousands(least) } else { format!("{} to {}", thousands(least), thousands(most)) };
    format!("{} images, {} classes of {each}", thousands(counts.iter().sum::<usize>() as u64), counts.len())
}

fn table(rows: &[Row]) -> Table {
    let mut table = Table::new(vec![
        Column::new(Kind::Words, "name", "name"),
        Column::new(Kind::Words, "part", "part"),
        Column::new(Kind::Words, "found", "found"),
        Column::data("ok"),
        Column::shown(Kind::Words, "check"),
    ]);
    for Row { name, part, found, ok } in rows {
        let check = if *ok { "ok" } else { "WRONG" };
        table.row([(*name).into(), (*part).into(), found.into(), ok.to_string().into(), check.into()]);
    }
    table
}
