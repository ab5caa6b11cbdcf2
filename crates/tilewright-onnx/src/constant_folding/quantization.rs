//! QuantizeLinear and DequantizeLinear of weights and biases.

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
    let levels = node.integers(constant)?.iter().enumerate();
    let channel = channel_of(constant.shape(), axis, scale.len());
    let values = levels.map(|(index, &level)| {
        let channel = channel(index);
        level.saturating_sub(zero_point[channel]) as f32 * scale[channel]
    });
    let values = Constant::float(constant.shape().to_vec(), values.collect());
    Ok(Constant { scale: Some(ChannelScale { per_channel: scale.into(), axis }), ..values })
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

fn parameters(node: &OnnxNode<'_>, shape: &[usize]) -> Result<Parameters, Problem> {
    block_quantization(node)?;
    let scale = node.constant(1).ok_or_else(|| node.fail("lacks its scale"))?;
    let scale = node.floats(scale)?.values().to_vec();
    if let Some(wrong) = scale.iter().find(|scale| !scale.is_finite() || **scale <= 0.0) {
        return Err(node.fail(format!("has the scale {wrong}; a positive number is expected")));
    }
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
