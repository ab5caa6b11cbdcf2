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
    /// Place of each channel among those that are read, in the order of the blocks.
    places: Vec<u16>,
    /// The rows of the blocks that leave some out, one block after the other.
    rows: Vec<u16>,
    /// `[block][row][channel]`, without the rows that are left out. In one piece: a chip has hundreds of megabytes of these, which are
    /// read from one end to the other.
    values: Vec<f32>,
}

/// Part of a block's rows that must be 0 for them to be left out: looking each row up costs a little.
const SPARSE: f64 = 0.25;

/// Channels that are computed together.
struct Block {
    channels: usize,
    /// Rows that are not left out.
    rows: usize,
    /// Whether some are.
    is_sparse: bool,
}

impl Matrix {
    /// The matrix of `values` `[row][channel]`, row-major; the channels of a group are 0 in the same rows, but for a few.
    pub(super) fn new(values: &[f32], groups: &[Vec<usize>]) -> Self {
        let channels = groups.iter().map(Vec::len).sum();
        let mut matrix = Self { blocks: vec![], places: vec![], rows: vec![], values: vec![] };
        matrix.places.extend(groups.iter().flatten().map(|&channel| channel as u16));
        for run in runs(values, channels, groups) {
            let count = run.len().div_ceil(MOST_CHANNELS);
            for block in 0..count {
                let [from, to] = [block, block + 1].map(|block| block * run.len() / count);
                matrix.push(values.chunks_exact(channels), &run[from..to]);
            }
        }
        // Without room to spare.
        matrix.rows.shrink_to_fit();
        matrix.values.shrink_to_fit();
        matrix
    }

    /// Adds the block of some channels.
    fn push<'a>(&mut self, rows: impl ExactSizeIterator<Item = &'a [f32]> + Clone, channels: &[usize]) {
        let all = rows.len();
        let of_block = |row: &'a [f32]| channels.iter().map(move |&channel| row[channel]);
        let filled = |row: &'a [f32]| of_block(row).any(|value| value != 0.0);
        let count = rows.clone().filter(|row| filled(row)).count();
        let is_sparse = all <= usize::from(u16::MAX) && count as f64 <= (1.0 - SPARSE) * all as f64;
        for (place, row) in rows.enumerate().filter(|(_, row)| !is_sparse || filled(row)) {
            self.values.extend(of_block(row));
            if is_sparse {
                self.rows.push(place as u16);
            }
        }
        self.blocks.push(Block { channels: channels.len(), rows: if is_sparse { count } else { all }, is_sparse });
    }

    /// Bytes it takes.
    pub(super) fn bytes(&self) -> usize {
        size_of_val(self.values.as_slice())
    }

    /// Sum of each channel, in the order of the rows; `at` says where among the inputs each row's lies, `sums` has one vector a channel.
    #[inline(always)]
    pub(super) fn multiply<S: Simd>(&self, simd: S, inputs: &[Lanes], at: &[u32], sums: &mut [Lanes]) {
        let (mut places, mut rows, mut values) = (self.places.as_slice(), self.rows.as_slice(), self.values.as_slice());
        for block in &self.blocks {
            let of_block = OfBlock {
                places: take(&mut places, block.channels),
                rows: block.is_sparse.then(|| take(&mut rows, block.rows)),
                values: take(&mut values, block.rows * block.channels),
            };
            match block.channels {
                1 => multiply::<S, 1>(simd, of_block, (inputs, at), sums),
                2 => multiply::<S, 2>(simd, of_block, (inputs, at), sums),
                3 => multiply::<S, 3>(simd, of_block, (inputs, at), sums),
                4 => multiply::<S, 4>(simd, of_block, (inputs, at), sums),
                5 => multiply::<S, 5>(simd, of_block, (inputs, at), sums),
                MOST_CHANNELS => multiply::<S, MOST_CHANNELS>(simd, of_block, (inputs, at), sums),
                channels => unreachable!("a block of {channels} channels"),
            }
        }
    }
}

/// Takes so many values off the front.
#[inline(always)]
fn take<'a, T>(values: &mut &'a [T], count: usize) -> &'a [T] {
    let (taken, left) = values.split_at(count);
    *values = left;
    taken
}

/// What a matrix holds of a block.
#[derive(Clone, Copy)]
struct OfBlock<'a> {
    places: &'a [u16],
    /// The rows, if some are left out.
    rows: Option<&'a [u16]>,
    values: &'a [f32],
}

#[inline(always)]
fn multiply<S: Simd, const C: usize>(
    simd: S,
    block: OfBlock<'_>,
    (inputs, at): (&[Lanes], &[u32]),
    sums: &mut [Lanes],
) {
    let mut totals = [f32x16::splat(simd, 0.0); C];
    let values = block.values.as_chunks::<C>().0;
    match block.rows {
        None => {
            for (row, &at) in values.iter().zip(at) {
                add(simd, &inputs[at as usize], row, &mut totals);
            }
        }
        Some(rows) => {
            for (row, &place) in values.iter().zip(rows) {
                add(simd, &inputs[at[usize::from(place)] as usize], row, &mut totals);
            }
        }
    }
    for (&place, total) in block.places.iter().zip(totals) {
        sums[usize::from(place)] = Lanes(total.into());
    }
}

/// Adds a row's input times its values to the totals of the channels.
#[inline(always)]
fn add<S: Simd, const C: usize>(simd: S, input: &Lanes, row: &[f32; C], totals: &mut [f32x16<S>; C]) {
    let input = f32x16::simd_from(simd, input.0);
    for channel in 0..C {
        totals[channel] = input.mul_add_precise(row[channel], totals[channel]);
    }
}

/// Channels that are computed with the same rows: neighbouring groups, as long as joining them costs less than keeping them apart.
fn runs(values: &[f32], channels: usize, groups: &[Vec<usize>]) -> Vec<Vec<usize>> {
    let is_filled = |row: &[f32], group: &[usize]| group.iter().any(|&channel| row[channel] != 0.0);
    let mut runs: Vec<(Vec<usize>, Vec<bool>)> = vec![];
    for group in groups {
        let filled: Vec<bool> = values.chunks_exact(channels).map(|row| is_filled(row, group)).collect();
        if let Some((run, rows)) = runs.last_mut() {
            let union: Vec<bool> = rows.iter().zip(&filled).map(|(a, b)| a | b).collect();
            let together = run.len() + group.len();
            if cost(&union, together) <= cost(rows, run.len()) + cost(&filled, group.len()) {
                run.extend(group);
                *rows = union;
                continue;
            }
        }
        runs.push((group.clone(), filled));
    }
    runs.into_iter().map(|(run, _)| run).collect()
}

/// Steps of a product with so many channels: those of fewer than four wait for their own sums, and each block loads its inputs.
fn cost(rows: &[bool], channels: usize) -> usize {
    rows.iter().filter(|&&filled| filled).count() * (channels.max(4) + channels.div_ceil(MOST_CHANNELS))
}

#[cfg(test)]
mod tests {
    use super::*;
    use fearless_simd::{Level, dispatch};

    /// Rows that neighbouring columns leave out, of kernels that slide over a line.
    fn toeplitz(rows: usize, pixels: usize, outputs: usize) -> Vec<f32> {
        let value = |row: usize, pixel: usize, output: usize| {
            let tap = row.wrapping_sub(pixel);
            if tap < 3 { 0.1 * (tap as f32 + 1.0) - 0.37 * output as f32 } else { 0.0 }
        };
        let of_row = |row| (0..outputs).flat_map(move |output| (0..pixels).map(move |pixel| value(row, pixel, output)));
        (0..rows).flat_map(of_row).collect()
    }

    #[test]
    fn channels_of_a_pixel_share_their_rows() {
        let (rows, pixels, outputs) = (10, 8, 7);
        let values = toeplitz(rows, pixels, outputs);
        let group = |pixel: usize| (0..outputs).map(|output| output * pixels + pixel).collect();
        let matrix = Matrix::new(&values, &(0..pixels).map(group).collect::<Vec<_>>());
        assert_eq!(matrix.values.len(), 3 * pixels * outputs, "no product with 0 is left");
        let inputs: Vec<Lanes> =
            (0..rows).map(|row| Lanes(std::array::from_fn(|lane| (row * 16 + lane) as f32))).collect();
        let at: Vec<u32> = (0..rows as u32).collect();
        let mut sums = vec![Lanes::splat(f32::NAN); pixels * outputs];
        dispatch!(Level::new(), simd => matrix.multiply(simd, &inputs, &at, &mut sums));
        for (channel, sums) in sums.iter().enumerate() {
            for (lane, &sum) in sums.0.iter().enumerate() {
                let column = values.iter().skip(channel).step_by(pixels * outputs);
                let wanted = column.zip(&inputs).fold(0f32, |sum, (&value, input)| input.0[lane].mul_add(value, sum));
                assert_eq!(sum, wanted, "channel {channel}, lane {lane}");
            }
        }
    }

    #[test]
    fn full_columns_are_cut_evenly() {
        let matrix = Matrix::new(&[1.0; 3 * 16], &[(0..16).collect()]);
        assert_eq!(matrix.blocks.iter().map(|block| block.channels).collect::<Vec<_>>(), [5, 5, 6]);
        assert!(matrix.rows.is_empty());
        assert!(Matrix::new(&[], &[]).blocks.is_empty());
    }
}
