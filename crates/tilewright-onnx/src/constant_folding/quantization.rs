//! QuantizeLinear and DequantizeLinear of weights and biases, and QONNX's operators that are both in one.

use crate::arguments::block_quantization;
use crate::constant::{ChannelScale, Constant, IntType, Values};
use crate::error::Problem;
use crate::node::OnnxNode;

/// Scale and zero point per channel.
struct Parameters {
    scale: Vec<f32>,
    zero_point: Vec<i64>,
    axis: usize,
    kind: Option<IntType>,
}

/// scale · (q − zero_point), with the scale remembered.
pub(super) fn dequantize(node: &OnnxNode<'_>, constant: &Constant) -> Result<Constant, Problem> {
    let Parameters { scale, zero_point, axis, .. } = parameters(node, constant.shape())?;
    scaled(node, constant, &scale, &zero_point, axis)
}

/// scale · (q − zero_point) of integers, one scale and zero point for all or one per index of `axis`; the scale is remembered.
pub(crate) fn scaled(
    node: &OnnxNode<'_>,
    constant: &Constant,
    scale: &[f32],
    zero_point: &[i64],
    axis: usize,
) -> Result<Constant, Problem> {
    let count = if scale.len() == 1 { 1 } else { constant.shape().get(axis).copied().unwrap_or(0) };
    if scale.len() != count || ![1, scale.len()].contains(&zero_point.len()) {
        return Err(node.fail(format!(
            "has {} scales and {} zero points on axis {axis} of the shape {:?}",
            scale.len(),
            zero_point.len(),
            constant.shape()
        )));
    }
    let channel = channel_of(constant.shape(), axis, scale.len());
    let values = node.integers(constant)?.iter().enumerate().map(|(index, &level)| {
        let channel = channel(index);
        level.saturating_sub(zero_point[channel % zero_point.len()]) as f32 * scale[channel]
    });
    let values = Constant::float(constant.shape().to_vec(), values.collect());
    let bits = constant.kind().and_then(IntType::bits);
    Ok(Constant { scale: Some(ChannelScale { per_channel: scale.into(), axis, bits }), ..values })
}

/// The integers nearest to x / scale + zero_point within the range of their type.
pub(super) fn quantize(node: &OnnxNode<'_>, constant: &Constant) -> Result<Constant, Problem> {
    node.attributes.ignore(&["saturate", "precision"]);
    node.attributes.only_int("output_dtype", 0)?;
    let Parameters { scale, zero_point, axis, kind } = parameters(node, constant.shape())?;
    let kind = kind.unwrap_or(IntType::U8);
    let [least, most] = kind.range().ok_or_else(|| node.fail("quantises to more than 16 bits"))?;
    let channel = channel_of(constant.shape(), axis, scale.len());
    let levels = node.floats(constant)?.values().iter().enumerate().map(|(index, x)| {
        let channel = channel(index);
        let level = ((x / scale[channel]).round_ties_even() as i64).saturating_add(zero_point[channel]);
        level.clamp(least.into(), most.into())
    });
    Ok(Constant::int(constant.shape().to_vec(), levels.collect(), kind))
}

/// Scales are positive numbers.
pub(crate) fn check_scales(node: &OnnxNode<'_>, scales: &[f32]) -> Result<(), Problem> {
    match scales.iter().find(|scale| !scale.is_finite() || **scale <= 0.0) {
        None if !scales.is_empty() => Ok(()),
        None => Err(node.fail("has no scale; a positive number is expected")),
        Some(wrong) => Err(node.fail(format!("has the scale {wrong}; a positive number is expected"))),
    }
}

fn parameters(node: &OnnxNode<'_>, shape: &[usize]) -> Result<Parameters, Problem> {
    block_quantization(node)?;
    let scale = node.constant(1).ok_or_else(|| node.fail("lacks its scale"))?;
    let scale = node.floats(scale)?.values().to_vec();
    check_scales(node, &scale)?;
    let axis = match scale.len() {
        1 => 0,
        _ => node.axis("axis", node.attributes.int("axis", 1)?, shape.len())?,
    };
    if scale.len() != 1 && scale.len() != shape[axis] {
        return Err(node.fail(format!("has {} scales on axis {axis} of the shape {shape:?}", scale.len())));
    }
    let (zero_point, kind) = match node.constant(2).map(|constant| &constant.values) {
        None => (vec![0; scale.len()], None),
        Some(Values::Int(tensor, kind)) => (tensor.values().to_vec(), Some(*kind)),
        Some(Values::Float(_)) => return Err(node.fail("has a floating-point zero point; an integer is expected")),
    };
    if zero_point.len() != scale.len() {
        return Err(node.fail(format!("has {} zero points for {} scales", zero_point.len(), scale.len())));
    }
    Ok(Parameters { scale, zero_point, axis, kind })
}

/// The channel of a flat position, 0 if there is one scale for all.
fn channel_of(shape: &[usize], axis: usize, scales: usize) -> impl Fn(usize) -> usize + use<> {
    let (inner, channels) = match scales {
        1 => (1, 1),
        _ => (shape[axis + 1..].iter().product(), shape[axis]),
    };
    move |index| index / inner % channels
}

/// QONNX's Quant of constants: scale · (clamp(round(x / scale + zero point)) − zero point), with the scale remembered.
pub(super) fn quant(node: &OnnxNode<'_>, constant: &Constant) -> Result<Constant, Problem> {
    let Levels { scale, zero_point, range: [least, most] } = Levels::read(node)?;
    let (axis, scales) = along_axis(node, constant.shape(), scale)?;
    let channel = channel_of(constant.shape(), axis, scales.len());
    let values = node.floats(constant)?.values().iter().enumerate().map(|(index, x)| {
        let scale = scales[channel(index)];
        let level = (x / scale).round_ties_even() + zero_point as f32;
        (level.clamp(least as f32, most as f32) - zero_point as f32) * scale
    });
    let values = Constant::float(constant.shape().to_vec(), values.collect());
    let bits = (1..=24).find(|&bits| most.abs_diff(least) < 1 << bits);
    Ok(Constant { scale: Some(ChannelScale { per_channel: scales.into(), axis, bits }), ..values })
}

/// QONNX's BipolarQuant of constants: scale or −scale.
pub(super) fn bipolar(node: &OnnxNode<'_>, constant: &Constant) -> Result<Constant, Problem> {
    let scale = node.constant(1).ok_or_else(|| node.fail("lacks its scale"))?;
    let (axis, scales) = along_axis(node, constant.shape(), scale)?;
    let channel = channel_of(constant.shape(), axis, scales.len());
    let values = node.floats(constant)?.values().iter().enumerate();
    let values = values.map(|(index, &x)| if x < 0.0 { -scales[channel(index)] } else { scales[channel(index)] });
    let values = Constant::float(constant.shape().to_vec(), values.collect());
    Ok(Constant { scale: Some(ChannelScale { per_channel: scales.into(), axis, bits: None }), ..values })
}

/// The one axis on which the scales of a tensor differ, as broadcasting puts them.
fn along_axis(node: &OnnxNode<'_>, shape: &[usize], scale: &Constant) -> Result<(usize, Vec<f32>), Problem> {
    let scales = node.floats(scale)?.values().to_vec();
    check_scales(node, &scales)?;
    let skipped = shape.len().checked_sub(scale.shape().len());
    let mut long = (0..scale.shape().len()).filter(|&axis| scale.shape()[axis] > 1);
    match (skipped, long.next(), long.next()) {
        (_, None, _) => Ok((0, scales)),
        (Some(skipped), Some(axis), None) if shape[axis + skipped] == scale.shape()[axis] => Ok((axis + skipped, scales)),
        _ => Err(node.fail(format!(
            "has scales of shape {:?} for a tensor of shape {shape:?}; one for all or one per index of one axis are expected",
            scale.shape()
        ))),
    }
}

/// The levels of a QONNX Quant.
pub(crate) struct Levels<'a> {
    pub scale: &'a Constant,
    pub zero_point: i32,
    /// Least and greatest integer.
    pub range: [i32; 2],
}

impl<'a> Levels<'a> {
    pub(crate) fn read(node: &'a OnnxNode<'_>) -> Result<Self, Problem> {
        let scale = node.constant(1).ok_or_else(|| node.fail("has no constant scale"))?;
        let signed = node.attributes.flag("signed", true)?;
        let narrow = node.attributes.flag("narrow", false)?;
        let rounding = node.attributes.string("rounding_mode", "ROUND")?;
        if !["ROUND", "HALF_EVEN"].contains(&rounding.to_uppercase().as_str()) {
            return Err(node.attributes.unsupported("rounding_mode", format!("{rounding:?}"), "\"ROUND\" is allowed"));
        }
        let zero_point = whole(node, 2, "zero point", [-(1 << 24), 1 << 24])?;
        let bits = whole(node, 3, "bit width", [1, 24])?;
        let range = match (signed, narrow) {
            (true, narrow) => [-(1 << (bits - 1)) + i32::from(narrow), (1 << (bits - 1)) - 1],
            (false, narrow) => [0, (1 << bits) - 1 - i32::from(narrow)],
        };
        if range[0] >= range[1] && !signed {
            return Err(node.fail(format!("leaves no level of {bits} bits")));
        }
        Ok(Self { scale, zero_point, range })
    }
}

/// A whole number that QONNX stores as a float.
pub(crate) fn whole(node: &OnnxNode<'_>, index: usize, what: &str, [least, most]: [i32; 2]) -> Result<i32, Problem> {
    let value = node.any_number(index)?.ok_or_else(|| node.fail(format!("has no constant {what}")))?;
    if value.fract() == 0.0 && (least as f32..=most as f32).contains(&value) {
        return Ok(value as i32);
    }
    Err(node.fail(format!("has the {what} {value}; a whole number of {least} to {most} is expected")))
}
