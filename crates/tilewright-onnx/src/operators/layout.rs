//! Operators that move values or rename them, and those that only shape computations use.

use super::Outcome;
use crate::arguments::{cast_target, is_float, kept_axes, new_shape, order, squeezed, unsqueezed};
use crate::building::Import;
use crate::constant::{Constant, IntType};
use crate::constant_folding::cast as cast_constant;
use crate::error::Problem;
use crate::node::OnnxNode;
use crate::value::{Feature, Quantized, Value};
use rten_onnx::onnx::DataType;
use tilewright::network::{Activation, NodeId, Op};

/// The input under another ONNX shape, whose batch axis is at `batch`.
fn push_reshape(
    import: &mut Import,
    node: &OnnxNode<'_>,
    input: Feature,
    full: &[usize],
    batch: Option<usize>,
) -> Result<Feature, Problem> {
    let mut shape = full.to_vec();
    batch.map(|batch| shape.remove(batch));
    let id = import.push(node, Op::Reshape { shape }, &[input.id])?;
    Ok(Feature { id, batch })
}

/// Where the batch axis is in another shape: the first if that has length 1, else where it was if what comes before it is as long as
/// before, else merged into its neighbours.
fn batch_in(full: &[usize], old: &[usize], batch: Option<usize>) -> Option<usize> {
    let before = |shape: &[usize], axis: usize| shape[..axis].iter().product::<usize>();
    if matches!(full, [1, _, ..]) {
        return Some(0);
    }
    batch.filter(|&batch| full.get(batch) == Some(&1) && full.len() > 1 && before(full, batch) == before(old, batch))
}

/// A node that only gives its input another shape, which follows from the old one.
fn reshaped(
    import: &mut Import,
    node: &OnnxNode<'_>,
    new: impl Fn(&OnnxNode<'_>, &[usize]) -> Result<Vec<usize>, Problem>,
) -> Result<Outcome, Problem> {
    moving(import, node, |import, input| {
        let old = import.full_shape(input);
        let full = new(node, &old)?;
        push_reshape(import, node, input, &full, batch_in(&full, &old, input.batch))
    })
}

/// What moves values moves integers as it moves the values they stand for.
pub(super) fn moving(
    import: &mut Import,
    node: &OnnxNode<'_>,
    push: impl FnOnce(&mut Import, Feature) -> Result<Feature, Problem>,
) -> Result<Outcome, Problem> {
    let Some(Value::Quantized(quantized)) = node.input(0) else {
        return Ok(push(import, node.runtime(0)?)?.into());
    };
    let levels = import.dequantized(node, quantized)?;
    let source = push(import, levels)?;
    Ok(Outcome::Values(vec![Value::Quantized(Quantized { source, rounded: true, ..quantized.clone() })]))
}

pub(super) fn reshape(import: &mut Import, node: &OnnxNode<'_>) -> Result<Outcome, Problem> {
    if node.varies(1) {
        return Ok(Outcome::Digital);
    }
    reshaped(import, node, new_shape)
}

pub(super) fn squeeze(import: &mut Import, node: &OnnxNode<'_>) -> Result<Outcome, Problem> {
    reshaped(import, node, squeezed)
}

pub(super) fn unsqueeze(import: &mut Import, node: &OnnxNode<'_>) -> Result<Outcome, Problem> {
    moving(import, node, |import, input| {
        let old = import.full_shape(input);
        let full = unsqueezed(node, &old)?;
        // An axis inserted before the batch axis is another one, though both have length 1.
        let batch = match input.batch {
            Some(batch) => Some(kept_axes(node, full.len())?[batch]),
            None => batch_in(&full, &old, None),
        };
        push_reshape(import, node, input, &full, batch)
    })
}

/// Two axes: those before `axis` and those from it on.
pub(super) fn flatten(import: &mut Import, node: &OnnxNode<'_>) -> Result<Outcome, Problem> {
    reshaped(import, node, |node, full| {
        let axis = node.attributes.int("axis", 1)?;
        // The axis may also be the rank itself.
        let at = if axis == full.len() as i64 { full.len() } else { node.axis("axis", axis, full.len())? };
        Ok(vec![full[..at].iter().product(), full[at..].iter().product()])
    })
}

pub(super) fn transpose(import: &mut Import, node: &OnnxNode<'_>) -> Result<Outcome, Problem> {
    moving(import, node, |import, input| {
        let order = order(node, import.full_shape(input).len())?;
        permuted(import, node, input, &order)
    })
}

/// ONNX axes permuted; the batch axis goes where the permutation puts it.
fn permuted(import: &mut Import, node: &OnnxNode<'_>, input: Feature, order: &[usize]) -> Result<Feature, Problem> {
    let Some(batch) = input.batch else {
        let id = import.push(node, Op::Transpose { order: order.to_vec() }, &[input.id])?;
        return import.with_batch(node, id);
    };
    let others = order.iter().filter(|&&axis| axis != batch).map(|&axis| axis - usize::from(axis > batch));
    let id = import.push(node, Op::Transpose { order: others.collect() }, &[input.id])?;
    Ok(Feature { id, batch: order.iter().position(|&axis| axis == batch) })
}

/// Blocks of channels to blocks of pixels, or the other way round.
pub(super) fn depth_space(import: &mut Import, node: &OnnxNode<'_>) -> Result<Outcome, Problem> {
    let input = import.image(node, 0)?;
    let &[channels, height, width] = import.network.shape(input) else { return Ok(Outcome::Digital) };
    let block = node.attributes.int("blocksize", 0)?;
    let block = usize::try_from(block)
        .ok()
        .filter(|&block| block > 0)
        .ok_or_else(|| node.attributes.unsupported("blocksize", block, "1 and more are allowed"))?;
    let to_space = node.operator == "DepthToSpace";
    let fits = if to_space {
        block.checked_mul(block).is_some_and(|area| channels.is_multiple_of(area))
    } else {
        height.is_multiple_of(block) && width.is_multiple_of(block)
    };
    if !fits {
        return Err(
            node.fail(format!("has blocks of {block}, which do not divide its input {channels}×{height}×{width}"))
        );
    }
    let (split, order, result) = if to_space {
        let inner = channels / (block * block);
        let result = vec![inner, height * block, width * block];
        match node.attributes.string("mode", "DCR")? {
            "DCR" => (vec![block, block, inner, height, width], vec![2, 3, 0, 4, 1], result),
            "CRD" => (vec![inner, block, block, height, width], vec![0, 3, 1, 4, 2], result),
            other => {
                return Err(node.attributes.unsupported("mode", format!("{other:?}"), "DCR and CRD are allowed"));
            }
        }
    } else {
        let [rows, columns] = [height / block, width / block];
        let result = vec![channels * block * block, rows, columns];
        (vec![channels, rows, block, columns, block], vec![2, 4, 0, 1, 3], result)
    };
    let split = import.push_part(node, Op::Reshape { shape: split }, &[input])?;
    let turned = import.push_part(node, Op::Transpose { order }, &[split])?;
    Ok(import.push(node, Op::Reshape { shape: result }, &[turned])?.into())
}

pub(super) fn concat(import: &mut Import, node: &OnnxNode<'_>) -> Result<Outcome, Problem> {
    let is_empty = |value: &Option<Value>| matches!(value, Some(Value::Constant(constant)) if constant.len() == 0);
    let node = &node.with_inputs(node.inputs.iter().filter(|value| !is_empty(value)).cloned().collect());
    let features = node.inputs.iter().flatten().filter_map(|value| match value {
        Value::Node(feature) => Some(*feature),
        _ => None,
    });
    let features: Vec<Feature> = features.collect();
    let Some(&first) = features.first() else {
        return Err(node.fail("joins no floating-point tensor that depends on the image"));
    };
    let rank = import.full_shape(first).len();
    let at_run_time = import.full_shape(first);
    let axis = node.attributes.int("axis", 1)?;
    let full_axis = node.axis("axis", axis, rank)?;
    let together = features.iter().all(|feature| feature.batch == first.batch) && first.batch != Some(full_axis);
    if !together && first.batch == Some(full_axis) {
        return Err(node.attributes.unsupported(
            "axis",
            axis,
            "the batch axis must be left alone, or images would mix",
        ));
    }
    let mut parts: Vec<NodeId> = vec![];
    for index in 0..node.inputs.len() {
        parts.push(match node.input(index) {
            Some(Value::Constant(constant)) => {
                let mut shape = constant.shape().to_vec();
                if shape.len() != rank {
                    return Err(node.fail(format!("joins a tensor of {rank} axes and one of shape {shape:?}")));
                }
                match first.batch.filter(|_| together) {
                    Some(batch) if shape[batch] != 1 => {
                        return Err(node.fail(format!("joins the shapes {at_run_time:?} and {shape:?}")));
                    }
                    Some(batch) => drop(shape.remove(batch)),
                    None => {}
                }
                import.constant_node(node, constant, shape)?
            }
            _ if together => node.runtime(index)?.id,
            _ => import.whole(node, node.runtime(index)?)?,
        });
    }
    if !together || first.batch.is_none() {
        let id = import.push(node, Op::Concat { axis: full_axis }, &parts)?;
        return Ok(import.with_batch(node, id)?.into());
    }
    let axis = import.axis(node, first, "axis", axis)?;
    let id = import.push(node, Op::Concat { axis }, &parts)?;
    Ok(Feature { id, ..first }.into())
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

/// Between types of floats, whose rounding comes after, to truth values, and to integers.
pub(super) fn cast(import: &mut Import, node: &OnnxNode<'_>) -> Result<Outcome, Problem> {
    let target = cast_target(node)?;
    match node.input(0) {
        Some(Value::Pending(_)) if is_float(target) => identity(import, node),
        Some(Value::Node(_)) if is_float(target) => identity(import, node),
        Some(Value::Node(input)) if target == DataType::BOOL => {
            Ok(import.push_on(node, Op::Activation(Activation::NonZero), *input)?.into())
        }
        // Narrower integers would lose bits that a float keeps.
        Some(Value::Node(input)) if [DataType::INT32, DataType::INT64].contains(&target) => {
            Ok(import.push_on(node, Op::Activation(Activation::Truncate), *input)?.into())
        }
        _ => Ok(Outcome::Digital),
    }
}

/// As [`cast`], to the type of the second input.
pub(super) fn cast_like(import: &mut Import, node: &OnnxNode<'_>) -> Result<Outcome, Problem> {
    node.attributes.ignore(&["saturate", "round_mode"]);
    let target = match node.input(1) {
        Some(Value::Node(_)) => None,
        Some(Value::Constant(like)) => like.kind(),
        _ => return Ok(Outcome::Digital),
    };
    match (node.constant(0), target) {
        (Some(constant), target) => {
            import.spend(node, constant.len())?;
            Ok(Outcome::Values(vec![Value::Constant(cast_constant(constant, target))]))
        }
        (None, None) => identity(import, node),
        (None, Some(_)) => Ok(Outcome::Digital),
    }
}

/// Axes of length 1 repeated, and new ones before.
pub(super) fn expand(import: &mut Import, node: &OnnxNode<'_>) -> Result<Outcome, Problem> {
    let (Some(target), true) = (node.constant(1), node.varies(0)) else { return Ok(Outcome::Digital) };
    let input = node.runtime(0)?;
    let old = import.full_shape(input);
    let target = node.integers(target)?;
    let rank = old.len().max(target.len());
    let length = |axis: usize| {
        let own = (axis + old.len()).checked_sub(rank).map_or(1, |axis| old[axis]);
        let wanted = (axis + target.len()).checked_sub(rank).map_or(1, |axis| target[axis]);
        match usize::try_from(wanted) {
            Ok(wanted) if wanted == own || wanted == 1 => Some(own),
            Ok(wanted) if own == 1 => Some(wanted),
            _ => None,
        }
    };
    let full: Option<Vec<usize>> = (0..rank).map(length).collect();
    let full = full.ok_or_else(|| node.fail(format!("expands the shape {old:?} to {target:?}")))?;
    repeated(import, node, input, &full, |own, wanted| (own != wanted).then(|| vec![0; wanted]))
}

/// Repeats of the whole tensor along each axis.
pub(super) fn tile(import: &mut Import, node: &OnnxNode<'_>) -> Result<Outcome, Problem> {
    let (Some(repeats), true) = (node.constant(1), node.varies(0)) else { return Ok(Outcome::Digital) };
    let input = node.runtime(0)?;
    let old = import.full_shape(input);
    let repeats = node.integers(repeats)?;
    let times = |(&length, &times): (&usize, &i64)| usize::try_from(times).ok()?.checked_mul(length);
    let full: Option<Vec<usize>> = old.iter().zip(repeats).map(times).collect();
    let full = full
        .filter(|_| repeats.len() == old.len())
        .ok_or_else(|| node.fail(format!("repeats the shape {old:?} {repeats:?} times")))?;
    repeated(import, node, input, &full, |own, wanted| {
        (own != wanted).then(|| (0..wanted).map(|index| index % own).collect())
    })
}

/// An input whose axes get longer: `places(own length, wanted length)` are the elements of an axis that changes.
fn repeated(
    import: &mut Import,
    node: &OnnxNode<'_>,
    mut input: Feature,
    full: &[usize],
    places: impl Fn(usize, usize) -> Option<Vec<usize>>,
) -> Result<Outcome, Problem> {
    import.spend(node, full.iter().fold(0usize, |all, &length| all.saturating_add(length)))?;
    let old = import.full_shape(input);
    let added = full.len() - old.len();
    if added > 0 {
        let shape = [&vec![1; added][..], &old].concat();
        input = push_reshape(import, node, input, &shape, batch_in(&shape, &old, input.batch))?;
    }
    // The batch axis itself repeated is another tensor: the same image several times.
    if input.batch.is_some_and(|batch| full[batch] != 1) {
        input = Feature { id: import.whole(node, input)?, batch: None };
    }
    let own = import.full_shape(input);
    for (axis, (&own, &wanted)) in own.iter().zip(full).enumerate() {
        let Some(indices) = places(own, wanted) else { continue };
        let axis = import.axis(node, input, "axis", axis as i64)?;
        input.id = import.push_part(node, Op::Select { axis, indices: indices.into() }, &[input.id])?;
    }
    Ok(if input.batch.is_none() { import.with_batch(node, input.id)? } else { input }.into())
}

/// The ONNX shape of a tensor, batch 1.
pub(super) fn shape(import: &mut Import, node: &OnnxNode<'_>) -> Result<Outcome, Problem> {
    let full = match node.input(0) {
        Some(
            Value::Node(feature) | Value::DynamicLevels(feature) | Value::Quantized(Quantized { source: feature, .. }),
        ) => import.full_shape(*feature),
        Some(Value::Constant(constant)) => constant.shape().to_vec(),
        Some(_) => return Ok(Outcome::Digital),
        None => return Err(node.fail("lacks its input")),
    };
    if node.operator == "Size" {
        let count = full.iter().product::<usize>() as i64;
        return Ok(Outcome::Values(vec![Value::Constant(Constant::int(vec![], vec![count], IntType::Wide))]));
    }
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
