//! Einsum: products of tensors by the names of their axes, as transpositions around a product of matrices.

use super::Outcome;
use super::dense::matrix_product;
use crate::building::Import;
use crate::constant::Constant;
use crate::constant_folding::transpose;
use crate::error::Problem;
use crate::node::OnnxNode;
use crate::value::{Feature, Value};
use std::collections::HashMap;
use std::sync::Arc;
use tilewright::network::{NodeId, Op, Reduction, Tensor, Weights};

/// The axes that "..." stands for, counted from the last: no letters.
const FIRST_UNNAMED: u32 = 0xE000;

/// A tensor with a name for each of its ONNX axes.
#[derive(Clone)]
struct Operand {
    kind: Kind,
    labels: Vec<char>,
    shape: Vec<usize>,
    /// The name of the batch axis.
    batch: Option<char>,
}

#[derive(Clone)]
enum Kind {
    /// A node of the whole ONNX shape.
    Node(NodeId),
    Constant(Constant),
}

pub(super) fn einsum(import: &mut Import, node: &OnnxNode<'_>) -> Result<Outcome, Problem> {
    let equation: String = node.attributes.string("equation", "")?.chars().filter(|c| !c.is_whitespace()).collect();
    let (inputs, output) = match equation.split_once("->") {
        Some((inputs, output)) => (inputs, Some(output)),
        None => (equation.as_str(), None),
    };
    let terms: Vec<&str> = inputs.split(',').collect();
    let fail =
        || node.attributes.unsupported("equation", format!("{equation:?}"), "one term for each input is allowed");
    if terms.len() != node.inputs.len() {
        return Err(fail());
    }
    let mut operands = vec![];
    for (index, term) in terms.iter().enumerate() {
        operands.push(operand(import, node, index, term)?.ok_or_else(fail)?);
    }
    let output = match output {
        Some(output) => {
            let unnamed = operands.iter().flat_map(|operand| &operand.labels).filter(|label| is_unnamed(**label));
            let unnamed = unnamed.max().map_or(0, |&label| label as usize - FIRST_UNNAMED as usize + 1);
            labels(output, unnamed).ok_or_else(fail)?
        }
        None => implied(&operands),
    };
    lengths(&operands).ok_or_else(fail)?;
    let mut result = operands.remove(0);
    while !operands.is_empty() {
        let next = operands.remove(0);
        let needed = |label: &char| output.contains(label) || operands.iter().any(|rest| rest.labels.contains(label));
        result = product(import, node, result, next, &needed)?;
    }
    let result = summed(import, node, result, &|label| output.contains(label))?;
    if output.iter().any(|label| !result.labels.contains(label)) {
        return Err(fail());
    }
    finish(import, node, &result, &output)
}

fn is_unnamed(label: char) -> bool {
    label as u32 >= FIRST_UNNAMED
}

/// The names in a term, "..." standing for so many axes.
fn labels(term: &str, unnamed: usize) -> Option<Vec<char>> {
    let names = (0..unnamed as u32).rev().map(|index| char::from_u32(FIRST_UNNAMED + index));
    let names: String = names.collect::<Option<_>>()?;
    let labels: Vec<char> = term.replacen("...", &names, 1).chars().collect();
    labels.iter().all(|label| label.is_ascii_alphabetic() || is_unnamed(*label)).then_some(labels)
}

/// Without an output term: the unnamed axes, then the letters that occur once, in the order of the alphabet.
fn implied(operands: &[Operand]) -> Vec<char> {
    let mut all: Vec<char> = operands.iter().flat_map(|operand| operand.labels.clone()).collect();
    all.sort_unstable();
    let once = |label: &char| all.iter().filter(|other| *other == label).count() == 1;
    let mut letters: Vec<char> = all.iter().copied().filter(|label| !is_unnamed(*label) && once(label)).collect();
    let mut unnamed: Vec<char> = all.iter().copied().filter(|label| is_unnamed(*label)).collect();
    unnamed.dedup();
    unnamed.reverse();
    unnamed.append(&mut letters);
    unnamed
}

/// The length of each name; `None` if two tensors do not agree.
fn lengths(operands: &[Operand]) -> Option<HashMap<char, usize>> {
    let mut lengths = HashMap::new();
    for operand in operands {
        for (label, length) in operand.labels.iter().zip(&operand.shape) {
            if *lengths.entry(*label).or_insert(*length) != *length {
                return None;
            }
        }
    }
    Some(lengths)
}

/// An input with the names of its axes, each once: an axis named twice has become its diagonal, and one of length 1 that stretches is gone.
fn operand(import: &mut Import, node: &OnnxNode<'_>, index: usize, term: &str) -> Result<Option<Operand>, Problem> {
    let (kind, shape, batch) = match node.input(index) {
        Some(Value::Constant(constant)) => (Kind::Constant(constant.clone()), constant.shape().to_vec(), None),
        _ => {
            let feature = node.runtime(index)?;
            let shape = import.full_shape(feature);
            (Kind::Node(import.whole(node, feature)?), shape, feature.batch)
        }
    };
    let unnamed = shape.len().saturating_sub(term.replacen("...", "", 1).len());
    let Some(labels) = labels(term, if term.contains("...") { unnamed } else { 0 }) else { return Ok(None) };
    if labels.len() != shape.len() {
        return Ok(None);
    }
    let batch = batch.map(|batch| labels[batch]);
    let mut operand = Operand { kind, labels, shape, batch };
    while let Some((first, second)) = repeated(&operand.labels) {
        if operand.shape[first] != operand.shape[second] || operand.batch == Some(operand.labels[first]) {
            return Ok(None);
        }
        operand = diagonal(import, node, operand, [first, second])?;
    }
    while let Some(axis) = operand.labels.iter().zip(&operand.shape).position(|(label, length)| {
        // A batch axis is one even where its length is.
        is_unnamed(*label) && *length == 1 && operand.batch != Some(*label)
    }) {
        operand.labels.remove(axis);
        operand.shape.remove(axis);
        operand = reshaped(import, node, operand)?;
    }
    Ok(Some(operand))
}

fn repeated(labels: &[char]) -> Option<(usize, usize)> {
    (0..labels.len()).find_map(|first| {
        (first + 1..labels.len()).find(|&second| labels[second] == labels[first]).map(|second| (first, second))
    })
}

/// The operand as a node of its shape.
fn node_of(import: &mut Import, node: &OnnxNode<'_>, operand: &Operand) -> Result<NodeId, Problem> {
    match &operand.kind {
        Kind::Node(id) if import.network.shape(*id) == operand.shape => Ok(*id),
        Kind::Node(id) => import.push_part(node, Op::Reshape { shape: operand.shape.clone() }, &[*id]),
        Kind::Constant(constant) => import.constant_node(node, constant, operand.shape.clone()),
    }
}

fn reshaped(import: &mut Import, node: &OnnxNode<'_>, operand: Operand) -> Result<Operand, Problem> {
    match &operand.kind {
        Kind::Node(_) => Ok(Operand { kind: Kind::Node(node_of(import, node, &operand)?), ..operand }),
        Kind::Constant(constant) => {
            let values = constant.to_floats().values().to_vec();
            let kind = Kind::Constant(Constant::float(operand.shape.clone(), values));
            Ok(Operand { kind, ..operand })
        }
    }
}

/// Two axes of one name become one.
fn diagonal(
    import: &mut Import,
    node: &OnnxNode<'_>,
    mut operand: Operand,
    [first, second]: [usize; 2],
) -> Result<Operand, Problem> {
    let id = node_of(import, node, &operand)?;
    let count: usize = operand.shape.iter().product();
    let flat = import.push_part(node, Op::Reshape { shape: vec![count] }, &[id])?;
    let strides: Vec<usize> = (0..operand.shape.len()).map(|axis| operand.shape[axis + 1..].iter().product()).collect();
    let on = |place: &usize| {
        let at = |axis: usize| place / strides[axis] % operand.shape[axis];
        at(first) == at(second)
    };
    import.spend(node, count)?;
    let mut places: Vec<usize> = (0..count).filter(on).collect();
    // In the order of the axes that are left.
    places.sort_by_key(|place| {
        let at = |axis: usize| place / strides[axis] % operand.shape[axis];
        (0..strides.len()).filter(|&axis| axis != second).map(at).collect::<Vec<_>>()
    });
    operand.labels.remove(second);
    operand.shape.remove(second);
    let taken = import.push_part(node, Op::Select { axis: 0, indices: places.into() }, &[flat])?;
    let id = import.push_part(node, Op::Reshape { shape: operand.shape.clone() }, &[taken])?;
    Ok(Operand { kind: Kind::Node(id), ..operand })
}

/// The operand without the axes that nothing needs any more, which are summed over.
fn summed(
    import: &mut Import,
    node: &OnnxNode<'_>,
    mut operand: Operand,
    needed: &dyn Fn(&char) -> bool,
) -> Result<Operand, Problem> {
    let axes: Vec<usize> = (0..operand.labels.len()).filter(|&axis| !needed(&operand.labels[axis])).collect();
    if axes.is_empty() {
        return Ok(operand);
    }
    if operand.batch.is_some_and(|batch| !needed(&batch)) {
        return Err(node.fail("sums over the batch axis: the images of a batch would mix"));
    }
    let id = node_of(import, node, &operand)?;
    let op = Op::Reduce { reduction: Reduction::Sum, axes: axes.clone(), keep_axes: false };
    let id = import.push_part(node, op, &[id])?;
    for axis in axes.into_iter().rev() {
        operand.labels.remove(axis);
        operand.shape.remove(axis);
    }
    Ok(Operand { kind: Kind::Node(id), ..operand })
}

/// The product of two tensors, summed over the names that are no longer needed.
fn product(
    import: &mut Import,
    node: &OnnxNode<'_>,
    left: Operand,
    right: Operand,
    needed: &dyn Fn(&char) -> bool,
) -> Result<Operand, Problem> {
    let left = summed(import, node, left, &|label| needed(label) || right.labels.contains(label))?;
    let right = summed(import, node, right, &|label| needed(label) || left.labels.contains(label))?;
    let pick = |of: &Operand, wanted: &dyn Fn(&char) -> bool| -> Vec<char> {
        of.labels.iter().copied().filter(|label| wanted(label)).collect()
    };
    let shared = pick(&left, &|label| right.labels.contains(label) && needed(label));
    let inner = pick(&left, &|label| right.labels.contains(label) && !needed(label));
    let rows = pick(&left, &|label| !right.labels.contains(label));
    let columns = pick(&right, &|label| !left.labels.contains(label));
    let batch = left.batch.or(right.batch);
    if batch.is_some_and(|batch| inner.contains(&batch)) {
        return Err(node.fail("sums over the batch axis: the images of a batch would mix"));
    }
    let length = |labels: &[char]| -> Vec<usize> {
        let of = |label: &char| {
            let within =
                |operand: &Operand| operand.labels.iter().position(|own| own == label).map(|at| operand.shape[at]);
            within(&left).or_else(|| within(&right)).unwrap_or(1)
        };
        labels.iter().map(of).collect()
    };
    let size = |labels: &[char]| length(labels).iter().product::<usize>();
    let labels = [shared.as_slice(), &rows, &columns].concat();
    let shape = length(&labels);
    let [left_order, right_order] =
        [[shared.as_slice(), &rows, &inner].concat(), [shared.as_slice(), &inner, &columns].concat()];
    if let (Kind::Constant(constant), true) = (&right.kind, shared.is_empty() && !inner.is_empty()) {
        // Weights: a layer for crossbars.
        let matrix = permuted_constant(constant, &right.labels, &[columns.as_slice(), &inner].concat());
        let values = Tensor::new(vec![size(&columns), size(&inner)], node.finite(&matrix)?.values().to_vec());
        let id = arranged(import, node, &left, &left_order, vec![size(&rows), size(&inner)])?;
        let weights = Weights { values: Arc::new(values), scale: None };
        let product = matrix_product(import, node, &node.name, Feature { id, batch: None }, weights, None)?;
        return reshaped(import, node, Operand { kind: Kind::Node(product.id), labels, shape, batch });
    }
    if let (Kind::Constant(_), Kind::Node(_), true) = (&left.kind, &right.kind, shared.is_empty() && !inner.is_empty())
    {
        return product(import, node, right, left, needed);
    }
    let left = arranged(import, node, &left, &left_order, vec![size(&shared), size(&rows), size(&inner)])?;
    let right = arranged(import, node, &right, &right_order, vec![size(&shared), size(&inner), size(&columns)])?;
    let id = import.push_part(node, Op::MatMul, &[left, right])?;
    reshaped(import, node, Operand { kind: Kind::Node(id), labels, shape, batch })
}

/// The operand with its axes in another order, under a shape.
fn arranged(
    import: &mut Import,
    node: &OnnxNode<'_>,
    operand: &Operand,
    order: &[char],
    shape: Vec<usize>,
) -> Result<NodeId, Problem> {
    let mut id = node_of(import, node, operand)?;
    let places = places(&operand.labels, order);
    if !places.iter().copied().eq(0..places.len()) {
        id = import.push_part(node, Op::Transpose { order: places }, &[id])?;
    }
    if import.network.shape(id) == shape {
        return Ok(id);
    }
    import.push_part(node, Op::Reshape { shape }, &[id])
}

fn places(labels: &[char], order: &[char]) -> Vec<usize> {
    order.iter().filter_map(|label| labels.iter().position(|own| own == label)).collect()
}

fn permuted_constant(constant: &Constant, labels: &[char], order: &[char]) -> Constant {
    transpose(constant, &places(labels, order))
}

/// The result with its axes in the order of the output term.
fn finish(import: &mut Import, node: &OnnxNode<'_>, result: &Operand, output: &[char]) -> Result<Outcome, Problem> {
    let order = places(&result.labels, output);
    let mut shape: Vec<usize> = order.iter().map(|&axis| result.shape[axis]).collect();
    let mut id = arranged(import, node, result, output, shape.clone())?;
    let batch = result.batch.and_then(|batch| output.iter().position(|label| *label == batch));
    batch.map(|batch| shape.remove(batch));
    id = import.push(node, Op::Reshape { shape }, &[id])?;
    Ok(if batch.is_none() { import.with_batch(node, id)? } else { Feature { id, batch } }.into())
}
