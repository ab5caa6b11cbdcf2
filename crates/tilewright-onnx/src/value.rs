//! What the tensors of a model become.

use crate::constant::Constant;
use tilewright::network::NodeId;

/// What a tensor of the model has become.
#[derive(Clone, Debug)]
pub(crate) enum Value {
    /// Computed when the network runs.
    Node(NodeId),
    /// The integers of a QuantizeLinear.
    Quantized(Quantized),
    /// Known in advance.
    Constant(Constant),
}

/// Real values rounded to integers. What they stand for is a node as soon as they are dequantised: a Clip may come before.
#[derive(Clone, Debug)]
pub(crate) struct Quantized {
    /// Name of the QuantizeLinear.
    pub name: String,
    /// The real values before rounding.
    pub source: NodeId,
    pub scale: f32,
    pub zero_point: i32,
    /// Least and greatest integer.
    pub range: [i32; 2],
}
