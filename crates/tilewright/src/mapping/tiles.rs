//! The geometry of a tiled layer: the sizes of blocks and tiles, and the counts that follow from them.

use super::stack::{Stack, Stacked};
use super::{BlockScope, ColumnCut, CrossbarSize, Encoding, RowCut, Tiling};
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
    /// Whether a pack holds groups side by side, so that packs may take turns: no dense block, no stack, no Toeplitz band.
    pub(super) fn may_take_turns(&self) -> bool {
        self.tiling.scope == BlockScope::Group && !self.tiling.is_stacked() && self.tiling.rows != RowCut::Band
    }

    /// Packs that fit a crossbar as rectangles.
    pub fn most_turns(&self) -> usize {
        let [rows, columns] = self.largest();
        (self.crossbar.rows / rows) * (self.weights_per_row() / columns)
    }

    /// The same with as many packs a crossbar as it takes for the fewest crossbars, shared out evenly.
    pub(super) fn filled(mut self) -> Self {
        let crossbars = self.packs().div_ceil(self.most_turns());
        self.tiling.turns = self.packs().div_ceil(crossbars);
        self
    }

    /// Row and weight column of the upper left corner of a pack in its crossbar: packs stand one below the other, then beside.
    pub(super) fn corner(&self, turn: usize) -> [usize; 2] {
        if turn == 0 {
            return [0, 0];
        }
        let [rows, columns] = self.largest();
        let down = self.crossbar.rows / rows;
        [turn % down * rows, turn / down * columns]
    }

    /// The most rows and the most weight columns any array activation uses.
    pub(super) fn largest(&self) -> [usize; 2] {
        let slots = self.tiling.packing.slots();
        let Some(stacked) = self.stacked() else {
            return [self.tile_rows() * slots, self.tile_columns() * slots];
        };
        let stack = stacked.stack();
        let (mut along, mut across) = (0, 0);
        for lane in [0, self.lanes() - 1] {
            let items = self.lane_groups(lane) * self.tiling.packing.windows;
            along = along.max(stack.lines(items, 0).len());
            across = across.max(stack.most_met(items) * self.lane_lines(lane).len());
        }
        match stacked {
            Stacked::Rows(_) => [along, across],
            Stacked::Columns(_) => [across, along],
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

    /// The stack that a pack is cut along, if its rows or columns are stacked.
    pub(super) const fn stacked(&self) -> Option<Stacked> {
        match (self.tiling.rows, self.tiling.columns) {
            (RowCut::Stack(length), _) => Some(Stacked::Rows(Stack { item: self.block_rows(), length })),
            (_, ColumnCut::Stack(length)) => Some(Stacked::Columns(Stack { item: self.block_columns(), length })),
            _ => None,
        }
    }

    /// Pieces of the axis that is not stacked: stacks that stand side by side.
    pub(super) const fn lanes(&self) -> usize {
        if matches!(self.tiling.rows, RowCut::Stack(_)) { self.column_cuts() } else { self.row_cuts() }
    }

    /// What a lane holds of every block: weight columns where rows are stacked, rows where columns are.
    pub(super) fn lane_lines(&self, lane: usize) -> Range<usize> {
        if matches!(self.tiling.rows, RowCut::Stack(_)) { self.column_range(lane) } else { self.row_range(lane) }
    }

    /// Groups of a pack in a lane: those of the packing in the last, narrower one, one elsewhere.
    pub(super) const fn lane_groups(&self, lane: usize) -> usize {
        if lane + 1 == self.lanes() { self.tiling.packing.groups } else { 1 }
    }

    /// Row blocks of one block; 1 where rows are stacked.
    pub const fn row_cuts(&self) -> usize {
        match self.tiling.rows {
            RowCut::Element | RowCut::Band => self.block_rows().div_ceil(self.crossbar.rows),
            RowCut::Rows(rows) => self.block_rows().div_ceil(rows),
            RowCut::Channel(channels) => self.block_inputs.div_ceil(channels),
            RowCut::Position => self.pixels * self.block_inputs.div_ceil(self.crossbar.rows),
            RowCut::Stack(_) => 1,
        }
    }

    /// Column blocks of one block; 1 where columns are stacked.
    pub const fn column_cuts(&self) -> usize {
        match self.tiling.columns {
            ColumnCut::Element => self.block_columns().div_ceil(self.weights_per_row()),
            ColumnCut::Columns(columns) => self.block_columns().div_ceil(columns),
            ColumnCut::Channel(channels) => self.block_outputs.div_ceil(channels),
            ColumnCut::Stack(_) => 1,
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
            RowCut::Rows(rows) => cut(rows, 0..self.block_rows()),
            RowCut::Channel(channels) => cut(channels * self.pixels, 0..self.block_rows()),
            RowCut::Position => {
                let cuts = self.block_inputs.div_ceil(self.crossbar.rows);
                let first = row_block / cuts * self.block_inputs;
                let start = first + row_block % cuts * self.crossbar.rows;
                start..(start + self.crossbar.rows).min(first + self.block_inputs)
            }
            RowCut::Stack(_) => 0..self.block_rows(),
        }
    }

    /// The weight columns of one column block, as places in the block's column order.
    pub fn column_range(&self, column_block: usize) -> Range<usize> {
        let length = match self.tiling.columns {
            ColumnCut::Element => self.weights_per_row(),
            ColumnCut::Columns(columns) => columns,
            ColumnCut::Channel(channels) => channels * self.partition.window_pixels(),
            ColumnCut::Stack(_) => self.block_columns(),
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

    /// Packs of groups: ⌈blocks / packed groups⌉.
    pub const fn packs(&self) -> usize {
        self.blocks.div_ceil(self.tiling.packing.groups)
    }

    /// Crossbars side by side that hold the groups: ⌈packs / turns⌉.
    pub const fn group_packs(&self) -> usize {
        self.packs().div_ceil(self.tiling.turns)
    }

    /// Times one copy is loaded with inputs for an image: ⌈windows / packed windows⌉.
    pub fn loads(&self) -> u64 {
        self.partition.windows().div_ceil(self.tiling.packing.windows as u64)
    }

    /// Array activations of one load of one copy, which has so many crossbars.
    pub(super) const fn activated(&self, crossbars: u128) -> u128 {
        match self.tiling.turns {
            1 => crossbars,
            // Every pack has as many as another, and the last crossbar may have fewer packs.
            _ => crossbars / self.group_packs() as u128 * self.packs() as u128,
        }
    }

    /// Whether tiles without a weight are left out: this is a dense block of a grouped layer.
    pub(super) fn drops_tiles(&self) -> bool {
        self.tiling.scope == BlockScope::Layer && self.shape.groups > 1
    }
}

/// Every kind of pack of a stacked layer: its lane, how many there are, their groups.
pub(super) fn for_each_pack(tiles: &Tiles, mut take: impl FnMut(usize, u128, usize)) {
    let lanes = tiles.lanes();
    let mut lane = |lane: usize, alike: usize| {
        let groups = tiles.lane_groups(lane);
        take(lane, (alike * (tiles.blocks / groups)) as u128, groups);
        if !tiles.blocks.is_multiple_of(groups) {
            take(lane, alike as u128, tiles.blocks % groups);
        }
    };
    if lanes > 1 {
        lane(0, lanes - 1);
    }
    lane(lanes - 1, 1);
}
