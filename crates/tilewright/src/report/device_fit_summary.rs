//! A device fitted to measurements as flat numbers: the documented JSON of `device fit`.

use crate::circuit::device::DeviceFit;
use serde::Serialize;

/// A fitted device under its name. Its JSON form is the output of `tilewright device fit --format json`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct DeviceFitSummary {
    /// Version of this form.
    pub schema: u32,
    /// What the device is called.
    pub name: String,
    /// What it was fitted to.
    pub source: String,
    /// Whether no sample is too far from its distribution.
    pub holds: bool,
    /// The fit.
    #[serde(flatten)]
    pub fit: DeviceFit,
}

impl DeviceFitSummary {
    /// The device called `name`, fitted to the measurements of a file.
    pub fn new(name: &str, file: &str, fit: DeviceFit) -> Self {
        let source = format!("{file}: {} measurements at {} levels", fit.measurements, fit.levels.len());
        Self { schema: 1, name: name.into(), source, holds: fit.holds(), fit }
    }

    /// The device file.
    pub fn toml(&self) -> String {
        self.fit.toml(&self.name, &self.source)
    }
}
