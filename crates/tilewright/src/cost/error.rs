//! What can be wrong with constants, chips and what is asked of them. All of it is the user's input, except [`CostError::Mapping`].

use crate::circuit::device::DeviceError;
use crate::hardware::HardwareError;
use crate::mapping::MappingError;

/// Why something cannot be priced.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum CostError {
    /// A file that is no TOML or has not the keys of its kind.
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
    /// A constant that a part needs and no file has.
    #[error("{file}: {key}: no constant {id:?}; {hint}")]
    NoConstant {
        /// The file of the chip.
        file: String,
        /// The part that needs it.
        key: String,
        /// The constant's name.
        id: String,
        /// What there is instead, or what to do.
        hint: String,
    },
    /// A component, converter model or peer that is not there.
    #[error("no {what} {name:?}; there are {known}{}", suggestion.map(|near| format!("; did you mean {near:?}?")).unwrap_or_default())]
    Unknown {
        /// What kind of thing.
        what: &'static str,
        /// What was asked for.
        name: String,
        /// All names.
        known: String,
        /// The nearest name.
        suggestion: Option<&'static str>,
    },
    /// A setting that does not go with the chip or the model.
    #[error("{problem}")]
    Setting {
        /// What was found and what is allowed.
        problem: String,
    },
    /// The design itself is at fault.
    #[error(transparent)]
    Hardware(#[from] HardwareError),
    /// The cells are at fault.
    #[error(transparent)]
    Device(#[from] DeviceError),
    /// The mapping itself is at fault.
    #[error(transparent)]
    Mapping(#[from] MappingError),
}

impl CostError {
    pub(super) fn value(file: &str, key: impl Into<String>, problem: impl Into<String>) -> Self {
        Self::Value { file: file.into(), key: key.into(), problem: problem.into() }
    }
}
