//! A convolution in floating point.

use super::{for_each_product, output_map};
use crate::network::{ConvShape, Layer, NetworkError, Op, Tensor};

/// A convolution or dense layer on its input, as `[out_channels, height, width]`.
pub(super) fn convolution(layer: &Layer, op: &Op, input: &Tensor<f32>) -> Result<Tensor<f32>, NetworkError> {
    let weights = op.weights().ok_or_else(|| NetworkError::Layer {
        layer: layer.name.clone(),
        problem: "has no weights; initialise the network or import a trained one".into(),
    })?;
    Ok(convolve(&layer.shape, input, &weights.values, op.bias().map(|bias| &**bias)))
}

/// Convolves: input `[in_channels, height, width]`, weights `[out_channels, in_channels / groups, kernel height, kernel width]`,
/// one bias per output channel → output `[out_channels, height, width]`.
pub fn convolve(shape: &ConvShape, input: &Tensor<f32>, weights: &Tensor<f32>, bias: Option<&[f32]>) -> Tensor<f32> {
    let mut sums = output_map(shape, 0f64);
    if let Some(bias) = bias {
        let pixels = shape.output().iter().product();
        for (channel, bias) in sums.values_mut().chunks_mut(pixels).zip(bias) {
            channel.fill(f64::from(*bias));
        }
    }
    let values = sums.values_mut();
    for_each_product(shape, input.values(), weights.values(), |at, x, w| values[at] += f64::from(x) * f64::from(w));
    sums.map(|&sum| sum as f32)
}
