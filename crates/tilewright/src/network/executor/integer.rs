//! A layer on the integers its model holds, sixteen images at once: its sums are exact, whatever the order.
//!
//! Integers up to 2^24 are exact in 32-bit floating point, so the loops are those of floating point. Where the sums of a layer
//! can be greater, its weights are taken in parts whose sums cannot: first by their digits, then by the kernel's taps.

use super::lanes::{Images, Lanes, recycle, room};
use super::layer::Convolution;
use super::run_layer::RunLayer;
use super::totals::Total;
use crate::network::Tensor;
use crate::network::integer_layer::{InputGrid, IntegerLayer};
use fearless_simd::{Level, dispatch, f32x16, prelude::*};
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
        let integers = Tensor::new(input.shape().to_vec(), rounded(level, self.integer.input, input.values()));
        let sums: Vec<Images> = self.parts.iter().map(|(part, _)| part.run(level, &integers, first)).collect();
        recycle(integers.into_values());
        let real = self.real(level, &sums);
        sums.into_iter().for_each(|sums| recycle(sums.into_values()));
        real
    }
}

/// The integers nearest to real values.
pub fn rounded(level: Level, grid: InputGrid, values: &[Lanes]) -> Vec<Lanes> {
    let mut integers = room(values.len());
    let [least, most] = grid.range.map(|end| end as f32);
    dispatch!(level, simd => {
        for (integer, value) in integers.iter_mut().zip(values) {
            let nearest = (f32x16::simd_from(simd, value.0) / grid.scale).round_ties_even();
            *integer = Lanes(nearest.max_precise(least).min_precise(most).into());
        }
    });
    integers
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
    fn real(&self, level: Level, sums: &[Images]) -> Images {
        let pixels: usize = self.integer.layer.shape.output().iter().product();
        let mut real = room(sums[0].values().len());
        dispatch!(level, simd => {
            for (at, real) in real.iter_mut().enumerate() {
                let mut total = Total::NOTHING;
                for (sums, (_, factor)) in sums.iter().zip(&self.parts) {
                    total.add(simd, &sums.values()[at], *factor);
                }
                *real = total.on_lines(simd, [self.integer.line(at / pixels)]);
            }
        });
        Tensor::new(sums[0].shape().to_vec(), real)
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
