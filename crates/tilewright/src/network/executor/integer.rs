//! A layer on the integers its model holds, sixteen images at once: its sums are exact, whatever the order.
//!
//! Integers up to 2^24 are exact in 32-bit floating point, so the loops are those of floating point. Where the sums of a layer
//! can be greater, its weights are taken in parts whose sums cannot: first by their digits, then by the kernel's taps.

use super::lanes::{Images, LANES, Lanes};
use super::layer::Convolution;
use super::run_layer::RunLayer;
use crate::network::Tensor;
use crate::network::integer_layer::IntegerLayer;
use fearless_simd::{Level, dispatch};
use std::ops::Range;

/// Integers up to this magnitude are exact in 32-bit floating point.
const EXACT: f64 = (1u32 << 24) as f64;
/// What one digit of a weight is worth in the next, where a single product is too great.
const DIGIT: i32 = 1 << 8;

/// A layer in integers, its weights in the order they are used.
pub struct IntegerConvolution {
    integer: IntegerLayer,
    /// What is added up, each part times its factor.
    parts: Vec<(Convolution, f64)>,
}

impl RunLayer for IntegerConvolution {
    fn run(&self, level: Level, input: &Images, first: u64) -> Images {
        let grid = self.integer.input;
        let mut integers = input.clone();
        let values = integers.values_mut();
        dispatch!(level, _simd => values.iter_mut().for_each(|lanes| *lanes = lanes.map(|x| grid.round(x))));
        let sums: Vec<Images> = self.parts.iter().map(|(part, _)| part.run(level, &integers, first)).collect();
        self.real(&sums)
    }
}

impl IntegerConvolution {
    pub(super) fn new(integer: IntegerLayer) -> Self {
        let taps = integer.layer.shape.group_inputs() * integer.layer.shape.taps();
        let greatest = integer.input.range.map(|end| f64::from(end).abs()).into_iter().fold(0.0, f64::max);
        let mut parts = vec![];
        for (digits, factor) in digits(integer.weights.values(), greatest) {
            for range in exact_ranges(&digits, taps, greatest) {
                let inside = |at: usize| range.contains(&(at % taps));
                let weights: Vec<f32> =
                    digits.iter().enumerate().map(|(at, &digit)| if inside(at) { digit as f32 } else { 0.0 }).collect();
                parts.push((Convolution::new(integer.layer.shape, &weights, None), factor));
            }
        }
        Self { integer, parts }
    }

    /// The real values of the sums of all parts.
    fn real(&self, sums: &[Images]) -> Images {
        let pixels: usize = self.integer.layer.shape.output().iter().product();
        let real = (0..sums[0].values().len()).map(|at| {
            let mut total = [0f64; LANES];
            for (sums, (_, factor)) in sums.iter().zip(&self.parts) {
                for (total, &sum) in total.iter_mut().zip(&sums.values()[at].0) {
                    *total += f64::from(sum) * factor;
                }
            }
            let value = self.integer.real(at / pixels);
            Lanes(total.map(|total| value(total) as f32))
        });
        Tensor::new(sums[0].shape().to_vec(), real.collect())
    }
}

/// The weights as they are, or, where one times the greatest input is too great, by two digits with what each is worth.
fn digits(weights: &[i32], greatest: f64) -> Vec<(Vec<i32>, f64)> {
    if weights.iter().all(|weight| f64::from(weight.abs()) * greatest <= EXACT) {
        return vec![(weights.to_vec(), 1.0)];
    }
    let low = weights.iter().map(|weight| weight % DIGIT).collect();
    let high = weights.iter().map(|weight| weight / DIGIT).collect();
    vec![(low, 1.0), (high, f64::from(DIGIT))]
}

/// The taps of the kernels, cut so that no sum over a range exceeds [`EXACT`] for inputs up to `greatest`.
fn exact_ranges(weights: &[i32], taps: usize, greatest: f64) -> Vec<Range<usize>> {
    let kernels: Vec<&[i32]> = weights.chunks(taps).collect();
    let mut bounds = vec![0.0; kernels.len()];
    let mut starts = vec![0];
    for tap in 0..taps {
        let products = || kernels.iter().map(|kernel| f64::from(kernel[tap].abs()) * greatest);
        bounds.iter_mut().zip(products()).for_each(|(bound, product)| *bound += product);
        if bounds.iter().any(|&bound| bound > EXACT) {
            starts.push(tap);
            bounds = products().collect();
        }
    }
    let ends = starts.iter().copied().skip(1).chain([taps]);
    starts.iter().copied().zip(ends).filter(|(from, to)| from < to).map(|(from, to)| from..to).collect()
}
