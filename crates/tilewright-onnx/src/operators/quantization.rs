//! QuantizeLinear and DequantizeLinear around activations; those of weights are folded.

use super::Outcome;
use crate::arguments::block_quantization;
use crate::building::Import;
use crate::constant::{Constant, IntType, Values};
use crate::error::Problem;
use crate::node::OnnxNode;
use crate::value::{Quantized, Value};

/// Real values to integers.
pub(super) fn quantize(_: &mut Import, node: &OnnxNode<'_>) -> Result<Outcome, Problem> {
    block_quantization(node)?;
    node.attributes.ignore(&["saturate", "precision"]);
    node.attributes.only_int("output_dtype", 0)?;
    let (scale, zero_point, kind) = parameters(node)?;
    let range = kind.range().ok_or_else(|| node.fail("quantises to more than 16 bits; 4, 8 and 16 are supported"))?;
    let quantized = Quantized { name: node.name.clone(), source: node.runtime(0)?, scale, zero_point, range };
    Ok(Outcome::Values(vec![Value::Quantized(quantized)]))
}

/// Integers within narrower limits: how integers of fewer bits than a type has are written (Pappalardo et al. 2022, QONNX).
pub(super) fn clip(node: &OnnxNode<'_>, quantized: &Quantized) -> Result<Outcome, Problem> {
    let limit = |index: usize, default: i32| match node.constant(index).map(|limit| node.integers(limit)).transpose()? {
        None if node.varies(index) => Err(node.fail("limits integers by what depends on the image")),
        None => Ok(default),
        Some(&[limit]) => i32::try_from(limit).map_err(|_| node.fail(format!("limits integers by {limit}"))),
        Some(limits) => Err(node.fail(format!("has {} numbers as input {index}; one is expected", limits.len()))),
    };
    let [least, greatest] = quantized.range;
    let range = [limit(1, least)?.max(least), limit(2, greatest)?.min(greatest)];
    if range[0] > range[1] {
        return Err(node.fail(format!("leaves no integer of {least} to {greatest}")));
    }
    Ok(Outcome::Values(vec![Value::Quantized(Quantized { range, ..quantized.clone() })]))
}

/// The integers of a [`quantize`] back to the real values they stand for.
pub(super) fn dequantize(import: &mut Import, node: &OnnxNode<'_>) -> Result<Outcome, Problem> {
    block_quantization(node)?;
    let Some(Value::Quantized(quantized)) = node.input(0) else {
        return Err(node.fail("dequantises a tensor that no QuantizeLinear yields"));
    };
    let (own_scale, own_zero_point, _) = parameters(node)?;
    let Quantized { scale, zero_point, .. } = *quantized;
    if (own_scale, own_zero_point) != (scale, zero_point) {
        return Err(node.fail(format!(
            "dequantises with scale {own_scale} and zero point {own_zero_point} what was quantised with {scale} and \
             {zero_point}; the same are expected"
        )));
    }
    Ok(import.dequantized(node, quantized)?.into())
}

fn parameters(node: &OnnxNode<'_>) -> Result<(f32, i32, IntType), Problem> {
    if node.varies(1) || node.varies(2) {
        return Err(node.fail("has a scale or zero point that depends on the image; constants are expected"));
    }
    let scale = node.number(1)?.filter(|scale| scale.is_finite() && *scale > 0.0);
    let scale = scale.ok_or_else(|| node.fail("has no scale; a positive number is expected"))?;
    let Some(Constant { values: Values::Int(tensor, kind), .. }) = node.constant(2) else {
        return match node.constant(2) {
            None => Ok((scale, 0, IntType::U8)),
            Some(_) => Err(node.fail("has a floating-point zero point; an integer is expected")),
        };
    };
    let &[zero_point] = tensor.values() else {
        return Err(node.fail(format!("has {} zero points; one is expected", tensor.values().len())));
    };
    let zero_point = i32::try_from(zero_point).map_err(|_| node.fail(format!("has the zero point {zero_point}")))?;
    Ok((scale, zero_point, *kind))
}
