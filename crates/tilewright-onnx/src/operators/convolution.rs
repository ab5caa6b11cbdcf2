//! Convolutions with constant weights, all of them for crossbars.

use super::activation::fused;
use super::spatial::Convolution;
use super::transposed::Transposed;
use super::window::{Sides, Window};
use super::{Outcome, arithmetic, offset};
use crate::building::Import;
use crate::constant::Constant;
use crate::error::Problem;
use crate::node::OnnxNode;
use crate::value::{Feature, Value};
use std::sync::Arc;
use tilewright::network::{Conv, NodeId, Op, Tensor, Weights};

/// Input `[1, channels, …]`, weights `[out_channels, channels / group, …]`, bias `[out_channels]`.
pub(super) fn conv(import: &mut Import, node: &OnnxNode<'_>) -> Result<Outcome, Problem> {
    let (Some(weights), false) = (node.constant(1), node.varies(2)) else { return Ok(Outcome::Digital) };
    let bias = node.constant(2).map(|bias| node.finite(bias)).transpose()?;
    let bias = bias.map(|bias| bias.values().into());
    if let Some(Value::Node(merged)) = node.input(0)
        && merged.batch.is_none()
        && let [images, _, _, ..] = import.full_shape(*merged)[..]
        && images > 1
    {
        return Ok(of_merged_batch(import, node, *merged, node.weights(weights)?, bias)?.into());
    }
    let input = import.image(node, 0)?;
    Ok(integer_weights(import, node, input, node.weights(weights)?, weights.bits(), bias)?.into())
}

/// A convolution of `[n, channels, …]`, where something else, such as the heads of an attention, has been merged into the batch axis: a
/// convolution of one spatial axis more, along which the kernel has length 1.
fn of_merged_batch(
    import: &mut Import,
    node: &OnnxNode<'_>,
    merged: Feature,
    mut weights: Weights,
    bias: Option<Arc<[f32]>>,
) -> Result<Feature, Problem> {
    let full = import.full_shape(merged);
    let kernel = weights.values.shape().to_vec();
    if kernel.len() != full.len() {
        return Err(node.fail(format!("convolves an input of shape {full:?} with weights of shape {kernel:?}")));
    }
    let Sides { stride, dilation, padding, .. } = Sides::read(node, &full[1..], Some(&kernel[2..]))?;
    let with = |first: usize, others: Vec<usize>| [vec![first], others].concat();
    let values = weights.values.values().to_vec();
    weights.values = Arc::new(Tensor::new([&kernel[..2], &[1], &kernel[2..]].concat(), values));
    let convolution = Convolution {
        stride: with(1, stride),
        dilation: with(1, dilation),
        padding: [vec![[0, 0]], padding].concat(),
        groups: groups(node)?,
        weights,
        bias,
    };
    let order: Vec<usize> = [1, 0].into_iter().chain(2..full.len()).collect();
    let turned = import.push_part(node, Op::Transpose { order: order.clone() }, &[merged.id])?;
    let output = convolution.push(import, node, &node.name, turned)?;
    Ok(Feature { id: import.push_part(node, Op::Transpose { order }, &[output])?, batch: None })
}

/// As [`conv`], with a summand and an activation that a runtime has fused into it.
pub(super) fn fused_conv(import: &mut Import, node: &OnnxNode<'_>) -> Result<Outcome, Problem> {
    let Outcome::Values(values) = conv(import, node)? else { return Ok(Outcome::Digital) };
    let Some(Value::Node(mut output)) = values.into_iter().next() else { return Ok(Outcome::Digital) };
    if let Some(summand) = node.input(3) {
        let both = node.with_inputs(vec![Some(Value::Node(output)), Some(summand.clone())]);
        output = arithmetic::combine(import, &both, Op::Add, 0..2)?;
    }
    Ok(fused(import, node, output)?.into())
}

/// As [`layer`] with weights that came as integers of so many bits.
pub(super) fn integer_weights(
    import: &mut Import,
    node: &OnnxNode<'_>,
    input: NodeId,
    weights: Weights,
    bits: Option<u32>,
    bias: Option<Arc<[f32]>>,
) -> Result<Feature, Problem> {
    check_rank(import, node, input, &weights)?;
    let shape = import.network.shape(input).to_vec();
    let window = |kernel: &[usize]| Ok((Window::read(node, &shape, Some(kernel))?, groups(node)?));
    let layer = |import: &mut Import, weights| layer(import, node, input, weights, bias);
    offset::convolution(import, node, input, weights, bits, window, layer)
}

/// A convolution with these weights by the node's attributes.
pub(super) fn layer(
    import: &mut Import,
    node: &OnnxNode<'_>,
    input: NodeId,
    weights: Weights,
    bias: Option<Arc<[f32]>>,
) -> Result<Feature, Problem> {
    let groups = groups(node)?;
    layer_in_groups(import, node, input, weights, bias, groups)
}

/// As [`layer`], in so many groups.
pub(super) fn layer_in_groups(
    import: &mut Import,
    node: &OnnxNode<'_>,
    input: NodeId,
    weights: Weights,
    bias: Option<Arc<[f32]>>,
    groups: usize,
) -> Result<Feature, Problem> {
    check_rank(import, node, input, &weights)?;
    let kernel = weights.values.shape()[2..].to_vec();
    let Sides { stride, dilation, padding, .. } = Sides::read(node, import.network.shape(input), Some(&kernel))?;
    let convolution = Convolution { stride, dilation, padding, groups, weights, bias };
    Ok(Feature::image(convolution.push(import, node, &node.name, input)?))
}

/// The convolution of one or two spatial axes that the node's attributes say.
pub(super) fn conv_of(
    import: &Import,
    node: &OnnxNode<'_>,
    input: NodeId,
    mut weights: Weights,
    bias: Option<Arc<[f32]>>,
) -> Result<Conv, Problem> {
    let shape = weights.values.shape().to_vec();
    let window = Window::read(node, import.network.shape(input), Some(&shape[2..]))?;
    if let [out_channels, group_inputs, length] = *shape {
        let values = Tensor::new(vec![out_channels, group_inputs, 1, length], weights.values.values().to_vec());
        weights = Weights { values: Arc::new(values), ..weights };
    }
    Ok(Conv {
        out_channels: shape[0],
        kernel: window.kernel,
        stride: window.stride,
        dilation: window.dilation,
        padding: window.padding,
        groups: groups(node)?,
        weights: Some(weights),
        bias,
    })
}

/// Spatial axes of the weights, which are those of the input.
pub(super) fn check_rank(
    import: &Import,
    node: &OnnxNode<'_>,
    input: NodeId,
    weights: &Weights,
) -> Result<usize, Problem> {
    let (shape, input) = (weights.values.shape(), import.network.shape(input));
    if shape.len() < 3 {
        return Err(node.fail(format!("has weights of shape {shape:?}")));
    }
    if input.len() + 1 != shape.len() {
        return Err(node.fail(format!("convolves an input of shape {input:?} with weights of shape {shape:?}")));
    }
    Ok(shape.len() - 2)
}

fn groups(node: &OnnxNode<'_>) -> Result<usize, Problem> {
    let groups = node.attributes.int("group", 1)?;
    usize::try_from(groups)
        .map_err(|_| node.attributes.unsupported("group", groups, "1 to the number of channels is allowed"))
}

/// Input `[1, channels, …]`, weights `[channels, out_channels / group, …]`, bias `[out_channels]`.
pub(super) fn conv_transpose(import: &mut Import, node: &OnnxNode<'_>) -> Result<Outcome, Problem> {
    let (Some(weights), false) = (node.constant(1), node.varies(2)) else { return Ok(Outcome::Digital) };
    let bias = node.constant(2).map(|bias| node.finite(bias)).transpose()?;
    let weights = transposed_weights(node, weights)?;
    let input = import.image(node, 0)?;
    check_rank(import, node, input, &weights)?;
    let kernel = weights.values.shape()[2..].to_vec();
    let shape = import.network.shape(input)[1..].to_vec();
    let sides = Sides::read_transposed(node, &shape, &kernel)?;
    let convolution = Transposed { sides, groups: groups(node)?, weights, bias: bias.map(|bias| bias.values().into()) };
    Ok(convolution.push(import, node, input)?.into())
}

/// Weights whose output channels are on axis 1.
fn transposed_weights(node: &OnnxNode<'_>, constant: &Constant) -> Result<Weights, Problem> {
    let scale = constant.scale.as_ref().filter(|scale| scale.per_channel.len() == 1 || scale.axis == 1);
    Ok(Weights { values: node.finite(constant)?.clone(), scale: scale.map(|scale| scale.per_channel.to_vec()) })
}
