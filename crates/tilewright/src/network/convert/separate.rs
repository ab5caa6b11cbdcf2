//! One 3D kernel as a sum of 2D+1D terms.

use super::svd;
use crate::network::{Tensor, Weights};
use std::sync::Arc;

/// A 3D kernel as `rank` 2D+1D terms per input channel.
#[derive(Clone, Debug, PartialEq)]
pub struct Separated {
    /// 2D kernels `[C · rank, 1, kernel height, kernel width]`, the terms of an input channel after one another.
    pub kernel_2d: Weights,
    /// 1D kernels `[M, C · rank, 1, 1]`.
    pub kernel_1d: Weights,
    /// Terms per input channel.
    pub rank: usize,
    /// Frobenius norm of the difference over that of the 3D kernel, before rounding to `f32`; 0 for a kernel of zeros.
    pub relative_error: f64,
}

/// The best approximation of a 3D kernel `[M, C, kernel height, kernel width]` by `rank` terms per input channel, in the
/// sense of least squares over its weights; a greater rank than the kernel can have is cut to min(M, taps). `None` if
/// a weight is not finite, if there are none, or if `rank` is 0.
///
/// # Panics
/// If the weights do not have four axes.
pub fn separate(weights: &Tensor<f32>, rank: usize) -> Option<Separated> {
    let &[outputs, channels, height, width] = weights.shape() else {
        panic!("weights of a convolution have four axes, not {:?}", weights.shape())
    };
    let taps = height * width;
    let rank = rank.min(outputs).min(taps);
    if rank == 0 || channels == 0 {
        return None;
    }
    let mut kernel_2d = vec![0f32; channels * rank * taps];
    let mut kernel_1d = vec![0f32; outputs * channels * rank];
    let (mut lost, mut whole) = (0.0, 0.0);
    for channel in 0..channels {
        let terms = svd::decompose(&columns(weights, channel))?;
        let square = |values: &[f64]| values.iter().map(|value| value * value).sum::<f64>();
        whole += square(&terms.values);
        lost += square(&terms.values[rank..]);
        for term in (0..rank).filter(|&term| terms.values[term] > 0.0) {
            // Half of the magnitude each, so that neither kernel needs a wider range of conductances than the other.
            let share = terms.values[term].sqrt();
            let place = channel * rank + term;
            for (tap, &value) in terms.right[term].iter().enumerate() {
                kernel_2d[place * taps + tap] = (value * share) as f32;
            }
            for (output, &value) in terms.left[term].iter().enumerate() {
                kernel_1d[output * channels * rank + place] = (value / share) as f32;
            }
        }
    }
    let weights = |shape: Vec<usize>, values| Weights { values: Arc::new(Tensor::new(shape, values)), scale: None };
    Some(Separated {
        kernel_2d: weights(vec![channels * rank, 1, height, width], kernel_2d),
        kernel_1d: weights(vec![outputs, channels * rank, 1, 1], kernel_1d),
        rank,
        relative_error: if whole > 0.0 { (lost / whole).sqrt() } else { 0.0 },
    })
}

/// The weights of one input channel: a column of M weights per tap.
fn columns(weights: &Tensor<f32>, channel: usize) -> Vec<Vec<f64>> {
    let [outputs, channels] = [weights.shape()[0], weights.shape()[1]];
    let taps = weights.values().len() / (outputs * channels);
    let weight = |output, tap| f64::from(weights.values()[(output * channels + channel) * taps + tap]);
    (0..taps).map(|tap| (0..outputs).map(|output| weight(output, tap)).collect()).collect()
}
