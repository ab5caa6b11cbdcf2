//! Products off the crossbars, on sixteen images at once.

use super::digital::{positions, strides};
use super::lanes::{Images, Lanes};
use crate::network::{Direction, SpatialConv, Tensor};
use fearless_simd::{Level, dispatch};

/// The last two axes as matrices, those before broadcast.
pub(super) fn mat_mul(level: Level, left: &Images, right: &Images, shape: &[usize]) -> Images {
    let (leading, &[rows, columns]) = shape.split_at(shape.len() - 2) else { unreachable!("matrices have two axes") };
    let inner = left.shape()[left.shape().len() - 1];
    let mut output = Tensor::filled(shape.to_vec(), Lanes::splat(0.0));
    let matrices = output.values_mut().chunks_exact_mut(rows * columns);
    let (lefts, rights) = (matrix_places(left, leading), matrix_places(right, leading));
    for ((output, left_at), right_at) in matrices.zip(lefts).zip(rights) {
        let (left, right) = (&left.values()[left_at..], &right.values()[right_at..]);
        dispatch!(level, _simd => {
            for (row, sums) in output.chunks_exact_mut(columns).enumerate() {
                for i in 0..inner {
                    let factor = left[row * inner + i];
                    for (sum, &other) in sums.iter_mut().zip(&right[i * columns..]) {
                        *sum = sum.with(factor.with(other, |a, b| a * b), |sum, product| sum + product);
                    }
                }
            }
        });
    }
    output
}

/// Where each matrix begins, for the leading axes of the product.
fn matrix_places(images: &Images, leading: &[usize]) -> impl Iterator<Item = usize> {
    let own = images.shape().len() - 2;
    let skipped = leading.len() - own;
    let mut steps = vec![0; leading.len()];
    for (axis, &step) in strides(images.shape())[..own].iter().enumerate() {
        steps[skipped + axis] = if images.shape()[axis] == 1 { 0 } else { step };
    }
    positions(leading, &steps, 0)
}

/// Input `[in_channels, …]` → output of `shape`, `[out_channels, …]`.
pub(super) fn spatial_conv(level: Level, conv: &SpatialConv, input: &Images, shape: &[usize]) -> Images {
    let mut output = Tensor::filled(shape.to_vec(), Lanes::splat(0.0));
    let [inputs, outputs] = [&input.shape()[1..], &shape[1..]];
    let [input_size, output_size] = [inputs, outputs].map(|sides| sides.iter().product::<usize>());
    if let Some(bias) = &conv.bias {
        let channels = output.values_mut().chunks_mut(output_size).zip(&**bias);
        channels.for_each(|(channel, &bias)| channel.fill(Lanes::splat(bias)));
    }
    let pairs = pairs(conv, inputs, outputs);
    let [group_inputs, group_outputs] = [conv.in_channels(), conv.out_channels()].map(|all| all / conv.groups);
    for (to, sums) in output.values_mut().chunks_exact_mut(output_size).enumerate() {
        for channel in 0..group_inputs {
            let from = to / group_outputs * group_inputs + channel;
            let kernel = match conv.direction {
                Direction::Forward => to * group_inputs + channel,
                Direction::Transposed => from * group_outputs + to % group_outputs,
            };
            let values = &input.values()[from * input_size..][..input_size];
            let weights = &conv.weights.values.values()[kernel * pairs.len()..][..pairs.len()];
            dispatch!(level, _simd => {
                for (&weight, pairs) in weights.iter().zip(&pairs) {
                    for &[source, target] in pairs {
                        sums[target] = sums[target].with(values[source], |sum, x| sum + x * weight);
                    }
                }
            });
        }
    }
    output
}

/// For each tap of the kernel, the input and output positions it joins.
fn pairs(conv: &SpatialConv, inputs: &[usize], outputs: &[usize]) -> Vec<Vec<[usize; 2]>> {
    let mut pairs = vec![vec![]; conv.kernel().iter().product()];
    match conv.direction {
        Direction::Forward => {
            conv.for_each_tap(outputs, inputs, |tap, output, input| pairs[tap].push([input, output]));
        }
        Direction::Transposed => {
            conv.for_each_tap(inputs, outputs, |tap, input, output| pairs[tap].push([input, output]));
        }
    }
    pairs
}
