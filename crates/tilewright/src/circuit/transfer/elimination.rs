//! Eliminates the nodes of a dense network of conductances: the inner loops of the transfer matrix.

use super::block::{Block, starts};
use crate::circuit::room::{recycle, room, zeros};
use fearless_simd::{Simd, f64x4, prelude::*};

/// Columns of the inner kernel; its rows are [`HEIGHT`].
const WIDTH: usize = 8;
const HEIGHT: usize = 4;

/// Which conductances between ports are wanted.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Region {
    /// From every port to every later one.
    Upper,
    /// From the ports of the first two sides to those of the last two.
    SourcesToSinks,
}

/// Nodes to eliminate (pivots) and ports that stay.
pub(super) struct Front {
    pivots: usize,
    ports: usize,
    /// Pivots, rounded up: where the ports start in a row of `pivot_rows`.
    first_port: usize,
    /// Length of a row of `pivot_rows`.
    width: usize,
    /// From each pivot to the later pivots and to the ports.
    pivot_rows: Vec<f64>,
    /// Length of a row of `port_rows`.
    stride: usize,
    /// From each port to the later ports.
    port_rows: Vec<f64>,
}

impl Front {
    /// No conductance yet.
    pub(super) fn new(pivots: usize, ports: usize) -> Self {
        let first_port = pivots.next_multiple_of(WIDTH);
        let stride = ports.next_multiple_of(WIDTH);
        let width = first_port + stride;
        let port_rows = zeros(ports.next_multiple_of(HEIGHT) * stride);
        Self { pivots, ports, first_port, width, pivot_rows: zeros(pivots * width), stride, port_rows }
    }

    /// Ties a pivot to a port.
    pub(super) fn tie(&mut self, pivot: usize, port: usize, siemens: f64) {
        self.pivot_rows[pivot * self.width + self.first_port + port] += siemens;
    }

    /// Ties a pivot to a later one.
    pub(super) fn tie_pivots(&mut self, pivot: usize, later: usize, siemens: f64) {
        self.pivot_rows[pivot * self.width + later] += siemens;
    }

    /// Adds a block whose sides lie at these ports; the one at `None` are the pivots. Two blocks share nothing but pivots.
    #[inline(always)]
    pub(super) fn add(&mut self, block: &Block, places: [Option<usize>; 4]) {
        let starts = starts(&block.sides);
        for from in 0..4 {
            for row in 0..block.sides[from] {
                let values = &block.upper[(starts[from] + row) * block.stride..][..block.stride];
                for to in from..4 {
                    let values = &values[starts[to]..starts[to] + block.sides[to]];
                    self.add_row(places[from], places[to], row, values);
                }
            }
        }
    }

    /// Adds the conductances from node `row` of one side to all of another one.
    #[inline(always)]
    fn add_row(&mut self, from: Option<usize>, to: Option<usize>, row: usize, values: &[f64]) {
        let add = |into: &mut [f64]| into.iter_mut().zip(values).for_each(|(into, value)| *into += value);
        match (from, to) {
            (None, None) => add(&mut self.pivot_rows[row * self.width..][..values.len()]),
            (None, Some(to)) => add(&mut self.pivot_rows[row * self.width + self.first_port + to..][..values.len()]),
            (Some(from), None) => {
                let column = self.pivot_rows.iter_mut().skip(self.first_port + from + row).step_by(self.width);
                column.zip(values).for_each(|(into, value)| *into += value);
            }
            (Some(from), Some(to)) => {
                self.port_rows[(from + row) * self.stride + to..][..values.len()].copy_from_slice(values);
            }
        }
    }

    /// Eliminates the pivots; the ports lie on `sides`.
    #[inline(always)]
    pub(super) fn eliminate<S: Simd>(mut self, simd: S, sides: [usize; 4], region: Region) -> Block {
        let (pivots, width) = (self.pivots, self.width);
        // Packed for the kernel: finished rows in blocks of WIDTH columns, and divided by their sums in blocks of HEIGHT.
        let [mut packed_rows, mut packed_shares] = [(); 2].map(|()| room(width * pivots));
        let rows = packed_rows.as_chunks_mut::<WIDTH>().0;
        let shares = packed_shares.as_chunks_mut::<HEIGHT>().0;
        for first in (0..pivots).step_by(HEIGHT) {
            let count = HEIGHT.min(pivots - first);
            let panel = &mut self.pivot_rows[first * width..(first + count) * width];
            let share = &shares[first / HEIGHT * pivots..][..first];
            for block in first / WIDTH..width / WIDTH {
                let rows = &rows[block * pivots..][..first];
                let tile = &mut panel[block * WIDTH..];
                match count {
                    1 => accumulate::<S, 1>(simd, share, rows, tile, width),
                    2 => accumulate::<S, 2>(simd, share, rows, tile, width),
                    3 => accumulate::<S, 3>(simd, share, rows, tile, width),
                    _ => accumulate::<S, 4>(simd, share, rows, tile, width),
                }
            }
            for pivot in first..first + count {
                let (row, later) = panel[(pivot - first) * width..].split_at_mut(width);
                let sum = sum(simd, &mut row[..], pivot);
                // A node tied to nothing carries no current.
                let inverse = if sum > 0.0 { sum.recip() } else { 0.0 };
                for (next, other) in later.chunks_exact_mut(width).enumerate() {
                    let share = row[pivot + 1 + next] * inverse;
                    other.iter_mut().zip(&*row).for_each(|(other, value)| *other += share * value);
                }
                for (block, values) in row.as_chunks::<WIDTH>().0.iter().enumerate() {
                    rows[block * pivots + pivot] = *values;
                }
                for (block, values) in row.as_chunks::<HEIGHT>().0.iter().enumerate() {
                    shares[block * pivots + pivot] = values.map(|value| value * inverse);
                }
            }
        }
        self.update_ports(simd, rows, shares, sides, region);
        recycle([packed_rows, packed_shares, self.pivot_rows]);
        Block { sides, stride: self.stride, upper: self.port_rows }
    }

    /// Adds to the conductances between ports what the pivots tie.
    #[inline(always)]
    fn update_ports<S: Simd>(
        &mut self,
        simd: S,
        rows: &[[f64; WIDTH]],
        shares: &[[f64; HEIGHT]],
        sides: [usize; 4],
        region: Region,
    ) {
        let (pivots, sources) = (self.pivots, sides[0] + sides[1]);
        let first_column = if region == Region::SourcesToSinks { sources } else { 0 };
        for column in (first_column / WIDTH * WIDTH..self.ports).step_by(WIDTH) {
            let last_row = match region {
                Region::Upper => self.ports.min(column + WIDTH),
                Region::SourcesToSinks => sources,
            };
            let rows = &rows[(self.first_port + column) / WIDTH * pivots..][..pivots];
            for row in (0..last_row).step_by(HEIGHT) {
                let shares = &shares[(self.first_port + row) / HEIGHT * pivots..][..pivots];
                let tile = &mut self.port_rows[row * self.stride + column..];
                accumulate::<S, HEIGHT>(simd, shares, rows, tile, self.stride);
            }
        }
    }
}

/// `tile[i][j] += Σ_k shares[k][i] · rows[k][j]` for `N` rows of `stride`.
///
/// Products are not fused with sums, so that the result does not depend on the processor.
#[inline(always)]
fn accumulate<S: Simd, const N: usize>(
    simd: S,
    shares: &[[f64; HEIGHT]],
    rows: &[[f64; WIDTH]],
    tile: &mut [f64],
    stride: usize,
) {
    let mut sums = [[f64x4::splat(simd, 0.0); 2]; N];
    for (share, row) in shares.iter().zip(rows) {
        let row = [f64x4::from_slice(simd, &row[..4]), f64x4::from_slice(simd, &row[4..])];
        for (sums, &share) in sums.iter_mut().zip(share) {
            sums[0] += row[0] * share;
            sums[1] += row[1] * share;
        }
    }
    for (sums, tile) in sums.into_iter().zip(tile.chunks_mut(stride)) {
        for (half, sum) in sums.into_iter().enumerate() {
            let values = &mut tile[4 * half..4 * half + 4];
            (f64x4::from_slice(simd, values) + sum).store_slice(values);
        }
    }
}

/// Sum of what `row` holds after its own place; what lies before is set to 0.
#[inline(always)]
fn sum<S: Simd>(simd: S, row: &mut [f64], place: usize) -> f64 {
    row[..=place].fill(0.0);
    let mut sums = [f64x4::splat(simd, 0.0); 4];
    for chunk in row.chunks_exact(WIDTH) {
        sums[0] += f64x4::from_slice(simd, &chunk[..4]);
        sums[1] += f64x4::from_slice(simd, &chunk[4..]);
    }
    let sums: [f64; 4] = (sums[0] + sums[1]).into();
    (sums[0] + sums[1]) + (sums[2] + sums[3])
}
