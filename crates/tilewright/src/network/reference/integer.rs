//! Exact integer convolution, the oracle every mapping must equal bit for bit.

use super::{for_each_product, output_map};
use crate::network::{ConvShape, Tensor};

/// Convolves integers exactly: input `[in_channels, height, width]`, weights
/// `[out_channels, in_channels / groups, kernel height, kernel width]` → output `[out_channels, height, width]`.
///
/// # Panics
/// If the tensors do not hold as many values as `shape` calls for.
pub fn convolve(shape: &ConvShape, input: &Tensor<i32>, weights: &Tensor<i32>) -> Tensor<i64> {
    assert_eq!(weights.values().len() as u64, shape.weights(), "one value per weight of the layer");
    assert_eq!(input.values().len(), shape.in_channels * shape.input[0] * shape.input[1], "one value per input pixel");
    let mut output = output_map(shape, 0i64);
    let sums = output.values_mut();
    for_each_product(shape, input.values(), weights.values(), |at, x, w| sums[at] += i64::from(x) * i64::from(w));
    output
}
