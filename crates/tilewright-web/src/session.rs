//! Questions answered one after another.

use crate::choices::Choices;
use crate::front::Front;
use crate::look::Look;
use crate::setup::Setup;
use crate::wires::{Wires, WiresOf};
use serde::Deserialize;
use serde_json::{Value, json};
use tilewright::circuit::CircuitError;
use tilewright::cost::{CostError, Library};
use tilewright::hardware::HardwareError;
use tilewright::mapping::MappingError;
use tilewright::network::{Network, NetworkError};
use tilewright_onnx::OnnxError;

/// Why a question has no answer: what is asked for is not possible, said as the command says it.
#[derive(Debug, thiserror::Error)]
pub enum AskError {
    /// A question that cannot be read.
    #[error("{0}")]
    Question(#[from] serde_json::Error),
    /// A network that there is not, or kernels it cannot have.
    #[error(transparent)]
    Network(#[from] NetworkError),
    /// A file that cannot be read.
    #[error(transparent)]
    Onnx(#[from] OnnxError),
    /// A mapping that does not fit.
    #[error(transparent)]
    Mapping(#[from] MappingError),
    /// A design that there is not, or a setting that it cannot have.
    #[error(transparent)]
    Hardware(#[from] HardwareError),
    /// A design that cannot be priced.
    #[error(transparent)]
    Cost(#[from] CostError),
    /// A crossbar that cannot be solved.
    #[error(transparent)]
    Circuit(#[from] CircuitError),
    /// Anything else.
    #[error("{0}")]
    Other(String),
}

/// What was opened, and the constants that designs are priced by.
#[derive(Debug)]
pub struct Session {
    pub(crate) opened: Option<Network>,
    pub(crate) library: Library,
}

/// What can be asked.
#[derive(Deserialize)]
#[serde(tag = "ask", rename_all = "kebab-case", deny_unknown_fields)]
enum Question {
    /// What there is to choose from.
    Choices,
    /// The file beside the question is opened under this name.
    Open { name: String },
    /// One mapping: its numbers, and the drawing of a layer; of the first one unless named.
    Look { setup: Setup, layer: Option<String> },
    /// Area, energy and latency under one scheme and each of these kernel plans.
    Front { setup: Setup, kernels: Vec<String> },
    /// One crossbar of a layer solved with its wires.
    Wires { setup: Setup, wires: WiresOf },
}

impl Default for Session {
    fn default() -> Self {
        Self::new()
    }
}

impl Session {
    /// A session with the built-in constants and nothing opened.
    pub fn new() -> Self {
        Self { opened: None, library: Library::built_in() }
    }

    /// The answer to a question in JSON: an object, with the one key `error` where there is none.
    pub fn answer(&mut self, question: &str, file: &[u8]) -> String {
        self.value(question, file).unwrap_or_else(|error| json!({ "error": error.to_string() })).to_string()
    }

    fn value(&mut self, question: &str, file: &[u8]) -> Result<Value, AskError> {
        Ok(match serde_json::from_str(question)? {
            Question::Choices => serde_json::to_value(Choices::new()?)?,
            Question::Open { name } => self.open(&name, file)?,
            Question::Look { setup, layer } => serde_json::to_value(Look::new(self, &setup, layer.as_deref())?)?,
            Question::Front { setup, kernels } => serde_json::to_value(Front::new(self, &setup, &kernels))?,
            Question::Wires { setup, wires } => serde_json::to_value(Wires::new(self, &setup, &wires)?)?,
        })
    }

    fn open(&mut self, name: &str, file: &[u8]) -> Result<Value, AskError> {
        let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
        let network = tilewright_onnx::from_bytes(file, None, stem)?.network;
        if network.layers().is_empty() {
            return Err(AskError::Other(format!(
                "{name}: has no convolution or dense layer, so there is nothing to map"
            )));
        }
        let opened = json!({ "network": network.name, "layers": network.layers().len() });
        self.opened = Some(network);
        Ok(opened)
    }
}
