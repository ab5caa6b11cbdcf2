//! A crossbar and its inputs, read from JSON.

use anyhow::{Context, Result, anyhow};
use serde::Deserialize;
use serde_json::{Map, Value};
use tilewright::circuit::{CellCurve, Collect, Crossbar, Drive, Wiring};
use tilewright::network::nearest;

/// A crossbar and its inputs.
#[derive(Deserialize)]
pub(super) struct Case {
    rows: usize,
    cols: usize,
    r_word: f64,
    r_bit: f64,
    #[serde(default)]
    r_source: f64,
    #[serde(default)]
    r_sink: f64,
    #[serde(default)]
    drive: Drive,
    #[serde(default)]
    collect: Collect,
    /// How the cells' currents follow their voltages.
    #[serde(default)]
    pub(super) cell: CellCurve,
    #[serde(rename = "G")]
    conductances: Vec<Vec<f64>>,
    #[serde(rename = "V")]
    voltages: Vec<Vec<f64>>,
}

/// Every key of a case; the last two are for people.
const KEYS: [&str; 13] =
    ["rows", "cols", "r_word", "r_bit", "r_source", "r_sink", "drive", "collect", "cell", "G", "V", "name", "note"];

impl Case {
    /// The case that a file's text is, `name` the file's name.
    pub(super) fn read(text: &str, name: &str) -> Result<Self> {
        let what =
            || format!("{name} is not a crossbar; give rows, cols, r_word, r_bit, G[row][column] and V[row][input]");
        let object: Map<String, Value> = serde_json::from_str(text).with_context(what)?;
        if let Some(key) = object.keys().find(|key| !KEYS.contains(&key.as_str())) {
            let hint = nearest(key, KEYS).map(|near| format!(", did you mean {near}?")).unwrap_or_default();
            return Err(anyhow!("{name}: no key of a crossbar is called {key:?}{hint}; there are {}", KEYS.join(", ")));
        }
        serde_json::from_value(Value::Object(object)).with_context(what)
    }

    /// Number of inputs.
    pub(super) fn inputs(&self) -> usize {
        self.voltages.first().map_or(0, Vec::len)
    }

    /// The crossbar, and its voltages `[row][input]`, row-major.
    pub(super) fn crossbar(&self) -> Result<(Crossbar, Vec<f64>)> {
        check(&self.conductances, self.rows, self.cols, "G", "conductance a column")?;
        check(&self.voltages, self.rows, self.inputs(), "V", "voltage an input")?;
        let Self { r_word, r_bit, r_source, r_sink, drive, collect, .. } = *self;
        let wiring = Wiring { r_word, r_bit, r_source, r_sink, drive, collect };
        let crossbar = Crossbar::new(self.rows, self.cols, self.conductances.concat(), wiring)?;
        Ok((crossbar, self.voltages.concat()))
    }
}

/// As many rows, each of as many values, as there must be.
fn check(matrix: &[Vec<f64>], rows: usize, columns: usize, name: &str, one: &str) -> Result<()> {
    if matrix.len() != rows {
        return Err(anyhow!(
            "{name}: found {} rows; give one for each of the {rows} rows of the crossbar",
            matrix.len()
        ));
    }
    match matrix.iter().position(|row| row.len() != columns) {
        Some(row) => Err(anyhow!("{name}[{row}]: found {} values; give {columns}, one {one}", matrix[row].len())),
        None => Ok(()),
    }
}
