//! Exact integer convolution of one image, as fast as whole networks need it.
//!
//! The pixels that sixteen outputs see are gathered side by side, and each weight is multiplied with all sixteen at once. The
//! plain convolution ([`reference::integer`](super::reference::integer)) is its oracle, bit for bit; nothing is shared with the
//! mapping engine.

use super::{ConvShape, Tensor};
use crate::workers::{self, Watch};
use fearless_simd::{Level, Simd, dispatch, i32x16, prelude::*};
use std::convert::Infallible;
use std::ops::Range;

/// Output pixels that are computed together, one in each lane of the processor's vectors.
const PIXELS: usize = 16;
/// Output channels whose sums stay in registers.
const CHANNELS: usize = 4;
/// Output pixels of one job.
const JOB: usize = 16 * PIXELS;

/// Integers that products are summed in.
trait Sum: Copy + Default + From<i32> + Into<i64> {
    /// The sums of `N` kernels' products with what their taps see.
    fn of_kernels<S: Simd, const N: usize>(
        simd: S,
        kernels: [&[i32]; N],
        seen: &[[Self; PIXELS]],
    ) -> [[Self; PIXELS]; N];
}

impl Sum for i32 {
    #[inline(always)]
    fn of_kernels<S: Simd, const N: usize>(
        simd: S,
        kernels: [&[i32]; N],
        seen: &[[Self; PIXELS]],
    ) -> [[Self; PIXELS]; N] {
        let mut sums = [i32x16::splat(simd, 0); N];
        for (tap, seen) in seen.iter().enumerate() {
            let x = i32x16::simd_from(simd, *seen);
            for kernel in 0..N {
                sums[kernel] += x * kernels[kernel][tap];
            }
        }
        sums.map(Into::into)
    }
}

impl Sum for i64 {
    #[inline(always)]
    fn of_kernels<S: Simd, const N: usize>(
        _simd: S,
        kernels: [&[i32]; N],
        seen: &[[Self; PIXELS]],
    ) -> [[Self; PIXELS]; N] {
        let mut sums = [[0; PIXELS]; N];
        for (tap, seen) in seen.iter().enumerate() {
            for (sums, kernel) in sums.iter_mut().zip(kernels) {
                sums.iter_mut().zip(seen).for_each(|(sum, &x)| *sum += i64::from(kernel[tap]) * x);
            }
        }
        sums
    }
}

/// Convolves integers exactly: input `[in_channels, height, width]`, weights
/// `[out_channels, in_channels / groups, kernel height, kernel width]` → output `[out_channels, height, width]`; `None` if `watch`,
/// which is told of output pixels, ended the work.
///
/// # Panics
/// If the tensors do not hold as many values as `shape` calls for.
pub fn convolve(
    shape: &ConvShape,
    input: &Tensor<i32>,
    weights: &Tensor<i32>,
    threads: usize,
    watch: Watch<'_>,
) -> Option<Tensor<i64>> {
    assert_eq!(weights.values().len() as u64, shape.weights(), "one value per weight of the layer");
    assert_eq!(input.values().len(), shape.in_channels * shape.input[0] * shape.input[1], "one value per input pixel");
    let [height, width] = shape.output();
    let narrow = greatest_sum(shape, input, weights) <= i64::from(i32::MAX);
    let level = Level::new();
    let job = |pixels: Range<usize>| {
        let mut part = vec![0i64; shape.out_channels * pixels.len()];
        let values = (input.values(), weights.values());
        if narrow {
            dispatch!(level, simd => convolve_pixels::<_, i32>(simd, shape, values, &pixels, &mut part));
        } else {
            dispatch!(level, simd => convolve_pixels::<_, i64>(simd, shape, values, &pixels, &mut part));
        }
        Ok::<_, Infallible>((pixels, part))
    };
    let Ok(parts) = workers::in_batches((height * width, JOB), threads, watch, job);
    let mut output = Tensor::filled(vec![shape.out_channels, height, width], 0i64);
    for (pixels, part) in parts? {
        let maps = output.values_mut().chunks_exact_mut(height * width);
        maps.zip(part.chunks_exact(pixels.len())).for_each(|(map, part)| map[pixels.clone()].copy_from_slice(part));
    }
    Some(output)
}

/// What no sum of products, nor any sum of some of them, exceeds in magnitude.
fn greatest_sum(shape: &ConvShape, input: &Tensor<i32>, weights: &Tensor<i32>) -> i64 {
    let magnitude = |value: &i32| i64::from(value.unsigned_abs());
    let greatest = input.values().iter().map(magnitude).max().unwrap_or(0);
    let kernels = weights.values().chunks_exact(shape.group_inputs() * shape.taps());
    let sums = kernels.map(|kernel| kernel.iter().map(|weight| magnitude(weight).saturating_mul(greatest)));
    sums.map(|products| products.fold(0i64, i64::saturating_add)).max().unwrap_or(0)
}

/// The outputs `pixels`, row-major, of all channels: `output` is `[out_channels, pixels]`.
#[inline(always)]
fn convolve_pixels<S: Simd, T: Sum>(
    simd: S,
    shape: &ConvShape,
    (input, weights): (&[i32], &[i32]),
    pixels: &Range<usize>,
    output: &mut [i64],
) {
    let (taps, channels) = (shape.group_inputs() * shape.taps(), shape.group_outputs());
    let mut seen = vec![[T::default(); PIXELS]; taps];
    let mut sums = vec![[T::default(); PIXELS]; channels];
    for first in pixels.clone().step_by(PIXELS) {
        let together = first..pixels.end.min(first + PIXELS);
        for group in 0..shape.groups {
            gather(shape, input, group, &together, &mut seen);
            multiply(simd, &weights[group * channels * taps..], &seen, &mut sums);
            let maps = output.chunks_exact_mut(pixels.len()).skip(group * channels);
            for (map, sums) in maps.zip(&sums) {
                let map = &mut map[first - pixels.start..][..together.len()];
                map.iter_mut().zip(sums).for_each(|(output, &sum)| *output = sum.into());
            }
        }
    }
}

/// What each tap of a group's kernels sees from each output pixel, 0 for padding: `seen` is `[channel, kernel height, kernel width]`.
#[inline(always)]
fn gather<T: Sum>(shape: &ConvShape, input: &[i32], group: usize, pixels: &Range<usize>, seen: &mut [[T; PIXELS]]) {
    let [height, width] = shape.input;
    let across = shape.output()[1];
    let maps = input.chunks_exact(height * width).skip(group * shape.group_inputs());
    for (map, seen) in maps.zip(seen.chunks_exact_mut(shape.taps())) {
        for (tap, seen) in seen.iter_mut().enumerate() {
            let [ky, kx] = [tap / shape.kernel[1] * shape.dilation[0], tap % shape.kernel[1] * shape.dilation[1]];
            for (pixel, seen) in pixels.clone().zip(seen) {
                // What lies before the image wraps to a number far behind it.
                let y = (pixel / across * shape.stride[0] + ky).wrapping_sub(shape.padding.top);
                let x = (pixel % across * shape.stride[1] + kx).wrapping_sub(shape.padding.left);
                *seen = T::from(if y < height && x < width { map[y * width + x] } else { 0 });
            }
        }
    }
}

/// The sum of each kernel's products with what its taps see: `kernels` begins with `[sums, taps]`.
#[inline(always)]
fn multiply<S: Simd, T: Sum>(simd: S, kernels: &[i32], seen: &[[T; PIXELS]], sums: &mut [[T; PIXELS]]) {
    let taps = seen.len();
    let kernel = |at: usize| &kernels[at * taps..][..taps];
    let (blocks, rest) = sums.as_chunks_mut::<CHANNELS>();
    let whole = blocks.len() * CHANNELS;
    for (block, sums) in blocks.iter_mut().enumerate() {
        *sums = T::of_kernels(simd, [0, 1, 2, 3].map(|at| kernel(block * CHANNELS + at)), seen);
    }
    for (at, sums) in rest.iter_mut().enumerate() {
        [*sums] = T::of_kernels(simd, [kernel(whole + at)], seen);
    }
}
