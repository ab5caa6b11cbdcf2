//! Counting the crossbars of a Toeplitz band without building a cell.

use super::Tiles;
use crate::partition::greatest_common_divisor;
use std::collections::BTreeMap;
use std::ops::Range;

/// What one block's band takes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Band {
    /// Crossbars that hold at least one weight.
    pub crossbars: u64,
    /// Rows of all these crossbars.
    pub rows: u64,
}

/// Walks the band's column blocks and finds the row blocks each one needs.
///
/// The weights of an output pixel fill, for each kernel row, a run of rows; a column block needs the row blocks that the runs of
/// its output pixels meet.
pub(super) struct BandWalk<'a> {
    tiles: &'a Tiles,
    /// Place of each pixel of the sub-image among the touched ones, per axis.
    places: [Vec<Option<usize>>; 2],
    met: Vec<(usize, usize)>,
}

impl<'a> BandWalk<'a> {
    pub(super) fn new(tiles: &'a Tiles) -> Self {
        Self { tiles, places: tiles.partition.axes.map(|axis| axis.touched_places()), met: Vec::new() }
    }

    /// The row blocks one column block needs, as disjoint ascending ranges.
    pub(super) fn row_blocks(&mut self, column_block: usize) -> impl Iterator<Item = Range<usize>> {
        self.meet_runs(column_block);
        self.met.sort_unstable();
        let mut next = 0;
        self.met.iter().map(move |&(first, last)| {
            let range = first.max(next)..(last + 1).max(next);
            next = range.end;
            range
        })
    }

    /// The first column block that needs the row block `last` or a later one; all after it do too, since the last output
    /// pixel of a column block reaches furthest down, and those of later column blocks further.
    fn first_reaching(&mut self, last: usize) -> usize {
        let (mut before, mut from) = (0, self.tiles.column_cuts());
        while before < from {
            let middle = usize::midpoint(before, from);
            let reached = self.row_blocks(middle).map(|blocks| blocks.end).max();
            if reached.is_some_and(|end| end > last) { from = middle } else { before = middle + 1 }
        }
        from
    }

    fn meet_runs(&mut self, column_block: usize) {
        let Tiles { partition, block_inputs, block_outputs, crossbar, .. } = self.tiles;
        let [height, width] = partition.axes;
        let place = |axis: usize, pixel: usize| self.places[axis][pixel].expect("a tap touches it");
        // Without dilation the taps of a kernel row touch neighbouring pixels, so they are one run.
        let (runs, run_pixels) = if width.dilation == 1 { (1, width.kernel) } else { (width.kernel, 1) };
        let columns = self.tiles.column_range(column_block);
        self.met.clear();
        for output in columns.start / block_outputs..=(columns.end - 1) / block_outputs {
            let (channels, whole) = self.channels(output, &columns);
            let (runs, run_pixels) = if whole { (runs, run_pixels) } else { (width.kernel, 1) };
            let (out_y, out_x) = (output / width.window, output % width.window);
            for ky in 0..height.kernel {
                let line = place(0, out_y * height.stride + ky * height.dilation) * width.touched();
                for run in 0..runs {
                    let first = (line + place(1, out_x * width.stride + run * width.dilation)) * block_inputs;
                    let last = first + (run_pixels - 1) * block_inputs + channels.end - 1;
                    self.met.push(((first + channels.start) / crossbar.rows, last / crossbar.rows));
                }
            }
        }
    }

    /// Input channels of a block that the columns of one output pixel take, and whether they are all of them: a dense block of a
    /// grouped layer has zeros between the groups.
    fn channels(&self, output: usize, columns: &Range<usize>) -> (Range<usize>, bool) {
        let Tiles { shape, blocks, block_inputs, block_outputs, .. } = self.tiles;
        if *blocks == shape.groups {
            return (0..*block_inputs, true);
        }
        let first = output * block_outputs;
        let outputs = columns.start.max(first) - first..columns.end.min(first + block_outputs) - first;
        let groups = outputs.start / shape.group_outputs()..outputs.end.div_ceil(shape.group_outputs());
        let channels = groups.start * shape.group_inputs()..groups.end * shape.group_inputs();
        let whole = channels == (0..*block_inputs);
        (channels, whole)
    }
}

/// The most runs of rows that are looked at to count a band, a second's work.
pub(super) const MOST_RUNS: u128 = 1 << 27;

/// Runs of rows looked at to count a band: those of every output pixel of every column block walked.
pub(super) fn runs(tiles: &Tiles) -> u128 {
    let all = tiles.column_cuts();
    let walked = all.min(period(tiles).map_or(all, |stretch| stretch.saturating_mul(3)));
    let outputs = (tiles.tile_columns() / tiles.block_outputs + 2).min(tiles.partition.window_pixels());
    walked as u128 * outputs as u128 * tiles.shape.taps() as u128
}

/// Counts one block's crossbars and their rows.
pub(super) fn count(tiles: &Tiles) -> Band {
    let mut walk = BandWalk::new(tiles);
    let all = tiles.column_cuts();
    // Equal stretches of the band count once; the last one is counted apart, for its last column block may be short.
    let stretch = period(tiles).unwrap_or(all);
    let repeated = (all / stretch).saturating_sub(1);
    let first = if repeated > 0 { count_blocks(&mut walk, 0..stretch) } else { 0 };
    let crossbars = first * repeated as u64 + count_blocks(&mut walk, repeated * stretch..all);
    // Only the last row block can be shorter than a crossbar, but column blocks of several stretches may reach it.
    let last = tiles.row_cuts() - 1;
    let short = tiles.crossbar.rows - tiles.row_range(last).len();
    let reaching = if short > 0 { all - walk.first_reaching(last) } else { 0 };
    Band { crossbars, rows: crossbars * tiles.crossbar.rows as u64 - (reaching * short) as u64 }
}

/// Rows and weight columns of one block's crossbars, and how many are of that size; the last column block counts as wide as the others.
pub(super) fn kinds_of_tiles(tiles: &Tiles) -> BTreeMap<[usize; 2], u128> {
    let Band { crossbars, rows } = count(tiles);
    let [full, last] = [tiles.crossbar.rows, tiles.row_range(tiles.row_cuts() - 1).len()];
    let missing = crossbars * full as u64 - rows;
    let short = if missing > 0 { missing / (full - last) as u64 } else { 0 };
    let kinds = [(full, crossbars - short), (last, short)].map(|(rows, count)| ([rows, tiles.tile_columns()], count));
    kinds.into_iter().filter(|(_, count)| *count > 0).map(|(tile, count)| (tile, u128::from(count))).collect()
}

fn count_blocks(walk: &mut BandWalk<'_>, column_blocks: Range<usize>) -> u64 {
    column_blocks.map(|column_block| walk.row_blocks(column_block).map(|blocks| blocks.len() as u64).sum::<u64>()).sum()
}

/// Column blocks after which the band repeats itself, some row blocks further down.
///
/// A line of outputs moves the band by a fixed number of columns and rows; after as many lines as make both a multiple of the
/// crossbar's, the cuts fall alike. `None` if the lines do not move evenly.
fn period(tiles: &Tiles) -> Option<usize> {
    let [height, width] = tiles.partition.axes;
    // Where every pixel of the height is touched, a line's place is its pixel.
    if height.touched() != height.sub_image() {
        return None;
    }
    let columns = width.window.checked_mul(tiles.block_outputs)?;
    let rows = height.stride.checked_mul(width.touched())?.checked_mul(tiles.block_inputs)?;
    let lines_for = |step: usize, side: usize| side / greatest_common_divisor(step, side);
    let (by_columns, by_rows) = (lines_for(columns, tiles.weights_per_row()), lines_for(rows, tiles.crossbar.rows));
    let lines = by_columns / greatest_common_divisor(by_columns, by_rows) * by_rows;
    Some(lines.checked_mul(columns)? / tiles.weights_per_row())
}
