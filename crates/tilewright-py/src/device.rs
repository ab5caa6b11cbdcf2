//! Devices fitted to measurements.

use crate::error::{Failure, Outcome};
use crate::file::read;
use crate::watched;
use pyo3::prelude::*;
use tilewright::circuit::device::{Between, ConductanceUnit, DeviceError, DeviceFit, Measurements};
use tilewright::report::DeviceFitSummary;

/// The documented JSON of a device fitted to a table, and the text of its file.
#[pyfunction]
pub(crate) fn fit_device(
    py: Python<'_>,
    file: String,
    name: String,
    unit: &str,
    levels: &str,
) -> Outcome<(String, String)> {
    let unit = word("unit", unit, &UNITS)?;
    let levels = word("levels", levels, &LEVELS)?;
    let text = read("the measurements ", &file)?;
    let summary = watched::run(py, None, move |_| {
        let fit = Measurements::from_csv(&text, &file, unit).and_then(|table| DeviceFit::new(&table, levels))?;
        Ok::<_, DeviceError>(DeviceFitSummary::new(&name, &file, fit))
    })??;
    Ok((serde_json::to_string(&summary)?, summary.toml()))
}

const UNITS: [(&str, ConductanceUnit); 4] = [
    ("S", ConductanceUnit::Siemens),
    ("mS", ConductanceUnit::Millisiemens),
    ("uS", ConductanceUnit::Microsiemens),
    ("nS", ConductanceUnit::Nanosiemens),
];

const LEVELS: [(&str, Between); 2] = [("interpolated", Between::Interpolated), ("measured", Between::Measured)];

/// What a word stands for.
fn word<T: Copy>(argument: &str, found: &str, words: &[(&str, T)]) -> Outcome<T> {
    words.iter().find(|(word, _)| *word == found).map(|(_, value)| *value).ok_or_else(|| {
        let allowed: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
        Failure::new(format!("{argument} is {found:?}; allowed are {}", allowed.join(", ")))
    })
}
