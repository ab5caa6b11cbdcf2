//! Functions of several inputs, broadcast as in numpy.

use super::{Outcome, activation};
use crate::alignment::aligned;
use crate::building::Import;
use crate::constant::{Constant, Values};
use crate::error::Problem;
use crate::node::OnnxNode;
use crate::pending::RuntimeScale;
use crate::value::{Feature, Value};
use std::sync::Arc;
use tilewright::network::{Op, Pairwise, Tensor};

/// Operators of two values, and of any number of which the first two are combined first.
const PAIRWISE: &[(&str, Pairwise)] = &[
    ("And", Pairwise::And),
    ("Div", Pairwise::Div),
    ("Equal", Pairwise::Equal),
    ("Greater", Pairwise::Greater),
    ("GreaterOrEqual", Pairwise::GreaterOrEqual),
    ("Less", Pairwise::Less),
    ("LessOrEqual", Pairwise::LessOrEqual),
    ("Max", Pairwise::Max),
    ("Min", Pairwise::Min),
    ("Or", Pairwise::Or),
    ("PRelu", Pairwise::PRelu),
    ("Pow", Pairwise::Pow),
    ("Xor", Pairwise::Xor),
];

/// The operator of a function of two values.
pub(crate) fn operator_of_pair(pairwise: Pairwise) -> Option<&'static str> {
    PAIRWISE.iter().find(|(_, pair)| *pair == pairwise).map(|(operator, _)| *operator)
}

pub(super) fn add(import: &mut Import, node: &OnnxNode<'_>) -> Result<Outcome, Problem> {
    Ok(combine(import, node, Op::Add, 0..node.inputs.len())?.into())
}

pub(super) fn mul(import: &mut Import, node: &OnnxNode<'_>) -> Result<Outcome, Problem> {
    match (node.input(0), node.input(1)) {
        (Some(Value::Pending(sums)), Some(Value::DynamicScale(scale)))
        | (Some(Value::DynamicScale(scale)), Some(Value::Pending(sums))) => {
            Ok(sums.clone().scaled(import, node, &scale.clone())?.into())
        }
        (Some(Value::DynamicScale(scale)), Some(Value::Constant(constant)))
        | (Some(Value::Constant(constant)), Some(Value::DynamicScale(scale))) => {
            Ok(Outcome::Values(vec![Value::DynamicScale(times(node, scale, constant)?)]))
        }
        _ => Ok(combine(import, node, Op::Mul, 0..node.inputs.len())?.into()),
    }
}

/// A scale known at run time only, times one constant or one per channel.
fn times(node: &OnnxNode<'_>, scale: &RuntimeScale, constant: &Constant) -> Result<RuntimeScale, Problem> {
    let constants = node.finite(constant)?.values();
    if scale.factors.len() > 1 && constants.len() > 1 && scale.factors.len() != constants.len() {
        return Err(node.fail("multiplies scales of different lengths"));
    }
    let count = scale.factors.len().max(constants.len());
    let factors = (0..count).map(|i| scale.factors[i % scale.factors.len()] * constants[i % constants.len()]).collect();
    Ok(RuntimeScale { factors, ..*scale })
}

/// a − b = a + (−b), where −b is a constant or b times −1.
pub(super) fn sub(import: &mut Import, node: &OnnxNode<'_>) -> Result<Outcome, Problem> {
    let right = match node.constant(1) {
        Some(constant) => Value::Constant(map(node, constant, |x| -x)?),
        None => {
            let feature = node.runtime(1)?;
            let minus = Op::Constant(Tensor::new(vec![], vec![-1.0]).into());
            let minus = import.push_part(node, minus, &[])?;
            let id = import.push_part(node, Op::Mul, &[feature.id, minus])?;
            Value::Node(Feature { id, ..feature })
        }
    };
    let node = &node.with_inputs(vec![node.input(0).cloned(), Some(right)]);
    Ok(combine(import, node, Op::Add, 0..2)?.into())
}

/// By a constant, the product with its reciprocal.
pub(super) fn div(import: &mut Import, node: &OnnxNode<'_>) -> Result<Outcome, Problem> {
    let Some(divisor) = node.constant(1) else { return pairwise(import, node) };
    let reciprocal = Value::Constant(map(node, divisor, |x| 1.0 / x)?);
    let node = &node.with_inputs(vec![node.input(0).cloned(), Some(reciprocal)]);
    Ok(combine(import, node, Op::Mul, 0..2)?.into())
}

/// One of [`PAIRWISE`]; of more than two inputs one after the other.
pub(super) fn pairwise(import: &mut Import, node: &OnnxNode<'_>) -> Result<Outcome, Problem> {
    let found = PAIRWISE.iter().find(|(operator, _)| *operator == node.operator);
    let Some(&(_, pairwise)) = found else { return Ok(Outcome::Digital) };
    let mut first = node.input(0).cloned();
    let mut result = None;
    if node.inputs.len() < 2 {
        return Ok(node.runtime(0)?.into());
    }
    for index in 1..node.inputs.len() {
        let both = node.with_inputs(vec![first, node.input(index).cloned()]);
        let feature = combine(import, &both, Op::Pairwise(pairwise), 0..2)?;
        (first, result) = (Some(Value::Node(feature)), Some(feature));
    }
    match result {
        Some(feature) => Ok(feature.into()),
        None => Err(node.fail("lacks its second input")),
    }
}

/// The slopes of a PRelu have the shape of the last axes, as broadcasting wants it, or one value a channel.
pub(super) fn prelu(import: &mut Import, node: &OnnxNode<'_>) -> Result<Outcome, Problem> {
    let full = import.full_shape(node.runtime(0)?);
    if let (Some(slope), [_, channels, rest @ ..]) = (node.constant(1), full.as_slice())
        && slope.shape() == [*channels]
        && rest.last() != Some(channels)
        && !rest.is_empty()
    {
        let shape = [&[*channels][..], &vec![1; rest.len()]].concat();
        let slopes = Constant::float(shape, node.finite(slope)?.values().to_vec());
        let node = node.with_inputs(vec![node.input(0).cloned(), Some(Value::Constant(slopes))]);
        return pairwise(import, &node);
    }
    pairwise(import, node)
}

pub(super) fn modulo(import: &mut Import, node: &OnnxNode<'_>) -> Result<Outcome, Problem> {
    let pairwise = if node.attributes.flag("fmod", false)? { Pairwise::Fmod } else { Pairwise::Mod };
    Ok(combine(import, node, Op::Pairwise(pairwise), 0..2)?.into())
}

/// The second input where the first holds, else the third.
pub(super) fn choose(import: &mut Import, node: &OnnxNode<'_>) -> Result<Outcome, Problem> {
    Ok(combine(import, node, Op::Where, 0..3)?.into())
}

/// The mean of several inputs.
pub(super) fn mean(import: &mut Import, node: &OnnxNode<'_>) -> Result<Outcome, Problem> {
    let sum = combine(import, node, Op::Add, 0..node.inputs.len())?;
    let share = Op::Constant(Tensor::new(vec![], vec![1.0 / node.inputs.len() as f32]).into());
    let share = import.push_part(node, share, &[])?;
    let id = import.push_part(node, Op::Mul, &[sum.id, share])?;
    Ok(Feature { id, ..sum }.into())
}

/// An addition of constants that a runtime has fused with the function after it.
pub(super) fn bias_gelu(import: &mut Import, node: &OnnxNode<'_>) -> Result<Outcome, Problem> {
    let sum = combine(import, node, Op::Add, 0..2)?;
    let id = import.push_part(node, Op::Activation(tilewright::network::Activation::Gelu), &[sum.id])?;
    let result = Feature { id, ..sum };
    Ok(activation::fused(import, node, result)?.into())
}

/// One operation on all inputs at `indices`.
pub(super) fn combine(
    import: &mut Import,
    node: &OnnxNode<'_>,
    op: Op,
    indices: std::ops::Range<usize>,
) -> Result<Feature, Problem> {
    let inputs = aligned(import, node, indices, 0)?;
    let id = import.push(node, op, &inputs.nodes)?;
    inputs.result(import, node, id)
}

fn map(node: &OnnxNode<'_>, constant: &Constant, f: impl Fn(f32) -> f32) -> Result<Constant, Problem> {
    let mapped = node.floats(constant)?.map(|&x| f(x));
    Ok(Constant { values: Values::Float(Arc::new(mapped)), scale: None })
}
