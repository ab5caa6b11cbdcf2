//! What one load of one copy drives and reads.

use super::dense::Kept;
use super::stack::Stacked;
use super::tiles::for_each_pack;
use super::{RowCut, Tiles, band, dense};

/// Lines and cells that take part when one copy of a layer is loaded with inputs once, all its crossbars together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Load {
    /// Crossbars of the copy.
    pub crossbars: u128,
    /// Array activations: as many as crossbars, or more where packs take turns. What follows is summed over them.
    pub activations: u128,
    /// Steps of the activations: one each where all of its rows are driven at once.
    pub steps: u128,
    /// Word lines driven.
    pub rows: u128,
    /// Bit lines read, step by step; the offset column of a crossbar, if it has one, is one of them.
    pub columns: u128,
    /// Cells where a driven word line crosses a read bit line, structural zeros included.
    pub cells: u128,
    /// The most word lines driven in one step.
    pub most_rows: usize,
    /// The most bit lines read in one step.
    pub most_columns: usize,
}

impl Tiles {
    /// What one load of one copy drives and reads, each activation in one step, in closed form.
    ///
    /// A Toeplitz band counts the last column block as wide as the others.
    pub fn load(&self) -> Load {
        let wide = |value: usize| value as u128;
        let (extra, per_weight) = (self.encoding.extra_columns(), self.encoding.columns_per_weight());
        let Sum { crossbars, rows, columns, crossings } = match self.stacked() {
            Some(stacked) => self.sum_of_stacks(stacked),
            None => self.sum_of_tiles(),
        };
        let [most_rows, most_columns] = self.largest();
        let activations = self.activated(crossbars);
        Load {
            crossbars,
            activations,
            steps: activations,
            rows,
            columns: columns * wide(per_weight) + activations * wide(extra),
            cells: crossings * wide(per_weight) + rows * wide(extra),
            most_rows,
            most_columns: most_columns * per_weight + extra,
        }
    }

    fn sum_of_tiles(&self) -> Sum {
        let wide = |value: usize| value as u128;
        let (groups, windows) = (self.tiling.packing.groups, self.tiling.packing.windows);
        // One block without packing: its crossbars, and their rows, weight columns and crossings summed.
        let one = if self.tiling.rows == RowCut::Band {
            let band = band::count(self);
            let columns = wide(self.tile_columns());
            let (crossbars, rows) = (u128::from(band.crossbars), u128::from(band.rows));
            Sum { crossbars, rows, columns: crossbars * columns, crossings: rows * columns }
        } else if self.drops_tiles() {
            let Kept { tiles, rows, columns, crossings } = dense::count(self);
            Sum { crossbars: tiles, rows, columns, crossings }
        } else {
            let [rows, columns] = [self.block_rows(), self.block_columns()].map(wide);
            let [row_cuts, column_cuts] = [self.row_cuts(), self.column_cuts()].map(wide);
            Sum {
                crossbars: row_cuts * column_cuts,
                rows: rows * column_cuts,
                columns: columns * row_cuts,
                crossings: rows * columns,
            }
        };
        // Packed blocks meet in the zeros between them: slots² times the crossings of one.
        let (full, rest) = (self.blocks / groups, self.blocks % groups);
        let squares = wide(full * groups * groups + rest * rest) * wide(windows * windows);
        let slots = wide(self.blocks * windows);
        Sum {
            crossbars: wide(self.group_packs()) * one.crossbars,
            rows: slots * one.rows,
            columns: slots * one.columns,
            crossings: squares * one.crossings,
        }
    }

    fn sum_of_stacks(&self, stacked: Stacked) -> Sum {
        let stack = stacked.stack();
        let mut sum = Sum::default();
        for_each_pack(self, |lane, count, groups| {
            let items = groups * self.tiling.packing.windows;
            let across = self.lane_lines(lane).len();
            // All crossbars but the last are full along the stack.
            let (crossbars, pieces) = (stack.crossbars(items), stack.all_pieces(items));
            let (last, met) = (stack.lines(items, crossbars - 1).len(), stack.met(items, crossbars - 1));
            let along = count * (items * stack.item) as u128;
            let beside = count * (pieces * across) as u128;
            sum.crossbars += count * crossbars as u128;
            sum.crossings += count * ((stack.length * (pieces - met) + last * met) * across) as u128;
            let (rows, columns) = match stacked {
                Stacked::Rows(_) => (along, beside),
                Stacked::Columns(_) => (beside, along),
            };
            sum.rows += rows;
            sum.columns += columns;
        });
        sum
    }
}

/// Sums over the crossbars of a copy.
#[derive(Default)]
struct Sum {
    crossbars: u128,
    rows: u128,
    /// Weight columns.
    columns: u128,
    /// Rows × weight columns.
    crossings: u128,
}
