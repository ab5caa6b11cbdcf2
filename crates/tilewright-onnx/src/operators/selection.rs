//! Parts of tensors and frames around them.

use super::Outcome;
use crate::arguments::{Span, spans};
use crate::building::Import;
use crate::error::Problem;
use crate::node::OnnxNode;
use crate::value::Value;
use tilewright::network::{MAX_SIDE, NodeId, Op};

/// The most separate slices a Gather may become.
const MAX_PARTS: usize = 1024;

pub(super) fn slice(import: &mut Import, node: &OnnxNode<'_>) -> Result<Outcome, Problem> {
    if (1..5).any(|index| node.varies(index)) {
        return Ok(Outcome::Digital);
    }
    let mut current = node.runtime(0)?;
    let full = import.full_shape(current);
    let cuts: Vec<Span> = spans(node, &full)?
        .into_iter()
        .filter(|cut| (cut.start, cut.step, cut.count) != (0, 1, full[cut.axis]))
        .collect();
    for (index, cut) in cuts.iter().enumerate() {
        let axis = node.image_axis("axes", cut.axis as i64, full.len())?;
        let (Ok(start), Ok(step)) = (usize::try_from(cut.start), usize::try_from(cut.step)) else {
            return Err(node.attributes.unsupported("steps", cut.step, "1 and more are allowed"));
        };
        let end = full[cut.axis].min(start.saturating_add(step.saturating_mul(cut.count)));
        let op = Op::Slice { axis, start, end, step };
        let last = index + 1 == cuts.len();
        current = if last { import.push(node, op, &[current])? } else { import.push_part(node, op, &[current])? };
    }
    Ok(current.into())
}

/// Equal parts, parts of given lengths, or `num_outputs` parts the last of which may be shorter.
pub(super) fn split(import: &mut Import, node: &OnnxNode<'_>) -> Result<Outcome, Problem> {
    if node.varies(1) {
        return Ok(Outcome::Digital);
    }
    let input = node.runtime(0)?;
    let axis = node.image_axis("axis", node.attributes.int("axis", 0)?, import.rank(node)?)?;
    let (length, count) = (import.network.shape(input)[axis], node.outputs.len());
    if node.attributes.has("num_outputs") {
        node.attributes.only_int("num_outputs", count as i64)?;
    }
    let parts = match node.list(1, "split")? {
        Some(parts) => parts,
        None => {
            let part = length.div_ceil(count.max(1));
            (0..count).map(|index| part.min(length.saturating_sub(index * part)) as i64).collect()
        }
    };
    if parts.len() != count || parts.iter().any(|&part| part < 1) {
        return Err(node.fail(format!("splits an axis of length {length} into {parts:?} for {count} outputs")));
    }
    let mut outputs = vec![];
    let mut start = 0usize;
    for (tensor, part) in node.outputs.iter().zip(parts) {
        let end = start.saturating_add(part as usize);
        let name = if tensor.is_empty() { &node.name } else { tensor };
        let id = import.push_named(node, name, Op::Slice { axis, start, end, step: 1 }, &[input])?;
        outputs.push(Value::Node(id));
        start = end;
    }
    if start != length {
        return Err(node.fail(format!("splits {start} elements of an axis of length {length}")));
    }
    Ok(Outcome::Values(outputs))
}

/// One index removes the axis, a list of them takes slices of it.
pub(super) fn gather(import: &mut Import, node: &OnnxNode<'_>) -> Result<Outcome, Problem> {
    let Some(constant) = node.constant(1).filter(|_| node.varies(0)) else { return Ok(Outcome::Digital) };
    let input = node.runtime(0)?;
    let axis = node.image_axis("axis", node.attributes.int("axis", 0)?, import.rank(node)?)?;
    let mut shape = import.network.shape(input).to_vec();
    let length = shape[axis];
    let index = |&index: &i64| {
        let counted = if index < 0 { index.saturating_add(length as i64) } else { index };
        let inside = usize::try_from(counted).ok().filter(|&counted| counted < length);
        inside.ok_or_else(|| node.fail(format!("takes the element {index} of an axis of length {length}")))
    };
    let indices = node.integers(constant)?.iter().map(index).collect::<Result<Vec<_>, _>>()?;
    match constant.shape() {
        [] => {
            let part = Op::Slice { axis, start: indices[0], end: indices[0] + 1, step: 1 };
            let part = import.push_part(node, part, &[input])?;
            shape.remove(axis);
            Ok(import.push(node, Op::Reshape { shape }, &[part])?.into())
        }
        [_] => Ok(gather_list(import, node, input, axis, &indices)?.into()),
        _ => Ok(Outcome::Digital),
    }
}

fn gather_list(
    import: &mut Import,
    node: &OnnxNode<'_>,
    input: NodeId,
    axis: usize,
    indices: &[usize],
) -> Result<NodeId, Problem> {
    let (Some(&first), Some(&last)) = (indices.first(), indices.last()) else {
        return Err(node.fail("takes no element"));
    };
    let step = indices.get(1).map_or(1, |&second| second.saturating_sub(first));
    if step > 0 && indices.windows(2).all(|pair| pair[1] == pair[0] + step) {
        return import.push(node, Op::Slice { axis, start: first, end: last + 1, step }, &[input]);
    }
    if indices.len() > MAX_PARTS {
        return Err(node.fail(format!("takes {} scattered elements; at most {MAX_PARTS} are supported", indices.len())));
    }
    let parts = indices
        .iter()
        .map(|&start| import.push_part(node, Op::Slice { axis, start, end: start + 1, step: 1 }, &[input]));
    let parts = parts.collect::<Result<Vec<_>, _>>()?;
    import.push(node, Op::Concat { axis }, &parts)
}

pub(super) fn pad(import: &mut Import, node: &OnnxNode<'_>) -> Result<Outcome, Problem> {
    if (1..4).any(|index| node.varies(index)) {
        return Ok(Outcome::Digital);
    }
    let mode = node.attributes.string("mode", "constant")?;
    if mode != "constant" {
        return Err(node.attributes.unsupported("mode", format!("{mode:?}"), "\"constant\" is allowed"));
    }
    let attribute = node.attributes.float("value", 0.0)?;
    let value = node.number(2)?.unwrap_or(attribute);
    let rank = import.rank(node)?;
    let pads = node.list(1, "pads")?.ok_or_else(|| node.fail("lacks its pads"))?;
    let axes = node.constant(3).map(|axes| node.integers(axes)).transpose()?;
    let axes = axes.map_or_else(|| (0..rank as i64).collect(), <[i64]>::to_vec);
    if pads.len() != 2 * axes.len() {
        return Err(node.fail(format!("has {} pads for {} axes; two an axis are expected", pads.len(), axes.len())));
    }
    let (mut before, mut after) = (vec![0; rank - 1], vec![0; rank - 1]);
    for (index, &axis) in axes.iter().enumerate() {
        let frame = [pads[index], pads[index + axes.len()]];
        if frame == [0, 0] {
            continue;
        }
        let axis = node.image_axis("axes", axis, rank)?;
        for (side, size) in [&mut before, &mut after].into_iter().zip(frame) {
            side[axis] = usize::try_from(size)
                .ok()
                .filter(|&size| size <= MAX_SIDE)
                .ok_or_else(|| node.attributes.unsupported("pads", size, &format!("0 to {MAX_SIDE} are allowed")))?;
        }
    }
    Ok(import.push(node, Op::Pad { before, after, value }, &[node.runtime(0)?])?.into())
}
