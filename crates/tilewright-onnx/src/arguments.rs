//! What operators that move values are asked to do. The same for tensors computed at run time and for constants, so shapes and
//! axes here are those of ONNX, batch included.

use crate::error::Problem;
use crate::node::OnnxNode;
use crate::stored::MAX_RANK;
use rten_onnx::onnx::DataType;

/// The target of a Reshape: 0 copies an axis (unless `allowzero`), one −1 takes what is left.
pub(crate) fn new_shape(node: &OnnxNode<'_>, old: &[usize]) -> Result<Vec<usize>, Problem> {
    let zero_is_zero = node.attributes.flag("allowzero", false)?;
    let target = node.constant(1).ok_or_else(|| node.fail("lacks its new shape"))?;
    let target = node.integers(target)?;
    let fail = || node.fail(format!("reshapes {old:?} to {target:?}"));
    check_rank(node, target.len())?;
    let mut shape = vec![];
    for (axis, &length) in target.iter().enumerate() {
        shape.push(match length {
            0 if !zero_is_zero => *old.get(axis).ok_or_else(fail)?,
            -1 => 1,
            length => usize::try_from(length).map_err(|_| fail())?,
        });
    }
    let unknown: Vec<usize> = (0..target.len()).filter(|&axis| target[axis] == -1).collect();
    let values = |shape: &[usize]| shape.iter().fold(1u128, |values, &length| values.saturating_mul(length as u128));
    match unknown.as_slice() {
        [] => {}
        &[axis] if values(&shape) > 0 && values(old).is_multiple_of(values(&shape)) => {
            shape[axis] = usize::try_from(values(old) / values(&shape)).map_err(|_| fail())?;
        }
        _ => return Err(fail()),
    }
    if values(&shape) == values(old) { Ok(shape) } else { Err(fail()) }
}

/// The shape without the listed axes, or without all axes of length 1.
pub(crate) fn squeezed(node: &OnnxNode<'_>, old: &[usize]) -> Result<Vec<usize>, Problem> {
    let axes = listed_axes(node, old.len())?;
    if let Some(&axis) = axes.iter().flatten().find(|&&axis| old[axis] != 1) {
        return Err(node.fail(format!("removes axis {axis} of the shape {old:?}; an axis of length 1 is expected")));
    }
    let goes = |axis: usize| axes.as_ref().map_or(old[axis] == 1, |axes| axes.contains(&axis));
    Ok((0..old.len()).filter(|&axis| !goes(axis)).map(|axis| old[axis]).collect())
}

/// The shape with axes of length 1 at the listed places, which count in the new shape.
pub(crate) fn unsqueezed(node: &OnnxNode<'_>, old: &[usize]) -> Result<Vec<usize>, Problem> {
    let count = node.list(1, "axes")?.map_or(0, |axes| axes.len());
    let rank = old.len().saturating_add(count);
    check_rank(node, rank)?;
    let axes = listed_axes(node, rank)?.ok_or_else(|| node.fail("lacks its axes"))?;
    let mut kept = old.iter();
    let shape: Vec<usize> =
        (0..rank).filter_map(|axis| if axes.contains(&axis) { Some(1) } else { kept.next().copied() }).collect();
    if shape.len() == rank {
        Ok(shape)
    } else {
        Err(node.fail(format!("inserts the axes {axes:?}; one is listed twice")))
    }
}

/// The axes of a shape of so many that an Unsqueeze has not inserted.
pub(crate) fn kept_axes(node: &OnnxNode<'_>, rank: usize) -> Result<Vec<usize>, Problem> {
    let inserted = listed_axes(node, rank)?.unwrap_or_default();
    Ok((0..rank).filter(|axis| !inserted.contains(axis)).collect())
}

fn listed_axes(node: &OnnxNode<'_>, rank: usize) -> Result<Option<Vec<usize>>, Problem> {
    if node.varies(1) {
        return Err(node.fail("has axes that depend on the image; constants are expected"));
    }
    let axes = node.list(1, "axes")?;
    axes.map(|axes| axes.iter().map(|&axis| node.axis("axes", axis, rank)).collect()).transpose()
}

fn check_rank(node: &OnnxNode<'_>, rank: usize) -> Result<(), Problem> {
    if rank <= MAX_RANK {
        return Ok(());
    }
    Err(node.fail(format!("yields a tensor of {rank} axes; at most {MAX_RANK} are supported")))
}

/// The permutation of a Transpose; without one the axes are reversed.
pub(crate) fn order(node: &OnnxNode<'_>, rank: usize) -> Result<Vec<usize>, Problem> {
    let Some(order) = node.attributes.ints("perm")? else { return Ok((0..rank).rev().collect()) };
    let counted: Vec<usize> = order.iter().filter_map(|&axis| usize::try_from(axis).ok()).collect();
    let mut sorted = counted.clone();
    sorted.sort_unstable();
    if sorted.len() == order.len() && sorted.iter().copied().eq(0..rank) {
        return Ok(counted);
    }
    let allowed = format!("a permutation of 0 to {} is allowed", rank.saturating_sub(1));
    Err(node.attributes.unsupported("perm", format!("{order:?}"), &allowed))
}

/// `count` elements of an axis from `start`, `step` apart; a negative step goes backwards.
pub(crate) struct Span {
    pub axis: usize,
    pub start: i64,
    pub step: i64,
    pub count: usize,
}

/// The cuts of a Slice, which are inputs since operator set 10 and attributes before.
pub(crate) fn spans(node: &OnnxNode<'_>, shape: &[usize]) -> Result<Vec<Span>, Problem> {
    let fail = |what: &str| node.fail(format!("lacks its {what}"));
    let starts = node.list(1, "starts")?.ok_or_else(|| fail("starts"))?;
    let ends = node.list(2, "ends")?.ok_or_else(|| fail("ends"))?;
    let axes = node.list(3, "axes")?.unwrap_or_else(|| (0..starts.len() as i64).collect());
    let steps = node.constant(4).map(|steps| node.integers(steps)).transpose()?;
    let steps = steps.map_or_else(|| vec![1; starts.len()], <[i64]>::to_vec);
    if [&ends, &axes, &steps].iter().any(|list| list.len() != starts.len()) {
        return Err(node.fail("has starts, ends, axes and steps of different lengths"));
    }
    let mut spans: Vec<Span> = vec![];
    for (index, &axis) in axes.iter().enumerate() {
        let axis = node.axis("axes", axis, shape.len())?;
        if spans.iter().any(|span| span.axis == axis) {
            return Err(node.fail(format!("cuts axis {axis} twice")));
        }
        let span = span(axis, shape[axis] as i64, [starts[index], ends[index], steps[index]]);
        spans.push(span.ok_or_else(|| node.attributes.unsupported("steps", 0, "any other step is allowed"))?);
    }
    Ok(spans)
}

/// One cut of an axis of `length`; `None` if the step is 0.
fn span(axis: usize, length: i64, [start, end, step]: [i64; 3]) -> Option<Span> {
    let counted = |value: i64| if value < 0 { value.saturating_add(length) } else { value };
    let (start, end) = (counted(start), counted(end));
    // Forwards the bounds are 0 and the length; backwards the element before the first and the last one.
    let (start, distance) = match step {
        0 => return None,
        1.. => (start.clamp(0, length), end.clamp(0, length) - start.clamp(0, length)),
        _ => (start.clamp(-1, length - 1), start.clamp(-1, length - 1) - end.clamp(-1, length - 1)),
    };
    let count = distance.max(0).unsigned_abs().div_ceil(step.unsigned_abs());
    Some(Span { axis, start, step, count: usize::try_from(count).ok()? })
}

/// The type a Cast yields.
pub(crate) fn cast_target(node: &OnnxNode<'_>) -> Result<DataType, Problem> {
    node.attributes.ignore(&["saturate", "round_mode"]);
    let to = node.attributes.int("to", 0)?;
    i32::try_from(to).map(DataType).map_err(|_| node.attributes.unsupported("to", to, "a data type is allowed"))
}

/// Whether a type is a floating-point one.
pub(crate) fn is_float(kind: DataType) -> bool {
    [DataType::FLOAT, DataType::FLOAT16, DataType::BFLOAT16, DataType::DOUBLE].contains(&kind)
}

/// Asks for the attributes that say which axis has its own scales; blocks within an axis are not supported.
pub(crate) fn block_quantization(node: &OnnxNode<'_>) -> Result<(), Problem> {
    node.attributes.ignore(&["axis"]);
    node.attributes.only_int("block_size", 0)
}
