//! What each layer of a quantised network takes and must yield.

use anyhow::Result;
use tilewright::network::reference::integer;
use tilewright::network::reference::quantized::QuantizedNetwork;
use tilewright::network::{ConvShape, Tensor};

/// One layer with its integer weights and inputs and the exact sums of the plain convolution.
pub(super) struct Case {
    /// The layer's name.
    pub(super) name: String,
    /// Its shape.
    pub(super) shape: ConvShape,
    /// `[out_channels, in_channels / groups, kernel height, kernel width]`
    pub(super) weights: Tensor<i32>,
    /// `[in_channels, height, width]`
    pub(super) input: Tensor<i32>,
    /// `[out_channels, height, width]`
    pub(super) expected: Tensor<i64>,
}

/// Runs the network on an image with the plain convolution and keeps what each layer took and yielded.
pub(super) fn capture(network: &QuantizedNetwork<'_>, image: &Tensor<f32>) -> Result<Vec<Case>> {
    let mut cases = Vec::with_capacity(network.layers().len());
    network.run(image, |layer, input| {
        let expected = integer::convolve(&layer.layer.shape, input, &layer.weights);
        cases.push(Case {
            name: layer.layer.name.clone(),
            shape: layer.layer.shape,
            weights: layer.weights.clone(),
            input: input.clone(),
            expected: expected.clone(),
        });
        Ok(expected)
    })?;
    Ok(cases)
}
