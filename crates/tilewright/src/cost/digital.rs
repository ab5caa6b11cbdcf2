//! What the operations between mapped layers do, and which of them a chip has no price for.
//!
//! Moving values (reshapes, joins, cuts, padding) costs what buffers and routers take. Rounding to a grid happens where sums are
//! shifted and added. A batch normalisation behind a layer is merged into its weights; any other multiplies and adds.

use super::activity::Event;
use super::model::CostModel;
use crate::network::{Network, Node, Op};
use serde::Serialize;
use std::collections::BTreeMap;

/// An operation that is part of the network and not of its price.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Unpriced {
    /// The node's name.
    pub name: String,
    /// What it does.
    pub operation: String,
    /// Values it yields for an image.
    pub values: u64,
    /// Why it has no price.
    pub reason: &'static str,
}

/// What one digital operation does for an image.
pub(super) enum Digital {
    /// Nothing that is paid for by itself.
    Free,
    /// So many of these events.
    Events(Event, f64),
    /// Nothing is known of what it does.
    Unknown,
}

impl Digital {
    /// What a node does; a mapped layer does nothing digital by itself.
    pub(super) fn of(network: &Network, node: &Node) -> Self {
        let values = values(&node.shape);
        let taken: f64 = node.inputs.iter().map(|input| self::values(network.shape(*input))).sum();
        match &node.op {
            Op::Activation(_) => Self::Events(Event::Activation, values),
            // An exponential, a sum and a quotient, or the logarithm of the sum and a difference.
            Op::Softmax { .. } | Op::LogSoftmax { .. } => Self::Events(Event::Activation, 3.0 * values),
            Op::BatchNorm(_) if behind_a_layer(network, node) => Self::Free,
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
            Op::Mean { .. } | Op::Reduce { .. } => Self::Events(Event::Pooling, taken),
            Op::Conv(_) | Op::Dense(_) | Op::Input | Op::Constant(_) | Op::FakeQuantize { .. } => Self::Free,
            Op::Concat { .. }
            | Op::Reshape { .. }
            | Op::Transpose { .. }
            | Op::Slice { .. }
            | Op::Select { .. }
            | Op::Pad { .. } => Self::Free,
            // Multiply-accumulates off the crossbars, and what only the name is known of.
            Op::MatMul | Op::SpatialConv(_) | Op::Opaque { .. } => Self::Unknown,
        }
    }
}

fn values(shape: &[usize]) -> f64 {
    shape.iter().product::<usize>() as f64
}

/// Whether a normalisation can be merged into the weights of the layer before it.
fn behind_a_layer(network: &Network, node: &Node) -> bool {
    node.inputs.first().is_some_and(|&input| {
        let users = network.nodes().iter().flat_map(|node| &node.inputs).filter(|&&used| used == input).count();
        users == 1 && network.layer(input).is_some()
    })
}

/// Which kinds of operations are not in the price, without a full stop.
pub(super) fn note(unpriced: &[Unpriced]) -> Option<String> {
    let mut kinds = BTreeMap::<(&str, &str), (usize, u64)>::new();
    for Unpriced { operation, values, reason, .. } in unpriced {
        let (operations, sum) = kinds.entry((reason, operation)).or_default();
        (*operations, *sum) = (*operations + 1, *sum + values);
    }
    let kinds = kinds.into_iter().map(|((reason, operation), (operations, values))| {
        format!("{operations} {operation} ({values} values an image; {reason})")
    });
    let kinds: Vec<String> = kinds.collect();
    (!kinds.is_empty()).then(|| format!("not priced: {}", kinds.join(", ")))
}

impl CostModel {
    /// The operations of a network that this chip has no price for, in execution order.
    pub(super) fn unpriced(&self, network: &Network) -> Vec<Unpriced> {
        let reason = |node: &Node| match Digital::of(network, node) {
            Digital::Unknown => Some("what it takes is not known"),
            Digital::Events(event, _) if !self.does(event) => Some("the chip has no part for it"),
            Digital::Events(..) | Digital::Free => None,
        };
        // What multiplies off the crossbars is named by the network's coverage.
        let products = network.iter().filter(|&(id, _)| network.layer(id).is_some() || network.macs_of(id) == Some(0));
        let unpriced = products.filter_map(|(_, node)| {
            let values = node.shape.iter().map(|&side| side as u64).product();
            let (name, operation) = (node.name.clone(), node.op.name().to_owned());
            reason(node).map(|reason| Unpriced { name, operation, values, reason })
        });
        unpriced.collect()
    }
}
