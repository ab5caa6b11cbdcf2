//! Why a file cannot be imported. Every variant is the user's input or a limit of this crate, never a bug.

use crate::printable::printable;
use std::fmt::Display;

/// A problem and the file it is in.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{file}: {problem}")]
pub struct OnnxError {
    /// The file, or the name given to [`crate::from_bytes`].
    pub file: String,
    /// What was found and what is allowed.
    pub problem: Box<Problem>,
}

/// What was found in the file and what is allowed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// The file system refused.
    #[error("cannot be read: {0}")]
    Read(String),
    /// The bytes are not an ONNX model, or are damaged.
    #[error("is not an ONNX model: {0}")]
    NotOnnx(String),
    /// The model as a whole: its inputs, outputs, operator set or size.
    #[error("the model {0}")]
    Model(String),
    /// A stored tensor that contradicts itself or that has a type without meaning here.
    #[error("tensor {tensor:?} {problem}")]
    Tensor {
        /// Its name.
        tensor: String,
        /// What was found and what is allowed.
        problem: String,
    },
    /// A node that cannot be imported.
    #[error("node {node:?} ({operator}) {problem}")]
    Node {
        /// Its name, or its first output's if it has none.
        node: String,
        /// Its operator.
        operator: String,
        /// What was found and what is allowed.
        problem: String,
    },
    /// An attribute, or a value of it, that is not supported.
    #[error("node {node:?} ({operator}) has the attribute {attribute} = {found}; {allowed}")]
    Attribute {
        /// The node's name, or its first output's if it has none.
        node: String,
        /// Its operator.
        operator: String,
        /// The attribute.
        attribute: String,
        /// Its value.
        found: String,
        /// The values that are supported.
        allowed: String,
    },
}

impl Problem {
    pub(crate) fn tensor(tensor: &str, problem: impl Display) -> Self {
        Self::Tensor { tensor: tensor.into(), problem: problem.to_string() }
    }

    pub(crate) fn in_file(self, file: &str) -> OnnxError {
        OnnxError { file: printable(file), problem: Box::new(self) }
    }
}
