//! The core's errors as Python exceptions with the same text.

use pyo3::PyErr;
use pyo3::create_exception;
use pyo3::exceptions::PyValueError;
use tilewright::mapping::MappingError;
use tilewright::mapping::verification::VerificationError;
use tilewright::network::NetworkError;
use tilewright_models::ModelError;
use tilewright_onnx::WriteError;

create_exception!(
    tilewright,
    TilewrightError,
    PyValueError,
    "Something Tilewright cannot do as asked: the text says what was found, what is allowed and what to do."
);
create_exception!(
    tilewright,
    DoesNotFitError,
    TilewrightError,
    "A layer that does not fit the crossbar under a scheme, or a limit that no mapping meets."
);

/// An error that becomes an exception.
pub(crate) struct Failure(PyErr);

/// What most functions here return.
pub(crate) type Outcome<T> = Result<T, Failure>;

impl Failure {
    /// A [`TilewrightError`] of this text.
    pub(crate) fn new(text: impl Into<String>) -> Self {
        Self(TilewrightError::new_err(text.into()))
    }

    /// A [`DoesNotFitError`] of this text.
    pub(crate) fn does_not_fit(text: impl Into<String>) -> Self {
        Self(DoesNotFitError::new_err(text.into()))
    }
}

impl From<Failure> for PyErr {
    fn from(failure: Failure) -> Self {
        failure.0
    }
}

impl From<PyErr> for Failure {
    fn from(error: PyErr) -> Self {
        Self(error)
    }
}

impl From<NetworkError> for Failure {
    fn from(error: NetworkError) -> Self {
        Self::new(error.to_string())
    }
}

impl From<ModelError> for Failure {
    fn from(error: ModelError) -> Self {
        Self::new(error.to_string())
    }
}

impl From<WriteError> for Failure {
    fn from(error: WriteError) -> Self {
        Self::new(error.to_string())
    }
}

impl From<MappingError> for Failure {
    fn from(error: MappingError) -> Self {
        match error {
            MappingError::DoesNotFit { .. } | MappingError::Infeasible { .. } => Self::does_not_fit(error.to_string()),
            _ => Self::new(error.to_string()),
        }
    }
}

impl From<VerificationError> for Failure {
    fn from(error: VerificationError) -> Self {
        match error {
            VerificationError::Mapping(error) => error.into(),
            VerificationError::Nothing { .. } => Self::does_not_fit(error.to_string()),
            VerificationError::Network { .. } | VerificationError::Interrupted => Self::new(error.to_string()),
        }
    }
}

impl From<serde_json::Error> for Failure {
    fn from(error: serde_json::Error) -> Self {
        Self::new(error.to_string())
    }
}
