//! `data check`

use crate::args::Format;
use crate::args::data::DataCheckArgs;
use crate::table::{self, Column, Table, thousands};
use crate::{Outcome, csv, output};
use anyhow::{Result, anyhow};
use serde::Serialize;
use std::io::Write;
use std::path::{Path, PathBuf};
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
    output::write(&args.output.output, |to| match args.output.format {
        Format::Table => Ok(to.write_all(table(&rows).as_bytes())?),
        Format::Json => output::json(to, &rows),
        Format::Csv => csv(to, &rows),
    })?;
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

fn table(rows: &[Row]) -> String {
    let mut table =
        Table::new(vec![Column::text("name"), Column::text("part"), Column::text("found"), Column::text("check")]);
    for row in rows {
        let check = if row.ok { "ok" } else { "WRONG" };
        table.row(vec![row.name.into(), row.part.into(), row.found.clone(), check.into()]);
    }
    table.render(table::width())
}

fn csv(to: &mut dyn Write, rows: &[Row]) -> Result<()> {
    csv::line(to, ["name", "part", "found", "ok"])?;
    rows.iter().try_for_each(|row| Ok(csv::line(to, [row.name, row.part, &row.found, &row.ok.to_string()])?))
}
