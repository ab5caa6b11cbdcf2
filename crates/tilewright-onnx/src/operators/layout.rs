//! Operators that move values or rename them, and those that only shape computations use.

use super::Outcome;
use crate::arguments::{cast_target, is_float, new_shape, order, squeezed, unsqueezed};
use crate::building::Import;
use crate::constant::Constant;
use crate::constant_folding::cast as cast_constant;
use crate::error::Problem;
use crate::node::OnnxNode;
use crate::value::{Quantized, Value};
use tilewright::network::Op;

/// The input under another shape, whose batch axis must still be first.
fn push_reshape(import: &mut Import, node: &OnnxNode<'_>, full: &[usize]) -> Result<Outcome, Problem> {
    let shape = node.without_batch(full)?;
    Ok(import.push(node, Op::Reshape { shape }, &[node.runtime(0)?])?.into())
}

pub(super) fn reshape(import: &mut Import, node: &OnnxNode<'_>) -> Result<Outcome, Problem> {
    if node.varies(1) {
        return Ok(Outcome::Digital);
    }
    let full = new_shape(node, &import.full_shape(node.runtime(0)?))?;
    push_reshape(import, node, &full)
}

pub(super) fn squeeze(import: &mut Import, node: &OnnxNode<'_>) -> Result<Outcome, Problem> {
    let full = squeezed(node, &import.full_shape(node.runtime(0)?))?;
    push_reshape(import, node, &full)
}

pub(super) fn unsqueeze(import: &mut Import, node: &OnnxNode<'_>) -> Result<Outcome, Problem> {
    let full = unsqueezed(node, &import.full_shape(node.runtime(0)?))?;
    push_reshape(import, node, &full)
}

/// Two axes: those before `axis` and those from it on.
pub(super) fn flatten(import: &mut Import, node: &OnnxNode<'_>) -> Result<Outcome, Problem> {
    let full = import.full_shape(node.runtime(0)?);
    let axis = node.attributes.int("axis", 1)?;
    // The axis may also be the rank itself.
    let at = if axis == full.len() as i64 { full.len() } else { node.axis("axis", axis, full.len())? };
    let shape = [full[..at].iter().product(), full[at..].iter().product()];
    push_reshape(import, node, &shape)
}

pub(super) fn transpose(import: &mut Import, node: &OnnxNode<'_>) -> Result<Outcome, Problem> {
    let order = order(node, import.rank(node)?)?;
    if order[0] != 0 {
        let found = format!("{order:?}");
        return Err(node.attributes.unsupported("perm", found, "the batch axis 0 must stay first"));
    }
    let order = order[1..].iter().map(|axis| axis - 1).collect();
    Ok(import.push(node, Op::Transpose { order }, &[node.runtime(0)?])?.into())
}

pub(super) fn concat(import: &mut Import, node: &OnnxNode<'_>) -> Result<Outcome, Problem> {
    let runtime = node.inputs.iter().flatten().find_map(|value| match value {
        Value::Node(id) => Some(import.network.shape(*id).len() + 1),
        _ => None,
    });
    let rank = runtime.ok_or_else(|| node.fail("joins no floating-point tensor that depends on the image"))?;
    let axis = node.image_axis("axis", node.attributes.int("axis", 1)?, rank)?;
    let mut parts = vec![];
    for index in 0..node.inputs.len() {
        parts.push(match node.constant(index) {
            Some(constant) if constant.shape().len() != rank => {
                return Err(node.fail(format!("joins a tensor of {rank} axes and one of shape {:?}", constant.shape())));
            }
            Some(constant) => import.constant_node(node, constant, rank)?,
            None => node.runtime(index)?,
        });
    }
    Ok(import.push(node, Op::Concat { axis }, &parts)?.into())
}

pub(super) fn identity(_: &mut Import, node: &OnnxNode<'_>) -> Result<Outcome, Problem> {
    match node.input(0) {
        Some(value) => Ok(Outcome::Values(vec![value.clone()])),
        None => Err(node.fail("lacks its input")),
    }
}

/// Nothing at inference.
pub(super) fn dropout(import: &mut Import, node: &OnnxNode<'_>) -> Result<Outcome, Problem> {
    node.attributes.ignore(&["ratio", "seed"]);
    let training = match node.constant(2) {
        Some(flag) => node.integers(flag)?.iter().any(|&flag| flag != 0),
        None => node.varies(2),
    };
    if training {
        return Err(node.attributes.unsupported("training_mode", "true", "export the model in evaluation mode"));
    }
    identity(import, node)
}

/// Only between floating-point types, which are one here.
pub(super) fn cast(import: &mut Import, node: &OnnxNode<'_>) -> Result<Outcome, Problem> {
    if is_float(cast_target(node)?) { identity(import, node) } else { Ok(Outcome::Digital) }
}

/// As [`cast`], to the type of the second input.
pub(super) fn cast_like(import: &mut Import, node: &OnnxNode<'_>) -> Result<Outcome, Problem> {
    node.attributes.ignore(&["saturate", "round_mode"]);
    let to_float = match node.input(1) {
        Some(Value::Node(_)) => true,
        Some(Value::Constant(like)) => like.as_floats().is_some(),
        _ => return Ok(Outcome::Digital),
    };
    match node.constant(0) {
        Some(constant) => {
            import.spend(node, constant.len())?;
            Ok(Outcome::Values(vec![Value::Constant(cast_constant(constant, to_float))]))
        }
        None if to_float => identity(import, node),
        None => Ok(Outcome::Digital),
    }
}

pub(super) fn expand(import: &mut Import, node: &OnnxNode<'_>) -> Result<Outcome, Problem> {
    let (Some(target), true) = (node.constant(1), node.varies(0)) else { return Ok(Outcome::Digital) };
    let full = import.full_shape(node.runtime(0)?);
    let target = node.integers(target)?;
    let keeps = target.len() <= full.len()
        && full.iter().rev().zip(target.iter().rev()).all(|(&length, &wanted)| wanted == 1 || wanted == length as i64);
    if keeps { identity(import, node) } else { Ok(Outcome::Digital) }
}

/// The ONNX shape of a tensor, batch 1.
pub(super) fn shape(import: &mut Import, node: &OnnxNode<'_>) -> Result<Outcome, Problem> {
    let full = match node.input(0) {
        Some(Value::Node(id) | Value::Quantized(Quantized { source: id, .. })) => import.full_shape(*id),
        Some(Value::Constant(constant)) => constant.shape().to_vec(),
        None => return Err(node.fail("lacks its input")),
    };
    let rank = full.len() as i64;
    let bound = |value: i64| if value < 0 { value.saturating_add(rank) } else { value }.clamp(0, rank) as usize;
    let (start, end) = (bound(node.attributes.int("start", 0)?), bound(node.attributes.int("end", rank)?));
    let lengths = full.get(start..end.max(start)).unwrap_or(&[]).iter().map(|&length| length as i64);
    Ok(Outcome::Values(vec![Value::Constant(Constant::list(lengths.collect()))]))
}

/// An operator whose inputs are constants in every model there is.
pub(super) fn constant_only(_: &mut Import, _: &OnnxNode<'_>) -> Result<Outcome, Problem> {
    Ok(Outcome::Digital)
}
