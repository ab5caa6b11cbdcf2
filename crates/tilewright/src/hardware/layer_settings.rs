//! Settings of single layers: what differs from the rest of the design.
//!
//! ```toml
//! [layer."conv1"]
//! crossbar = "256x64"
//! weight-bits = 4
//!
//! [layer."fc"]
//! scheme = "im2col"
//! ```

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;

/// Settings of layers by their names, each by the setting's name; also `scheme`, the mapping scheme.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct LayerSettings(pub(super) BTreeMap<String, BTreeMap<String, LayerValue>>);

/// A value as a file has it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub(super) enum LayerValue {
    Switch(bool),
    Whole(i64),
    Number(f64),
    Text(String),
}

impl LayerValue {
    /// A value as a file would have it, from how it is typed.
    pub(super) fn typed(text: &str) -> Self {
        match (text.parse(), text.parse(), text.parse()) {
            (Ok(value), ..) => Self::Switch(value),
            (_, Ok(value), _) => Self::Whole(value),
            (_, _, Ok(value)) => Self::Number(value),
            _ => Self::Text(text.into()),
        }
    }
}

impl fmt::Display for LayerValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Switch(value) => write!(f, "{value}"),
            Self::Whole(value) => write!(f, "{value}"),
            Self::Number(value) => write!(f, "{value}"),
            Self::Text(value) => f.write_str(value),
        }
    }
}

impl LayerSettings {
    /// What a layer has of its own, in words; nothing if it is as all others.
    pub fn of(&self, layer: &str) -> Option<String> {
        self.0.get(layer).map(in_words)
    }

    /// Whether no layer has settings of its own.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// What is set of each layer, as `conv1: weight-bits 4, adc-bits 6; fc: scheme im2col`.
impl fmt::Display for LayerSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let of = |(layer, table): (&String, &BTreeMap<String, LayerValue>)| format!("{layer}: {}", in_words(table));
        f.write_str(&self.0.iter().map(of).collect::<Vec<_>>().join("; "))
    }
}

fn in_words(table: &BTreeMap<String, LayerValue>) -> String {
    table.iter().map(|(key, value)| format!("{key} {value}")).collect::<Vec<_>>().join(", ")
}
