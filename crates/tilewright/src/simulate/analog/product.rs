//! Inputs times the matrix a crossbar computes, sixteen images at once.
//!
//! The images are in the lanes of a vector, so that every matrix, however odd its sides, is the same loop: each value times
//! the vector of its row. A few channels are computed together, so that each vector is loaded once for all of them; rows that
//! are 0 in all of them are left out where there are many, as in the Toeplitz matrices of sub-images between ideal wires.

use crate::network::executor::Lanes;
use fearless_simd::{Simd, f32x16, prelude::*};

/// Most channels computed together: their sums stay in registers, of which processors of 256-bit vectors have sixteen.
const MOST_CHANNELS: usize = 6;

/// A matrix of currents per input, `[row][channel]`.
pub(super) struct Matrix {
    blocks: Vec<Block>,
}

/// Part of a block's rows that must be 0 for them to be left out: looking each row up costs a little.
const SPARSE: f64 = 0.25;

/// Neighbouring channels.
struct Block {
    channels: usize,
    /// The rows, if some are left out.
    rows: Option<Vec<u16>>,
    /// `[row][channel]`
    values: Vec<f32>,
}

impl Block {
    /// The block of `values` `[row][channel]`, row-major.
    fn new(channels: usize, values: Vec<f32>) -> Self {
        let rows = values.chunks_exact(channels).enumerate();
        let filled = rows.filter(|(_, row)| row.iter().any(|&value| value != 0.0));
        let filled: Vec<u16> = filled.filter_map(|(row, _)| u16::try_from(row).ok()).collect();
        let all = values.len() / channels;
        if all > usize::from(u16::MAX) || filled.len() as f64 > (1.0 - SPARSE) * all as f64 {
            return Self { channels, rows: None, values };
        }
        let mut kept = Vec::with_capacity(filled.len() * channels);
        for &row in &filled {
            kept.extend_from_slice(&values[usize::from(row) * channels..][..channels]);
        }
        Self { channels, rows: Some(filled), values: kept }
    }
}

impl Matrix {
    /// The matrix of `values` `[row][channel]`, row-major.
    pub(super) fn new(channels: usize, values: &[f32]) -> Self {
        let count = channels.div_ceil(MOST_CHANNELS);
        let blocks = (0..count).map(|block| {
            let [from, to] = [block, block + 1].map(|block| block * channels / count);
            // Without room to spare: a chip has hundreds of megabytes of these.
            let mut block = Vec::with_capacity(values.len() / channels * (to - from));
            values.chunks_exact(channels).for_each(|row| block.extend_from_slice(&row[from..to]));
            Block::new(to - from, block)
        });
        Self { blocks: blocks.collect() }
    }

    /// Bytes it takes.
    pub(super) fn bytes(&self) -> usize {
        self.blocks.iter().map(|block| size_of_val(block.values.as_slice())).sum()
    }

    /// Sum of each channel, in the order of the rows; `inputs` has one vector a row, `sums` one a channel.
    #[inline(always)]
    pub(super) fn multiply<S: Simd>(&self, simd: S, inputs: &[Lanes], sums: &mut [Lanes]) {
        let mut first = 0;
        for block in &self.blocks {
            let sums = &mut sums[first..first + block.channels];
            first += block.channels;
            match block.channels {
                1 => multiply::<S, 1>(simd, block, inputs, sums),
                2 => multiply::<S, 2>(simd, block, inputs, sums),
                3 => multiply::<S, 3>(simd, block, inputs, sums),
                4 => multiply::<S, 4>(simd, block, inputs, sums),
                5 => multiply::<S, 5>(simd, block, inputs, sums),
                MOST_CHANNELS => multiply::<S, MOST_CHANNELS>(simd, block, inputs, sums),
                channels => unreachable!("a block of {channels} channels"),
            }
        }
    }
}

#[inline(always)]
fn multiply<S: Simd, const C: usize>(simd: S, block: &Block, inputs: &[Lanes], sums: &mut [Lanes]) {
    let mut totals = [f32x16::splat(simd, 0.0); C];
    let values = block.values.as_chunks::<C>().0;
    match &block.rows {
        None => {
            for (row, input) in values.iter().zip(inputs) {
                add(simd, input, row, &mut totals);
            }
        }
        Some(rows) => {
            for (row, &place) in values.iter().zip(rows) {
                add(simd, &inputs[usize::from(place)], row, &mut totals);
            }
        }
    }
    for (sum, total) in sums.iter_mut().zip(totals) {
        *sum = Lanes(total.into());
    }
}

/// Adds a row's input times its values to the totals of the channels.
#[inline(always)]
fn add<S: Simd, const C: usize>(simd: S, input: &Lanes, row: &[f32; C], totals: &mut [f32x16<S>; C]) {
    let input = f32x16::simd_from(simd, input.0);
    for channel in 0..C {
        // Not fused: a fused product rounds otherwise, and the result must not depend on the processor.
        totals[channel] += input * row[channel];
    }
}
