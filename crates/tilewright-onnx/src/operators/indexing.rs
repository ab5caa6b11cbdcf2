//! Elements taken or replaced at constant places.
//!
//! Everything here is one walk over flat places: [`Op::Select`] on a tensor of one axis.

use super::{Outcome, arithmetic};
use crate::building::Import;
use crate::constant::Constant;
use crate::error::Problem;
use crate::node::OnnxNode;
use crate::value::{Feature, Value};
use std::collections::HashMap;
use tilewright::network::{NodeId, Op, Pairwise, Tensor};

/// The most updates of one place that are combined one after the other.
const MOST_ROUNDS: usize = 16;

/// The constant indices of input 1 for a tensor of `full`, where a node has them.
fn indices<'n>(node: &'n OnnxNode<'_>, index: usize) -> Option<&'n Constant> {
    node.constant(index).filter(|_| node.varies(0))
}

/// An index that may count from the end of an axis of `length`.
fn counted(node: &OnnxNode<'_>, index: i64, length: usize) -> Result<usize, Problem> {
    let counted = if index < 0 { index.saturating_add(length as i64) } else { index };
    let inside = usize::try_from(counted).ok().filter(|&counted| counted < length);
    inside.ok_or_else(|| node.fail(format!("takes the element {index} of an axis of length {length}")))
}

/// The elements at flat places of the whole tensor, under a new ONNX shape with the batch axis at `batch`.
fn picked(
    import: &mut Import,
    node: &OnnxNode<'_>,
    input: NodeId,
    places: &[usize],
    mut shape: Vec<usize>,
    batch: Option<usize>,
) -> Result<Feature, Problem> {
    import.spend(node, places.len())?;
    if places.is_empty() {
        return Err(node.fail("takes no element"));
    }
    let flat = flat(import, node, input)?;
    let taken = import.push_part(node, Op::Select { axis: 0, indices: places.into() }, &[flat])?;
    batch.map(|batch| shape.remove(batch));
    let id = import.push(node, Op::Reshape { shape }, &[taken])?;
    if batch.is_none() { import.with_batch(node, id) } else { Ok(Feature { id, batch }) }
}

/// The values on one axis, in row-major order.
fn flat(import: &mut Import, node: &OnnxNode<'_>, input: NodeId) -> Result<NodeId, Problem> {
    let count = import.network.shape(input).iter().product();
    import.push_part(node, Op::Reshape { shape: vec![count] }, &[input])
}

/// Distance between neighbours on each axis, in row-major order.
fn strides(shape: &[usize]) -> Vec<usize> {
    (0..shape.len()).map(|axis| shape[axis + 1..].iter().product()).collect()
}

/// The index of each axis of `shape` at a flat place.
fn unravelled(mut place: usize, shape: &[usize]) -> Vec<usize> {
    let mut index = vec![0; shape.len()];
    for axis in (0..shape.len()).rev() {
        index[axis] = place % shape[axis];
        place /= shape[axis];
    }
    index
}

/// Flat places in a tensor of `full` of the elements that an index tensor names along `axis`.
fn places_along(node: &OnnxNode<'_>, full: &[usize], axis: usize, constant: &Constant) -> Result<Vec<usize>, Problem> {
    let shape = constant.shape();
    if shape.len() != full.len() || (0..full.len()).any(|other| other != axis && shape[other] > full[other]) {
        return Err(node.fail(format!("has indices of shape {shape:?} for a tensor of shape {full:?}")));
    }
    let strides = strides(full);
    let place = |(flat, &index): (usize, &i64)| {
        let mut at = unravelled(flat, shape);
        at[axis] = counted(node, index, full[axis])?;
        Ok(at.iter().zip(&strides).map(|(i, stride)| i * stride).sum())
    };
    node.integers(constant)?.iter().enumerate().map(place).collect()
}

pub(super) fn gather_elements(import: &mut Import, node: &OnnxNode<'_>) -> Result<Outcome, Problem> {
    let Some(constant) = indices(node, 1) else { return Ok(Outcome::Digital) };
    let input = node.runtime(0)?;
    let (full, axis) = axis(import, node, input)?;
    let places = places_along(node, &full, axis, constant)?;
    Ok(picked(import, node, input.id, &places, constant.shape().to_vec(), input.batch)?.into())
}

/// The ONNX shape of a tensor and the axis that the attribute names, which is not the batch axis.
fn axis(import: &Import, node: &OnnxNode<'_>, input: Feature) -> Result<(Vec<usize>, usize), Problem> {
    let attribute = node.attributes.int("axis", 0)?;
    let full = import.full_shape(input);
    import.axis(node, input, "axis", attribute)?;
    let axis = node.axis("axis", attribute, full.len())?;
    Ok((full, axis))
}

/// Rows of the last axis of the indices name places on the axes after the first `batch_dims`.
pub(super) fn gather_nd(import: &mut Import, node: &OnnxNode<'_>) -> Result<Outcome, Problem> {
    let Some(constant) = indices(node, 1) else { return Ok(Outcome::Digital) };
    let input = node.runtime(0)?;
    let full = import.full_shape(input);
    let shared = node.attributes.int("batch_dims", 0)?;
    let shared = usize::try_from(shared)
        .ok()
        .filter(|&shared| shared < full.len() && shared < constant.shape().len())
        .ok_or_else(|| node.attributes.unsupported("batch_dims", shared, "axes that both inputs have are allowed"))?;
    let rows = Rows::read(node, &full, constant, shared)?;
    let batch = match input.batch {
        Some(batch) if batch < shared => Some(batch),
        Some(batch) if batch < shared + rows.depth => {
            return Err(node.fail("takes elements of the batch axis: the images of a batch would mix"));
        }
        Some(batch) => Some(batch - shared - rows.depth + constant.shape().len() - 1),
        None => None,
    };
    let places = rows.places(import, node)?;
    let outer = &constant.shape()[..constant.shape().len() - 1];
    let shape = [outer, &full[shared + rows.depth..]].concat();
    Ok(picked(import, node, input.id, &places, shape, batch)?.into())
}

/// Blocks of a tensor that the rows of an index tensor name.
struct Rows {
    /// Axes that a row names.
    depth: usize,
    /// Where each block begins.
    starts: Vec<usize>,
    /// Elements of a block.
    length: usize,
}

impl Rows {
    fn read(node: &OnnxNode<'_>, full: &[usize], constant: &Constant, shared: usize) -> Result<Self, Problem> {
        let shape = constant.shape();
        let depth = *shape.last().ok_or_else(|| node.fail("has one index; rows of them are expected"))?;
        if depth == 0 || shared + depth > full.len() || shape[..shared] != full[..shared] {
            return Err(node.fail(format!("has indices of shape {shape:?} for a tensor of shape {full:?}")));
        }
        let strides = strides(full);
        let rows = node.integers(constant)?.chunks(depth).enumerate();
        let starts = rows.map(|(row, indices)| {
            let outer = unravelled(row, &shape[..shape.len() - 1]);
            let mut start: usize = outer[..shared].iter().zip(&strides).map(|(i, stride)| i * stride).sum();
            for (axis, &index) in indices.iter().enumerate() {
                start += counted(node, index, full[shared + axis])? * strides[shared + axis];
            }
            Ok(start)
        });
        Ok(Self {
            depth,
            starts: starts.collect::<Result<_, Problem>>()?,
            length: full[shared + depth..].iter().product(),
        })
    }

    /// All elements of the blocks.
    fn places(&self, import: &mut Import, node: &OnnxNode<'_>) -> Result<Vec<usize>, Problem> {
        import.spend(node, self.starts.len().saturating_mul(self.length))?;
        Ok(self.starts.iter().flat_map(|&start| start..start + self.length).collect())
    }
}

pub(super) fn scatter_elements(import: &mut Import, node: &OnnxNode<'_>) -> Result<Outcome, Problem> {
    let Some(constant) = node.constant(1) else { return Ok(Outcome::Digital) };
    let (_, batch, full) = base(import, node)?;
    let attribute = node.attributes.int("axis", 0)?;
    let axis = node.axis("axis", attribute, full.len())?;
    if batch == Some(axis) {
        let allowed = "the batch axis must be left alone, or images would mix";
        return Err(node.attributes.unsupported("axis", attribute, allowed));
    }
    let places = places_along(node, &full, axis, constant)?;
    replaced(import, node, &places)
}

pub(super) fn scatter_nd(import: &mut Import, node: &OnnxNode<'_>) -> Result<Outcome, Problem> {
    let Some(constant) = node.constant(1) else { return Ok(Outcome::Digital) };
    let (_, _, full) = base(import, node)?;
    let rows = Rows::read(node, &full, constant, 0)?;
    let places = rows.places(import, node)?;
    replaced(import, node, &places)
}

/// The tensor whose elements are replaced, with its batch axis and its ONNX shape.
fn base(import: &mut Import, node: &OnnxNode<'_>) -> Result<(NodeId, Option<usize>, Vec<usize>), Problem> {
    match node.input(0) {
        Some(Value::Constant(constant)) => {
            let shape = constant.shape().to_vec();
            Ok((import.constant_node(node, constant, shape.clone())?, None, shape))
        }
        _ => {
            let input = node.runtime(0)?;
            Ok((input.id, input.batch, import.full_shape(input)))
        }
    }
}

/// Input 0 with the elements at flat `places` replaced by those of input 2, or combined with them as `reduction` says.
fn replaced(import: &mut Import, node: &OnnxNode<'_>, places: &[usize]) -> Result<Outcome, Problem> {
    let combine = match node.attributes.string("reduction", "none")? {
        "none" => None,
        "add" => Some(Op::Add),
        "mul" => Some(Op::Mul),
        "max" => Some(Op::Pairwise(Pairwise::Max)),
        "min" => Some(Op::Pairwise(Pairwise::Min)),
        other => {
            let allowed = "none, add, mul, max and min are allowed";
            return Err(node.attributes.unsupported("reduction", format!("{other:?}"), allowed));
        }
    };
    let (id, batch, mut full) = base(import, node)?;
    let updates = match node.input(2) {
        Some(Value::Constant(constant)) => import.constant_node(node, constant, vec![constant.len()])?,
        _ => {
            let updates = node.runtime(2)?;
            flat(import, node, updates.id)?
        }
    };
    if import.network.shape(updates) != [places.len()] {
        let found = import.network.shape(updates)[0];
        return Err(node.fail(format!("has {found} updates of {} elements", places.len())));
    }
    let mut result = flat(import, node, id)?;
    let rounds = rounds(node, places, combine.is_some())?;
    for round in &rounds {
        result = one_round(import, node, [result, updates], round, combine.as_ref())?;
    }
    batch.map(|batch| full.remove(batch));
    let id = import.push(node, Op::Reshape { shape: full }, &[result])?;
    let feature = if batch.is_none() { import.with_batch(node, id)? } else { Feature { id, batch } };
    Ok(feature.into())
}

/// The updates in rounds that change no place twice, as places with the number of the update; of a place that is replaced, the last counts.
fn rounds(node: &OnnxNode<'_>, places: &[usize], all: bool) -> Result<Vec<HashMap<usize, usize>>, Problem> {
    if !all {
        return Ok(vec![places.iter().copied().enumerate().map(|(update, place)| (place, update)).collect()]);
    }
    let mut rounds: Vec<HashMap<usize, usize>> = vec![];
    let mut times: HashMap<usize, usize> = HashMap::new();
    for (update, &place) in places.iter().enumerate() {
        let round = times.entry(place).or_default();
        if *round == rounds.len() {
            rounds.push(HashMap::new());
        }
        rounds[*round].insert(place, update);
        *round += 1;
        if *round > MOST_ROUNDS {
            return Err(node.fail(format!("changes an element more than {MOST_ROUNDS} times")));
        }
    }
    Ok(rounds)
}

/// Each element, or its update: one walk over both, joined.
fn one_round(
    import: &mut Import,
    node: &OnnxNode<'_>,
    [old, updates]: [NodeId; 2],
    round: &HashMap<usize, usize>,
    combine: Option<&Op>,
) -> Result<NodeId, Problem> {
    let count = import.network.shape(old)[0];
    import.spend(node, count)?;
    let Some(combine) = combine else {
        let both = import.push_part(node, Op::Concat { axis: 0 }, &[old, updates])?;
        let indices = (0..count).map(|place| round.get(&place).map_or(place, |update| count + update)).collect();
        return import.push_part(node, Op::Select { axis: 0, indices }, &[both]);
    };
    let updated = (0..count).map(|place| round.get(&place).copied().unwrap_or(0)).collect();
    let updated = import.push_part(node, Op::Select { axis: 0, indices: updated }, &[updates])?;
    let combined = import.push_part(node, combine.clone(), &[old, updated])?;
    let both = import.push_part(node, Op::Concat { axis: 0 }, &[old, combined])?;
    let indices = (0..count).map(|place| if round.contains_key(&place) { count + place } else { place }).collect();
    import.push_part(node, Op::Select { axis: 0, indices }, &[both])
}

/// The elements of an axis, or of the tensor made one axis, where a constant condition holds.
pub(super) fn compress(import: &mut Import, node: &OnnxNode<'_>) -> Result<Outcome, Problem> {
    let Some(condition) = indices(node, 1) else { return Ok(Outcome::Digital) };
    let input = node.runtime(0)?;
    let full = import.full_shape(input);
    let chosen = |length: usize| -> Result<Vec<usize>, Problem> {
        let holds = node.integers(condition)?.iter().take(length).enumerate();
        Ok(holds.filter(|(_, holds)| **holds != 0).map(|(place, _)| place).collect())
    };
    if !node.attributes.has("axis") {
        let places = chosen(full.iter().product())?;
        return Ok(picked(import, node, input.id, &places, vec![places.len()], None)?.into());
    }
    let attribute = node.attributes.int("axis", 0)?;
    let axis = import.axis(node, input, "axis", attribute)?;
    let places = chosen(import.network.shape(input.id)[axis])?;
    if places.is_empty() {
        return Err(node.fail("takes no element"));
    }
    import.spend(node, places.len())?;
    Ok(import.push_on(node, Op::Select { axis, indices: places.into() }, input)?.into())
}

/// The first elements of each sequence backwards, as many as it is long.
pub(super) fn reverse_sequence(import: &mut Import, node: &OnnxNode<'_>) -> Result<Outcome, Problem> {
    let Some(lengths) = indices(node, 1) else { return Ok(Outcome::Digital) };
    let input = node.runtime(0)?;
    let full = import.full_shape(input);
    let [time, sequence] = ["time_axis", "batch_axis"].map(|name| {
        let default = i64::from(name == "batch_axis");
        node.attributes.int(name, default).and_then(|axis| node.axis(name, axis, full.len()))
    });
    let (time, sequence) = (time?, sequence?);
    if input.batch == Some(time) {
        return Err(node.fail("reverses the batch axis: the images of a batch would mix"));
    }
    let lengths = node.integers(lengths)?;
    if lengths.len() != full[sequence] {
        return Err(node.fail(format!("has {} lengths for {} sequences", lengths.len(), full[sequence])));
    }
    let strides = strides(&full);
    import.spend(node, full.iter().product())?;
    let places: Vec<usize> = (0..full.iter().product())
        .map(|flat| {
            let at = unravelled(flat, &full);
            let length = usize::try_from(lengths[at[sequence]]).unwrap_or(0).min(full[time]);
            let source = if at[time] < length { length - 1 - at[time] } else { at[time] };
            flat - at[time] * strides[time] + source * strides[time]
        })
        .collect();
    Ok(picked(import, node, input.id, &places, full, input.batch)?.into())
}

/// 1 where an axis of classes has the class that the input names, else 0; or any other two values.
pub(super) fn one_hot(import: &mut Import, node: &OnnxNode<'_>) -> Result<Outcome, Problem> {
    let (Some(depth), Some(values), true) = (node.any_number(1)?, node.constant(2), node.varies(0)) else {
        return Ok(Outcome::Digital);
    };
    let depth = depth as usize;
    let values = values.to_floats();
    let &[off, on] = values.values() else {
        return Err(node.fail(format!("has {} values; one for off and one for on are expected", values.values().len())));
    };
    let input = node.runtime(0)?;
    let rank = import.full_shape(input).len() + 1;
    let axis = node.axis("axis", node.attributes.int("axis", -1)?, rank)?;
    import.spend(node, depth)?;
    // An axis for the classes, which the input does not have yet.
    let mut shape = import.full_shape(input);
    shape.insert(axis, 1);
    let batch = input.batch.map(|batch| if batch >= axis { batch + 1 } else { batch });
    batch.map(|batch| shape.remove(batch));
    let id = import.push_part(node, Op::Reshape { shape }, &[input.id])?;
    let spread = Feature { id, batch };
    let scalar = |value: f32| Value::Constant(Constant::float(vec![], vec![value]));
    let mut classes = vec![1; rank];
    classes[axis] = depth;
    let classes = Value::Constant(Constant::float(classes, (0..depth).map(|class| class as f32).collect()));
    let step = |import: &mut Import, op: Op, inputs: Vec<Value>| {
        let count = inputs.len();
        let node = node.with_inputs(inputs.into_iter().map(Some).collect());
        arithmetic::combine(import, &node, op, 0..count).map(Value::Node)
    };
    // Classes may count from the end.
    let index = Value::Node(spread);
    let negative = step(import, Op::Pairwise(Pairwise::Less), vec![index.clone(), scalar(0.0)])?;
    let from_end = step(import, Op::Add, vec![index.clone(), scalar(depth as f32)])?;
    let index = step(import, Op::Where, vec![negative, from_end, index])?;
    let same = step(import, Op::Pairwise(Pairwise::Equal), vec![index, classes])?;
    Ok(Outcome::Values(vec![step(import, Op::Where, vec![same, scalar(on), scalar(off)])?]))
}

/// The elements on one side of a diagonal of the last two axes, zeros on the other.
pub(super) fn trilu(import: &mut Import, node: &OnnxNode<'_>) -> Result<Outcome, Problem> {
    if node.varies(1) || !node.varies(0) {
        return Ok(Outcome::Digital);
    }
    let diagonal = node.any_number(1)?.unwrap_or(0.0) as i64;
    let upper = node.attributes.flag("upper", true)?;
    let input = node.runtime(0)?;
    let full = import.full_shape(input);
    let &[.., rows, columns] = full.as_slice() else {
        return Err(node.fail(format!("cuts a tensor of shape {full:?}")));
    };
    if input.batch.is_some_and(|batch| batch + 2 >= full.len()) {
        return Err(node.fail("cuts the batch axis: the images of a batch would mix"));
    }
    import.spend(node, rows * columns)?;
    let kept = |place: usize| {
        let distance = (place % columns) as i64 - (place / columns) as i64;
        f32::from(if upper { distance >= diagonal } else { distance <= diagonal })
    };
    let mask = Constant::float(vec![rows, columns], (0..rows * columns).map(kept).collect());
    let zero = Constant::float(vec![], vec![0.0]);
    let inputs = [Value::Constant(mask), Value::Node(input), Value::Constant(zero)];
    let node = node.with_inputs(inputs.map(Some).to_vec());
    Ok(arithmetic::combine(import, &node, Op::Where, 0..3)?.into())
}

/// Sums of all elements up to each one along an axis, itself in or left out, from either end.
pub(super) fn cumulative_sum(import: &mut Import, node: &OnnxNode<'_>) -> Result<Outcome, Problem> {
    let (Some(axis), true) = (node.any_number(1)?, node.varies(0)) else { return Ok(Outcome::Digital) };
    let input = node.runtime(0)?;
    let axis = import.axis(node, input, "axis", axis as i64)?;
    let (exclusive, reverse) = (node.attributes.flag("exclusive", false)?, node.attributes.flag("reverse", false)?);
    let length = import.network.shape(input.id)[axis];
    import.spend(node, length.saturating_mul(length))?;
    let summed = |place: usize| match (reverse, exclusive) {
        (false, false) => 0..place + 1,
        (false, true) => 0..place,
        (true, false) => place..length,
        (true, true) => place + 1..length,
    };
    let taps: Vec<Vec<(usize, f32)>> = (0..length).map(|place| summed(place).map(|at| (at, 1.0)).collect()).collect();
    Ok(import.push_on(node, Op::Interpolate { axis, taps: taps.into() }, input)?.into())
}

/// The middle of each axis, or zeros around it, so that it has the length asked for.
pub(super) fn center_crop_pad(import: &mut Import, node: &OnnxNode<'_>) -> Result<Outcome, Problem> {
    let Some(lengths) = indices(node, 1) else { return Ok(Outcome::Digital) };
    let input = node.runtime(0)?;
    let rank = import.full_shape(input).len();
    let axes = node.attributes.ints("axes")?.map_or_else(|| (0..rank as i64).collect(), <[i64]>::to_vec);
    let lengths = node.integers(lengths)?;
    if lengths.len() != axes.len() {
        return Err(node.fail(format!("has {} lengths for {} axes", lengths.len(), axes.len())));
    }
    let mut id = input.id;
    for (&axis, &wanted) in axes.iter().zip(lengths) {
        if Some(node.axis("axes", axis, rank)?) == input.batch && wanted == 1 {
            continue;
        }
        let axis = import.axis(node, input, "axes", axis)?;
        let own = import.network.shape(id).to_vec();
        let wanted = usize::try_from(wanted).ok().filter(|wanted| (1..=tilewright::network::MAX_SIDE).contains(wanted));
        let wanted = wanted.ok_or_else(|| node.fail("asks for a length that is not 1 to 65536"))?;
        if wanted < own[axis] {
            let start = (own[axis] - wanted) / 2;
            id = import.push_part(node, Op::Slice { axis, start, end: start + wanted, step: 1 }, &[id])?;
        } else if wanted > own[axis] {
            let missing = wanted - own[axis];
            let (mut before, mut after) = (vec![0; own.len()], vec![0; own.len()]);
            (before[axis], after[axis]) = (missing / 2, missing - missing / 2);
            id = import.push_part(node, Op::Pad { before, after, value: 0.0 }, &[id])?;
        }
    }
    Ok(Feature { id, ..input }.into())
}

/// Ones on a diagonal of a matrix of the input's shape: a constant.
pub(super) fn eye_like(import: &mut Import, node: &OnnxNode<'_>) -> Result<Outcome, Problem> {
    let shape = match node.input(0) {
        Some(Value::Constant(constant)) => constant.shape().to_vec(),
        _ => import.full_shape(node.runtime(0)?),
    };
    node.attributes.ignore(&["dtype"]);
    let diagonal = node.attributes.int("k", 0)?;
    let &[rows, columns] = shape.as_slice() else {
        return Err(node.fail(format!("takes a tensor of shape {shape:?}; a matrix is expected")));
    };
    import.spend(node, rows.saturating_mul(columns))?;
    let on = |place: usize| (place % columns) as i64 - (place / columns) as i64 == diagonal;
    let values = Tensor::new(shape, (0..rows * columns).map(|place| f32::from(on(place))).collect());
    Ok(Outcome::Values(vec![Value::Constant(Constant::float(values.shape().to_vec(), values.values().to_vec()))]))
}
