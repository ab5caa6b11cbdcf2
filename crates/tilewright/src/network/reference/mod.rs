//! The oracles: executors that are slow and obvious on purpose. Nothing here is shared with the mapping engine.
//!
//! [`float`] runs a whole network in floating point; [`integer`] convolves integers exactly; [`quantized`] runs a whole
//! network whose convolutions are exact integer ones.

mod constants;
mod convolution;
mod digital;
mod elements;
pub mod float;
pub mod integer;
mod products;
pub mod quantized;

use super::{ConvShape, Tensor};

/// The plain convolution: seven nested loops, each product handed to `add(output index, input value, weight)`.
///
/// `input` is `[in_channels, height, width]`, `weights` `[out_channels, in_channels / groups, kernel height, kernel width]`
/// (row-major, other shapes of the same length are read the same way); products with padding are left out.
fn for_each_product<X: Copy>(shape: &ConvShape, input: &[X], weights: &[X], mut add: impl FnMut(usize, X, X)) {
    let [height, width] = shape.input;
    let [out_height, out_width] = shape.output();
    let [kernel_height, kernel_width] = shape.kernel;
    let (group_inputs, group_outputs) = (shape.group_inputs(), shape.group_outputs());
    for out_channel in 0..shape.out_channels {
        let group = out_channel / group_outputs;
        for out_y in 0..out_height {
            for out_x in 0..out_width {
                let output = (out_channel * out_height + out_y) * out_width + out_x;
                for channel in 0..group_inputs {
                    let in_channel = group * group_inputs + channel;
                    for ky in 0..kernel_height {
                        for kx in 0..kernel_width {
                            let y = out_y * shape.stride[0] + ky * shape.dilation[0];
                            let x = out_x * shape.stride[1] + kx * shape.dilation[1];
                            let (Some(y), Some(x)) =
                                (y.checked_sub(shape.padding.top), x.checked_sub(shape.padding.left))
                            else {
                                continue;
                            };
                            if y < height && x < width {
                                let weight =
                                    ((out_channel * group_inputs + channel) * kernel_height + ky) * kernel_width + kx;
                                add(output, input[(in_channel * height + y) * width + x], weights[weight]);
                            }
                        }
                    }
                }
            }
        }
    }
}

/// The output feature map `[out_channels, height, width]` of a layer, filled with `value`.
fn output_map<T: Clone>(shape: &ConvShape, value: T) -> Tensor<T> {
    let [height, width] = shape.output();
    Tensor::filled(vec![shape.out_channels, height, width], value)
}
