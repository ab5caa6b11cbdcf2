//! Conv.

use super::Outcome;
use super::window::{Window, as_image, as_sequence};
use crate::building::Import;
use crate::error::Problem;
use crate::node::OnnxNode;
use std::sync::Arc;
use tilewright::network::{Conv, Op, Tensor, Weights};

/// Input `[1, channels, (height,) width]`, weights `[out_channels, channels / group, (height,) width]`, bias `[out_channels]`.
pub(super) fn conv(import: &mut Import, node: &OnnxNode<'_>) -> Result<Outcome, Problem> {
    let (Some(constant), false) = (node.constant(1), node.varies(2)) else { return Ok(Outcome::Digital) };
    let tensor = node.floats(constant)?;
    let [out_channels, group_inputs, kernel @ ..] = tensor.shape() else {
        return Err(node.fail(format!("has weights of shape {:?}", tensor.shape())));
    };
    if !(1..=2).contains(&kernel.len()) {
        return Ok(Outcome::Digital);
    }
    let input = node.runtime(0)?;
    let input_shape = import.network.shape(input);
    if input_shape.len() != kernel.len() + 1 {
        let problem = format!("convolves an input of shape {input_shape:?} with weights of shape {:?}", tensor.shape());
        return Err(node.fail(problem));
    }
    let window = Window::read(node, input_shape, Some(kernel))?;
    let groups = node.attributes.int("group", 1)?;
    let groups = usize::try_from(groups)
        .map_err(|_| node.attributes.unsupported("group", groups, "1 to the number of channels is allowed"))?;
    let mut weights = node.weights(constant)?;
    if kernel.len() == 1 {
        let shape = vec![*out_channels, *group_inputs, 1, kernel[0]];
        weights = Weights { values: Arc::new(Tensor::new(shape, tensor.values().to_vec())), ..weights };
    }
    let bias = node.constant(2).map(|bias| node.floats(bias)).transpose()?;
    let conv = Conv {
        out_channels: *out_channels,
        kernel: window.kernel,
        stride: window.stride,
        dilation: window.dilation,
        padding: window.padding,
        groups,
        weights: Some(weights),
        bias: bias.map(|bias| bias.values().into()),
    };
    let sides = kernel.len();
    let image = as_image(import, node, input)?;
    let output = import.push(node, Op::Conv(conv), &[image])?;
    Ok(as_sequence(import, node, output, sides)?.into())
}
