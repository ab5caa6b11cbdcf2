//! Gemm and MatMul with constant weights.

use super::Outcome;
use crate::constant::Constant;
use crate::constant_folding::transpose;
use crate::error::Problem;
use crate::import::Import;
use crate::node::OnnxNode;
use std::sync::Arc;
use tilewright::network::{Dense, Op, Weights};

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

/// A vector times a constant matrix `[in, out]`; other products stay digital.
pub(super) fn mat_mul(import: &mut Import, node: &OnnxNode<'_>) -> Result<Outcome, Problem> {
    let (Some(matrix), true) = (node.constant(1), node.varies(0)) else { return Ok(Outcome::Digital) };
    if node.rank(import)? != 2 || matrix.shape().len() != 2 {
        return Ok(Outcome::Digital);
    }
    let weights = output_rows(import, node, matrix, false)?;
    let dense = Dense { out_features: weights.values.shape()[0], weights: Some(weights), bias: None };
    Ok(import.push(node, Op::Dense(dense), &[node.runtime(0)?])?.into())
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
    node.floats(matrix)?;
    if rows_are_outputs {
        return Ok(matrix.weights(node.floats(matrix)?));
    }
    import.spend(node, matrix.len())?;
    let turned = transpose(matrix, &[1, 0]);
    Ok(turned.weights(node.floats(&turned)?))
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
