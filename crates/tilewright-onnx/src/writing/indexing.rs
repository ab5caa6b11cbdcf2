//! Values moved, picked out and put together along axes.

use super::WriteError;
use super::graph::{Attribute, Graph, ints};
use tilewright::network::{Node, Op};

/// Inputs joined along an axis; a constant is repeated for every image first.
pub(super) fn concat(graph: &mut Graph<'_>, node: &Node, axis: usize) -> Result<(), WriteError> {
    let image = node.inputs.iter().find(|&&input| !graph.is_constant(input));
    let image = image.ok_or_else(|| WriteError::node(node, "joins constants only"))?;
    let image = &graph.node(*image).name;
    let mut inputs = vec![];
    for &input in &node.inputs {
        let Node { name, op, shape, .. } = graph.node(input);
        inputs.push(match op {
            Op::Constant(values) => {
                let one = [&[1], &shape[..]].concat();
                let values = graph.floats(name, "one", &one, values.values());
                repeated(graph, node, &values, shape, image)
            }
            _ => name.clone(),
        });
    }
    graph.yields(node, "Concat", &inputs, &[("axis", Attribute::Int(axis as i64 + 1))]);
    Ok(())
}

/// `values`, of one image, for as many images as the tensor `image` has.
fn repeated(graph: &mut Graph<'_>, node: &Node, values: &str, shape: &[usize], image: &str) -> String {
    let batch = graph.fresh(&format!("{}.batch", node.name));
    let batch = graph.part("Shape", &[image], batch, &[("start", Attribute::Int(0)), ("end", Attribute::Int(1))]);
    let rest = graph.integers(&node.name, "rest", &ints(shape.iter().copied()));
    let whole = graph.fresh(&format!("{}.shape", node.name));
    let whole = graph.part("Concat", &[&batch, &rest], whole, &[("axis", Attribute::Int(0))]);
    graph.step(node, "Expand", &[values, &whole])
}

pub(super) fn reshape(graph: &mut Graph<'_>, node: &Node, shape: &[usize]) -> Result<(), WriteError> {
    let mut inputs = graph.features(node)?;
    // 0 keeps the batch axis as it is.
    inputs.push(graph.integers(&node.name, "shape", &[vec![0], ints(shape.iter().copied())].concat()));
    graph.yields(node, "Reshape", &inputs, &[]);
    Ok(())
}

pub(super) fn transpose(graph: &mut Graph<'_>, node: &Node, order: &[usize]) -> Result<(), WriteError> {
    let order = [vec![0], ints(order.iter().map(|axis| axis + 1))].concat();
    graph.yields(node, "Transpose", &graph.features(node)?, &[("perm", Attribute::Ints(order))]);
    Ok(())
}

pub(super) fn slice(
    graph: &mut Graph<'_>,
    node: &Node,
    axis: usize,
    [start, end, step]: [usize; 3],
) -> Result<(), WriteError> {
    let mut inputs = graph.features(node)?;
    for (what, value) in [("starts", start), ("ends", end), ("axes", axis + 1), ("steps", step)] {
        inputs.push(graph.integers(&node.name, what, &ints([value])));
    }
    graph.yields(node, "Slice", &inputs, &[]);
    Ok(())
}

pub(super) fn select(graph: &mut Graph<'_>, node: &Node, axis: usize, indices: &[usize]) -> Result<(), WriteError> {
    let mut inputs = graph.features(node)?;
    inputs.push(graph.integers(&node.name, "indices", &ints(indices.iter().copied())));
    graph.yields(node, "Gather", &inputs, &[("axis", Attribute::Int(axis as i64 + 1))]);
    Ok(())
}

/// A sum of elements picked out, times their weights: a product with a matrix would be read as a layer for crossbars.
pub(super) fn interpolate(
    graph: &mut Graph<'_>,
    node: &Node,
    axis: usize,
    taps: &[Vec<(usize, f32)>],
) -> Result<(), WriteError> {
    let input = graph.features(node)?.remove(0);
    let most = taps.iter().map(Vec::len).max().unwrap_or(0).max(1);
    let mut shape = vec![1; node.shape.len()];
    shape[axis] = taps.len();
    let mut terms = vec![];
    for term in 0..most {
        // An element with fewer taps has its first once more, with a weight of 0.
        let tap = |taps: &Vec<(usize, f32)>| {
            taps.get(term).copied().unwrap_or_else(|| (taps.first().map_or(0, |&(index, _)| index), 0.0))
        };
        let (indices, weights): (Vec<usize>, Vec<f32>) = taps.iter().map(tap).unzip();
        let indices = graph.integers(&node.name, "indices", &ints(indices));
        let output = graph.fresh(&format!("{}.gather", node.name));
        let axis = [("axis", Attribute::Int(axis as i64 + 1))];
        let picked = graph.part("Gather", &[&input, &indices], output, &axis);
        let weights = graph.floats(&node.name, "weights", &shape, &weights);
        terms.push(graph.step(node, "Mul", &[&picked, &weights]));
    }
    graph.yields(node, "Sum", &terms, &[]);
    Ok(())
}

pub(super) fn pad(
    graph: &mut Graph<'_>,
    node: &Node,
    [before, after]: [&[usize]; 2],
    value: f32,
) -> Result<(), WriteError> {
    let mut inputs = graph.features(node)?;
    let [before, after] = [before, after].map(|side| [vec![0], ints(side.iter().copied())].concat());
    inputs.push(graph.integers(&node.name, "pads", &[before, after].concat()));
    inputs.push(graph.number(&node.name, "value", value));
    graph.yields(node, "Pad", &inputs, &[]);
    Ok(())
}
