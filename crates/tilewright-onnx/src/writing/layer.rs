//! Convolutions and dense layers, with the levels of weights that came quantised.

use super::WriteError;
use super::graph::{Attribute, Graph, Type};
use super::operation::window;
use tilewright::network::{Conv, Node, NodeId, Weights};

/// How far from a whole number of levels a quantised weight may be: folding a batch norm rounds once more.
const TOLERANCE: f32 = 1e-3;

pub(super) fn convolution(graph: &mut Graph<'_>, id: NodeId, conv: &Conv) -> Result<(), WriteError> {
    let inputs = inputs(graph, id)?;
    let mut attributes = window([conv.kernel, conv.stride, conv.dilation], &conv.padding);
    attributes.push(("group", Attribute::Int(conv.groups as i64)));
    graph.yields(graph.node(id), "Conv", &inputs, &attributes);
    Ok(())
}

pub(super) fn dense(graph: &mut Graph<'_>, id: NodeId) -> Result<(), WriteError> {
    let inputs = inputs(graph, id)?;
    graph.yields(graph.node(id), "Gemm", &inputs, &[("transB", Attribute::Int(1))]);
    Ok(())
}

/// Input, weights and, if there are any, biases of a layer.
fn inputs(graph: &mut Graph<'_>, id: NodeId) -> Result<Vec<String>, WriteError> {
    let node = graph.node(id);
    let untrained = || WriteError::Untrained { layer: crate::printable::printable(&node.name) };
    let values = node.op.weights().ok_or_else(untrained)?;
    let mut inputs = graph.features(node)?;
    let axes = graph.weight_axes(id);
    inputs.push(weights(graph, node, &axes, values)?);
    if let Some(bias) = node.op.bias() {
        inputs.push(graph.floats(&node.name, "bias", &[bias.len()], bias));
    }
    Ok(inputs)
}

/// The tensor of a layer's weights: stored, or dequantised from stored levels.
fn weights(graph: &mut Graph<'_>, node: &Node, axes: &[usize], weights: &Weights) -> Result<String, WriteError> {
    let (name, values) = (&node.name, weights.values.values());
    let Some(steps) = &weights.scale else {
        return Ok(graph.floats(name, "weight", axes, values));
    };
    // A channel of zeros may have no step of its own; a step must be positive.
    let steps: Vec<f32> = steps.iter().map(|&step| if step > 0.0 { step } else { 1.0 }).collect();
    let channel = (values.len() / axes[0]).max(1);
    let levels = values.chunks(channel).zip(steps.iter().cycle());
    let levels: Vec<f32> = levels.flat_map(|(values, step)| values.iter().map(move |value| value / step)).collect();
    let off = levels.iter().fold(0f32, |most, level| most.max((level - level.round_ties_even()).abs()));
    if !(off <= TOLERANCE && levels.iter().all(|level| level.abs() <= i32::MAX as f32)) {
        return Err(WriteError::node(node, format!("has a weight {off:.2e} levels off its quantisation levels")));
    }
    let levels: Vec<i64> = levels.iter().map(|level| level.round_ties_even() as i64).collect();
    // Beyond a byte there is one integer type that every operator set dequantises.
    let is_byte = levels.iter().all(|level| (-128..=127).contains(level));
    let levels = graph.levels(name, "weight.levels", if is_byte { Type::I8 } else { Type::I32 }, axes, &levels);
    let (shape, axis): (&[usize], _) = match steps.len() {
        1 => (&[], vec![]),
        ref count => (&[*count], vec![("axis", Attribute::Int(0))]),
    };
    let step = graph.floats(name, "weight.step", shape, &steps);
    let output = graph.fresh(&format!("{name}.weight"));
    Ok(graph.part("DequantizeLinear", &[levels, step], output, &axis))
}
