//! What one load of one copy drives and reads.

use super::{RowCut, Tiles, band};

/// Lines and cells that take part when one copy of a layer is loaded with inputs once, all its crossbars together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Load {
    /// Crossbars of the copy.
    pub crossbars: u128,
    /// Word lines driven.
    pub rows: u128,
    /// Bit lines read; the offset column of a crossbar, if it has one, is one of them.
    pub columns: u128,
    /// Cells where a driven word line crosses a read bit line, structural zeros included.
    pub cells: u128,
    /// The most word lines driven in one crossbar.
    pub most_rows: usize,
    /// The most bit lines read in one crossbar.
    pub most_columns: usize,
}

impl Tiles {
    /// What one load of one copy drives and reads, in closed form.
    ///
    /// A Toeplitz band counts the last column block as wide as the others.
    pub fn load(&self) -> Load {
        let wide = |value: usize| value as u128;
        let (extra, per_weight) = (self.encoding.extra_columns(), self.encoding.columns_per_weight());
        let (groups, windows) = (self.tiling.packing.groups, self.tiling.packing.windows);
        // One block without packing: its crossbars, and their rows, columns and cells summed.
        let (crossbars, rows, columns, cells) = if self.tiling.rows == RowCut::Band {
            let band = band::count(self);
            let columns = wide(self.tile_columns() * per_weight);
            let (crossbars, rows) = (u128::from(band.crossbars), u128::from(band.rows));
            (crossbars, rows, crossbars * columns, rows * columns)
        } else {
            let (rows, columns) = (wide(self.block_rows()), wide(self.block_columns() * per_weight));
            let [row_cuts, column_cuts] = [self.row_cuts(), self.column_cuts()].map(wide);
            (row_cuts * column_cuts, rows * column_cuts, columns * row_cuts, rows * columns)
        };
        // Packed blocks meet in the zeros between them: slots² times the cells of one.
        let (full, rest) = (self.blocks / groups, self.blocks % groups);
        let squares = wide(full * groups * groups + rest * rest) * wide(windows * windows);
        let slots = wide(self.blocks * windows);
        let crossbars = wide(self.group_packs()) * crossbars;
        Load {
            crossbars,
            rows: slots * rows,
            columns: slots * columns + crossbars * wide(extra),
            cells: squares * cells + slots * rows * wide(extra),
            most_rows: self.tile_rows() * groups * windows,
            most_columns: self.tile_columns() * per_weight * groups * windows + extra,
        }
    }
}
