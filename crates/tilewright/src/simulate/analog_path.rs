//! Where analog values go in a network whose currents no converter reads.
//!
//! The currents of all row blocks of a layer meet in one sum, and so do those of whatever an addition takes, a shortcut among them: the neuron of
//! a sum stands behind the last addition, before the values go more than one way. What else lies between layers is of amplifiers and
//! wires: functions that are the curve of an amplifier, a gain and a bias for each channel, pooling, other orders and choices of values.

use super::SimulateError;
use crate::network::{Activation, Network, Node, NodeId, Op};
use std::collections::BTreeMap;

/// The way of analog values through a network.
pub(super) struct AnalogPath {
    /// For each layer, in execution order, whether neurons drive its rows.
    pub(super) driven_by_neurons: Vec<bool>,
    /// The nodes whose outputs are those of neurons, each with the place of the last layer whose currents meet there.
    pub(super) sums: BTreeMap<NodeId, usize>,
}

impl AnalogPath {
    /// # Errors
    /// [`SimulateError::Layer`] for an operation between layers that is none of amplifiers and wires.
    pub(super) fn of(network: &Network) -> Result<Self, SimulateError> {
        let behind = network.behind_layers();
        let takers = takers(network);
        let layers = || network.layers().into_iter().map(|layer| layer.node);
        for (id, node) in between(network, &behind) {
            if network.convolution(id).is_some() || !stays_analog(&node.op) {
                let problem = format!(
                    "is a {} between layers, which analog neurons cannot compute, and no converter is there for; take a design with an [adc]",
                    node.op.name()
                );
                return Err(SimulateError::Layer { layer: node.name.clone(), problem });
            }
        }
        Ok(Self {
            driven_by_neurons: layers().map(|layer| behind[network.node(layer).inputs[0].0]).collect(),
            sums: layers().enumerate().map(|(place, layer)| (sum_of(network, &takers, layer), place)).collect(),
        })
    }
}

/// The nodes that are behind a layer and before another, and are none themselves.
fn between<'a>(network: &'a Network, behind: &'a [bool]) -> impl Iterator<Item = (NodeId, &'a Node)> {
    let mut before = vec![false; behind.len()];
    for (id, node) in network.nodes().iter().enumerate().rev() {
        if before[id] || network.is_layer(NodeId(id)) {
            node.inputs.iter().for_each(|input| before[input.0] = true);
        }
    }
    network.iter().filter(move |&(id, _)| behind[id.0] && before[id.0] && !network.is_layer(id))
}

/// Whether amplifiers and wires do it.
fn stays_analog(op: &Op) -> bool {
    matches!(
        op,
        Op::BatchNorm(_)
            | Op::Activation(
                Activation::Relu
                    | Activation::Clip { .. }
                    | Activation::LeakyRelu { .. }
                    | Activation::Tanh
                    | Activation::Sigmoid
                    | Activation::HardSigmoid { .. }
            )
            | Op::FakeQuantize { .. }
            | Op::DynamicQuantize
            | Op::Pool(_)
            | Op::Mean { .. }
            | Op::Add
            | Op::Concat { .. }
            | Op::Reshape { .. }
            | Op::Transpose { .. }
            | Op::Slice { .. }
            | Op::Select { .. }
            | Op::Pad { .. }
    )
}

/// The node at which the currents of a layer have met all others: the layer itself, or the last addition.
fn sum_of(network: &Network, takers: &[Vec<NodeId>], layer: NodeId) -> NodeId {
    let (mut at, mut sum) = (layer, layer);
    while let [only] = *takers[at.0]
        && network.shape(only) == network.shape(layer)
    {
        match network.node(only).op {
            Op::Add => sum = only,
            // A gain and a bias for each channel, before the currents meet others.
            Op::BatchNorm(_) => {}
            _ => break,
        }
        at = only;
    }
    sum
}

/// The nodes that take each node's output, once for each time.
fn takers(network: &Network) -> Vec<Vec<NodeId>> {
    let mut takers = vec![vec![]; network.nodes().len()];
    for (id, node) in network.iter() {
        node.inputs.iter().for_each(|input| takers[input.0].push(id));
    }
    takers
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::zoo;

    fn names(network: &Network, nodes: impl Iterator<Item = NodeId>) -> Vec<&str> {
        nodes.map(|node| network.node(node).name.as_str()).collect()
    }

    /// The second layer of a block and its projection meet the shortcut in one sum; every other layer has one of its own.
    #[test]
    fn currents_meet_at_shortcuts() {
        let network = zoo::build("resnet8").expect("a network of the zoo");
        let path = AnalogPath::of(&network).expect("analog all the way");
        let ops: Vec<&Op> = path.sums.keys().map(|&node| &network.node(node).op).collect();
        let added = ops.iter().filter(|op| ***op == Op::Add).count();
        assert_eq!((added, path.driven_by_neurons[0]), (3, false), "{:?}", names(&network, path.sums.keys().copied()));
        assert!(path.driven_by_neurons[1..].iter().all(|&driven| driven));
        let layers = network.layers().len();
        assert!(path.sums.len() < layers && path.sums.values().all(|&place| place < layers));
    }

    #[test]
    fn what_needs_a_converter_is_refused() {
        let mut network = Network::new("net", vec![4]);
        let first = network.dense("first", network.input(), 4).expect("a layer");
        let normed = network.then(first, Op::Softmax { axis: 0 }).expect("a function");
        network.dense("last", normed, 2).expect("a layer");
        let refused = AnalogPath::of(&network).map(|_| ()).expect_err("a softmax").to_string();
        assert!(refused.contains("\"first.softmax\" is a softmax between layers"), "{refused}");
        // Behind the last layer nothing has to be analog.
        let mut network = Network::new("net", vec![4]);
        let last = network.dense("last", network.input(), 2).expect("a layer");
        network.then(last, Op::Softmax { axis: 0 }).expect("a function");
        assert!(AnalogPath::of(&network).is_ok());
    }
}
