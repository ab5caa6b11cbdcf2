//! What the tensors of a model become.

use crate::constant::Constant;
use crate::pending::{Pending, RuntimeScale};
use tilewright::network::NodeId;

/// What a tensor of the model has become.
#[derive(Clone, Debug)]
pub(crate) enum Value {
    /// Computed when the network runs.
    Node(Feature),
    /// The integers of a QuantizeLinear.
    Quantized(Quantized),
    /// Known in advance.
    Constant(Constant),
    /// The integers of a DynamicQuantizeLinear: a node of the real values they stand for.
    DynamicLevels(Feature),
    /// Its zero point, whose levels are those of this node.
    DynamicZeroPoint(NodeId),
    /// Its scale, perhaps times a constant.
    DynamicScale(RuntimeScale),
    /// Sums of products of integers, not yet scaled.
    Pending(Pending),
}

/// A tensor computed at run time: a node of the network, and where ONNX has the batch axis, which the node's shape leaves out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Feature {
    pub id: NodeId,
    /// The place of the batch axis, of length 1, among the ONNX axes; `None` if the node's shape is the ONNX shape: the batch has been
    /// merged into another axis or taken away.
    pub batch: Option<usize>,
}

impl Feature {
    /// A tensor whose batch axis comes first.
    pub(crate) const fn image(id: NodeId) -> Self {
        Self { id, batch: Some(0) }
    }
}

/// Real values rounded to integers. What they stand for is a node as soon as they are dequantised: a Clip may come before.
#[derive(Clone, Debug)]
pub(crate) struct Quantized {
    /// Name of the QuantizeLinear.
    pub name: String,
    /// The real values before rounding.
    pub source: Feature,
    pub scale: f32,
    pub zero_point: i32,
    /// Least and greatest integer.
    pub range: [i32; 2],
    /// Whether the source's values are levels already: something that only moves or compares them came after the rounding.
    pub rounded: bool,
}
