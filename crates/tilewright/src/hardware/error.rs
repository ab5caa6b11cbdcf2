//! What can be wrong with a design. All of it is the user's input.

use crate::circuit::CircuitError;
use crate::circuit::device::DeviceError;
use crate::mapping::MappingError;

/// Why there is no such design.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum HardwareError {
    /// A file that is no TOML or has not the keys of a design.
    #[error("{file}: {problem}")]
    Syntax {
        /// The file.
        file: String,
        /// Where and what.
        problem: String,
    },
    /// A value that cannot be.
    #[error("{file}: {key}: {problem}")]
    Value {
        /// The file.
        file: String,
        /// The key within it.
        key: String,
        /// What was found and what is allowed.
        problem: String,
    },
    /// A preset that is not there.
    #[error("no chip {name:?}; there are {known}{}", suggestion.map(|near| format!("; did you mean {near:?}?")).unwrap_or_default())]
    Unknown {
        /// What was asked for.
        name: String,
        /// All names.
        known: String,
        /// The nearest name.
        suggestion: Option<&'static str>,
    },
    /// A setting that there is not, with the nearest one.
    #[error("no setting {name:?}; there are {known}{}", suggestion.map(|near| format!("; did you mean {near:?}?")).unwrap_or_default())]
    NoSetting {
        /// What was asked for.
        name: String,
        /// All names.
        known: String,
        /// The nearest name.
        suggestion: Option<&'static str>,
    },
    /// A value that a setting cannot have.
    #[error("{setting} {value:?}: {problem}")]
    Setting {
        /// The setting's name.
        setting: &'static str,
        /// What was found.
        value: String,
        /// What is allowed.
        problem: String,
    },
    /// What cannot be mapped so.
    #[error(transparent)]
    Mapping(#[from] MappingError),
    /// A device that is not there or cannot be used.
    #[error(transparent)]
    Device(#[from] DeviceError),
    /// Wires that cannot be.
    #[error(transparent)]
    Circuit(#[from] CircuitError),
}
