//! Inputs of one bit a pulse: a product is the sum of the rows that are switched on.
//!
//! Here the channels are in the lanes of a vector, and the images one after the other: an image adds the rows that it switches on and
//! no others, in the order of the rows. A bit times a value is exact, so that these are the bits of [`Matrix`](super::product::Matrix).

use super::rows::Rows;
use super::windows::Place;
use crate::network::executor::{LANES, Lanes};
use fearless_simd::{Level, Simd, dispatch, f32x16, prelude::*, u8x64, u32x16};
use std::ops::Range;

/// Rows that a word says whether they are on.
pub(super) const WORD: usize = u64::BITS as usize;

/// A word's rows, and one of zeros, which is what is left when no row is.
const ROWS: usize = WORD + 1;

/// Most vectors of channels computed together.
const MOST_VECTORS: usize = 4;

/// Bits that a byte of an input drives.
const BYTE: usize = u8::BITS as usize;

/// What drives rows bit by bit: the integers of a padded input.
pub(super) struct Bytes {
    /// Bits of an integer.
    pulses: usize,
    /// `[byte][pixel]`, those of sixteen images, the least byte first.
    bytes: Vec<Vec<[u8; LANES]>>,
}

impl Bytes {
    /// The bytes of integers that take so many pulses.
    pub(super) fn new(level: Level, integers: &[Lanes], pulses: usize) -> Self {
        let byte = |shift: usize| {
            let mut bytes = vec![[0; LANES]; integers.len()];
            dispatch!(level, simd => {
                for (bytes, lanes) in bytes.iter_mut().zip(integers) {
                    let integers: u32x16<_> = f32x16::simd_from(simd, lanes.0).to_int();
                    let integers: [u32; LANES] = (integers >> shift as u32).into();
                    for lane in 0..LANES {
                        bytes[lane] = integers[lane] as u8;
                    }
                }
            });
            bytes
        };
        Self { pulses, bytes: (0..pulses).step_by(BYTE).map(byte).collect() }
    }
}

/// Which rows of a crossbar each image switches on.
#[derive(Default)]
pub(super) struct Switches {
    words: usize,
    /// `[pulse][word]`, a word of each image; the bit of a word's first row is the lowest.
    switches: Vec<[u64; LANES]>,
}

impl Switches {
    /// Sets the switches of `words` of rows; those of missing windows are off.
    pub(super) fn set(
        &mut self,
        level: Level,
        rows: &Rows,
        words: &[Range<usize>],
        places: &[Option<Place>],
        bytes: &Bytes,
    ) {
        dispatch!(level, simd => self.set_with(simd, rows, words, places, bytes));
    }

    #[inline(always)]
    fn set_with<S: Simd>(
        &mut self,
        simd: S,
        rows: &Rows,
        words: &[Range<usize>],
        places: &[Option<Place>],
        Bytes { pulses, bytes }: &Bytes,
    ) {
        self.words = words.len();
        self.switches.resize(pulses * self.words, [0; LANES]);
        for (word, range) in words.iter().enumerate() {
            for (byte, map) in bytes.iter().enumerate() {
                let mut driven = [[0; LANES]; WORD];
                for (driven, pixel) in driven.iter_mut().zip(rows.pixels(range, places)) {
                    if let Some(pixel) = pixel {
                        *driven = map[pixel];
                    }
                }
                let images = by_image(simd, &driven);
                for bit in 0..BYTE.min(pulses - byte * BYTE) {
                    let on = u8x64::splat(simd, 1 << bit);
                    let switches = &mut self.switches[(byte * BYTE + bit) * self.words + word];
                    for (switches, rows) in switches.iter_mut().zip(images) {
                        *switches = (rows & on).simd_eq(on).to_bitmask();
                    }
                }
            }
        }
    }

    /// Those of some words in a pulse.
    pub(super) fn of_pulse(&self, pulse: usize, words: &Range<usize>) -> &[[u64; LANES]] {
        &self.switches[pulse * self.words..][words.clone()]
    }
}

/// Rows that are on, by image.
pub(super) fn count(switches: &[[u64; LANES]], image: usize) -> u32 {
    switches.iter().map(|word| word[image].count_ones()).sum()
}

/// The bytes of each image, those of the rows side by side.
#[inline(always)]
fn by_image<S: Simd>(simd: S, rows: &[[u8; LANES]; WORD]) -> [u8x64<S>; LANES] {
    let bytes = rows.as_flattened().as_chunks::<WORD>().0;
    let mut vectors = [u8x64::splat(simd, 0); LANES];
    for (vector, bytes) in vectors.iter_mut().zip(bytes) {
        *vector = u8x64::simd_from(simd, *bytes);
    }
    transposed(vectors)
}

/// Sixteen vectors: every sixteenth lane, one vector after the other, is a vector of the result.
#[inline(always)]
fn transposed<S: Simd, V: SimdBase<S>>(mut vectors: [V; LANES]) -> [V; LANES] {
    // The lowest bit of a lane's place becomes the highest, four times.
    for _ in 0..LANES.ilog2() {
        let (mut even, mut odd) = ([vectors[0]; LANES / 2], [vectors[0]; LANES / 2]);
        for pair in 0..LANES / 2 {
            even[pair] = vectors[2 * pair].unzip_low(vectors[2 * pair + 1]);
            odd[pair] = vectors[2 * pair].unzip_high(vectors[2 * pair + 1]);
        }
        vectors[..LANES / 2].copy_from_slice(&even);
        vectors[LANES / 2..].copy_from_slice(&odd);
    }
    vectors
}

/// A matrix whose rows are switched on or off.
pub(super) struct SwitchedMatrix {
    channels: usize,
    blocks: Vec<Block>,
}

/// Neighbouring channels, some vectors of them.
struct Block {
    vectors: usize,
    /// `[word][row][vector]`, sixteen channels a vector, [`ROWS`] rows a word.
    values: Vec<Lanes>,
}

impl SwitchedMatrix {
    /// The matrix of `values` `[row][channel]`, row-major.
    pub(super) fn new(channels: usize, values: &[f32]) -> Self {
        let vectors = channels.div_ceil(LANES);
        let count = vectors.div_ceil(MOST_VECTORS);
        let block = |block: usize| {
            let [from, to] = [block, block + 1].map(|block| block * vectors / count);
            Block::new(from..to, values.chunks_exact(channels))
        };
        Self { channels, blocks: (0..count).map(block).collect() }
    }

    /// Bytes it takes.
    pub(super) fn bytes(&self) -> usize {
        self.blocks.iter().map(|block| size_of_val(block.values.as_slice())).sum()
    }

    /// Sum of each channel over the rows that are on, in their order; `switches` has one word of each image for so many rows, `sums` one vector
    /// a channel.
    #[inline(always)]
    pub(super) fn multiply<S: Simd>(&self, simd: S, switches: &[[u64; LANES]], sums: &mut [Lanes]) {
        debug_assert_eq!(sums.len(), self.channels);
        let mut rest = sums;
        for block in &self.blocks {
            let (sums, others) = rest.split_at_mut((block.vectors * LANES).min(rest.len()));
            rest = others;
            // As many images together as it takes for a sum not to wait for the one before it.
            match block.vectors {
                1 => multiply::<S, 1, 4>(simd, block, switches, sums),
                2 => multiply::<S, 2, 2>(simd, block, switches, sums),
                3 => multiply::<S, 3, 2>(simd, block, switches, sums),
                MOST_VECTORS => multiply::<S, MOST_VECTORS, 1>(simd, block, switches, sums),
                vectors => unreachable!("a block of {vectors} vectors"),
            }
        }
    }
}

impl Block {
    fn new<'a>(vectors: Range<usize>, rows: impl Iterator<Item = &'a [f32]>) -> Self {
        let (nothing, count) = (Lanes::splat(0.0), vectors.len());
        let mut values = vec![];
        for (place, row) in rows.enumerate() {
            if place > 0 && place.is_multiple_of(WORD) {
                values.resize(values.len() + count, nothing);
            }
            for vector in vectors.clone() {
                let channels = row.chunks(LANES).nth(vector).expect("a vector of the row");
                let mut lanes = nothing;
                lanes.0[..channels.len()].copy_from_slice(channels);
                values.push(lanes);
            }
        }
        // The rows that the last word lacks are off, and the last one is the row of zeros.
        values.resize(values.len().next_multiple_of(ROWS * count), nothing);
        Self { vectors: count, values }
    }
}

#[inline(always)]
fn multiply<S: Simd, const V: usize, const G: usize>(
    simd: S,
    block: &Block,
    switches: &[[u64; LANES]],
    sums: &mut [Lanes],
) {
    let words = block.values.as_chunks::<V>().0.as_chunks::<ROWS>().0;
    let nothing = f32x16::splat(simd, 0.0);
    let mut by_image = [[nothing; LANES]; V];
    for first in (0..LANES).step_by(G) {
        let mut totals = [[nothing; V]; G];
        for (switches, rows) in switches.iter().zip(words) {
            // Loops are written out: those of the standard library are calls, which the caller's wider vectors do not reach.
            let (mut left, mut most) = ([0; G], 0);
            for image in 0..G {
                left[image] = switches[first + image];
                most = most.max(left[image].count_ones());
            }
            for _ in 0..most {
                for image in 0..G {
                    // The row of zeros where none is left.
                    let row = &rows[left[image].trailing_zeros() as usize];
                    left[image] &= left[image].wrapping_sub(1);
                    for vector in 0..V {
                        totals[image][vector] += f32x16::simd_from(simd, row[vector].0);
                    }
                }
            }
        }
        for image in 0..G {
            for vector in 0..V {
                by_image[vector][first + image] = totals[image][vector];
            }
        }
    }
    for (sums, by_image) in sums.chunks_mut(LANES).zip(by_image) {
        for (sum, channel) in sums.iter_mut().zip(transposed(by_image)) {
            *sum = Lanes(channel.into());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Draws, Effect, Stream};
    use fearless_simd::{Level, dispatch};

    /// Draws of a test.
    fn draws(sample: u32) -> Draws {
        Draws::new(Stream { seed: 1, layer: 0, crossbar: 0, effect: Effect::Choice, sample })
    }

    #[test]
    fn sums_are_those_of_the_rows_that_are_on() {
        for (sample, (rows, channels)) in
            [(1, 1), (63, 5), (64, 16), (65, 17), (128, 33), (100, 64), (130, 70), (7, 150)].into_iter().enumerate()
        {
            let mut draws = draws(sample as u32);
            let values: Vec<f32> = (0..rows * channels).map(|_| draws.normal() as f32).collect();
            let on: Vec<[bool; LANES]> = (0..rows).map(|_| std::array::from_fn(|_| draws.uniform() < 0.3)).collect();
            let words: Vec<[u64; LANES]> = on
                .chunks(WORD)
                .map(|rows| {
                    std::array::from_fn(|image| (0..rows.len()).map(|row| u64::from(rows[row][image]) << row).sum())
                })
                .collect();
            let matrix = SwitchedMatrix::new(channels, &values);
            for level in [Level::new(), Level::baseline()] {
                let mut sums = vec![Lanes::splat(f32::NAN); channels];
                dispatch!(level, simd => matrix.multiply(simd, &words, &mut sums));
                for (channel, sums) in sums.iter().enumerate() {
                    for (image, &sum) in sums.0.iter().enumerate() {
                        let rows = on.iter().enumerate().filter(|(_, on)| on[image]);
                        let wanted = rows.fold(0f32, |sum, (row, _)| sum + values[row * channels + channel]);
                        assert_eq!(
                            sum,
                            wanted,
                            "{rows:?} rows, channel {channel} of {channels}, image {image}",
                            rows = on.len()
                        );
                    }
                }
            }
            assert_eq!(count(&words, 3) as usize, on.iter().filter(|on| on[3]).count());
        }
    }

    #[test]
    fn bytes_of_images_lie_side_by_side() {
        let rows: [[u8; LANES]; WORD] =
            std::array::from_fn(|row| std::array::from_fn(|image| (row * 3 + image * 64) as u8));
        for level in [Level::new(), Level::baseline()] {
            let images = dispatch!(level, simd => by_image(simd, &rows).map(|vector| -> [u8; WORD] { vector.into() }));
            for (image, bytes) in images.iter().enumerate() {
                assert_eq!(*bytes, rows.map(|row| row[image]));
            }
        }
    }
}
