//! Device files: TOML, every constant with value, unit, source and status.

use super::DeviceError;
use serde::Deserialize;
use serde::de::DeserializeOwned;

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
    #[serde(rename = "status")]
    _status: Status,
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

    /// A constant's value in the unit that the model computes with.
    pub(super) fn value<T: Clone>(&self, key: &str, constant: &Constant<T>, unit: &str) -> Result<T, DeviceError> {
        if constant.unit != unit {
            return Err(self.wrong(&format!("{key}.unit"), &format!("{:?}", constant.unit), &format!("{unit:?}")));
        }
        if constant.source.trim().is_empty() {
            return Err(self.wrong(&format!("{key}.source"), "empty", "where the value is from"));
        }
        Ok(constant.value.clone())
    }

    /// An entry that is not allowed.
    pub(super) fn wrong(&self, key: &str, found: &str, allowed: &str) -> DeviceError {
        DeviceError::Value { place: self.name.into(), key: key.into(), found: found.into(), allowed: allowed.into() }
    }
}
