//! Reads ONNX models into [`tilewright::network::Network`] and writes them ([`to_bytes`]).
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
//! Models come from PyTorch (`torch.onnx.export`, with `dynamo=False` or `dynamo=True`), from `onnxruntime.quantization` (QDQ, QOperator
//! and dynamic), or from Brevitas (QCDQ and QONNX), with operator set 7 or newer. Guaranteed about an import:
//!
//! - The network's result is the model's first output, or the tensor a caller names ([`Selection`]); others are in [`Imported::outputs`].
//! - The network has one input, and no batch axis; several inputs of the model are one vector, each after the one before it. A symbolic batch is taken as 1, another fixed batch is refused. Other open lengths
//!   are given by the caller ([`load_shaped`]).
//! - Weights are finite: one that is NaN or infinite is an error naming its layer.
//! - Functions of the model are put in the place of their calls, nodes are sorted, those that no output depends on are left out, and
//!   what depends on constants only is computed.
//! - Node names are the model's, or the output tensor's for a node without a name, made unique.
//! - Nothing is dropped in silence. An operator that cannot be executed stays in the graph as [`Op::Opaque`] if the model gives
//!   the shape of its output; an attribute nobody understands, or a value of it, is an error naming node and attribute.
//! - Nothing is merged: each tensor of the model can be compared ([`Imported::outputs`]). To merge batch normalisation into the
//!   convolutions, call [`Network::fold_batch_norm`].
//! - The float reference agrees with ONNX Runtime on every tensor of every recorded model to 1e-4 of the tensor's greatest
//!   magnitude (`tests/onnxruntime/export.py` records models and says how to compare torchvision's).
//! - Integer weights are held around 0: what a zero point that is not in the middle of their range leaves is added digitally.
//! - Tensors of 16-bit floats are rounded to them, node by node. Integers that depend on the image go only where they mean what the same floats
//!   do.
//! - No input makes it panic, and memory stays within a constant factor of the file.
//!
//! Not modelled: batches, control flow that depends on the image (kept as opaque operations).
#![doc = include_str!("../OPERATORS.md")]

mod alignment;
mod arguments;
mod attributes;
mod building;
mod constant;
mod constant_folding;
mod declared;
mod error;
mod external;
mod functions;
mod graph;
mod import;
mod input_shape;
mod node;
mod number_type;
mod operators;
mod other_format;
mod pending;
mod printable;
mod products;
mod scopes;
mod stored;
mod value;
mod weight_names;
mod wire;
mod writing;

pub use error::{OnnxError, Problem};
pub use input_shape::{InputShape, Selection};
pub use operators::{OPERATORS, Operator};
pub use printable::printable;
pub use writing::{WriteError, to_bytes};

use std::collections::BTreeMap;
use std::io::Read;
use std::path::Path;
use tilewright::network::{Network, Node, NodeId, Op};
use wire::Parsed;

/// The most bytes a protobuf message may have.
const MAX_BYTES: u64 = i32::MAX as u64;

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
        let analog = |op: &Op| op.is_weighted() || matches!(op, Op::Input | Op::Constant(_));
        self.network.iter().filter(move |(_, node)| !analog(&node.op))
    }
}

/// Reads a model file; data it stores in other files is looked for in its folder. The network is called as the file.
///
/// # Errors
/// [`OnnxError`] names the file, the node, what was found and what is allowed.
pub fn load(path: &Path) -> Result<Imported, OnnxError> {
    load_shaped(path, None)
}

/// As [`load`], with the shape of an input that the model leaves open, or of another tensor than the model's first output.
///
/// # Errors
/// As [`load`]; also if the shape contradicts the model's or there is no such tensor.
pub fn load_shaped<'a>(path: &Path, selection: impl Into<Selection<'a>>) -> Result<Imported, OnnxError> {
    let file = path.display().to_string();
    let bytes = contents(path).map_err(|problem| problem.in_file(&file))?;
    let name = path.file_stem().map_or_else(|| file.clone(), |stem| stem.to_string_lossy().into_owned());
    let parsed = wire::parse(&bytes).map_err(|problem| other_format::explained(problem, &bytes).in_file(&file))?;
    // The model holds a copy of all weights.
    drop(bytes);
    read(parsed, path.parent(), &name, selection.into()).map_err(|problem| problem.in_file(&file))
}

/// The bytes of a model file, which cannot have more than protobuf allows.
fn contents(path: &Path) -> Result<Vec<u8>, Problem> {
    let refused = |error: std::io::Error| Problem::Read(error.to_string());
    let file = std::fs::File::open(path).map_err(refused)?;
    let known = file.metadata().map_err(refused)?;
    if known.is_dir() {
        return Err(Problem::Read("it is a folder".into()));
    }
    // Devices and pipes tell no size.
    let mut bytes = Vec::with_capacity(usize::try_from(known.len().min(MAX_BYTES)).unwrap_or(0));
    file.take(MAX_BYTES + 1).read_to_end(&mut bytes).map_err(refused)?;
    if bytes.is_empty() {
        return Err(Problem::NotOnnx("it is empty".into()));
    }
    if bytes.len() as u64 > MAX_BYTES {
        let problem = "it has more than 2 GiB, which protobuf does not allow; larger weights are stored in files beside the model";
        return Err(Problem::NotOnnx(problem.into()));
    }
    Ok(bytes)
}

/// Reads a model from memory; `folder` is where data stored in other files is looked for, and `name` is what the network and
/// errors call the model.
///
/// # Errors
/// As [`load`].
pub fn from_bytes(bytes: &[u8], folder: Option<&Path>, name: &str) -> Result<Imported, OnnxError> {
    from_bytes_shaped(bytes, folder, name, None)
}

/// As [`from_bytes`], with what is chosen of the model.
///
/// # Errors
/// As [`load_shaped`].
pub fn from_bytes_shaped<'a>(
    bytes: &[u8],
    folder: Option<&Path>,
    name: &str,
    selection: impl Into<Selection<'a>>,
) -> Result<Imported, OnnxError> {
    let parsed = wire::parse(bytes).map_err(|problem| problem.in_file(name))?;
    read(parsed, folder, name, selection.into()).map_err(|problem| problem.in_file(name))
}

fn read(parsed: Parsed, folder: Option<&Path>, name: &str, selection: Selection<'_>) -> Result<Imported, Problem> {
    let (network, outputs) = import::import(parsed, folder, name, selection)?;
    Ok(Imported { network, outputs })
}
