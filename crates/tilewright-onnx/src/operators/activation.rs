//! Functions of each value.

use super::{Outcome, quantization};
use crate::building::Import;
use crate::error::Problem;
use crate::node::OnnxNode;
use crate::value::Value;
use tilewright::network::{Activation, Op};

fn push(import: &mut Import, node: &OnnxNode<'_>, activation: Activation) -> Result<Outcome, Problem> {
    Ok(import.push(node, Op::Activation(activation), &[node.runtime(0)?])?.into())
}

pub(super) fn relu(import: &mut Import, node: &OnnxNode<'_>) -> Result<Outcome, Problem> {
    push(import, node, Activation::Relu)
}

pub(super) fn sigmoid(import: &mut Import, node: &OnnxNode<'_>) -> Result<Outcome, Problem> {
    push(import, node, Activation::Sigmoid)
}

pub(super) fn tanh(import: &mut Import, node: &OnnxNode<'_>) -> Result<Outcome, Problem> {
    push(import, node, Activation::Tanh)
}

pub(super) fn hard_swish(import: &mut Import, node: &OnnxNode<'_>) -> Result<Outcome, Problem> {
    push(import, node, Activation::HardSwish)
}

pub(super) fn hard_sigmoid(import: &mut Import, node: &OnnxNode<'_>) -> Result<Outcome, Problem> {
    let (slope, offset) = (node.attributes.float("alpha", 0.2)?, node.attributes.float("beta", 0.5)?);
    push(import, node, Activation::HardSigmoid { slope, offset })
}

pub(super) fn leaky_relu(import: &mut Import, node: &OnnxNode<'_>) -> Result<Outcome, Problem> {
    let slope = node.attributes.float("alpha", 0.01)?;
    push(import, node, Activation::LeakyRelu { slope })
}

/// The limits are attributes before operator set 11 and inputs since.
pub(super) fn clip(import: &mut Import, node: &OnnxNode<'_>) -> Result<Outcome, Problem> {
    if let Some(Value::Quantized(quantized)) = node.input(0) {
        return quantization::clip(node, quantized);
    }
    if node.varies(1) || node.varies(2) {
        return Ok(Outcome::Digital);
    }
    let min = node.number(1)?.map_or_else(|| node.attributes.float("min", f32::MIN), Ok)?;
    let max = node.number(2)?.map_or_else(|| node.attributes.float("max", f32::MAX), Ok)?;
    if min.is_nan() || max.is_nan() {
        return Err(node.fail(format!("limits values to {min}…{max}; numbers are expected")));
    }
    // JSON has no infinity.
    let [min, max] = [min, max].map(|limit| limit.clamp(f32::MIN, f32::MAX));
    push(import, node, Activation::Clip { min, max })
}
