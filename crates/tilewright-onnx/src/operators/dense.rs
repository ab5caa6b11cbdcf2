//! Gemm and MatMul with constant weights.

use super::Outcome;
use super::window::{as_image, as_sequence};
use crate::building::Import;
use crate::constant::Constant;
use crate::constant_folding::transpose;
use crate::error::Problem;
use crate::node::OnnxNode;
use std::sync::Arc;
use tilewright::network::{Conv, Dense, NodeId, Op, Tensor, Weights};

/// alpha · A · B + beta · C for a vector A.
pub(super) fn gemm(import: &mut Import, node: &OnnxNode<'_>) -> Result<Outcome, Problem> {
    let (Some(matrix), false) = (node.constant(1), node.varies(2)) else { return Ok(Outcome::Digital) };
    node.attributes.only_int("transA", 0)?;
    let (alpha, beta) = (node.attributes.float("alpha", 1.0)?, node.attributes.float("beta", 1.0)?);
    let rows_are_outputs = node.attributes.flag("transB", false)?;
    let weights = scaled(output_rows(import, node, matrix, rows_are_outputs)?, alpha);
    let out_features = weights.values.shape()[0];
    let bias = match node.constant(2) {
        None => None,
        Some(bias) => {
            let values = node.floats(bias)?.values();
            if ![1, out_features].contains(&values.len()) {
                return Err(node.fail(format!("adds {} values to {out_features} outputs", values.len())));
            }
            Some(values.iter().cycle().take(out_features).map(|x| beta * x).collect())
        }
    };
    let dense = Dense { out_features, weights: Some(weights), bias };
    Ok(import.push(node, Op::Dense(dense), &[node.runtime(0)?])?.into())
}

/// A vector, or the last axis of an image `[height, width, in]` or of a list of vectors, times a constant matrix `[in, out]`;
/// other products stay digital.
pub(super) fn mat_mul(import: &mut Import, node: &OnnxNode<'_>) -> Result<Outcome, Problem> {
    let (Some(matrix), true) = (node.constant(1), node.varies(0)) else { return Ok(Outcome::Digital) };
    let rank = import.rank(node)?;
    if !(2..=4).contains(&rank) || matrix.shape().len() != 2 {
        return Ok(Outcome::Digital);
    }
    let weights = output_rows(import, node, matrix, false)?;
    if rank > 2 {
        return Ok(pointwise(import, node, weights, rank - 1)?.into());
    }
    let dense = Dense { out_features: weights.values.shape()[0], weights: Some(weights), bias: None };
    Ok(import.push(node, Op::Dense(dense), &[node.runtime(0)?])?.into())
}

/// The same matrix at every place: a 1×1 convolution between two transpositions.
fn pointwise(import: &mut Import, node: &OnnxNode<'_>, weights: Weights, axes: usize) -> Result<NodeId, Problem> {
    let last_first = std::iter::once(axes - 1).chain(0..axes - 1).collect();
    let first_last = (1..axes).chain([0]).collect();
    let &[out_channels, in_channels] = weights.values.shape() else { unreachable!("made from a matrix") };
    let kernel = Tensor::new(vec![out_channels, in_channels, 1, 1], weights.values.values().to_vec());
    let weights = Some(Weights { values: Arc::new(kernel), ..weights });
    let conv = Conv { weights, ..Conv::same(out_channels, 1) };
    let turned = import.push_part(node, Op::Transpose { order: last_first }, &[node.runtime(0)?])?;
    let image = as_image(import, node, turned)?;
    let output = import.push(node, Op::Conv(conv), &[image])?;
    let output = as_sequence(import, node, output, axes - 1)?;
    import.push_part(node, Op::Transpose { order: first_last }, &[output])
}

/// The matrix as weights `[out, in]`.
fn output_rows(
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
