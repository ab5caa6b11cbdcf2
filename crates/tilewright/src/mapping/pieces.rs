//! The crossbars of a copy and the pieces of blocks that each of them holds.

use super::sharing::Rectangle;
use super::stack::Stacked;
use super::steps::Step;
use super::{RowCut, Tiles, band, dense};
use std::ops::Range;

/// An array activation of a copy: its pack, row block and column block. A stack counts along itself, the other axis is its lane.
pub(super) type Site = [usize; 3];

/// What a crossbar holds of one block, block-diagonally beside other pieces.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Piece {
    /// The channel group, or 0 for the whole layer.
    pub block: usize,
    /// Which of the packed windows.
    pub window: usize,
    /// Rows, as places in the block's row order.
    pub rows: Range<usize>,
    /// Weight columns, as places in the block's column order.
    pub columns: Range<usize>,
}

impl Tiles {
    /// The array activations of one copy: crossbar by crossbar, turn by turn. Crossbars go group pack by group pack, column block by column
    /// block; those of stacks lane by lane, pack by pack.
    pub(super) fn sites(&self) -> Box<dyn Iterator<Item = Site>> {
        if let Some(stacked) = self.stacked() {
            return self.stack_sites(stacked);
        }
        let grid = self.grid();
        let (packs, turns) = (self.packs(), self.tiling.turns);
        Box::new((0..self.group_packs()).flat_map(move |crossbar| {
            let ranges = grid.clone().into_iter().enumerate();
            let blocks = ranges.flat_map(|(column, rows)| rows.into_iter().flatten().map(move |row| [row, column]));
            let packs = crossbar * turns..((crossbar + 1) * turns).min(packs);
            blocks.flat_map(move |[row, column]| packs.clone().map(move |pack| [pack, row, column]))
        }))
    }

    fn stack_sites(&self, stacked: Stacked) -> Box<dyn Iterator<Item = Site>> {
        let (blocks, windows) = (self.blocks, self.tiling.packing.windows);
        let lanes: Vec<usize> = (0..self.lanes()).map(|lane| self.lane_groups(lane)).collect();
        Box::new(lanes.into_iter().enumerate().flat_map(move |(lane, groups)| {
            (0..blocks.div_ceil(groups)).flat_map(move |pack| {
                let items = groups.min(blocks - pack * groups) * windows;
                (0..stacked.stack().crossbars(items)).map(move |along| match stacked {
                    Stacked::Rows(_) => [pack, along, lane],
                    Stacked::Columns(_) => [pack, lane, along],
                })
            })
        }))
    }

    /// What one array activation drives and reads, from its upper left corner on.
    pub(super) fn pieces(&self, [pack, row_block, column_block]: Site) -> Vec<Piece> {
        let windows = self.tiling.packing.windows;
        let blocks = |groups: usize| pack * groups..((pack + 1) * groups).min(self.blocks);
        let Some(stacked) = self.stacked() else {
            let (rows, columns) = (self.row_range(row_block), self.column_range(column_block));
            let of_block = |block: usize| (0..windows).map(move |window| (block, window));
            let piece = |(block, window)| Piece { block, window, rows: rows.clone(), columns: columns.clone() };
            return blocks(self.tiling.packing.groups).flat_map(of_block).map(piece).collect();
        };
        let (lane, along) = match stacked {
            Stacked::Rows(_) => (column_block, row_block),
            Stacked::Columns(_) => (row_block, column_block),
        };
        let (blocks, lines) = (blocks(self.lane_groups(lane)), self.lane_lines(lane));
        let pieces = stacked.stack().pieces(blocks.len() * windows, along);
        let piece = |(item, part): (usize, Range<usize>)| {
            let (block, window) = (blocks.start + item / windows, item % windows);
            let (rows, columns) = match stacked {
                Stacked::Rows(_) => (part, lines.clone()),
                Stacked::Columns(_) => (lines.clone(), part),
            };
            Piece { block, window, rows, columns }
        };
        pieces.map(piece).collect()
    }

    /// The steps of one array activation where at most so many word lines are driven at a time.
    pub(super) fn steps(&self, site: Site, active_rows: usize) -> Vec<Step> {
        let pieces = self.pieces(site);
        let sizes: Vec<[usize; 2]> = pieces.iter().map(|piece| [piece.rows.len(), piece.columns.len()]).collect();
        Self::steps_of(&sizes, active_rows)
    }

    /// Rows and columns each array activation of a copy uses, in the order of [`placement::crossbars`](super::placement::crossbars).
    pub fn used_rectangles(&self) -> impl Iterator<Item = Rectangle> + '_ {
        let cells = self.encoding.columns_per_weight();
        self.sites().map(move |site| {
            let pieces = self.pieces(site);
            let [rows, columns] = pieces
                .iter()
                .fold([0, 0], |[rows, columns], piece| [rows + piece.rows.len(), columns + piece.columns.len()]);
            Rectangle { rows, columns: columns * cells }
        })
    }

    /// The row blocks held of every column block: all of them, those on the band, or those of a dense block that hold a weight.
    fn grid(&self) -> Vec<Vec<Range<usize>>> {
        let column_blocks = 0..self.column_cuts();
        match self.tiling.rows {
            RowCut::Band => {
                let mut walk = band::BandWalk::new(self);
                column_blocks.map(|column_block| walk.row_blocks(column_block).collect()).collect()
            }
            _ if self.drops_tiles() => {
                let tiles = dense::DenseTiles::new(self);
                column_blocks.map(|column_block| tiles.row_blocks(column_block)).collect()
            }
            _ => vec![vec![0..self.row_cuts()]; self.column_cuts()],
        }
    }
}
