//! Constants as data: a value with its unit, node, conditions, source and status.
//!
//! The built-in files are under `data/cost/constants/`. A file of the user's has the same form and replaces any entry, or adds new
//! ones:
//!
//! ```toml
//! ["adc.walden.typical"]
//! value = 20.0
//! unit = "fJ/step"
//! source = "our own test chip"
//! status = "measured"
//! ```

use super::CostError;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How a value was come by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// Seen in the named source.
    Read,
    /// Computed from what was read.
    Derived,
    /// Measured by an own run.
    Measured,
    /// Fitted to published points.
    Fitted,
    /// From memory, agrees with a second source and with sums.
    Checked,
    /// From memory, unverified.
    Recalled,
    /// Nothing was found; chosen, and said so.
    Assumed,
}

/// How a value goes from its node to another.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Scaling {
    /// As digital logic: area with the square of the node, energy with node and supply squared, time with the node.
    #[default]
    Logic,
    /// As analog circuits: area with the node, energy as logic.
    Analog,
    /// The same at every node.
    None,
}

/// One constant.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Constant {
    /// Its value.
    pub value: f64,
    /// The unit of the value.
    pub unit: String,
    /// The node it holds at, in nm, if it is tied to one.
    #[serde(default)]
    pub node_nm: Option<f64>,
    /// How it goes to another node.
    #[serde(default)]
    pub scaling: Scaling,
    /// Under which conditions it holds.
    #[serde(default)]
    pub conditions: String,
    /// Where it is from.
    pub source: String,
    /// How it was come by.
    pub status: Status,
    /// The file it stands in.
    #[serde(skip)]
    pub file: String,
}

/// The units a constant may have.
pub(super) const UNITS: [&str; 23] = [
    "1", "F^2", "um^2", "mm^2", "fJ", "pJ", "nJ", "uW", "mW", "W", "ns", "us", "V", "ohm", "GS/s", "Gb/s", "bit",
    "byte", "fJ/step", "uW/bit", "mW/mm^2", "ohm/um", "fF/um",
];

/// All constants by name.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Library {
    pub(super) entries: BTreeMap<String, Constant>,
    /// What was given over the built-in constants, and whether there is a built-in one of that name.
    pub(super) given: BTreeMap<String, bool>,
}

const BUILT_IN: [(&str, &str); 8] = [
    ("cell.toml", include_str!("../../data/cost/constants/cell.toml")),
    ("wire.toml", include_str!("../../data/cost/constants/wire.toml")),
    ("adc.toml", include_str!("../../data/cost/constants/adc.toml")),
    ("periphery.toml", include_str!("../../data/cost/constants/periphery.toml")),
    ("digital.toml", include_str!("../../data/cost/constants/digital.toml")),
    ("memory.toml", include_str!("../../data/cost/constants/memory.toml")),
    ("interconnect.toml", include_str!("../../data/cost/constants/interconnect.toml")),
    ("published.toml", include_str!("../../data/cost/constants/published.toml")),
];
const TECHNOLOGY: (&str, &str) = ("technology.toml", include_str!("../../data/cost/constants/technology.toml"));

impl Library {
    /// The built-in constants.
    ///
    /// # Panics
    /// Never: the tests read them.
    pub fn built_in() -> Self {
        let mut library = Self::default();
        for (file, text) in BUILT_IN.into_iter().chain([TECHNOLOGY]) {
            library.merge(file, text).expect("the built-in constants are valid");
        }
        library.given.clear();
        library
    }

    /// Adds the constants of a file; those of the same name are replaced.
    ///
    /// # Errors
    /// [`CostError::Syntax`] or [`CostError::Value`], naming the file and the constant.
    pub fn merge(&mut self, file: &str, text: &str) -> Result<(), CostError> {
        let entries: BTreeMap<String, toml::Value> = toml::from_str(text)
            .map_err(|error| CostError::Syntax { file: file.into(), problem: error.to_string().trim_end().into() })?;
        for (id, entry) in entries {
            let constant: Constant = entry.try_into().map_err(|error: toml::de::Error| {
                CostError::value(file, &id, error.to_string().trim_end().replace('\n', ", "))
            })?;
            self.insert(file, id, constant)?;
        }
        Ok(())
    }

    pub(super) fn insert(&mut self, file: &str, id: String, constant: Constant) -> Result<(), CostError> {
        let fail = |problem: String| Err(CostError::value(file, &id, problem));
        if !UNITS.contains(&constant.unit.as_str()) {
            return fail(format!("unit {:?}; give one of {}", constant.unit, UNITS.join(", ")));
        }
        if !constant.value.is_finite() || (constant.value < 0.0 && constant.unit != "1") {
            return fail(format!("{} {}; give a number of at least 0", constant.value, constant.unit));
        }
        if constant.node_nm.is_some_and(|node| !node.is_finite() || node <= 0.0) {
            return fail("node_nm is not above 0".into());
        }
        let known = self.entries.contains_key(&id);
        self.given.entry(id.clone()).or_insert(known);
        self.entries.insert(id, Constant { file: file.into(), ..constant });
        Ok(())
    }

    /// The constant of this name.
    pub fn get(&self, id: &str) -> Option<&Constant> {
        self.entries.get(id)
    }

    /// The constants given over built-in ones.
    pub(super) fn replaced(&self) -> impl Iterator<Item = &str> {
        self.given.iter().filter(|(_, known)| **known).map(|(id, _)| id.as_str())
    }

    /// All constants in the order of their names.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Constant)> {
        self.entries.iter().map(|(id, constant)| (id.as_str(), constant))
    }
}
