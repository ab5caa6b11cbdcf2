//! Floating-point execution of a whole network, layer by layer.

use super::convolution::convolution;
pub use super::convolution::convolve;
use super::digital;
use crate::network::{Network, NetworkError, Tensor};

/// Runs the network on an image of its input shape and returns the output of every node, in node order.
///
/// Sums are kept in `f64`, values in `f32`.
///
/// # Errors
/// If a layer has no weights, the image has the wrong shape, or an operation is known by name only ([`Op::Opaque`](crate::network::Op::Opaque)).
pub fn run(network: &Network, image: &Tensor<f32>) -> Result<Vec<Tensor<f32>>, NetworkError> {
    digital::run(network, image, convolution)
}
