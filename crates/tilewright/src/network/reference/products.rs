//! Products off the crossbars: of two feature maps, and convolutions that stay digital.

use super::digital::{gather, value};
use crate::network::{Direction, SpatialConv, Tensor};

/// The last two axes as matrices, those before broadcast.
pub(super) fn mat_mul(left: &Tensor<f32>, right: &Tensor<f32>, shape: &[usize]) -> Tensor<f32> {
    let inner = left.shape()[left.shape().len() - 1];
    gather(shape, |at| {
        let (leading, &[row, column]) = at.split_at(at.len() - 2) else { unreachable!("matrices have two axes") };
        let products = (0..inner).map(|i| {
            f64::from(value(left, &[&stretched(left, leading)[..], &[row, i]].concat()))
                * f64::from(value(right, &[&stretched(right, leading)[..], &[i, column]].concat()))
        });
        products.sum::<f64>() as f32
    })
}

/// The index of a matrix among those of `tensor`, axes of length 1 stretched.
fn stretched(tensor: &Tensor<f32>, leading: &[usize]) -> Vec<usize> {
    let own = &tensor.shape()[..tensor.shape().len() - 2];
    let skipped = leading.len() - own.len();
    own.iter().zip(&leading[skipped..]).map(|(&length, &i)| if length == 1 { 0 } else { i }).collect()
}

/// Input `[in_channels, …]` → output of `shape`, `[out_channels, …]`.
pub(super) fn spatial_conv(conv: &SpatialConv, input: &Tensor<f32>, shape: &[usize]) -> Tensor<f32> {
    let mut sums = Tensor::filled(shape.to_vec(), 0f64);
    let [inputs, outputs] = [&input.shape()[1..], &shape[1..]];
    let [input_size, output_size] = [inputs, outputs].map(|sides| sides.iter().product::<usize>());
    if let Some(bias) = &conv.bias {
        let channels = sums.values_mut().chunks_mut(output_size).zip(&**bias);
        channels.for_each(|(channel, &bias)| channel.fill(bias.into()));
    }
    let (coarse, fine) = match conv.direction {
        Direction::Forward => (outputs, inputs),
        Direction::Transposed => (inputs, outputs),
    };
    let taps: usize = conv.kernel().iter().product();
    let [group_inputs, group_outputs] = [conv.in_channels(), conv.out_channels()].map(|all| all / conv.groups);
    for to in 0..conv.out_channels() {
        for channel in 0..group_inputs {
            let from = to / group_outputs * group_inputs + channel;
            let kernel = match conv.direction {
                Direction::Forward => to * group_inputs + channel,
                Direction::Transposed => from * group_outputs + to % group_outputs,
            };
            conv.for_each_tap(coarse, fine, |tap, coarse, fine| {
                let (source, target) = match conv.direction {
                    Direction::Forward => (fine, coarse),
                    Direction::Transposed => (coarse, fine),
                };
                let product = f64::from(input.values()[from * input_size + source])
                    * f64::from(conv.weights.values.values()[kernel * taps + tap]);
                sums.values_mut()[to * output_size + target] += product;
            });
        }
    }
    sums.map(|&sum| sum as f32)
}
