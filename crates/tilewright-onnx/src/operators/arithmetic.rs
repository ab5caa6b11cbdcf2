//! Sums and products, broadcast as in numpy.

use super::Outcome;
use crate::building::Import;
use crate::constant::{Constant, Values};
use crate::error::Problem;
use crate::node::OnnxNode;
use crate::value::Value;
use std::sync::Arc;
use tilewright::network::{NodeId, Op, Tensor};

pub(super) fn add(import: &mut Import, node: &OnnxNode<'_>) -> Result<Outcome, Problem> {
    combine(import, node, Op::Add)
}

pub(super) fn mul(import: &mut Import, node: &OnnxNode<'_>) -> Result<Outcome, Problem> {
    combine(import, node, Op::Mul)
}

pub(super) fn sum(import: &mut Import, node: &OnnxNode<'_>) -> Result<Outcome, Problem> {
    combine(import, node, Op::Add)
}

/// a − b = a + (−b), where −b is a constant or b times −1.
pub(super) fn sub(import: &mut Import, node: &OnnxNode<'_>) -> Result<Outcome, Problem> {
    let rank = rank(import, node)?;
    let left = operand(import, node, 0, rank)?;
    let right = match node.constant(1) {
        Some(constant) => {
            let negated = map(node, constant, |x| -x)?;
            import.constant_node(node, &negated, rank)?
        }
        None => {
            let minus = Op::Constant(Tensor::new(vec![], vec![-1.0]).into());
            let minus = import.push_part(node, minus, &[])?;
            import.push_part(node, Op::Mul, &[node.runtime(1)?, minus])?
        }
    };
    Ok(import.push(node, Op::Add, &[left, right])?.into())
}

pub(super) fn div(import: &mut Import, node: &OnnxNode<'_>) -> Result<Outcome, Problem> {
    let Some(divisor) = node.constant(1) else { return Ok(Outcome::Digital) };
    let reciprocal = map(node, divisor, |x| 1.0 / x)?;
    let rank = rank(import, node)?;
    let right = import.constant_node(node, &reciprocal, rank)?;
    Ok(import.push(node, Op::Mul, &[node.runtime(0)?, right])?.into())
}

fn combine(import: &mut Import, node: &OnnxNode<'_>, op: Op) -> Result<Outcome, Problem> {
    let rank = rank(import, node)?;
    let inputs = (0..node.inputs.len()).map(|index| operand(import, node, index, rank));
    let inputs = inputs.collect::<Result<Vec<_>, _>>()?;
    Ok(import.push(node, op, &inputs)?.into())
}

/// The most ONNX axes of an input computed at run time.
fn rank(import: &Import, node: &OnnxNode<'_>) -> Result<usize, Problem> {
    let ranks = node.inputs.iter().flatten().filter_map(|value| match value {
        Value::Node(id) => Some(import.network.shape(*id).len() + 1),
        _ => None,
    });
    ranks.max().ok_or_else(|| node.fail("has no floating-point input that depends on the image"))
}

fn operand(import: &mut Import, node: &OnnxNode<'_>, index: usize, rank: usize) -> Result<NodeId, Problem> {
    match node.constant(index) {
        Some(constant) => import.constant_node(node, constant, rank),
        None => node.runtime(index),
    }
}

fn map(node: &OnnxNode<'_>, constant: &Constant, f: impl Fn(f32) -> f32) -> Result<Constant, Problem> {
    let mapped = node.floats(constant)?.map(|&x| f(x));
    Ok(Constant { values: Values::Float(Arc::new(mapped)), scale: None })
}
