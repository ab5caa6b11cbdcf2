//! What the tensors of a model become.

use crate::constant::Constant;
use tilewright::network::NodeId;

/// What a tensor of the model has become.
#[derive(Clone, Debug)]
pub(crate) enum Value {
    /// Computed when the network runs.
    Node(NodeId),
    /// The integers of a QuantizeLinear; the node holds the real values they stand for.
    Quantized { node: NodeId, scale: f32, zero_point: i32 },
    /// Known in advance.
    Constant(Constant),
}
