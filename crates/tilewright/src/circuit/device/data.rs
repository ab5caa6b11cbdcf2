//! Device files: TOML, every constant with value, unit, source and status.

use super::{ConductanceRange, DeviceError, Identity};
use serde::Deserialize;
use serde::de::DeserializeOwned;

/// A microsiemens in siemens.
pub(super) const MICRO: f64 = 1e-6;

/// The part that every file has.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Head {
    /// What the device is called.
    pub(super) name: String,
    /// Which model reads the rest.
    #[serde(rename = "model")]
    _model: String,
    /// Paper, or who measured.
    pub(super) source: String,
}

/// A constant with where it is from.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Constant<T> {
    value: T,
    unit: String,
    source: String,
    status: Status,
}

impl Constant<f64> {
    /// The same as a list of one.
    fn listed(&self) -> Constant<[f64; 1]> {
        let Self { value, unit, source, status } = self.clone();
        Constant { value: [value], unit, source, status }
    }
}

/// How far a constant can be trusted.
#[derive(Clone, Copy, Debug, Deserialize)]
enum Status {
    /// Seen in the source named.
    #[serde(rename = "READ")]
    Read,
    /// Computed from what was read.
    #[serde(rename = "DERIVED")]
    Derived,
    /// From memory: unverified.
    #[serde(rename = "RECALLED")]
    Recalled,
}

/// A device file's text, and its name for errors.
#[derive(Clone, Copy, Debug)]
pub(super) struct File<'a> {
    pub(super) name: &'a str,
    pub(super) text: &'a str,
}

impl File<'_> {
    /// The file as a model wants it.
    pub(super) fn read<T: DeserializeOwned>(&self) -> Result<T, DeviceError> {
        toml::from_str(self.text)
            .map_err(|error| DeviceError::File { file: self.name.into(), message: error.to_string().trim_end().into() })
    }

    /// The model that the file names.
    pub(super) fn model(&self) -> Result<String, DeviceError> {
        let table: toml::Table = self.read()?;
        let model = table.get("device").and_then(|head| head.get("model")).and_then(toml::Value::as_str);
        model.map(Into::into).ok_or_else(|| self.wrong("device.model", "missing", "the name of a model, as a string"))
    }

    /// A constant that is a number, in the unit that the model computes with.
    pub(super) fn number(&self, key: &str, constant: &Constant<f64>, unit: &str) -> Result<f64, DeviceError> {
        self.coefficients(key, &constant.listed(), unit).map(|[value]| value)
    }

    /// A constant that must be positive.
    pub(super) fn positive(&self, key: &str, constant: &Constant<f64>, unit: &str) -> Result<f64, DeviceError> {
        let value = self.number(key, constant, unit)?;
        if value > 0.0 { Ok(value) } else { Err(self.wrong(key, &value.to_string(), "a positive number")) }
    }

    /// Constants that belong together, in the unit that the model computes with.
    pub(super) fn coefficients<const N: usize>(
        &self,
        key: &str,
        constant: &Constant<[f64; N]>,
        unit: &str,
    ) -> Result<[f64; N], DeviceError> {
        if constant.unit != unit {
            return Err(self.wrong(&format!("{key}.unit"), &format!("{:?}", constant.unit), &format!("{unit:?}")));
        }
        if constant.source.trim().is_empty() {
            return Err(self.wrong(&format!("{key}.source"), "empty", "where the value is from"));
        }
        match constant.value.iter().find(|value| !value.is_finite()) {
            Some(value) => Err(self.wrong(&format!("{key}.value"), &value.to_string(), "finite numbers")),
            None => Ok(constant.value),
        }
    }

    /// What the file says of the device itself, its range between two conductances in microsiemens.
    pub(super) fn identity(
        &self,
        head: Head,
        off: &Constant<f64>,
        on: &Constant<f64>,
    ) -> Result<Identity, DeviceError> {
        Ok(Identity { name: head.name, source: head.source, range: self.range(off, on)? })
    }

    /// The range between two conductances in microsiemens.
    fn range(&self, off: &Constant<f64>, on: &Constant<f64>) -> Result<ConductanceRange, DeviceError> {
        // A quotient, so that 25 µS are 2.5e-5 S to the last bit.
        let siemens = |key, constant| self.number(key, constant, "uS").map(|value| value / 1e6);
        let range = ConductanceRange { off: siemens("off", off)?, on: siemens("on", on)? };
        range.verify(self.name).map(|()| range)
    }

    /// An entry that is not allowed.
    pub(super) fn wrong(&self, key: &str, found: &str, allowed: &str) -> DeviceError {
        DeviceError::Value { place: self.name.into(), key: key.into(), found: found.into(), allowed: allowed.into() }
    }
}
