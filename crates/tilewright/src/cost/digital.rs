//! What the operations between mapped layers do, and which of them a chip has no price for.
//!
//! Moving values (reshapes, joins, cuts, padding) costs what buffers and routers take. Rounding to a grid happens where sums are
//! shifted and added. A batch normalisation behind a layer is merged into its weights; any other multiplies and adds. Products are counted
//! by the units that make them ([`Products`](super::products::Products)).

use super::activity::Event;
use crate::network::{Network, Node, NodeId, Op};

/// What one digital operation does for an image.
pub(super) enum Digital {
    /// Nothing that is paid for by itself.
    Free,
    /// So many of these events.
    Events(Event, f64),
    /// Products, for units of the chip.
    Products,
    /// Nothing is known of what it does.
    Unknown,
}

impl Digital {
    /// What each node of a network does, in execution order; a mapped layer does nothing digital by itself.
    pub(super) fn of_nodes(network: &Network) -> Vec<Self> {
        let uses = network.uses();
        // A normalisation of what nothing else takes can be merged into the weights of the layer before it.
        let is_merged = |node: &Node| {
            let input = node.inputs.first().filter(|_| matches!(node.op, Op::BatchNorm(_)));
            input.is_some_and(|&input| uses[input.0] == 1 && network.is_layer(input))
        };
        let of = |(id, node): (NodeId, &Node)| match node.op {
            // What is on crossbars is counted there; a normalisation of it is merged into it.
            _ if network.is_layer(id) || is_merged(node) => Self::Free,
            _ => Self::of(network, node),
        };
        network.iter().map(of).collect()
    }

    /// What a node does that is merged into no layer.
    fn of(network: &Network, node: &Node) -> Self {
        let values = values(&node.shape);
        let taken: f64 = node.inputs.iter().map(|input| self::values(network.shape(*input))).sum();
        match &node.op {
            Op::Activation(_) => Self::Events(Event::Activation, values),
            // An exponential, a sum and a quotient, or the logarithm of the sum and a difference.
            Op::Softmax { .. } | Op::LogSoftmax { .. } => Self::Events(Event::Activation, 3.0 * values),
            Op::BatchNorm(_) => Self::Events(Event::Activation, 2.0 * values),
            Op::Add | Op::Mul => Self::Events(Event::Activation, values * (node.inputs.len() - 1) as f64),
            Op::Pairwise(_) | Op::Where => Self::Events(Event::Activation, values),
            // A sum for the mean, a difference, a square and its sum for the variance, and a quotient.
            Op::Standardize { .. } => Self::Events(Event::Activation, 5.0 * values),
            // The least and the greatest value, before the rounding.
            Op::DynamicQuantize => Self::Events(Event::Activation, 2.0 * values),
            Op::Interpolate { taps, .. } => {
                let each: usize = taps.iter().map(Vec::len).sum();
                Self::Events(Event::Activation, 2.0 * values * each as f64 / taps.len() as f64)
            }
            Op::Pool(pool) => Self::Events(Event::Pooling, values * pool.kernel.iter().product::<usize>() as f64),
            // A comparison of each value for each one taken.
            Op::TopK(top) => Self::Events(Event::Pooling, taken * top.count as f64),
            Op::Mean { .. } | Op::Reduce { .. } => Self::Events(Event::Pooling, taken),
            Op::Input | Op::Constant(_) | Op::FakeQuantize { .. } => Self::Free,
            Op::Concat { .. }
            | Op::Reshape { .. }
            | Op::Transpose { .. }
            | Op::Slice { .. }
            | Op::Select { .. }
            | Op::Pad { .. } => Self::Free,
            Op::Conv(_) | Op::Dense(_) | Op::MatMul => Self::Products,
            Op::Opaque { .. } => Self::Unknown,
        }
    }
}

fn values(shape: &[usize]) -> f64 {
    shape.iter().product::<usize>() as f64
}
