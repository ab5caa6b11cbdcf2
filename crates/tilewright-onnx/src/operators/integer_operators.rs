//! The QOperator format: operators from integers to integers. Each is its floating-point counterpart on the values that the integers
//! stand for, rounded again.

use super::quantization::{levels, parameters, range};
use super::window::{Window, as_image, as_sequence};
use super::{Outcome, arithmetic, convolution, dense};
use crate::building::Import;
use crate::constant::Constant;
use crate::constant_folding::quantization::{check_scales, scaled};
use crate::error::Problem;
use crate::node::OnnxNode;
use crate::value::{Feature, Quantized, Value};
use std::sync::Arc;
use tilewright::network::{Activation, Op, Pool, PoolKind, Weights};

/// The result of an operator as integers again, by the scale and zero point at these inputs.
fn rounded(node: &OnnxNode<'_>, source: Feature, output: [usize; 2]) -> Result<Outcome, Problem> {
    let (scale, zero_point, kind) = parameters(node, output)?;
    let quantized = Quantized {
        name: format!("{}.rounded", node.name),
        source,
        scale,
        zero_point,
        range: range(node, kind)?,
        rounded: false,
    };
    Ok(Outcome::Values(vec![Value::Quantized(quantized)]))
}

/// Constant integers as values, by the scales and zero points of the inputs after them; scales lie along `axis`.
fn weights(node: &OnnxNode<'_>, at: usize, axis: usize) -> Result<Constant, Problem> {
    let constant = node.constant(at).ok_or_else(|| node.fail(format!("has an input {at} that is not a constant")))?;
    let scale = node.constant(at + 1).ok_or_else(|| node.fail("has no constant scale of its weights"))?;
    let scale = node.floats(scale)?.values();
    check_scales(node, scale)?;
    let zero_points = match node.constant(at + 2) {
        Some(zero_points) => node.integers(zero_points)?.to_vec(),
        None => vec![0],
    };
    // A zero point each goes with a scale for all.
    let count = scale.len().max(zero_points.len());
    let scales: Vec<f32> = scale.iter().copied().cycle().take(count).collect();
    scaled(node, constant, &scales, &zero_points, axis)
}

/// Integer biases as values: multiples of the scale of the input times that of the weights.
fn bias(node: &OnnxNode<'_>, at: usize, input_scale: f32, weights: &Weights) -> Result<Option<Arc<[f32]>>, Problem> {
    let Some(bias) = node.constant(at) else { return Ok(None) };
    let scales = weights.scale.as_deref().unwrap_or(&[1.0]);
    let levels = node.integers(bias)?;
    let values = levels.iter().zip(scales.iter().cycle());
    Ok(Some(values.map(|(&level, scale)| (level as f64 * f64::from(input_scale) * f64::from(*scale)) as f32).collect()))
}

pub(super) fn conv(import: &mut Import, node: &OnnxNode<'_>) -> Result<Outcome, Problem> {
    node.attributes.only_int("channels_last", 0)?;
    let input = levels(import, node, 0, [1, 2])?;
    let constant = weights(node, 3, 0)?;
    let weights = node.weights(&constant)?;
    let bias = bias(node, 8, parameters(node, [1, 2])?.0, &weights)?;
    let by_value = node.with_inputs(vec![Some(Value::Node(input))]);
    let image = import.image(&by_value, 0)?;
    let output = convolution::integer_weights(import, node, image, weights, constant.bits(), bias)?;
    rounded(node, output, [6, 7])
}

pub(super) fn mat_mul(import: &mut Import, node: &OnnxNode<'_>) -> Result<Outcome, Problem> {
    let left = levels(import, node, 0, [1, 2])?;
    let output = if node.constant(3).is_some() {
        let axis = node.constant(3).map_or(0, |matrix| matrix.shape().len().saturating_sub(1));
        let matrix = weights(node, 3, axis)?;
        let weights = dense::output_rows(import, node, &matrix, false)?;
        dense::integer_weights(import, node, left, weights, matrix.bits(), None)?
    } else {
        let right = levels(import, node, 3, [4, 5])?;
        let factors = node.with_inputs(vec![Some(Value::Node(left)), Some(Value::Node(right))]);
        match dense::mat_mul(import, &factors)? {
            Outcome::Values(values) => match values.as_slice() {
                [Value::Node(output)] => *output,
                _ => return Ok(Outcome::Digital),
            },
            Outcome::Digital => return Ok(Outcome::Digital),
        }
    };
    rounded(node, output, [6, 7])
}

pub(super) fn gemm(import: &mut Import, node: &OnnxNode<'_>) -> Result<Outcome, Problem> {
    node.attributes.only_int("transA", 0)?;
    let alpha = node.attributes.float("alpha", 1.0)?;
    if alpha != 1.0 {
        return Err(node.attributes.unsupported("alpha", alpha, "1 is allowed"));
    }
    let rows_are_outputs = node.attributes.flag("transB", false)?;
    let input = levels(import, node, 0, [1, 2])?;
    let matrix = weights(node, 3, usize::from(!rows_are_outputs))?;
    let weights = dense::output_rows(import, node, &matrix, rows_are_outputs)?;
    let bias = bias(node, 6, parameters(node, [1, 2])?.0, &weights)?;
    let output = dense::integer_weights(import, node, input, weights, matrix.bits(), bias)?;
    // Without a scale of its own, the result is real.
    if node.input(7).is_none() { Ok(output.into()) } else { rounded(node, output, [7, 8]) }
}

/// Sums and products of two tensors of integers, one of which may be constant.
pub(super) fn combine(import: &mut Import, node: &OnnxNode<'_>) -> Result<Outcome, Problem> {
    let operand = |import: &mut Import, at: usize| match node.constant(at) {
        Some(_) => Ok(Value::Constant(Constant { scale: None, ..weights(node, at, 0)? })),
        None => Ok::<_, Problem>(Value::Node(levels(import, node, at, [at + 1, at + 2])?)),
    };
    let both = node.with_inputs(vec![Some(operand(import, 0)?), Some(operand(import, 3)?)]);
    let op = if node.operator.ends_with("Add") { Op::Add } else { Op::Mul };
    let output = arithmetic::combine(import, &both, op, 0..2)?;
    rounded(node, output, [6, 7])
}

pub(super) fn global_average(import: &mut Import, node: &OnnxNode<'_>) -> Result<Outcome, Problem> {
    node.attributes.only_int("channels_last", 0)?;
    let input = levels(import, node, 0, [1, 2])?;
    let by_value = node.with_inputs(vec![Some(Value::Node(input))]);
    let image = import.image(&by_value, 0)?;
    let axes = (1..import.network.shape(image).len()).collect();
    let output = import.push(node, Op::Mean { axes, keep_axes: true }, &[image])?;
    rounded(node, Feature::image(output), [3, 4])
}

pub(super) fn average(import: &mut Import, node: &OnnxNode<'_>) -> Result<Outcome, Problem> {
    node.attributes.only_int("channels_last", 0)?;
    let count_padding = node.attributes.flag("count_include_pad", false)?;
    let ceil = node.attributes.flag("ceil_mode", false)?;
    let input = levels(import, node, 0, [1, 2])?;
    let by_value = node.with_inputs(vec![Some(Value::Node(input))]);
    let image = import.image(&by_value, 0)?;
    let shape = import.network.shape(image).to_vec();
    let sides = shape.len().saturating_sub(1);
    if !(1..=2).contains(&sides) {
        return Ok(Outcome::Digital);
    }
    let Window { kernel, stride, dilation, padding } = Window::read(node, &shape, None)?;
    let image = as_image(import, node, image)?;
    let pool = Pool { kind: PoolKind::Average { count_padding }, kernel, stride, dilation, padding, ceil };
    let output = import.push(node, Op::Pool(pool), &[image])?;
    let output = as_sequence(import, node, output, sides)?;
    rounded(node, Feature::image(output), [3, 4])
}

/// Inputs of different scales joined: each is a tensor, a scale and a zero point, after the result's own.
pub(super) fn concat(import: &mut Import, node: &OnnxNode<'_>) -> Result<Outcome, Problem> {
    let mut parts = vec![];
    for at in (2..node.inputs.len()).step_by(3) {
        parts.push(Some(match node.constant(at) {
            Some(_) => Value::Constant(Constant { scale: None, ..weights(node, at, 0)? }),
            None => Value::Node(levels(import, node, at, [at + 1, at + 2])?),
        }));
    }
    match super::layout::concat(import, &node.with_inputs(parts))? {
        Outcome::Values(values) => match values.as_slice() {
            [Value::Node(output)] => rounded(node, *output, [0, 1]),
            _ => Ok(Outcome::Digital),
        },
        Outcome::Digital => Ok(Outcome::Digital),
    }
}

pub(super) fn sigmoid(import: &mut Import, node: &OnnxNode<'_>) -> Result<Outcome, Problem> {
    function(import, node, Activation::Sigmoid)
}

pub(super) fn leaky_relu(import: &mut Import, node: &OnnxNode<'_>) -> Result<Outcome, Problem> {
    let slope = node.attributes.float("alpha", 0.01)?;
    function(import, node, Activation::LeakyRelu { slope })
}

fn function(import: &mut Import, node: &OnnxNode<'_>, activation: Activation) -> Result<Outcome, Problem> {
    let input = levels(import, node, 0, [1, 2])?;
    let output = import.push_on(node, Op::Activation(activation), input)?;
    rounded(node, output, [3, 4])
}

pub(super) fn softmax(import: &mut Import, node: &OnnxNode<'_>) -> Result<Outcome, Problem> {
    let opset = node.attributes.int("opset", 13)?;
    let input = levels(import, node, 0, [1, 2])?;
    let axis = node.attributes.int("axis", -1)?;
    let axis = import.axis(node, input, "axis", axis)?;
    let after = &import.network.shape(input.id)[axis + 1..];
    if opset < 13 && after.iter().any(|&length| length > 1) {
        return Err(node.attributes.unsupported("axis", axis, "the last axis is allowed before operator set 13"));
    }
    let output = import.push_on(node, Op::Softmax { axis }, input)?;
    rounded(node, output, [3, 4])
}
