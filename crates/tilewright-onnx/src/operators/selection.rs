//! Parts of tensors and frames around them.

use super::Outcome;
use super::layout::moving;
use crate::arguments::{Span, spans};
use crate::building::Import;
use crate::constant::Constant;
use crate::error::Problem;
use crate::node::OnnxNode;
use crate::value::{Feature, Value};
use tilewright::network::{MAX_SIDE, NodeId, Op};

pub(super) fn slice(import: &mut Import, node: &OnnxNode<'_>) -> Result<Outcome, Problem> {
    if (1..5).any(|index| node.varies(index)) {
        return Ok(Outcome::Digital);
    }
    if let Some(Value::Node(input)) = node.input(0)
        && let Some(nothing) = nothing_of(node, import.full_shape(*input))?
    {
        return Ok(Outcome::Values(vec![Value::Constant(nothing)]));
    }
    moving(import, node, |import, input| {
        let full = import.full_shape(input);
        let cuts: Vec<Span> = spans(node, &full)?
            .into_iter()
            .filter(|cut| (cut.start, cut.step, cut.count) != (0, 1, full[cut.axis]))
            .collect();
        let mut current = input;
        for (index, cut) in cuts.iter().enumerate() {
            let axis = import.axis(node, current, "axes", cut.axis as i64)?;
            let op = cut_of(import, node, axis, cut, full[cut.axis])?;
            let last = index + 1 == cuts.len();
            current.id =
                if last { import.push(node, op, &[current.id])? } else { import.push_part(node, op, &[current.id])? };
        }
        Ok(current)
    })
}

/// What a Slice that takes no element yields, as a roll by 0 places does.
fn nothing_of(node: &OnnxNode<'_>, mut full: Vec<usize>) -> Result<Option<Constant>, Problem> {
    for cut in spans(node, &full)? {
        full[cut.axis] = cut.count;
    }
    Ok(full.contains(&0).then(|| Constant::float(full, vec![])))
}

/// One cut of an axis of `length`; backwards it picks elements one by one.
fn cut_of(import: &mut Import, node: &OnnxNode<'_>, axis: usize, cut: &Span, length: usize) -> Result<Op, Problem> {
    if let (Ok(start), Ok(step)) = (usize::try_from(cut.start), usize::try_from(cut.step)) {
        let end = length.min(start.saturating_add(step.saturating_mul(cut.count)));
        return Ok(Op::Slice { axis, start, end, step });
    }
    import.spend(node, cut.count)?;
    let place = |index: usize| (cut.start + cut.step * index as i64) as usize;
    Ok(Op::Select { axis, indices: (0..cut.count).map(place).collect() })
}

/// Equal parts, parts of given lengths, or `num_outputs` parts the last of which may be shorter.
pub(super) fn split(import: &mut Import, node: &OnnxNode<'_>) -> Result<Outcome, Problem> {
    if node.varies(1) {
        return Ok(Outcome::Digital);
    }
    let input = node.runtime(0)?;
    let full = import.full_shape(input);
    let axis = node.attributes.int("axis", 0)?;
    // A batch of one image is whole in its only part.
    if node.outputs.len() == 1 && input.batch == Some(node.axis("axis", axis, full.len())?) {
        node.attributes.only_int("num_outputs", 1)?;
        return match node.list(1, "split")?.as_deref() {
            None | Some([1]) => Ok(input.into()),
            Some(parts) => Err(node.fail(format!("splits an axis of length 1 into {parts:?}"))),
        };
    }
    let axis = import.axis(node, input, "axis", axis)?;
    let (length, count) = (import.network.shape(input.id)[axis], node.outputs.len());
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
        let id = import.push_named(node, name, Op::Slice { axis, start, end, step: 1 }, &[input.id])?;
        outputs.push(Value::Node(Feature { id, ..input }));
        start = end;
    }
    if start != length {
        return Err(node.fail(format!("splits {start} elements of an axis of length {length}")));
    }
    Ok(Outcome::Values(outputs))
}

/// One index removes the axis, a list of them takes elements of it, and indices of more axes give it as many.
pub(super) fn gather(import: &mut Import, node: &OnnxNode<'_>) -> Result<Outcome, Problem> {
    let Some(constant) = node.constant(1).filter(|_| node.varies(0)) else { return Ok(Outcome::Digital) };
    let shape = constant.shape().to_vec();
    moving(import, node, |import, input| {
        let attribute = node.attributes.int("axis", 0)?;
        let full = import.full_shape(input);
        let full_axis = node.axis("axis", attribute, full.len())?;
        let axis = import.axis(node, input, "axis", attribute)?;
        let length = full[full_axis];
        let index = |&index: &i64| {
            let counted = if index < 0 { index.saturating_add(length as i64) } else { index };
            let inside = usize::try_from(counted).ok().filter(|&counted| counted < length);
            inside.ok_or_else(|| node.fail(format!("takes the element {index} of an axis of length {length}")))
        };
        let indices = node.integers(constant)?.iter().map(index).collect::<Result<Vec<_>, _>>()?;
        import.spend(node, indices.len())?;
        let op = elements(node, axis, &indices)?;
        if shape.len() == 1 {
            return import.push_on(node, op, input);
        }
        let part = import.push_part(node, op, &[input.id])?;
        let own = import.network.shape(part);
        let reshaped = [&own[..axis], &shape, &own[axis + 1..]].concat();
        let id = import.push(node, Op::Reshape { shape: reshaped }, &[part])?;
        let batch = input.batch.map(|batch| if batch > full_axis { batch + shape.len() - 1 } else { batch });
        Ok(Feature { id, batch })
    })
}

/// Elements of an axis, a slice if they follow one another.
fn elements(node: &OnnxNode<'_>, axis: usize, indices: &[usize]) -> Result<Op, Problem> {
    let (Some(&first), Some(&last)) = (indices.first(), indices.last()) else {
        return Err(node.fail("takes no element"));
    };
    let step = indices.get(1).map_or(1, |&second| second.saturating_sub(first));
    if step > 0 && indices.windows(2).all(|pair| pair[1] == pair[0] + step) {
        return Ok(Op::Slice { axis, start: first, end: last + 1, step });
    }
    Ok(Op::Select { axis, indices: indices.into() })
}

pub(super) fn pad(import: &mut Import, node: &OnnxNode<'_>) -> Result<Outcome, Problem> {
    if (1..4).any(|index| node.varies(index)) {
        return Ok(Outcome::Digital);
    }
    let mode = node.attributes.string("mode", "constant")?;
    let input = node.runtime(0)?;
    let frame = Frame::read(import, node, input)?;
    let id = match mode {
        "constant" => constant_frame(import, node, input, &frame)?,
        "reflect" | "edge" | "wrap" => copied_frame(import, node, input, &frame, mode)?,
        _ => {
            let allowed = "\"constant\", \"reflect\", \"edge\" and \"wrap\" are allowed";
            return Err(node.attributes.unsupported("mode", format!("{mode:?}"), allowed));
        }
    };
    Ok(Feature { id, ..input }.into())
}

/// Elements added before and after each axis of the node's shape; negative ones are taken away.
struct Frame {
    sides: Vec<[i64; 2]>,
}

impl Frame {
    fn read(import: &Import, node: &OnnxNode<'_>, input: Feature) -> Result<Self, Problem> {
        let rank = import.full_shape(input).len();
        let pads = node.list(1, "pads")?.ok_or_else(|| node.fail("lacks its pads"))?;
        let axes = node.constant(3).map(|axes| node.integers(axes)).transpose()?;
        let axes = axes.map_or_else(|| (0..rank as i64).collect(), <[i64]>::to_vec);
        if pads.len() != 2 * axes.len() {
            return Err(node.fail(format!(
                "has {} pads for {} axes; two an axis are expected",
                pads.len(),
                axes.len()
            )));
        }
        let mut sides = vec![[0; 2]; import.network.shape(input.id).len()];
        for (index, &axis) in axes.iter().enumerate() {
            let frame = [pads[index], pads[index + axes.len()]];
            if frame == [0, 0] {
                continue;
            }
            if let Some(size) = frame.iter().find(|size| size.unsigned_abs() > MAX_SIDE as u64) {
                return Err(node.attributes.unsupported("pads", size, &format!("0 to {MAX_SIDE} are allowed")));
            }
            sides[import.axis(node, input, "axes", axis)?] = frame;
        }
        Ok(Self { sides })
    }
}

fn constant_frame(import: &mut Import, node: &OnnxNode<'_>, input: Feature, frame: &Frame) -> Result<NodeId, Problem> {
    let attribute = node.attributes.float("value", 0.0)?;
    let value = node.number(2)?.unwrap_or(attribute);
    if value.is_nan() {
        return Err(node.fail("pads with a value that is not a number (NaN)"));
    }
    let side = |which: usize| frame.sides.iter().map(|side| side[which].max(0) as usize).collect();
    let (before, after) = (side(0), side(1));
    let shape = import.network.shape(input.id).to_vec();
    let mut id = input.id;
    for (axis, &[before, after]) in
        frame.sides.iter().enumerate().filter(|(_, sides)| sides.iter().any(|&size| size < 0))
    {
        let [start, end] = [(-before).max(0) as usize, shape[axis].saturating_sub((-after).max(0) as usize)];
        id = import.push_part(node, Op::Slice { axis, start, end, step: 1 }, &[id])?;
    }
    import.push(node, Op::Pad { before, after, value: value.clamp(f32::MIN, f32::MAX) }, &[id])
}

/// A frame whose elements are copies: of the nearest, of those mirrored at the border, or of those at the other end.
fn copied_frame(
    import: &mut Import,
    node: &OnnxNode<'_>,
    input: Feature,
    frame: &Frame,
    mode: &str,
) -> Result<NodeId, Problem> {
    let mut id = input.id;
    for (axis, &[before, after]) in frame.sides.iter().enumerate().filter(|(_, sides)| **sides != [0, 0]) {
        let length = import.network.shape(id)[axis] as i64;
        if mode == "reflect" && length == 1 {
            return Err(node.fail(format!("mirrors axis {axis} of length 1; 2 and more are expected")));
        }
        let indices = (-before..length + after).map(|place| match mode {
            "edge" => place.clamp(0, length - 1),
            "wrap" => place.rem_euclid(length),
            _ => {
                // The border itself is not repeated, so the period is shorter by two.
                let place = place.rem_euclid(2 * (length - 1).max(1));
                place.min(2 * (length - 1) - place)
            }
        });
        let indices: Vec<usize> = indices.map(|place| place as usize).collect();
        import.spend(node, indices.len())?;
        id = import.push_part(node, Op::Select { axis, indices: indices.into() }, &[id])?;
    }
    Ok(id)
}
