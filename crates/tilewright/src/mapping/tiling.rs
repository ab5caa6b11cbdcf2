//! A point of the mapping space: how one layer is cut into crossbar-sized tiles.
//!
//! A *block* is what one output window of one channel group needs: a row per touched input pixel and channel, and a weight
//! column per output pixel and channel. A tiling cuts the block into row blocks × column blocks, one tile each, may put
//! several groups and windows block-diagonally into one crossbar, and may hold several copies.
//!
//! Packed blocks are a *pack*, block after block along a diagonal. Where a pack does not fit one crossbar, it is a *stack*: its
//! rows, those of all its blocks one below the other, are cut after every so many, wherever that falls in a block, and each
//! crossbar takes the columns of the blocks it meets. Columns are stacked likewise.
//!
//! Packs that are never driven together may have rows and columns in common, so they fill a crossbar as rectangles and take *turns*:
//! an activation drives the rows of one pack, holds all others at zero and reads the columns of this pack.
//!
//! ```text
//!                  column block 0        column block 1               a crossbar packing two blocks
//!               ┌─────────────────┐   ┌─────────────────┐             ┌───────┬───────┐
//!   row block 0 │ tile → crossbar │   │ tile → crossbar │             │ slot 0│   0   │
//!               └─────────────────┘   └─────────────────┘             ├───────┼───────┤
//!   row block 1 │ tile → crossbar │   │ tile → crossbar │             │   0   │ slot 1│
//!               └─────────────────┘   └─────────────────┘             └───────┴───────┘
//!
//!   six packs on one crossbar, in turn:    ┌───┬───┐
//!                                          │ 0 │ 3 │
//!                                          ├───┼───┤
//!                                          │ 1 │ 4 │
//!                                          ├───┼───┤
//!                                          │ 2 │ 5 │
//!                                          └───┴───┘
//!
//!   a stack of three blocks on two crossbars:   ┌───┬───┐   ┌───┬───┐
//!                                               │ 0 │   │   │ 1 │   │
//!                                               │   │   │   ├───┼───┤
//!                                               ├───┼───┤   │   │ 2 │
//!                                               │   │ 1 │   │   │   │
//!                                               └───┴───┘   └───┴───┘
//! ```

use serde::{Deserialize, Serialize};

/// Where the rows of a block are cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RowCut {
    /// After every R rows, in the middle of a channel if need be. Rows run through the pixels of a channel, then the next.
    Element,
    /// After every so many rows.
    Rows(usize),
    /// After every so many whole channels.
    Channel(usize),
    /// After every so many rows of a stack: the rows of all blocks of a pack, block after block.
    Stack(usize),
    /// Every kernel position apart, then after every R channels. Rows run through the channels of a pixel.
    Position,
    /// After every R rows, rows running through the channels of a pixel, columns through the output channels of a pixel, and
    /// crossbars that would hold no weight are left out: the banded Toeplitz matrix of a whole layer.
    Band,
}

/// Where the weight columns of a block are cut. They run through the output pixels of a channel, then the next, except under
/// [`RowCut::Band`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ColumnCut {
    /// As soon as the crossbar is full, in the middle of an output channel if need be; never inside a weight.
    Element,
    /// After every so many weight columns.
    Columns(usize),
    /// After every so many whole output channels.
    Channel(usize),
    /// After every so many weight columns of a stack: the weight columns of all blocks of a pack, block after block.
    Stack(usize),
}

/// What a block holds of a grouped layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BlockScope {
    /// One channel group.
    Group,
    /// The whole layer, zeros between channels of different groups; crossbars of nothing but these are left out.
    Layer,
    /// The whole layer as a dense matrix is stored: crossbars of nothing but zeros between channels of different groups are held too.
    Stored,
}

/// How many blocks are packed: share a crossbar block-diagonally, or stand in one stack.
///
/// Where the other axis than a stack's is cut too, its narrower last piece is stacked; the others hold a block each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Packing {
    /// Different channel groups.
    pub groups: usize,
    /// Different windows, with the same weights.
    pub windows: usize,
}

impl Packing {
    /// One block a pack.
    pub const NONE: Self = Self { groups: 1, windows: 1 };

    /// Blocks of a pack.
    pub const fn slots(&self) -> usize {
        self.groups * self.windows
    }
}

/// How one layer is cut into tiles and copied; a point of the mapping space.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Tiling {
    /// Output window `[height, width]`.
    pub window: [usize; 2],
    /// What a block holds of a grouped layer.
    pub scope: BlockScope,
    /// Where its rows are cut.
    pub rows: RowCut,
    /// Where its columns are cut.
    pub columns: ColumnCut,
    /// How many blocks share a crossbar.
    pub packing: Packing,
    /// How many packs of groups a crossbar holds as rectangles, one driven at a time; 1 where all of a crossbar is driven at once.
    #[serde(default = "one_turn")]
    pub turns: usize,
    /// Physical copies of the layer's crossbars (ρ).
    pub replication: u64,
}

/// The turns of tilings that were written down before there were any.
const fn one_turn() -> usize {
    1
}

impl Tiling {
    /// One copy of 1×1 windows, group by group, cut after every R rows and C columns: im2col.
    pub const IM2COL: Self = Self {
        window: [1, 1],
        scope: BlockScope::Group,
        rows: RowCut::Element,
        columns: ColumnCut::Element,
        packing: Packing::NONE,
        turns: 1,
        replication: 1,
    };

    /// Whether the blocks of a pack stand in a stack, so that a crossbar may hold parts of them.
    pub const fn is_stacked(&self) -> bool {
        matches!(self.rows, RowCut::Stack(_)) || matches!(self.columns, ColumnCut::Stack(_))
    }
}
