//! Reads ONNX models into [`tilewright::network::Network`].
//!
//! ```no_run
//! let imported = tilewright_onnx::load("resnet18.onnx".as_ref())?;
//! println!("{} layers on crossbars", imported.network.layers().len());
//! for (_, node) in imported.digital() {
//!     println!("digital: {} ({})", node.name, node.op.name());
//! }
//! # Ok::<(), tilewright_onnx::OnnxError>(())
//! ```
//!
//! Models come from PyTorch (`torch.onnx.export`, with `dynamo=False` or `dynamo=True`), or from
//! `onnxruntime.quantization` in the QDQ format, with operator set 7 or newer. Guaranteed about an import:
//!
//! - The network's result is the model's first output; other outputs are in [`Imported::outputs`].
//! - The network has one input, and no batch axis: a symbolic batch is taken as 1, another fixed batch is refused.
//! - Node names are the model's, or the output tensor's for a node without a name, made unique.
//! - Nothing is dropped in silence. An operator that cannot be executed stays in the graph as [`Op::Opaque`] if the model gives
//!   the shape of its output; an attribute nobody understands, or a value of it, is an error naming node and attribute.
//! - Nothing is merged: each tensor of the model can be compared ([`Imported::outputs`]). To merge batch normalisation into the
//!   convolutions, call [`Network::fold_batch_norm`].
//! - The float reference agrees with ONNX Runtime on every tensor of every recorded model to 1e-4 of the tensor's greatest
//!   magnitude (`tests/onnxruntime/export.py` records models and says how to compare torchvision's).
//! - No input makes it panic, and memory stays within a constant factor of the file.
//!
//! Not modelled: several inputs, batches, control flow (kept as opaque operations), the integer operators of the QOperator format.
#![doc = include_str!("../OPERATORS.md")]

mod arguments;
mod attributes;
mod building;
mod constant;
mod constant_folding;
mod declared;
mod error;
mod external;
mod import;
mod model;
mod node;
mod operators;
mod products;
mod stored;
pub mod trained;
mod value;
mod wire;

pub use error::{OnnxError, Problem};
pub use model::{ModelError, mappable, named, resolve};
pub use operators::{OPERATORS, Operator, SHAPE_KEEPING};

use rten_onnx::onnx::ModelProto;
use std::collections::BTreeMap;
use std::path::Path;
use tilewright::network::{Network, Node, NodeId, Op};

/// A network and where the tensors of the model are in it.
#[derive(Clone, Debug, PartialEq)]
pub struct Imported {
    /// The network.
    pub network: Network,
    /// The node that yields each tensor computed at run time, by the tensor's name in the model. Shapes are those of the model
    /// without the batch axis. Tensors known in advance and quantised integers are not in it.
    pub outputs: BTreeMap<String, NodeId>,
}

impl Imported {
    /// The operations that stay digital: all but convolutions, dense layers, the input and constants.
    pub fn digital(&self) -> impl Iterator<Item = (NodeId, &Node)> {
        let analog = |op: &Op| matches!(op, Op::Input | Op::Constant(_) | Op::Conv(_) | Op::Dense(_));
        self.network.iter().filter(move |(_, node)| !analog(&node.op))
    }
}

/// Reads a model file; data it stores in other files is looked for in its folder. The network is called as the file.
///
/// # Errors
/// [`OnnxError`] names the file, the node, what was found and what is allowed.
pub fn load(path: &Path) -> Result<Imported, OnnxError> {
    let file = path.display().to_string();
    let bytes = std::fs::read(path).map_err(|error| Problem::Read(error.to_string()).in_file(&file))?;
    let name = path.file_stem().map_or_else(|| file.clone(), |stem| stem.to_string_lossy().into_owned());
    let model = wire::parse(&bytes).map_err(|problem| problem.in_file(&file))?;
    // The model holds a copy of all weights.
    drop(bytes);
    read(model, path.parent(), &name).map_err(|problem| problem.in_file(&file))
}

/// Reads a model from memory; `folder` is where data stored in other files is looked for, and `name` is what the network and
/// errors call the model.
///
/// # Errors
/// As [`load`].
pub fn from_bytes(bytes: &[u8], folder: Option<&Path>, name: &str) -> Result<Imported, OnnxError> {
    let model = wire::parse(bytes).map_err(|problem| problem.in_file(name))?;
    read(model, folder, name).map_err(|problem| problem.in_file(name))
}

fn read(model: ModelProto, folder: Option<&Path>, name: &str) -> Result<Imported, Problem> {
    let (network, outputs) = import::import(model, folder, name)?;
    Ok(Imported { network, outputs })
}
