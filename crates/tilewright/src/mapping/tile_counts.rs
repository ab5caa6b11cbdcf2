//! What a tiled layer takes, in closed form.

use super::stack::Stacked;
use super::tiles::for_each_pack;
use super::{Counts, MappingError, RowCut, Tiles, band, dense};

impl Tiles {
    /// How one layer comes out: crossbars, cycles and what they hold.
    ///
    /// # Errors
    /// [`MappingError::Overflow`] if a count exceeds 64 bits.
    pub fn counts(&self) -> Result<Counts, MappingError> {
        let wide = |value: usize| value as u128;
        let loads = u128::from(self.loads());
        let copies = u128::from(self.tiling.replication);
        let Held { grid: [row_blocks, column_blocks], input_loads } = self.held();
        let activated = self.activated(row_blocks * column_blocks);
        let weights = u128::from(self.shape.weights()) * wide(self.partition.window_pixels());
        let cells = weights * wide(self.encoding.columns_per_weight()) * wide(self.tiling.packing.windows) * copies;
        let narrow = |value: u128| u64::try_from(value).map_err(|_| MappingError::Overflow { layer: String::new() });
        Ok(Counts {
            crossbars: narrow(row_blocks * column_blocks * copies)?,
            windows: self.loads(),
            row_blocks: narrow(row_blocks)?,
            column_blocks: narrow(column_blocks)?,
            array_activations: narrow(loads * activated)?,
            cycles: narrow(loads.div_ceil(copies) * wide(self.tiling.turns))?,
            weight_cells: narrow(cells)?,
            input_loads: narrow(input_loads)?,
        })
    }

    /// The crossbars of a copy, and the values driven onto their rows for an image.
    fn held(&self) -> Held {
        let windows = u128::from(self.partition.windows());
        if let Some(stacked) = self.stacked() {
            return self.held_of_stacks(stacked);
        }
        let wide = |value: usize| value as u128;
        let packs = wide(self.group_packs());
        if self.tiling.rows == RowCut::Band {
            let band = band::count(self);
            let driven = wide(self.blocks) * u128::from(band.rows);
            return Held { grid: [packs * u128::from(band.crossbars), 1], input_loads: windows * driven };
        }
        let grid = [packs * wide(self.row_cuts()), wide(self.column_cuts())];
        if self.drops_tiles() {
            let kept = dense::count(self);
            let grid = if kept.tiles == grid[0] * grid[1] { grid } else { [kept.tiles, 1] };
            return Held { grid, input_loads: windows * kept.rows };
        }
        Held { grid, input_loads: windows * wide(self.blocks) * wide(self.block_rows()) * grid[1] }
    }

    fn held_of_stacks(&self, stacked: Stacked) -> Held {
        let stack = stacked.stack();
        let packed = self.tiling.packing.windows;
        let windows = self.partition.windows();
        let full_loads = u128::from(windows / packed as u64);
        let (mut crossbars, mut driven) = (0u128, 0u128);
        for_each_pack(self, |lane, count, groups| {
            let items = groups * packed;
            crossbars += count * stack.crossbars(items) as u128;
            let rows = |pieces: usize| (pieces * self.lane_lines(lane).len()) as u128;
            driven += count
                * match stacked {
                    Stacked::Rows(stack) => u128::from(windows) * (groups * stack.item) as u128,
                    // The last load may have fewer windows.
                    Stacked::Columns(stack) => {
                        let last = stack.pieces_of_first(items, packed, (windows % packed as u64) as usize);
                        full_loads * rows(stack.all_pieces(items)) + rows(last)
                    }
                };
        });
        Held { grid: [crossbars, 1], input_loads: driven }
    }
}

/// What a copy holds.
struct Held {
    /// Row blocks × column blocks; where crossbars are no grid, all of them × 1.
    grid: [u128; 2],
    /// Values driven onto rows for one image.
    input_loads: u128,
}
