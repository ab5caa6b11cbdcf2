//! A convolution or dense layer on sixteen images at once.
//!
//! With the images in the lanes of a vector, every kind of convolution is the same loop: for each output pixel, each weight
//! times the vector of its input pixel. A few output channels are computed together, so that each vector is loaded once for
//! all of them; stride, dilation and groups only change where the vectors lie.

use super::lanes::{Images, Lanes, recycle, room};
use super::run_layer::RunLayer;
use crate::network::{ConvShape, Tensor};
use fearless_simd::{Level, Simd, dispatch, f32x16, prelude::*};
use std::borrow::Cow;

/// Most output channels computed together: their sums stay in registers.
const MOST_ROWS: usize = 8;

/// A layer in floating point, its weights in the order they are used.
pub struct Convolution {
    shape: ConvShape,
    blocks: Vec<Block>,
    /// Where the input pixel of each weight of an output channel lies, counted from the first pixel of the window in a padded map.
    taps: Vec<usize>,
}

/// Neighbouring output channels of one group.
struct Block {
    first: usize,
    /// One start value per channel.
    bias: Vec<f32>,
    /// `[tap][channel]`
    weights: Vec<f32>,
}

impl RunLayer for Convolution {
    fn run(&self, level: Level, input: &Images, _first: u64) -> Images {
        let [height, width] = self.shape.output();
        let mut output = room(self.shape.out_channels * height * width);
        let input = padded(&self.shape, input.values());
        dispatch!(level, simd => self.run_blocks(simd, &input, &mut output));
        if let Cow::Owned(padded) = input {
            recycle(padded);
        }
        Tensor::new(vec![self.shape.out_channels, height, width], output)
    }
}

impl Convolution {
    /// `weights` are `[out_channels, in_channels / groups, kernel height, kernel width]` in row-major order.
    pub(in crate::network) fn new(shape: ConvShape, weights: &[f32], bias: Option<&[f32]>) -> Self {
        let [height, width] = padded_sides(&shape);
        let [kernel_height, kernel_width] = shape.kernel;
        let offset = |channel: usize, ky: usize, kx: usize| {
            (channel * height + ky * shape.dilation[0]) * width + kx * shape.dilation[1]
        };
        let taps: Vec<usize> = (0..shape.group_inputs())
            .flat_map(|channel| (0..kernel_height).map(move |ky| (channel, ky)))
            .flat_map(|(channel, ky)| (0..kernel_width).map(move |kx| offset(channel, ky, kx)))
            .collect();
        let blocks = channel_blocks(&shape).map(|(first, rows)| Block {
            first,
            bias: (first..first + rows).map(|channel| bias.map_or(0.0, |bias| bias[channel])).collect(),
            weights: (0..taps.len())
                .flat_map(|tap| (first..first + rows).map(move |channel| (tap, channel)))
                .map(|(tap, channel)| weights[channel * taps.len() + tap])
                .collect(),
        });
        Self { shape, blocks: blocks.collect(), taps }
    }

    #[inline(always)]
    fn run_blocks<S: Simd>(&self, simd: S, input: &[Lanes], output: &mut [Lanes]) {
        for block in &self.blocks {
            match block.bias.len() {
                1 => self.run_block::<S, 1>(simd, block, input, output),
                2 => self.run_block::<S, 2>(simd, block, input, output),
                3 => self.run_block::<S, 3>(simd, block, input, output),
                4 => self.run_block::<S, 4>(simd, block, input, output),
                5 => self.run_block::<S, 5>(simd, block, input, output),
                6 => self.run_block::<S, 6>(simd, block, input, output),
                7 => self.run_block::<S, 7>(simd, block, input, output),
                MOST_ROWS => self.run_block::<S, MOST_ROWS>(simd, block, input, output),
                rows => unreachable!("a block of {rows} channels"),
            }
        }
    }

    /// All output pixels of `R` channels.
    #[inline(always)]
    fn run_block<S: Simd, const R: usize>(&self, simd: S, block: &Block, input: &[Lanes], output: &mut [Lanes]) {
        let [padded_height, padded_width] = padded_sides(&self.shape);
        let [height, width] = self.shape.output();
        let group = block.first / self.shape.group_outputs();
        let input = &input[group * self.shape.group_inputs() * padded_height * padded_width..];
        let output = &mut output[block.first * height * width..];
        let weights = block.weights.as_chunks::<R>().0;
        let mut start = [f32x16::splat(simd, 0.0); R];
        for (start, &bias) in start.iter_mut().zip(&block.bias) {
            *start = f32x16::splat(simd, bias);
        }
        for y in 0..height {
            for x in 0..width {
                let window = &input[y * self.shape.stride[0] * padded_width + x * self.shape.stride[1]..];
                let mut sums = start;
                for (weights, &tap) in weights.iter().zip(&self.taps) {
                    let pixel = f32x16::simd_from(simd, window[tap].0);
                    for row in 0..R {
                        sums[row] = pixel.mul_add_precise(weights[row], sums[row]);
                    }
                }
                for (row, sum) in sums.into_iter().enumerate() {
                    output[(row * height + y) * width + x] = Lanes(sum.into());
                }
            }
        }
    }
}

/// The input of a layer, `[in_channels, height, width]`, with its padding as zeros.
pub fn padded<'a>(shape: &ConvShape, input: &'a [Lanes]) -> Cow<'a, [Lanes]> {
    let [height, width] = shape.input;
    let sides @ [_, padded_width] = padded_sides(shape);
    if sides == shape.input {
        return Cow::Borrowed(input);
    }
    let (top, left) = (shape.padding.top, shape.padding.left);
    let mut padded = room(shape.in_channels * sides[0] * sides[1]);
    padded.fill(Lanes::splat(0.0));
    let maps = padded.chunks_exact_mut(sides[0] * sides[1]);
    for (to, from) in maps.zip(input.chunks_exact(height * width)) {
        let rows = to.chunks_exact_mut(padded_width).skip(top);
        rows.zip(from.chunks_exact(width)).for_each(|(to, from)| to[left..left + width].copy_from_slice(from));
    }
    Cow::Owned(padded)
}

/// Height and width of a padded input.
pub fn padded_sides(shape: &ConvShape) -> [usize; 2] {
    [0, 1].map(|axis| shape.input[axis] + shape.padding.on_axis(axis).iter().sum::<usize>())
}

/// First channel and number of channels of each block: as few blocks a group as can be, of nearly the same size.
fn channel_blocks(shape: &ConvShape) -> impl Iterator<Item = (usize, usize)> {
    let channels = shape.group_outputs();
    let blocks = channels.div_ceil(MOST_ROWS);
    (0..shape.groups).flat_map(move |group| {
        (0..blocks).map(move |block| {
            let [from, to] = [block, block + 1].map(|block| block * channels / blocks);
            (group * channels + from, to - from)
        })
    })
}
