//! The geometry of a tiled layer: the sizes of blocks and tiles, and the counts that follow from them.

use super::sharing::Rectangle;
use super::{BlockScope, ColumnCut, Counts, CrossbarSize, Encoding, MappingError, Packing, RowCut, Tiling, band};
use crate::network::ConvShape;
use crate::partition::Partition;
use std::ops::Range;

/// A layer, a tiling of it and the crossbar it is for: the geometry every count, placement and execution derives from.
#[derive(Clone, Debug)]
pub struct Tiles {
    /// The layer.
    pub shape: ConvShape,
    /// The point of the mapping space.
    pub tiling: Tiling,
    /// The crossbar's size.
    pub crossbar: CrossbarSize,
    /// How weights become cells.
    pub encoding: Encoding,
    /// The output cut into windows.
    pub partition: Partition,
    /// Blocks of a layer: its groups, or 1.
    pub blocks: usize,
    /// Input channels of a block.
    pub block_inputs: usize,
    /// Output channels of a block.
    pub block_outputs: usize,
    /// Touched pixels of a sub-image.
    pub pixels: usize,
}

impl Tiles {
    /// Checks a tiling against a layer and a crossbar. What always holds afterwards:
    ///
    /// - the window is not empty and not larger than the output;
    /// - every tile, times the packed slots, fits the crossbar; the offset column, if any, too;
    /// - no more groups or windows are packed, and no more copies held, than there are;
    /// - [`RowCut::Position`] has 1×1 windows; [`RowCut::Band`] has one window, uncut columns and a band that can be counted.
    ///
    /// # Errors
    /// [`MappingError::DoesNotFit`] with what was needed and what there is.
    pub fn new(
        shape: &ConvShape,
        tiling: Tiling,
        crossbar: CrossbarSize,
        encoding: Encoding,
    ) -> Result<Self, MappingError> {
        let output = shape.output();
        if (0..2).any(|axis| !(1..=output[axis]).contains(&tiling.window[axis])) {
            return Err(MappingError::misfit(format!(
                "an output window of {:?} on an output of {output:?}",
                tiling.window
            )));
        }
        let partition = Partition::new(shape, tiling.window);
        let blocks = if tiling.scope == BlockScope::Group { shape.groups } else { 1 };
        let tiles = Self {
            shape: *shape,
            tiling,
            crossbar,
            encoding,
            partition,
            blocks,
            block_inputs: shape.in_channels / blocks,
            block_outputs: shape.out_channels / blocks,
            pixels: partition.touched_pixels(),
        };
        tiles.verify()?;
        Ok(tiles)
    }

    fn verify(&self) -> Result<(), MappingError> {
        let Self { tiling, crossbar, .. } = self;
        let Packing { groups, windows } = tiling.packing;
        let loads_possible = self.partition.windows();
        let fail = |problem: String| Err(MappingError::misfit(problem));
        let weights_per_row = self.weights_per_row();
        if weights_per_row == 0 {
            return fail(format!(
                "a weight takes {} columns{}, the crossbar has {}",
                self.encoding.columns_per_weight(),
                if self.encoding.extra_columns() > 0 { " and the crossbar an offset column" } else { "" },
                crossbar.columns
            ));
        }
        if matches!(tiling.rows, RowCut::Channel(0)) || matches!(tiling.columns, ColumnCut::Channel(0)) {
            return fail(format!(
                "one channel of a {}×{} sub-image takes {} rows and {} weight columns, the crossbar has {} and {weights_per_row}",
                self.partition.sub_image()[0],
                self.partition.sub_image()[1],
                self.pixels,
                self.partition.window_pixels(),
                crossbar.rows
            ));
        }
        if groups == 0 || groups > self.blocks || windows == 0 || windows as u64 > loads_possible {
            return fail(format!(
                "packing {groups} groups and {windows} windows of {} and {loads_possible}",
                self.blocks
            ));
        }
        if tiling.replication == 0 || tiling.replication > self.loads() {
            return fail(format!("{} copies for {} windows", tiling.replication, self.loads()));
        }
        let (rows, columns) = (self.tile_rows() * tiling.packing.slots(), self.tile_columns() * tiling.packing.slots());
        if rows > crossbar.rows || columns > weights_per_row {
            return fail(format!(
                "a tile takes {rows} rows and {columns} weight columns, the crossbar has {} and {weights_per_row}",
                crossbar.rows
            ));
        }
        match tiling.rows {
            RowCut::Position if self.partition.window_pixels() != 1 => {
                fail("kernel positions apart, but a window of several outputs".into())
            }
            RowCut::Band if loads_possible != 1 || tiling.columns != ColumnCut::Element => {
                fail("a Toeplitz band of more than one window, or with cut columns".into())
            }
            RowCut::Band if band::runs(self) > band::MOST_RUNS => fail(format!(
                "its Toeplitz band has {} runs of rows to count, at most {}",
                band::runs(self),
                band::MOST_RUNS
            )),
            _ => Ok(()),
        }
    }

    /// Weights side by side on one row of the crossbar.
    pub const fn weights_per_row(&self) -> usize {
        self.encoding.weights_per_row(self.crossbar)
    }

    /// Rows of a block before cutting.
    pub const fn block_rows(&self) -> usize {
        self.pixels * self.block_inputs
    }

    /// Weight columns of a block before cutting.
    pub const fn block_columns(&self) -> usize {
        self.partition.window_pixels() * self.block_outputs
    }

    /// Row blocks of one block.
    pub const fn row_cuts(&self) -> usize {
        match self.tiling.rows {
            RowCut::Element | RowCut::Band => self.block_rows().div_ceil(self.crossbar.rows),
            RowCut::Channel(channels) => self.block_inputs.div_ceil(channels),
            RowCut::Position => self.pixels * self.block_inputs.div_ceil(self.crossbar.rows),
        }
    }

    /// Column blocks of one block.
    pub const fn column_cuts(&self) -> usize {
        match self.tiling.columns {
            ColumnCut::Element => self.block_columns().div_ceil(self.weights_per_row()),
            ColumnCut::Channel(channels) => self.block_outputs.div_ceil(channels),
        }
    }

    /// The rows of one row block, as places in the block's row order.
    pub fn row_range(&self, row_block: usize) -> Range<usize> {
        let cut = |length: usize, within: Range<usize>| {
            let start = within.start + row_block * length;
            start..(start + length).min(within.end)
        };
        match self.tiling.rows {
            RowCut::Element | RowCut::Band => cut(self.crossbar.rows, 0..self.block_rows()),
            RowCut::Channel(channels) => cut(channels * self.pixels, 0..self.block_rows()),
            RowCut::Position => {
                let cuts = self.block_inputs.div_ceil(self.crossbar.rows);
                let first = row_block / cuts * self.block_inputs;
                let start = first + row_block % cuts * self.crossbar.rows;
                start..(start + self.crossbar.rows).min(first + self.block_inputs)
            }
        }
    }

    /// The weight columns of one column block, as places in the block's column order.
    pub fn column_range(&self, column_block: usize) -> Range<usize> {
        let length = match self.tiling.columns {
            ColumnCut::Element => self.weights_per_row(),
            ColumnCut::Channel(channels) => channels * self.partition.window_pixels(),
        };
        column_block * length..((column_block + 1) * length).min(self.block_columns())
    }

    /// Rows of the largest tile.
    pub fn tile_rows(&self) -> usize {
        self.row_range(0).len()
    }

    /// Weight columns of the largest tile.
    pub fn tile_columns(&self) -> usize {
        self.column_range(0).len()
    }

    /// Whether rows and columns run through the channels of a pixel rather than the pixels of a channel.
    pub const fn pixel_major(&self) -> bool {
        matches!(self.tiling.rows, RowCut::Position | RowCut::Band)
    }

    /// Crossbars side by side that hold the groups: ⌈blocks / packed groups⌉.
    pub const fn group_packs(&self) -> usize {
        self.blocks.div_ceil(self.tiling.packing.groups)
    }

    /// Times one copy is loaded with inputs for an image: ⌈windows / packed windows⌉.
    pub fn loads(&self) -> u64 {
        self.partition.windows().div_ceil(self.tiling.packing.windows as u64)
    }

    /// Rows and columns each crossbar of a copy uses, in the order of [`placement::crossbars`](super::placement::crossbars).
    pub fn used_rectangles(&self) -> impl Iterator<Item = Rectangle> + '_ {
        let windows = self.tiling.packing.windows;
        let packs = (0..self.group_packs()).map(move |pack| {
            let groups = self.tiling.packing.groups;
            (groups.min(self.blocks - pack * groups)) * windows
        });
        packs.flat_map(move |slots| {
            self.grid().into_iter().enumerate().flat_map(move |(column_block, row_blocks)| {
                let columns = self.column_range(column_block).len() * self.encoding.columns_per_weight();
                row_blocks.into_iter().flatten().map(move |row_block| Rectangle {
                    rows: slots * self.row_range(row_block).len(),
                    columns: slots * columns,
                })
            })
        })
    }

    /// The row blocks held of every column block: all of them, or those on the band.
    pub(super) fn grid(&self) -> Vec<Vec<Range<usize>>> {
        match self.tiling.rows {
            RowCut::Band => {
                let mut walk = band::BandWalk::new(self);
                (0..self.column_cuts()).map(|column_block| walk.row_blocks(column_block).collect()).collect()
            }
            _ => vec![vec![0..self.row_cuts()]; self.column_cuts()],
        }
    }

    /// How one layer comes out: crossbars, cycles and what they hold.
    ///
    /// # Errors
    /// [`MappingError::Overflow`] if a count exceeds 64 bits.
    pub fn counts(&self) -> Result<Counts, MappingError> {
        let wide = |value: usize| value as u128;
        let loads = u128::from(self.loads());
        let copies = u128::from(self.tiling.replication);
        let (row_blocks, column_blocks, rows_driven) = match self.tiling.rows {
            RowCut::Band => {
                let band = band::count(self);
                let crossbars = wide(self.group_packs()) * u128::from(band.crossbars);
                (crossbars, 1, wide(self.blocks) * u128::from(band.rows))
            }
            _ => {
                let column_blocks = wide(self.column_cuts());
                let rows_driven = wide(self.blocks) * wide(self.block_rows()) * column_blocks;
                (wide(self.group_packs()) * wide(self.row_cuts()), column_blocks, rows_driven)
            }
        };
        let weights = u128::from(self.shape.weights()) * wide(self.partition.window_pixels());
        let cells = weights * wide(self.encoding.columns_per_weight()) * wide(self.tiling.packing.windows) * copies;
        let narrow = |value: u128| u64::try_from(value).map_err(|_| MappingError::Overflow { layer: String::new() });
        Ok(Counts {
            crossbars: narrow(row_blocks * column_blocks * copies)?,
            windows: self.loads(),
            row_blocks: narrow(row_blocks)?,
            column_blocks: narrow(column_blocks)?,
            array_activations: narrow(loads * row_blocks * column_blocks)?,
            cycles: narrow(loads.div_ceil(copies))?,
            weight_cells: narrow(cells)?,
            input_loads: narrow(u128::from(self.partition.windows()) * rows_driven)?,
        })
    }
}
