//! Gemm and MatMul: with constant weights, which are for crossbars, and of two feature maps.

use super::window::{as_image, as_sequence};
use super::{Outcome, activation, arithmetic, offset};
use crate::alignment::aligned;
use crate::building::Import;
use crate::constant::Constant;
use crate::constant_folding::transpose;
use crate::error::Problem;
use crate::node::OnnxNode;
use crate::value::{Feature, Value};
use std::sync::Arc;
use tilewright::network::{Conv, Dense, Op, Tensor, Weights};

/// alpha · A · B + beta · C: a layer if B and C are constants, else step by step.
pub(super) fn gemm(import: &mut Import, node: &OnnxNode<'_>) -> Result<Outcome, Problem> {
    let (alpha, beta) = (node.attributes.float("alpha", 1.0)?, node.attributes.float("beta", 1.0)?);
    let [turn_left, turn_right] = [node.attributes.flag("transA", false)?, node.attributes.flag("transB", false)?];
    let (Some(matrix), true, false, false) = (node.constant(1), node.varies(0), node.varies(2), turn_left) else {
        return gemm_of_features(import, node, [alpha, beta], [turn_left, turn_right]);
    };
    let outputs = matrix.shape().get(usize::from(!turn_right)).copied().unwrap_or(0);
    if node.constant(2).is_some_and(|bias| ![1, outputs].contains(&bias.len())) {
        return gemm_of_features(import, node, [alpha, beta], [turn_left, turn_right]);
    }
    let weights = scaled(output_rows(import, node, matrix, turn_right)?, alpha);
    let bias = bias(node, node.constant(2), weights.values.shape()[0], beta)?;
    Ok(integer_weights(import, node, node.runtime(0)?, weights, matrix.bits(), bias)?.into())
}

/// A Gemm of matrices that depend on the image, or that adds a matrix.
fn gemm_of_features(
    import: &mut Import,
    node: &OnnxNode<'_>,
    [alpha, beta]: [f32; 2],
    turns: [bool; 2],
) -> Result<Outcome, Problem> {
    let mut factors = vec![];
    for (index, turn) in turns.into_iter().enumerate() {
        factors.push(match node.input(index) {
            Some(Value::Constant(constant)) if turn && constant.shape().len() == 2 => {
                import.spend(node, constant.len())?;
                Some(Value::Constant(transpose(constant, &[1, 0])))
            }
            Some(Value::Constant(constant)) => Some(Value::Constant(constant.clone())),
            _ if turn && node.runtime(index)?.batch.is_some() => {
                let attribute = ["transA", "transB"][index];
                let allowed = "the batch axis must be left alone, or images would mix";
                return Err(node.attributes.unsupported(attribute, 1, allowed));
            }
            _ if turn => Some(Value::Node(turned(import, node, node.runtime(index)?)?)),
            _ => Some(Value::Node(node.runtime(index)?)),
        });
    }
    let Outcome::Values(values) = mat_mul(import, &node.with_inputs(factors))? else { return Ok(Outcome::Digital) };
    let mut result = values.into_iter().next();
    let combine = |import: &mut Import, result: Option<Value>, op: Op, other: Value| {
        let both = node.with_inputs(vec![result, Some(other)]);
        arithmetic::combine(import, &both, op, 0..2).map(|feature| Some(Value::Node(feature)))
    };
    let number = |value: f32| Value::Constant(Constant::float(vec![], vec![value]));
    if alpha != 1.0 {
        result = combine(import, result, Op::Mul, number(alpha))?;
    }
    if let Some(summand) = node.input(2) {
        let summand = match (beta, summand) {
            (1.0, summand) => summand.clone(),
            (_, Value::Constant(constant)) => {
                let scaled = node.floats(constant)?.values().iter().map(|x| beta * x).collect();
                Value::Constant(Constant::float(constant.shape().to_vec(), scaled))
            }
            (_, summand) => {
                combine(import, Some(summand.clone()), Op::Mul, number(beta))?.unwrap_or_else(|| summand.clone())
            }
        };
        result = combine(import, result, Op::Add, summand)?;
    }
    Ok(Outcome::Values(result.into_iter().collect()))
}

/// As [`gemm`] with an activation fused into it.
pub(super) fn fused_gemm(import: &mut Import, node: &OnnxNode<'_>) -> Result<Outcome, Problem> {
    let Outcome::Values(values) = gemm(import, node)? else { return Ok(Outcome::Digital) };
    match values.as_slice() {
        [Value::Node(output)] => {
            node.attributes.ignore(&["activation_alpha", "activation_beta", "activation_gamma"]);
            Ok(activation::fused(import, node, *output)?.into())
        }
        _ => Ok(Outcome::Digital),
    }
}

/// `beta` times one bias per output, or one for all.
fn bias(
    node: &OnnxNode<'_>,
    constant: Option<&Constant>,
    outputs: usize,
    beta: f32,
) -> Result<Option<Arc<[f32]>>, Problem> {
    let Some(constant) = constant else { return Ok(None) };
    let values = node.finite(constant)?.values();
    if ![1, outputs].contains(&values.len()) {
        return Err(node.fail(format!("adds {} values to {outputs} outputs", values.len())));
    }
    Ok(Some(values.iter().cycle().take(outputs).map(|x| beta * x).collect()))
}

/// The last axis times a constant matrix `[in, out]`, a constant matrix times the last but one, or two feature maps.
pub(super) fn mat_mul(import: &mut Import, node: &OnnxNode<'_>) -> Result<Outcome, Problem> {
    match (node.constant(0), node.constant(1)) {
        (None, Some(matrix)) if is_matrix(matrix) => {
            let weights = output_rows(import, node, &squeezed(matrix), false)?;
            Ok(integer_weights(import, node, node.runtime(0)?, weights, matrix.bits(), None)?.into())
        }
        (Some(matrix), None) if is_matrix(matrix) && import.full_shape(node.runtime(1)?).len() > 1 => {
            let weights = node.weights(&squeezed(matrix))?;
            let input = turned(import, node, node.runtime(1)?)?;
            let product = matrix_product(import, node, &node.name, input, weights, None)?;
            Ok(turned(import, node, product)?.into())
        }
        _ => of_two(import, node),
    }
}

/// Whether all axes but the last two have length 1.
fn is_matrix(constant: &Constant) -> bool {
    let shape = constant.shape();
    shape.len() >= 2 && shape[..shape.len() - 2].iter().all(|&length| length == 1)
}

fn squeezed(matrix: &Constant) -> Constant {
    let shape = matrix.shape();
    let skipped = shape.len() - 2;
    if skipped == 0 {
        return matrix.clone();
    }
    let tensor = matrix.to_floats();
    let values = Constant::float(shape[skipped..].to_vec(), tensor.values().to_vec());
    let scale = matrix.scale.clone().map(|mut scale| {
        scale.axis = scale.axis.saturating_sub(skipped);
        scale
    });
    Constant { scale, ..values }
}

/// The last two axes exchanged.
fn turned(import: &mut Import, node: &OnnxNode<'_>, feature: Feature) -> Result<Feature, Problem> {
    let shape = import.full_shape(feature);
    let rank = shape.len();
    if rank < 2 {
        return Err(
            node.fail(format!("exchanges the last two axes of a value of shape {shape:?}; it must have two or more"))
        );
    }
    let last = [rank - 1, rank - 2];
    let feature = match feature.batch {
        Some(batch) if last.contains(&batch) => Feature { id: import.whole(node, feature)?, batch: None },
        _ => feature,
    };
    let axes = import.network.shape(feature.id).len();
    let mut order: Vec<usize> = (0..axes).collect();
    order.swap(axes - 1, axes - 2);
    Ok(Feature { id: import.push_part(node, Op::Transpose { order }, &[feature.id])?, ..feature })
}

/// A product of matrices that both depend on the image, or of one with more constants than a matrix. A vector is a matrix of one row on the
/// left, and of one column on the right, which the product loses again.
fn of_two(import: &mut Import, node: &OnnxNode<'_>) -> Result<Outcome, Problem> {
    let [left, right] = [is_vector(import, node, 0)?, is_vector(import, node, 1)?];
    if !left && !right {
        let factors = aligned(import, node, 0..2, 2)?;
        let id = import.push(node, Op::MatMul, &factors.nodes)?;
        return Ok(factors.result(import, node, id)?.into());
    }
    let whole = |import: &mut Import, index: usize, vector: bool| {
        let id = match node.input(index) {
            Some(Value::Constant(constant)) => import.constant_node(node, constant, constant.shape().to_vec())?,
            _ => import.whole(node, node.runtime(index)?)?,
        };
        let length = import.network.shape(id)[0];
        let shape = if index == 0 { vec![1, length] } else { vec![length, 1] };
        if vector { import.push_part(node, Op::Reshape { shape }, &[id]) } else { Ok(id) }
    };
    let factors = [whole(import, 0, left)?, whole(import, 1, right)?];
    let product = import.push_part(node, Op::MatMul, &factors)?;
    let mut shape = import.network.shape(product).to_vec();
    if right {
        shape.pop();
    }
    if left {
        shape.remove(shape.len() - usize::from(!right) - 1);
    }
    let id = import.push(node, Op::Reshape { shape }, &[product])?;
    Ok(import.with_batch(node, id)?.into())
}

/// Whether an input has one axis only.
fn is_vector(import: &Import, node: &OnnxNode<'_>, index: usize) -> Result<bool, Problem> {
    let rank = match node.input(index) {
        Some(Value::Constant(constant)) => constant.shape().len(),
        _ => import.full_shape(node.runtime(index)?).len(),
    };
    if rank == 0 { Err(node.fail("multiplies a single number as a matrix")) } else { Ok(rank == 1) }
}

/// As [`matrix_product`], called as the node, with weights that came as integers of so many bits.
pub(super) fn integer_weights(
    import: &mut Import,
    node: &OnnxNode<'_>,
    input: Feature,
    weights: Weights,
    bits: Option<u32>,
    bias: Option<Arc<[f32]>>,
) -> Result<Feature, Problem> {
    offset::product(import, node, input, weights, bits, |import, weights| {
        matrix_product(import, node, &node.name, input, weights, bias)
    })
}

/// A tensor, its last axis times weights `[out, in]`, as a layer called `name`: dense for one vector, else a 1×1 convolution between two
/// transpositions.
pub(crate) fn matrix_product(
    import: &mut Import,
    node: &OnnxNode<'_>,
    name: &str,
    input: Feature,
    weights: Weights,
    bias: Option<Arc<[f32]>>,
) -> Result<Feature, Problem> {
    let last = import.full_shape(input).len().saturating_sub(1);
    // A batch axis that is multiplied has length 1.
    let input = match input.batch {
        Some(batch) if batch == last => Feature { id: import.whole(node, input)?, batch: None },
        _ => input,
    };
    let shape = import.network.shape(input.id).to_vec();
    let &[out_features, in_features] = weights.values.shape() else {
        return Err(node.fail(format!("has weights of shape {:?}; a matrix is expected", weights.values.shape())));
    };
    let Some((_, places)) = shape.split_last() else { return Err(node.fail("multiplies a single number by a matrix")) };
    if places.is_empty() {
        let dense = Dense { out_features, weights: Some(weights), bias };
        let id = import.push_named(node, name, Op::Dense(dense), &[input.id])?;
        return Ok(Feature { id, ..input });
    }
    let kernel = Tensor::new(vec![out_features, in_features, 1, 1], weights.values.values().to_vec());
    let weights = Some(Weights { values: Arc::new(kernel), ..weights });
    let conv = Conv { weights, bias, ..Conv::same(out_features, 1) };
    // A convolution has two axes of places at most.
    let flat = if places.len() > 2 { vec![places.iter().product()] } else { places.to_vec() };
    let mut from = input.id;
    if places.len() > 2 {
        let shape = vec![flat[0], shape[places.len()]];
        from = import.push_part(node, Op::Reshape { shape }, &[from])?;
    }
    let axes = flat.len() + 1;
    let last_first = std::iter::once(axes - 1).chain(0..axes - 1).collect();
    let first_last = (1..axes).chain([0]).collect();
    let turned = import.push_part(node, Op::Transpose { order: last_first }, &[from])?;
    let image = as_image(import, node, turned)?;
    let output = import.push_named(node, name, Op::Conv(conv), &[image])?;
    let output = as_sequence(import, node, output, axes - 1)?;
    let mut id = import.push_part(node, Op::Transpose { order: first_last }, &[output])?;
    if places.len() > 2 {
        let shape = [places, &[out_features]].concat();
        id = import.push_part(node, Op::Reshape { shape }, &[id])?;
    }
    Ok(Feature { id, ..input })
}

/// The matrix as weights `[out, in]`.
pub(super) fn output_rows(
    import: &mut Import,
    node: &OnnxNode<'_>,
    matrix: &Constant,
    rows_are_outputs: bool,
) -> Result<Weights, Problem> {
    if matrix.shape().len() != 2 {
        return Err(node.fail(format!("has weights of shape {:?}; a matrix is expected", matrix.shape())));
    }
    if rows_are_outputs {
        return node.weights(matrix);
    }
    import.spend(node, matrix.len())?;
    node.weights(&transpose(matrix, &[1, 0]))
}

fn scaled(weights: Weights, factor: f32) -> Weights {
    if factor == 1.0 {
        return weights;
    }
    Weights {
        values: Arc::new(weights.values.map(|x| factor * x)),
        scale: weights.scale.map(|scale| scale.iter().map(|x| factor.abs() * x).collect()),
    }
}
