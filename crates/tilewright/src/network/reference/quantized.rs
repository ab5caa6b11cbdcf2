//! A network whose convolutions and dense layers work on integers and everything else on floats.
//!
//! The inputs of each layer are rounded to its integers, the products with its integer weights are summed exactly, and the
//! sums are scaled back. This is what a crossbar accelerator computes when its analog part is ideal, so whatever computes the
//! integer part exactly reproduces every value of [`run`] bit for bit.

use super::digital;
use crate::network::{IntegerLayer, Network, NetworkError, Tensor};

/// Runs a network on an image and returns the output of every node; `layers` are all of its layers in integers, in execution
/// order, as [`integer_layers`](crate::network::integer_layers) yields them, and `convolve` does the integer convolutions
/// (input `[in_channels, height, width]` → exact sums `[out_channels, height, width]`).
///
/// # Errors
/// If the image has the wrong shape, an operation cannot be executed, a layer's input is not a number, or `convolve` fails.
///
/// # Panics
/// If a layer of the network is not among `layers`.
pub fn run(
    network: &Network,
    layers: &[IntegerLayer],
    image: &Tensor<f32>,
    mut convolve: impl FnMut(&IntegerLayer, &Tensor<i32>) -> Result<Tensor<i64>, NetworkError>,
) -> Result<Vec<Tensor<f32>>, NetworkError> {
    digital::run(network, image, |layer, _, input| {
        let found = layers.binary_search_by_key(&layer.node, |integer| integer.layer.node);
        let integer = &layers[found.expect("every layer of the network is in integers")];
        let sums = convolve(integer, &round_input(integer, input)?)?;
        Ok(scale_back(integer, &sums))
    })
}

/// The integers nearest to a layer's inputs.
fn round_input(layer: &IntegerLayer, input: &Tensor<f32>) -> Result<Tensor<i32>, NetworkError> {
    if let Some(wrong) = input.values().iter().find(|value| !value.is_finite()) {
        let problem = format!("takes {wrong}, which no integer stands for; check the weights before it");
        return Err(NetworkError::Layer { layer: layer.layer.name.clone(), problem });
    }
    Ok(input.map(|&x| layer.input.round(x) as i32))
}

fn scale_back(layer: &IntegerLayer, sums: &Tensor<i64>) -> Tensor<f32> {
    let pixels: usize = layer.layer.shape.output().iter().product();
    let real = |(at, &sum): (usize, &i64)| layer.real(at / pixels)(sum as f64) as f32;
    Tensor::new(sums.shape().to_vec(), sums.values().iter().enumerate().map(real).collect())
}
