//! How large buffers must be for a schedule.

use super::chains::Chain;
use crate::mapping::{LayerMapping, Mapping};
use crate::network::{Network, Node, NodeId, Op};

/// Values that must be held at once when layers run one after another: the largest live set over the execution.
///
/// Maps are made by mapped layers, pooling, sums and joins; other operations work in place. What a node makes that is `handed_over` is
/// stored nowhere: its own input stays until that is taken.
pub(super) fn live_values(network: &Network, handed_over: &[NodeId]) -> f64 {
    let nodes = network.nodes();
    let mut stored: Vec<usize> = Vec::with_capacity(nodes.len());
    for (place, node) in nodes.iter().enumerate() {
        let is_stored = makes_a_map(node) && !handed_over.contains(&NodeId(place));
        let source = if is_stored { place } else { node.inputs.first().map_or(place, |input| stored[input.0]) };
        stored.push(source);
    }
    let mut last_use: Vec<usize> = (0..nodes.len()).collect();
    for (place, node) in nodes.iter().enumerate() {
        node.inputs.iter().for_each(|input| last_use[stored[input.0]] = place);
    }
    let mut ended = vec![vec![]; nodes.len()];
    (0..nodes.len()).filter(|&map| stored[map] == map).for_each(|map| ended[last_use[map]].push(map));
    let size = |place: usize| nodes[place].shape.iter().product::<usize>() as f64;
    let (mut live, mut most) = (0.0, 0.0f64);
    for place in 0..nodes.len() {
        if stored[place] == place {
            live += size(place);
        }
        most = most.max(live);
        live -= ended[place].iter().map(|&map| size(map)).sum::<f64>();
    }
    most
}

fn makes_a_map(node: &Node) -> bool {
    matches!(
        node.op,
        Op::Conv(_) | Op::Dense(_) | Op::Input | Op::Pool(_) | Op::Mean { .. } | Op::Add | Op::Mul | Op::Concat { .. }
    )
}

/// Values that each layer must hold when all layers run at once: the rows its windows span and those that arrive meanwhile, and
/// whole maps that other layers need later.
/// A layer of a chain holds no rows.
pub(super) fn pipelined_values(
    network: &Network,
    mapping: &Mapping,
    (homes, chains): (&[Option<usize>], &[Option<Chain>]),
) -> Vec<f64> {
    let rows = |(layer, chain): (&LayerMapping, &Option<Chain>)| if chain.is_some() { 0.0 } else { line_values(layer) };
    let lines = mapping.layers.iter().zip(chains).map(rows);
    lines.zip(waiting_values(network, homes)).map(|(lines, waiting)| lines + waiting).collect()
}

/// Values of the rows that a layer's windows span and of those that arrive meanwhile.
pub(super) fn line_values(layer: &LayerMapping) -> f64 {
    let shape = &layer.shape;
    let tiles = layer.tiles();
    let span = tiles.map_or(shape.input[0], |tiles| tiles.partition.sub_image()[0]);
    let rows = (span + layer.tiling.window[0] * shape.stride[0]).min(shape.input[0]);
    (rows * shape.input[1] * shape.in_channels) as f64
}

/// Values of whole maps that each layer needs later than they are made.
pub(super) fn waiting_values(network: &Network, homes: &[Option<usize>]) -> Vec<f64> {
    let layers = network.iter().filter(|&(node, _)| network.is_layer(node)).count();
    let mut values = vec![0.0; layers];
    for (node, home) in network.nodes().iter().zip(homes) {
        let Some(to) = *home else { continue };
        // What the layer before makes arrives in time; what an earlier one made has to wait.
        let waiting = node.inputs.iter().filter(|input| homes[input.0].is_some_and(|from| from + 1 < to));
        values[to] += waiting.map(|input| network.shape(*input).iter().product::<usize>() as f64).sum::<f64>();
    }
    values
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::{Conv, Network};

    #[test]
    fn live_values_by_hand() {
        let mut network = Network::new("by hand", vec![2, 4, 4]);
        let input = network.input();
        let a = network.conv("a", input, Conv::same(4, 3)).expect("a layer");
        let b = network.conv("b", a, Conv::same(4, 3)).expect("a layer");
        network.push("sum", Op::Add, &[a, b]).expect("an operation");
        // a and b of 64 values and the sum of 64: the image of 32 is gone.
        assert_eq!(live_values(&network, &[]), 192.0);
        let mut chain = Network::new("chain", vec![2, 4, 4]);
        let a = chain.conv("a", chain.input(), Conv::same(4, 3)).expect("a layer");
        let relu = chain.relu(a).expect("an operation");
        chain.conv("b", relu, Conv::same(1, 3)).expect("a layer");
        assert_eq!(live_values(&chain, &[]), 96.0);
        // Without a of 64 values the image of 32 stays while b's 16 are made.
        assert_eq!(live_values(&chain, &[a]), 48.0);
    }
}
