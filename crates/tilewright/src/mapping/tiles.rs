//! The geometry of a tiled layer: the sizes of blocks and tiles, and the counts that follow from them.

use super::stack::{Stack, Stacked};
use super::{
    BlockScope, ColumnCut, Counts, CrossbarSize, Encoding, MappingError, Packing, RowCut, Tiling, band, dense,
};
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
    /// - every tile, times the packed slots, fits the crossbar; so does every piece of a stack; the offset column, if any, too;
    /// - no more groups or windows are packed, and no more copies held, than there are;
    /// - no more packs take turns than there are, and as rectangles they fit the crossbar; where they do, a block is one group, and
    ///   nothing is stacked or a band;
    /// - [`RowCut::Position`] has 1×1 windows; [`RowCut::Band`] has one window, uncut columns and a band that can be counted;
    /// - rows or columns are stacked, not both, and never those of a dense block of a grouped layer; where the other axis is cut,
    ///   one window is packed.
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
        let weights_per_row = self.weights_per_row();
        if weights_per_row == 0 {
            return fail(format!(
                "a weight takes {} columns{}, the crossbar has {}",
                self.encoding.columns_per_weight(),
                if self.encoding.extra_columns() > 0 { " and the crossbar an offset column" } else { "" },
                crossbar.columns
            ));
        }
        if matches!(tiling.rows, RowCut::Rows(0) | RowCut::Channel(0) | RowCut::Stack(0))
            || matches!(tiling.columns, ColumnCut::Columns(0) | ColumnCut::Channel(0) | ColumnCut::Stack(0))
        {
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
        self.verify_cuts()?;
        self.verify_size()?;
        self.verify_turns()
    }

    /// Whether the cuts go together.
    fn verify_cuts(&self) -> Result<(), MappingError> {
        let Tiling { rows, columns, packing, .. } = self.tiling;
        let stacked = self.tiling.is_stacked();
        let columns_stacked = matches!(columns, ColumnCut::Stack(_));
        match rows {
            RowCut::Position if self.partition.window_pixels() != 1 => {
                fail("kernel positions apart, but a window of several outputs".into())
            }
            RowCut::Band if self.partition.windows() != 1 || columns != ColumnCut::Element => {
                fail("a Toeplitz band of more than one window, or with cut columns".into())
            }
            RowCut::Band if band::runs(self) > band::MOST_RUNS => fail(format!(
                "its Toeplitz band has {} runs of rows to count, at most {}",
                band::runs(self),
                band::MOST_RUNS
            )),
            RowCut::Stack(_) | RowCut::Position if columns_stacked => {
                fail("columns stacked whose rows are stacked or taken by kernel positions".into())
            }
            _ if stacked && self.lanes() > 1 && packing.windows > 1 => {
                fail("windows stacked that do not fit side by side".into())
            }
            _ if stacked && self.drops_tiles() => fail("a dense block of a grouped layer, stacked".into()),
            _ => Ok(()),
        }
    }

    /// Whether the largest crossbar is none too large.
    fn verify_size(&self) -> Result<(), MappingError> {
        let [rows, columns] = self.largest();
        let (rows_there, columns_there) = (self.crossbar.rows, self.weights_per_row());
        if rows > rows_there || columns > columns_there {
            return fail(format!(
                "a tile takes {rows} rows and {columns} weight columns, the crossbar has {rows_there} and {columns_there}"
            ));
        }
        Ok(())
    }

    /// Whether packs that take turns can do so.
    fn verify_turns(&self) -> Result<(), MappingError> {
        let turns = self.tiling.turns;
        match turns {
            1 => Ok(()),
            _ if !self.may_take_turns() => {
                fail("turns of what is no pack of groups: a dense block, a stack or a Toeplitz band".into())
            }
            _ if turns == 0 || turns > self.packs() || turns > self.most_turns() => fail(format!(
                "{turns} packs that take turns in a crossbar of {}, of which it holds {}",
                self.packs(),
                self.most_turns()
            )),
            _ => Ok(()),
        }
    }

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

    /// Array activations of one load of one copy, which has so many crossbars.
    pub(super) const fn activated(&self, crossbars: u128) -> u128 {
        match self.tiling.turns {
            1 => crossbars,
            // Every pack has as many as another, and the last crossbar may have fewer packs.
            _ => crossbars / self.group_packs() as u128 * self.packs() as u128,
        }
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

    /// Whether tiles without a weight are left out: this is a dense block of a grouped layer.
    pub(super) fn drops_tiles(&self) -> bool {
        self.tiling.scope == BlockScope::Layer && self.shape.groups > 1
    }
}

/// What a copy holds.
struct Held {
    /// Row blocks × column blocks; where crossbars are no grid, all of them × 1.
    grid: [u128; 2],
    /// Values driven onto rows for one image.
    input_loads: u128,
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

const fn fail(problem: String) -> Result<(), MappingError> {
    Err(MappingError::misfit(problem))
}
