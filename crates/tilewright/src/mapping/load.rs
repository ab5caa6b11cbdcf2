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
        let extra = self.encoding.extra_columns();
        let slots = self.tiling.packing.slots();
        let most_rows = self.tile_rows() * slots;
        let most_columns = self.tile_columns() * self.encoding.columns_per_weight() * slots + extra;
        if self.tiling.rows == RowCut::Band {
            let band = band::count(self);
            let blocks = wide(self.blocks);
            let (crossbars, rows) = (blocks * u128::from(band.crossbars), blocks * u128::from(band.rows));
            let columns = crossbars * wide(most_columns);
            return Load { crossbars, rows, columns, cells: rows * wide(most_columns), most_rows, most_columns };
        }
        let windows = wide(self.tiling.packing.windows);
        let row_cuts = wide(self.row_cuts());
        let crossbars = wide(self.group_packs()) * row_cuts * wide(self.column_cuts());
        let block_cells = wide(self.block_rows()) * wide(self.block_columns() * self.encoding.columns_per_weight());
        // Packed blocks meet in the zeros between them: slots² times the cells of one.
        let (full, packed) = (self.blocks / self.tiling.packing.groups, self.tiling.packing.groups);
        let rest = self.blocks % packed;
        let squares = wide(full * packed * packed + rest * rest) * windows * windows;
        let rows = wide(self.blocks) * windows * wide(self.block_rows()) * wide(self.column_cuts());
        let block_columns = wide(self.block_columns() * self.encoding.columns_per_weight());
        let columns = wide(self.blocks) * windows * block_columns * row_cuts + crossbars * wide(extra);
        let cells = squares * block_cells + rows * wide(extra);
        Load { crossbars, rows, columns, cells, most_rows, most_columns }
    }
}
