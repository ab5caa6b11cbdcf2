//! One ONNX operator, or several, for each operation of the core.

use super::graph::{Attribute, Graph, Type, ints};
use super::{WriteError, function, indexing, layer, rounding};
use crate::operators::operator_of_reduction;
use tilewright::network::{BatchNorm, Node, NodeId, Op, Padding, Pool, PoolKind, Reduction, TopK};

/// Writes what a node computes.
pub(super) fn write(graph: &mut Graph<'_>, id: NodeId) -> Result<(), WriteError> {
    let node = graph.node(id);
    match &node.op {
        Op::Input => Ok(()),
        Op::Constant(values) => {
            graph.floats_as(&node.name, values.shape(), values.values());
            Ok(())
        }
        Op::Conv(conv) => layer::convolution(graph, id, conv),
        Op::Dense(_) => layer::dense(graph, id),
        Op::BatchNorm(norm) => batch_norm(graph, node, norm),
        Op::Activation(activation) => function::activation(graph, node, *activation),
        Op::Pool(window) => pool(graph, node, window),
        Op::Mean { axes, keep_axes } => reduce(graph, node, None, axes, *keep_axes),
        Op::Reduce { reduction, axes, keep_axes } => reduce(graph, node, Some(*reduction), axes, *keep_axes),
        Op::Add => {
            broadcast(graph, node, if node.inputs.len() == 2 { "Add" } else { "Sum" });
            Ok(())
        }
        Op::Mul => {
            product(graph, node);
            Ok(())
        }
        Op::Pairwise(pairwise) => function::pairwise(graph, node, *pairwise),
        Op::Where => {
            function::choose(graph, node);
            Ok(())
        }
        Op::MatMul => {
            broadcast(graph, node, "MatMul");
            Ok(())
        }
        Op::Standardize { axes, epsilon, mean } => standardize(graph, node, axes, *epsilon, *mean),
        Op::TopK(top) => top_k(graph, node, top),
        Op::Concat { axis } => indexing::concat(graph, node, *axis),
        Op::Softmax { axis } => along(graph, node, "Softmax", *axis),
        Op::LogSoftmax { axis } => along(graph, node, "LogSoftmax", *axis),
        Op::Reshape { shape } => indexing::reshape(graph, node, shape),
        Op::Transpose { order } => indexing::transpose(graph, node, order),
        Op::Slice { axis, start, end, step } => indexing::slice(graph, node, *axis, [*start, *end, *step]),
        Op::Select { axis, indices } => indexing::select(graph, node, *axis, indices),
        Op::Interpolate { axis, taps } => indexing::interpolate(graph, node, *axis, taps),
        Op::Pad { before, after, value } => indexing::pad(graph, node, [before, after], *value),
        Op::DynamicQuantize => rounding::dynamic(graph, node),
        Op::FakeQuantize { scale, zero_point, range } => rounding::fixed(graph, node, *scale, *zero_point, *range),
        Op::Opaque { .. } => Err(WriteError::node(node, "is known by name only")),
    }
}

/// The statistics are in scale and shift already.
fn batch_norm(graph: &mut Graph<'_>, node: &Node, norm: &BatchNorm) -> Result<(), WriteError> {
    let channels = node.shape[0];
    let (ones, zeros) = (vec![1.0; channels], vec![0.0; channels]);
    let [scale, shift] = match &norm.parameters {
        Some(parameters) => [&*parameters.scale, &*parameters.shift],
        None => [&ones[..], &zeros[..]],
    };
    let mut inputs = graph.features(node)?;
    for (what, values) in [("scale", scale), ("shift", shift), ("mean", &zeros), ("variance", &ones)] {
        inputs.push(graph.floats(&node.name, what, &[channels], values));
    }
    graph.yields(node, "BatchNormalization", &inputs, &[("epsilon", Attribute::Float(0.0))]);
    Ok(())
}

/// The attributes of a window over a feature map.
pub(super) fn window(
    [kernel, stride, dilation]: [[usize; 2]; 3],
    padding: &Padding,
) -> Vec<(&'static str, Attribute<'static>)> {
    vec![
        ("kernel_shape", Attribute::Ints(ints(kernel))),
        ("strides", Attribute::Ints(ints(stride))),
        ("dilations", Attribute::Ints(ints(dilation))),
        ("pads", Attribute::Ints(ints([padding.top, padding.left, padding.bottom, padding.right]))),
    ]
}

fn pool(graph: &mut Graph<'_>, node: &Node, pool: &Pool) -> Result<(), WriteError> {
    let mut attributes = window([pool.kernel, pool.stride, pool.dilation], &pool.padding);
    attributes.push(("ceil_mode", Attribute::Int(pool.ceil.into())));
    let operator = match pool.kind {
        PoolKind::Max => "MaxPool",
        PoolKind::Average { count_padding } => {
            attributes.push(("count_include_pad", Attribute::Int(count_padding.into())));
            "AveragePool"
        }
    };
    graph.yields(node, operator, &graph.features(node)?, &attributes);
    Ok(())
}

fn reduce(
    graph: &mut Graph<'_>,
    node: &Node,
    reduction: Option<Reduction>,
    axes: &[usize],
    keep_axes: bool,
) -> Result<(), WriteError> {
    let operator = function::known(node, operator_of_reduction(reduction))?;
    let mut inputs = graph.features(node)?;
    inputs.push(after_batch(graph, node, axes));
    graph.yields(node, operator, &inputs, &[("keepdims", Attribute::Int(keep_axes.into()))]);
    Ok(())
}

/// A stored list of axes, each one more than in the core.
fn after_batch(graph: &mut Graph<'_>, node: &Node, axes: &[usize]) -> String {
    graph.integers(&node.name, "axes", &ints(axes.iter().map(|axis| axis + 1)))
}

fn broadcast(graph: &mut Graph<'_>, node: &Node, operator: &str) {
    let inputs = graph.aligned(node);
    graph.yields(node, operator, &inputs, &[]);
}

fn product(graph: &mut Graph<'_>, node: &Node) {
    let inputs = graph.aligned(node);
    match inputs.as_slice() {
        [] => {}
        [one] => graph.yields(node, "Identity", &[one], &[]),
        [first, others @ .., last] => {
            let product =
                others.iter().fold(first.clone(), |product, factor| graph.step(node, "Mul", &[&product, factor]));
            graph.yields(node, "Mul", &[&product, last], &[]);
        }
    }
}

/// An operator with an axis as its only setting.
fn along(graph: &mut Graph<'_>, node: &Node, operator: &str, axis: usize) -> Result<(), WriteError> {
    graph.yields(node, operator, &graph.features(node)?, &[("axis", Attribute::Int(axis as i64 + 1))]);
    Ok(())
}

/// Step by step: the operators that normalise take neither any axes nor these without scales.
fn standardize(graph: &mut Graph<'_>, node: &Node, axes: &[usize], epsilon: f32, mean: bool) -> Result<(), WriteError> {
    let mut values = graph.features(node)?.remove(0);
    let axes = after_batch(graph, node, axes);
    if mean {
        let mean = graph.step(node, "ReduceMean", &[&values, &axes]);
        values = graph.step(node, "Sub", &[&values, &mean]);
    }
    let squares = graph.step(node, "Mul", &[&values, &values]);
    let variance = graph.step(node, "ReduceMean", &[&squares, &axes]);
    let epsilon = graph.number(&node.name, "epsilon", epsilon);
    let variance = graph.step(node, "Add", &[&variance, &epsilon]);
    let deviation = graph.step(node, "Sqrt", &[&variance]);
    graph.yields(node, "Div", &[&values, &deviation], &[]);
    Ok(())
}

fn top_k(graph: &mut Graph<'_>, node: &Node, top: &TopK) -> Result<(), WriteError> {
    let mut inputs = graph.features(node)?;
    let axis = ("axis", Attribute::Int(top.axis as i64 + 1));
    let name = &node.name;
    if top.places && top.count == 1 {
        let operator = if top.greatest { "ArgMax" } else { "ArgMin" };
        let last = ("select_last_index", Attribute::Int(top.last.into()));
        graph.yields_typed(node, operator, &inputs, &[axis, ("keepdims", Attribute::Int(1)), last]);
        return Ok(());
    }
    if top.last {
        return Err(WriteError::node(node, "takes the last of equal values first; ONNX takes the first"));
    }
    inputs.push(graph.integers(name, "count", &ints([top.count])));
    let attributes = [axis, ("largest", Attribute::Int(top.greatest.into()))];
    let unused = graph.fresh(&format!("{name}.unused"));
    if top.places {
        let places = graph.fresh(&format!("{name}.places"));
        graph.called(&unused, "TopK", &inputs, &[&unused, &places], &attributes);
        graph.yields(node, "Cast", &[places], &[("to", Attribute::Int(Type::Float as i64))]);
    } else {
        graph.called(name, "TopK", &inputs, &[name, &unused], &attributes);
    }
    Ok(())
}
