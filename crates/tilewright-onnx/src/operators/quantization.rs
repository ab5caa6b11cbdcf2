//! Rounding of activations to integers: QuantizeLinear with DequantizeLinear, per image, and QONNX's operators. Those of weights are
//! folded.

use super::Outcome;
use super::convolution::{check_rank, conv_of};
use super::dense::output_rows;
use crate::arguments::block_quantization;
use crate::building::Import;
use crate::constant::{Constant, IntType, Values};
use crate::constant_folding::quantization::{Levels, scaled, whole};
use crate::error::Problem;
use crate::node::OnnxNode;
use crate::pending::{Pending, PendingLayer, RuntimeScale};
use crate::value::{Feature, Quantized, Value};
use tilewright::network::{Activation, NodeId, Op, Tensor, Weights};

/// Real values to integers.
pub(super) fn quantize(_: &mut Import, node: &OnnxNode<'_>) -> Result<Outcome, Problem> {
    block_quantization(node)?;
    node.attributes.ignore(&["saturate", "precision"]);
    node.attributes.only_int("output_dtype", 0)?;
    let (scale, zero_point, kind) = parameters(node, [1, 2])?;
    let range = range(node, kind)?;
    let source = node.runtime(0)?;
    let quantized = Quantized { name: node.name.clone(), source, scale, zero_point, range, rounded: false };
    Ok(Outcome::Values(vec![Value::Quantized(quantized)]))
}

pub(super) fn range(node: &OnnxNode<'_>, kind: IntType) -> Result<[i32; 2], Problem> {
    kind.range().ok_or_else(|| node.fail("quantises to more than 16 bits; 4, 8 and 16 are supported"))
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
    // What was rounded before is rounded again within the narrower range.
    let rounded = quantized.rounded && range == quantized.range;
    Ok(Outcome::Values(vec![Value::Quantized(Quantized { range, rounded, ..quantized.clone() })]))
}

/// max(0, q): what a Relu does to integers that stand for values by a scale alone.
pub(super) fn relu(quantized: &Quantized) -> Outcome {
    let range = [quantized.range[0].max(0), quantized.range[1].max(0)];
    let rounded = quantized.rounded && range == quantized.range;
    Outcome::Values(vec![Value::Quantized(Quantized { range, rounded, ..quantized.clone() })])
}

/// The integers of a [`quantize`] back to the real values they stand for.
pub(super) fn dequantize(import: &mut Import, node: &OnnxNode<'_>) -> Result<Outcome, Problem> {
    block_quantization(node)?;
    if let Some(Value::DynamicLevels(levels)) = node.input(0) {
        return match (node.input(1), node.input(2)) {
            (Some(Value::DynamicScale(scale)), Some(Value::DynamicZeroPoint(of)))
                if (scale.of, *of) == (levels.id, levels.id) && scale.factors == [1.0] =>
            {
                Ok((*levels).into())
            }
            _ => Err(node.fail("has another scale or zero point than the DynamicQuantizeLinear of its input")),
        };
    }
    Ok(levels(import, node, 0, [1, 2])?.into())
}

/// The real values that the integers of input `index` stand for, by the scale and zero point the node itself gives.
pub(super) fn levels(
    import: &mut Import,
    node: &OnnxNode<'_>,
    index: usize,
    own: [usize; 2],
) -> Result<Feature, Problem> {
    let Some(Value::Quantized(quantized)) = node.input(index) else {
        return Err(node.fail("dequantises a tensor that no QuantizeLinear yields"));
    };
    let (own_scale, own_zero_point, _) = parameters(node, own)?;
    let Quantized { scale, zero_point, .. } = *quantized;
    if (own_scale, own_zero_point) != (scale, zero_point) {
        return Err(node.fail(format!(
            "dequantises with scale {own_scale} and zero point {own_zero_point} what was quantised with {scale} and \
             {zero_point}; the same are expected"
        )));
    }
    import.dequantized(node, quantized)
}

/// Scale, zero point and type of integers, from the inputs at these places.
pub(super) fn parameters(node: &OnnxNode<'_>, [scale, zero_point]: [usize; 2]) -> Result<(f32, i32, IntType), Problem> {
    if node.varies(scale) || node.varies(zero_point) {
        return Err(node.fail("has a scale or zero point that depends on the image; constants are expected"));
    }
    let scale = node.number(scale)?.filter(|scale| scale.is_finite() && *scale > 0.0);
    let scale = scale.ok_or_else(|| node.fail("has no scale; a positive number is expected"))?;
    let Some(Constant { values: Values::Int(tensor, kind), .. }) = node.constant(zero_point) else {
        return match node.constant(zero_point) {
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

/// Integers whose scale and zero point each image chooses.
pub(super) fn dynamic_quantize(import: &mut Import, node: &OnnxNode<'_>) -> Result<Outcome, Problem> {
    let input = node.runtime(0)?;
    let feature = import.push_on(node, Op::DynamicQuantize, input)?;
    Ok(Outcome::Values(vec![
        Value::DynamicLevels(feature),
        Value::DynamicScale(RuntimeScale { of: feature.id, factors: vec![1.0] }),
        Value::DynamicZeroPoint(feature.id),
    ]))
}

/// Sums of products of integers that each image chose and constant ones.
pub(super) fn integer_layer(import: &mut Import, node: &OnnxNode<'_>) -> Result<Outcome, Problem> {
    let (Some(Value::DynamicLevels(levels)), Some(constant)) = (node.input(0), node.constant(1)) else {
        return Ok(Outcome::Digital);
    };
    let levels = *levels;
    if !matches!(node.input(2), Some(Value::DynamicZeroPoint(of)) if *of == levels.id) {
        return Err(node.fail("has another zero point than the DynamicQuantizeLinear of its input"));
    }
    let is_conv = node.operator == "ConvInteger";
    let zero_points = match node.constant(3) {
        Some(zero_points) => node.integers(zero_points)?.to_vec(),
        None => vec![0],
    };
    // Zero points of a matrix are those of its columns, its output channels.
    let axis = if is_conv { 0 } else { constant.shape().len().saturating_sub(1) };
    let count = zero_points.len();
    let integers = scaled(node, constant, &vec![1.0; count], &zero_points, axis)?;
    let bits = integers.bits();
    let (input, layer) = if is_conv {
        let by_value = node.with_inputs(vec![Some(Value::Node(levels))]);
        let input = import.image(&by_value, 0)?;
        let weights = unscaled(node, &integers)?;
        let sides = check_rank(import, node, input, &weights)?;
        if sides > 2 {
            return Ok(Outcome::Digital);
        }
        let conv = conv_of(import, node, input, weights, None)?;
        (Feature::image(super::window::as_image(import, node, input)?), PendingLayer::Conv(conv, sides))
    } else {
        let plain = Constant { scale: None, ..integers };
        (levels, PendingLayer::Matrix(output_rows(import, node, &plain, false)?))
    };
    let pending = Pending { name: node.name.clone(), of: levels.id, input, layer, bits };
    Ok(Outcome::Values(vec![Value::Pending(pending)]))
}

fn unscaled(node: &OnnxNode<'_>, constant: &Constant) -> Result<Weights, Problem> {
    Ok(Weights { values: node.floats(constant)?.clone(), scale: None })
}

/// QONNX's Quant: both roundings in one, of any number of bits.
pub(super) fn quant(import: &mut Import, node: &OnnxNode<'_>) -> Result<Outcome, Problem> {
    let input = node.runtime(0)?;
    let Levels { scale, zero_point, range } = Levels::read(node)?;
    let scales = node.finite(scale)?.values().to_vec();
    crate::constant_folding::quantization::check_scales(node, &scales)?;
    if let &[scale] = scales.as_slice() {
        return Ok(import.push_on(node, Op::FakeQuantize { scale, zero_point, range }, input)?.into());
    }
    // One scale a channel: to whole numbers, rounded, and back.
    let rank = import.full_shape(input).len();
    if scale.shape().len() > rank {
        return Err(node.fail(format!("has scales of shape {:?} for {rank} axes", scale.shape())));
    }
    let reciprocals = scales.iter().map(|scale| 1.0 / scale).collect();
    let [to_levels, to_values] =
        [reciprocals, scales].map(|values| Value::Constant(Constant::float(scale.shape().to_vec(), values)));
    let multiply = |import: &mut Import, feature: Feature, factor: Value| {
        let product = node.with_inputs(vec![Some(Value::Node(feature)), Some(factor)]);
        super::arithmetic::combine(import, &product, Op::Mul, 0..2)
    };
    let scaled = multiply(import, input, to_levels)?;
    let rounded = import.push_on(node, Op::FakeQuantize { scale: 1.0, zero_point, range }, scaled)?;
    Ok(multiply(import, rounded, to_values)?.into())
}

/// QONNX's BipolarQuant: one bit.
pub(super) fn bipolar(import: &mut Import, node: &OnnxNode<'_>) -> Result<Outcome, Problem> {
    let scale = node.number(1)?.filter(|scale| scale.is_finite() && *scale > 0.0);
    let scale = scale.ok_or_else(|| node.fail("has no single constant scale; a positive number is expected"))?;
    Ok(import.push_on(node, Op::Activation(Activation::Bipolar { scale }), node.runtime(0)?)?.into())
}

/// QONNX's Trunc: integers without their lowest bits.
pub(super) fn trunc(import: &mut Import, node: &OnnxNode<'_>) -> Result<Outcome, Problem> {
    let input = node.runtime(0)?;
    let scale = node.number(1)?.filter(|scale| scale.is_finite() && *scale > 0.0);
    let scale = scale.ok_or_else(|| node.fail("has no single constant scale; a positive number is expected"))?;
    whole(node, 2, "zero point", [0, 0])?;
    let dropped = whole(node, 3, "input bit width", [1, 31])? - whole(node, 4, "output bit width", [1, 31])?;
    if dropped < 0 {
        return Err(node.fail("has more output bits than input bits"));
    }
    let cut = match node.attributes.string("rounding_mode", "FLOOR")?.to_uppercase().as_str() {
        "FLOOR" => Activation::Floor,
        "CEIL" => Activation::Ceil,
        "ROUND" | "HALF_EVEN" => Activation::Round,
        other => {
            let allowed = "FLOOR, CEIL and ROUND are allowed";
            return Err(node.attributes.unsupported("rounding_mode", format!("{other:?}"), allowed));
        }
    };
    // Whole numbers first: a rounding error must not decide what is cut off.
    let factors = [1.0 / scale, 2f32.powi(-dropped)];
    let mut id = times(import, node, input.id, factors[0])?;
    id = import.push_part(node, Op::Activation(Activation::Round), &[id])?;
    id = times(import, node, id, factors[1])?;
    id = import.push_part(node, Op::Activation(cut), &[id])?;
    Ok(Feature { id: times(import, node, id, scale)?, ..input }.into())
}

fn times(import: &mut Import, node: &OnnxNode<'_>, id: NodeId, factor: f32) -> Result<NodeId, Problem> {
    let factor = import.push_part(node, Op::Constant(Tensor::new(vec![], vec![factor]).into()), &[])?;
    import.push_part(node, Op::Mul, &[id, factor])
}
