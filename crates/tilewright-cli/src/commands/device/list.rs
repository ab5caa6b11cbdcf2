//! `device`: the built-in devices.

use crate::args::hardware::DeviceListArgs;
use crate::{Outcome, output};
use anyhow::Result;
use serde::Serialize;
use tilewright::circuit::device::{find, names, text};
use tilewright::report::table::{Column, Document, Kind, Table};

/// A device as flat values.
#[derive(Debug, Serialize)]
struct Row {
    name: String,
    /// Least conductance, in siemens.
    off: f64,
    /// Greatest conductance, in siemens.
    on: f64,
    /// Seconds after programming that the data reach; none for any time.
    longest: Option<f64>,
    source: String,
}

/// Lists all devices, or one; as a table one is the file itself.
pub(super) fn run(args: &DeviceListArgs) -> Result<Outcome> {
    if let Some(name) = &args.name
        && args.output.format.name == "table"
    {
        let file = text(name)?;
        output::write(&args.output.output, |to| Ok(to.write_all(file.as_bytes())?))?;
        return Ok(Outcome::Done);
    }
    let rows: Vec<Row> = match &args.name {
        Some(name) => vec![row(name)?],
        None => names().map(row).collect::<Result<_>>()?,
    };
    let note = "`tilewright device NAME` prints its file, where every number has its unit and its source.\n";
    let document = Document::new("Devices").table(table(&rows)).lines(note);
    output::result(&args.output, &document.json(output::as_json(&rows)))?;
    Ok(Outcome::Done)
}

fn row(name: &str) -> Result<Row> {
    let device = find(name)?;
    let range = device.range();
    let longest = Some(device.longest()).filter(|seconds| seconds.is_finite());
    Ok(Row { name: device.name().into(), off: range.off, on: range.on, longest, source: device.source().into() })
}

fn table(rows: &[Row]) -> Table {
    let mut table = Table::new(vec![
        Column::new(Kind::Words, "name", "device"),
        Column::data("off_siemens"),
        Column::data("on_siemens"),
        Column::shown(Kind::Quantity, "least µS"),
        Column::shown(Kind::Quantity, "greatest µS"),
        Column::new(Kind::Quantity, "longest_seconds", "data reach s"),
        Column::new(Kind::Words, "source", "source").hidden_at(1),
    ]);
    for Row { name, off, on, longest, source } in rows {
        let shown = [off, on].map(|siemens| (siemens * 1e6).into());
        let [least, greatest] = shown;
        let row = [name.into(), (*off).into(), (*on).into(), least, greatest, (*longest).into(), source.into()];
        table.row(row);
    }
    table
}
