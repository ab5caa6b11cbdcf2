//! The greatest and least values of an axis, and where they are.

use super::Outcome;
use crate::building::Import;
use crate::constant::Constant;
use crate::error::Problem;
use crate::node::OnnxNode;
use crate::value::{Feature, Value};
use tilewright::network::{Op, Pairwise, TopK};

/// ArgMax, ArgMin: where the first, or the last, of the greatest or least values is.
pub(super) fn arg_extreme(import: &mut Import, node: &OnnxNode<'_>) -> Result<Outcome, Problem> {
    let input = node.runtime(0)?;
    let axis = import.axis(node, input, "axis", node.attributes.int("axis", 0)?)?;
    let last = node.attributes.flag("select_last_index", false)?;
    let keep = node.attributes.flag("keepdims", true)?;
    let top = TopK { axis, count: 1, greatest: node.operator == "ArgMax", last, places: true };
    let place = import.push_on(node, Op::TopK(top), input)?;
    if keep {
        return Ok(place.into());
    }
    let mut shape = import.network.shape(place.id).to_vec();
    shape.remove(axis);
    let batch = place.batch.map(|batch| batch - usize::from(axis < batch));
    let id = import.push_part(node, Op::Reshape { shape }, &[place.id])?;
    Ok(if batch.is_none() { import.with_batch(node, id)? } else { Feature { id, batch } }.into())
}

/// The greatest or least values in order, and where they are.
pub(super) fn top_k(import: &mut Import, node: &OnnxNode<'_>) -> Result<Outcome, Problem> {
    if node.varies(1) {
        return Ok(Outcome::Digital);
    }
    let input = node.runtime(0)?;
    let axis = import.axis(node, input, "axis", node.attributes.int("axis", -1)?)?;
    let count = node.list(1, "k")?.unwrap_or_else(|| vec![node.attributes.int("k", 0).unwrap_or(0)]);
    let count = match count.as_slice() {
        &[count] => usize::try_from(count).ok().filter(|&count| count > 0),
        _ => None,
    };
    let count = count.ok_or_else(|| node.fail("has no number of values to take; 1 and more are expected"))?;
    let greatest = node.attributes.flag("largest", true)?;
    node.attributes.ignore(&["sorted"]);
    let top = TopK { axis, count, greatest, last: false, places: false };
    let values = import.push_on(node, Op::TopK(top), input)?;
    let places = import.push_part(node, Op::TopK(TopK { places: true, ..top }), &[input.id])?;
    Ok(Outcome::Values(vec![Value::Node(values), Value::Node(Feature { id: places, ..input })]))
}

/// 1 at the first of the greatest values of an axis, else 0. Before operator set 13, all axes from `axis` on are one.
pub(super) fn hardmax(import: &mut Import, node: &OnnxNode<'_>) -> Result<Outcome, Problem> {
    let input = node.runtime(0)?;
    let flattens = import.opset < 13;
    let axis = import.axis(node, input, "axis", node.attributes.int("axis", if flattens { 1 } else { -1 })?)?;
    let shape = import.network.shape(input.id).to_vec();
    if flattens && shape[axis + 1..].iter().any(|&length| length > 1) {
        return Ok(Outcome::Digital);
    }
    let top = TopK { axis, count: 1, greatest: true, last: false, places: true };
    let greatest = import.push_part(node, Op::TopK(top), &[input.id])?;
    import.spend(node, shape[axis])?;
    let mut places = vec![1; shape.len()];
    places[axis] = shape[axis];
    let places = Constant::float(places.clone(), (0..shape[axis]).map(|place| place as f32).collect());
    let places = import.constant_node(node, &places, places.shape().to_vec())?;
    let id = import.push(node, Op::Pairwise(Pairwise::Equal), &[greatest, places])?;
    Ok(Feature { id, ..input }.into())
}

/// The test of values that are infinite, of either sign unless attributes leave one out.
pub(super) fn is_infinite(import: &mut Import, node: &OnnxNode<'_>) -> Result<Outcome, Problem> {
    let positive = node.attributes.flag("detect_positive", true)?;
    let negative = node.attributes.flag("detect_negative", true)?;
    let op = Op::Activation(tilewright::network::Activation::IsInfinite { positive, negative });
    Ok(import.push_on(node, op, node.runtime(0)?)?.into())
}
