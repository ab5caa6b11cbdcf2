//! Which tiles of a dense block of a grouped layer hold a weight.
//!
//! The block is block-diagonal: rows and columns of different groups cross in zeros. Within a group, a tile whose rows are part
//! of the pixels of one channel and whose columns are part of the outputs of another may hold no weight either.

use super::{RowCut, Tiles};
use std::collections::BTreeMap;
use std::ops::Range;

/// What a dense block keeps, one window packed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Kept {
    /// Tiles that hold a weight.
    pub tiles: u128,
    /// Rows of all of them.
    pub rows: u128,
    /// Weight columns of all of them.
    pub columns: u128,
    /// Rows × weight columns, summed.
    pub crossings: u128,
}

/// Counts the tiles that hold a weight.
pub(super) fn count(tiles: &Tiles) -> Kept {
    let dense = DenseTiles::new(tiles);
    let mut kept = Kept::default();
    for column_block in 0..tiles.column_cuts() {
        let columns = tiles.column_range(column_block).len() as u128;
        for row_blocks in dense.row_blocks(column_block) {
            let rows: u128 = row_blocks.clone().map(|row_block| tiles.row_range(row_block).len() as u128).sum();
            kept.tiles += row_blocks.len() as u128;
            kept.rows += rows;
            kept.columns += row_blocks.len() as u128 * columns;
            kept.crossings += rows * columns;
        }
    }
    kept
}

/// Rows and weight columns of the tiles that hold a weight, and how many are of that size.
pub(super) fn kinds_of_tiles(tiles: &Tiles) -> BTreeMap<[usize; 2], u128> {
    let dense = DenseTiles::new(tiles);
    let mut kinds = BTreeMap::new();
    for column_block in 0..tiles.column_cuts() {
        let columns = tiles.column_range(column_block).len();
        for row_block in dense.row_blocks(column_block).into_iter().flatten() {
            *kinds.entry([tiles.row_range(row_block).len(), columns]).or_default() += 1;
        }
    }
    kinds
}

/// Finds the row blocks that each column block needs.
pub(super) struct DenseTiles<'a> {
    tiles: &'a Tiles,
    /// Places of the pixels that each output of a window touches; empty where the only output touches all.
    touched: Vec<Vec<usize>>,
}

impl<'a> DenseTiles<'a> {
    pub(super) fn new(tiles: &'a Tiles) -> Self {
        let [height, width] = tiles.partition.axes;
        let places = [height, width].map(|axis| axis.touched_places());
        let on_axis = |axis: usize, output: usize| {
            let on = tiles.partition.axes[axis];
            (0..on.kernel).map(move |tap| output * on.stride + tap * on.dilation).collect::<Vec<_>>()
        };
        let touched = |output: usize| -> Vec<usize> {
            let [rows, columns] = [on_axis(0, output / width.window), on_axis(1, output % width.window)];
            let place = |axis: usize, pixel: usize| places[axis][pixel].expect("a tap touches it");
            let pair = |&y: &usize| columns.iter().map(move |&x| (y, x)).collect::<Vec<_>>();
            let pairs = rows.iter().flat_map(pair);
            pairs.map(|(y, x)| place(0, y) * width.touched() + place(1, x)).collect()
        };
        let outputs = tiles.partition.window_pixels();
        Self { tiles, touched: if outputs == 1 { vec![] } else { (0..outputs).map(touched).collect() } }
    }

    /// The row blocks of one column block that hold a weight, as disjoint ascending ranges.
    pub(super) fn row_blocks(&self, column_block: usize) -> Vec<Range<usize>> {
        let columns = self.tiles.column_range(column_block);
        let mut found: Vec<Range<usize>> = Vec::new();
        for row_block in self.candidates(&columns).flatten() {
            if !self.holds(&self.tiles.row_range(row_block), &columns) {
                continue;
            }
            match found.last_mut() {
                Some(last) if last.end == row_block => last.end += 1,
                _ => found.push(row_block..row_block + 1),
            }
        }
        found
    }

    /// Row blocks that meet the rows of a column block's groups, ascending.
    fn candidates(&self, columns: &Range<usize>) -> impl Iterator<Item = Range<usize>> + use<> {
        let tiles = self.tiles;
        let groups = self.groups_of_columns(columns);
        let channels = groups.start * tiles.shape.group_inputs()..groups.end * tiles.shape.group_inputs();
        let within = |rows: Range<usize>, length: usize| rows.start / length..rows.end.div_ceil(length);
        let (repeats, step, blocks) = match tiles.tiling.rows {
            RowCut::Position => {
                let length = tiles.crossbar.rows.min(tiles.block_inputs);
                (tiles.pixels, tiles.block_inputs.div_ceil(tiles.crossbar.rows), within(channels, length))
            }
            RowCut::Channel(length) => (1, 0, within(channels, length)),
            RowCut::Rows(length) => (1, 0, within(channels.start * tiles.pixels..channels.end * tiles.pixels, length)),
            RowCut::Element | RowCut::Band | RowCut::Stack(_) => {
                let rows = channels.start * tiles.pixels..channels.end * tiles.pixels;
                (1, 0, within(rows, tiles.crossbar.rows))
            }
        };
        (0..repeats).map(move |repeat| blocks.start + repeat * step..blocks.end + repeat * step)
    }

    fn groups_of_columns(&self, columns: &Range<usize>) -> Range<usize> {
        let each = self.tiles.partition.window_pixels() * self.tiles.shape.group_outputs();
        columns.start / each..columns.end.div_ceil(each)
    }

    /// Whether any of these rows crosses any of these columns in a weight.
    fn holds(&self, rows: &Range<usize>, columns: &Range<usize>) -> bool {
        let tiles = self.tiles;
        if tiles.pixel_major() {
            // Each row block is one of a kernel position, which meets every output.
            return true;
        }
        let outputs = tiles.partition.window_pixels();
        let [group_rows, group_columns] =
            [tiles.pixels * tiles.shape.group_inputs(), outputs * tiles.shape.group_outputs()];
        let part =
            |of: &Range<usize>, group: usize, each: usize| of.start.max(group * each)..of.end.min((group + 1) * each);
        self.groups_of_columns(columns).any(|group| {
            let (rows, columns) = (part(rows, group, group_rows), part(columns, group, group_columns));
            !rows.is_empty() && !columns.is_empty() && self.touch(&rows, columns)
        })
    }

    /// Whether any of these rows crosses any of these columns of the same group in a weight.
    fn touch(&self, rows: &Range<usize>, mut columns: Range<usize>) -> bool {
        let (pixels, outputs) = (self.tiles.pixels, self.tiles.partition.window_pixels());
        if outputs == 1 || rows.len() >= pixels || columns.len() >= outputs {
            return true;
        }
        let first = rows.start % pixels;
        let among = |&pixel: &usize| (pixel + pixels - first) % pixels < rows.len();
        columns.any(|column| self.touched[column % outputs].iter().any(among))
    }
}
