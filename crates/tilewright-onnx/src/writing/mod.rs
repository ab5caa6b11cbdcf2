//! Networks as ONNX models.
//!
//! The batch axis is symbolic and comes first, so every axis here is one more than in the core. A node is called as the ONNX node
//! that computes it and as the tensor that holds its values, so that reading the model back gives the same names.

mod function;
mod graph;
mod indexing;
mod layer;
mod operation;
mod protobuf;
mod rounding;

use crate::printable::printable;
use graph::Graph;
use protobuf::Message;
use tilewright::network::{Network, NetworkError, Node};

/// Why a network cannot be written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WriteError {
    /// A layer without weights.
    #[error("layer {layer:?} has no weights; train the network, or start from a file that has them")]
    Untrained {
        /// The layer.
        layer: String,
    },
    /// A node that ONNX has no operator for, or not in this form.
    #[error("node {node:?} ({operation}) {problem}")]
    Node {
        /// The node.
        node: String,
        /// What it computes.
        operation: String,
        /// What ONNX lacks.
        problem: String,
    },
    /// A network that contradicts itself.
    #[error(transparent)]
    Network(NetworkError),
    /// A network whose result does not depend on its image.
    #[error("{network} computes nothing from its image")]
    Nothing {
        /// The network.
        network: String,
    },
    /// A model of more bytes than a protobuf message may have.
    #[error("{network} takes {bytes} bytes; a model has fewer than 2 GiB")]
    TooLarge {
        /// The network.
        network: String,
        /// Its size as a model.
        bytes: usize,
    },
}

impl WriteError {
    fn node(node: &Node, problem: impl Into<String>) -> Self {
        let [node, operation] = [node.name.as_str(), node.op.name()].map(printable);
        Self::Node { node, operation, problem: problem.into() }
    }
}

/// A network with all its weights as an ONNX model: one file, operator set 19 or the first one later that has what the network needs.
///
/// What [`crate::from_bytes`] reads from it yields what the network yields. What depends on constants only is computed. Operations that ONNX has as one operator come back as they
/// were; Swish, standardisation, interpolation and bipolar rounding come back as the operations they are written as, and the product of a feature map and a constant matrix as the layer it is. Layers kept digital
/// and further names are not part of a model. [`tilewright::network::Op::DynamicQuantize`] has levels of its own for every image, ONNX for
/// every batch: run such a model image by image.
///
/// Roundings of activations are written as QuantizeLinear, Clip, DequantizeLinear (QCDQ; Pappalardo et al. 2022, "QONNX"): the integers are
/// bytes, and the Clip says of how many bits. The four-bit types of newer operator sets would serve four bits only; this form serves 2 to 8
/// in any runtime.
///
/// # Errors
/// [`WriteError`] for a layer without weights or with weights off the levels they are said to have, an operation known by name only or
/// with a form that ONNX lacks, a network that computes nothing, and a model of 2 GiB or more.
pub fn to_bytes(network: &Network) -> Result<Vec<u8>, WriteError> {
    let network = &network.fold_constants().map_err(WriteError::Network)?;
    let mut graph = Graph::new(network);
    for (id, _) in network.iter() {
        operation::write(&mut graph, id)?;
    }
    if network.output() == network.input() || graph.is_constant(network.output()) {
        return Err(WriteError::Nothing { network: printable(&network.name) });
    }
    let opset = graph.opset;
    let message = graph.finish();
    let mut model = Message::default();
    let mut operators = Message::default();
    operators.text(1, "").number(2, opset);
    model.number(1, ir_version(opset)).text(2, "tilewright").text(3, env!("CARGO_PKG_VERSION"));
    model.message(7, &message).message(8, &operators);
    if model.len() as u64 > crate::MAX_BYTES {
        return Err(WriteError::TooLarge { network: printable(&network.name), bytes: model.len() });
    }
    Ok(model.into_bytes())
}

/// The ONNX version that came with an operator set, which runtimes of its time take.
const fn ir_version(opset: i64) -> i64 {
    if opset < graph::OPSET_OF_16_BITS { 9 } else { 10 }
}
