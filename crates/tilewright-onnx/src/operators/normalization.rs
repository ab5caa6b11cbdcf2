//! BatchNormalization and Softmax.

use super::Outcome;
use crate::building::Import;
use crate::error::Problem;
use crate::node::OnnxNode;
use tilewright::network::{BatchNorm, Op, ScaleShift};

/// gamma · (x − mean) / √(variance + epsilon) + beta (Ioffe, Szegedy 2015, algorithm 2).
pub(super) fn batch_norm(import: &mut Import, node: &OnnxNode<'_>) -> Result<Outcome, Problem> {
    let attributes = &node.attributes;
    attributes.ignore(&["momentum"]);
    attributes.only_int("training_mode", 0)?;
    attributes.only_int("spatial", 1)?;
    let epsilon = f64::from(attributes.float("epsilon", 1e-5)?);
    let mut parameters = vec![];
    for index in 1..=4 {
        let Some(constant) = node.constant(index) else { return Ok(Outcome::Digital) };
        parameters.push(node.floats(constant)?.values());
    }
    let &[gamma, beta, mean, variance] = parameters.as_slice() else { unreachable!("four were read") };
    if [beta, mean, variance].iter().any(|values| values.len() != gamma.len()) {
        return Err(node.fail("has scale, bias, mean and variance of different lengths"));
    }
    let factor = |channel: usize| f64::from(gamma[channel]) / (f64::from(variance[channel]) + epsilon).sqrt();
    let channels = 0..gamma.len();
    let scale = channels.clone().map(|channel| factor(channel) as f32).collect();
    let shift = channels.map(|channel| (f64::from(beta[channel]) - f64::from(mean[channel]) * factor(channel)) as f32);
    let norm = BatchNorm { parameters: Some(ScaleShift { scale, shift: shift.collect() }) };
    Ok(import.push(node, Op::BatchNorm(norm), &[node.runtime(0)?])?.into())
}

pub(super) fn softmax(import: &mut Import, node: &OnnxNode<'_>) -> Result<Outcome, Problem> {
    let rank = import.rank(node)?;
    let flattens = import.opset < 13;
    let axis = node.attributes.int("axis", if flattens { 1 } else { -1 })?;
    let along = node.image_axis("axis", axis, rank)?;
    let shape = import.network.shape(node.runtime(0)?);
    // Before operator set 13, the values along all axes from this one on sum to 1.
    if flattens && shape[along + 1..].iter().any(|&length| length > 1) {
        return Err(node.attributes.unsupported("axis", axis, "the last axis is allowed before operator set 13"));
    }
    Ok(import.push(node, Op::Softmax { axis: along }, &[node.runtime(0)?])?.into())
}
