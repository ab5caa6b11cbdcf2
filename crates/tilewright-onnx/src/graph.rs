//! The nodes of a graph that matter, in an order in which each comes after what it takes.

use crate::building::MAX_NODES;
use crate::error::Problem;
use crate::printable::printable;
use rten_onnx::onnx::{GraphProto, NodeProto};
use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap, HashSet};

/// The indices of the nodes that the graph's outputs depend on, sorted: as they are in the file wherever that is an order to compute
/// them in. Tensors that nothing in the graph yields are left to the walk to find.
pub(crate) fn order(nodes: &[NodeProto], outputs: &[&str]) -> Result<Vec<usize>, Problem> {
    if nodes.len() > MAX_NODES {
        return Err(Problem::Model(format!("has {} nodes; at most {MAX_NODES} are supported", nodes.len())));
    }
    let mut makers: HashMap<&str, usize> = HashMap::new();
    for (index, node) in nodes.iter().enumerate() {
        for tensor in node.output.iter().filter(|tensor| !tensor.is_empty()) {
            if makers.insert(tensor, index).is_some() {
                return Err(Problem::Model(format!("has two nodes that yield the tensor {tensor:?}; one is allowed")));
            }
        }
    }
    let takes: Vec<Vec<usize>> = nodes
        .iter()
        .map(|node| {
            let mut makers: Vec<usize> =
                taken(node).into_iter().filter_map(|tensor| makers.get(tensor).copied()).collect();
            makers.sort_unstable();
            makers.dedup();
            makers
        })
        .collect();
    let live = live(&takes, outputs.iter().filter_map(|output| makers.get(output).copied()));
    sorted(&takes, &live, nodes)
}

/// The first node of an operator among these and the graphs within them, to a depth.
pub(crate) fn first_of<'a>(
    nodes: impl IntoIterator<Item = &'a NodeProto>,
    operator: &str,
    depth: usize,
) -> Option<&'a NodeProto> {
    nodes.into_iter().find_map(|node| {
        if node.op_type.as_deref() == Some(operator) {
            return Some(node);
        }
        let mut graphs = node.attribute.iter().filter_map(|attribute| attribute.g.as_ref()).filter(|_| depth > 0);
        graphs.find_map(|graph| first_of(&graph.node, operator, depth - 1))
    })
}

/// The nodes that the `wanted` ones depend on.
fn live(takes: &[Vec<usize>], wanted: impl Iterator<Item = usize>) -> Vec<bool> {
    let mut live = vec![false; takes.len()];
    let mut open: Vec<usize> = wanted.collect();
    while let Some(node) = open.pop() {
        if !std::mem::replace(&mut live[node], true) {
            open.extend(&takes[node]);
        }
    }
    live
}

/// Kahn's order of the live nodes, the one first in the file before others that are ready.
fn sorted(takes: &[Vec<usize>], live: &[bool], nodes: &[NodeProto]) -> Result<Vec<usize>, Problem> {
    let mut users = vec![vec![]; takes.len()];
    let mut missing: Vec<usize> = takes.iter().map(Vec::len).collect();
    for (user, takes) in takes.iter().enumerate().filter(|(user, _)| live[*user]) {
        takes.iter().for_each(|&maker| users[maker].push(user));
    }
    let mut ready: BinaryHeap<Reverse<usize>> =
        (0..takes.len()).filter(|&node| live[node] && missing[node] == 0).map(Reverse).collect();
    let mut order = vec![];
    while let Some(Reverse(node)) = ready.pop() {
        order.push(node);
        for &user in &users[node] {
            missing[user] -= 1;
            if missing[user] == 0 {
                ready.push(Reverse(user));
            }
        }
    }
    match (0..takes.len()).find(|&node| live[node] && missing[node] > 0) {
        None => Ok(order),
        Some(node) => {
            let named = nodes[node].name.iter().chain(nodes[node].output.first()).find(|name| !name.is_empty());
            let name = named.map_or_else(|| format!("number {node}"), |name| format!("{:?}", printable(name)));
            Err(Problem::Model(format!("has a cycle through the node {name}, so that it cannot be computed")))
        }
    }
}

/// All tensors a node takes, those its graphs take from around it included.
fn taken(node: &NodeProto) -> Vec<&str> {
    let mut taken: Vec<&str> = node.input.iter().map(String::as_str).filter(|tensor| !tensor.is_empty()).collect();
    for graph in node.attribute.iter().filter_map(|attribute| attribute.g.as_ref()) {
        taken.extend(taken_from_outside(graph));
    }
    taken
}

fn taken_from_outside(graph: &GraphProto) -> HashSet<&str> {
    let inner = graph.node.iter().flat_map(taken);
    let outputs = graph.output.iter().filter_map(|output| output.name.as_deref());
    let mut names: HashSet<&str> = inner.chain(outputs).collect();
    let made = graph.node.iter().flat_map(|node| &node.output).map(String::as_str);
    let stored = graph.initializer.iter().filter_map(|tensor| tensor.name.as_deref());
    for inner in made.chain(stored) {
        names.remove(inner);
    }
    names
}

/// All tensors the nodes at these places take.
pub(crate) fn used<'a>(nodes: &'a [NodeProto], order: &'a [usize]) -> impl Iterator<Item = &'a str> {
    order.iter().flat_map(|&index| taken(&nodes[index]))
}
