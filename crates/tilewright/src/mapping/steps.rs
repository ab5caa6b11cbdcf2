//! Steps: what an activation takes where a macro drives only some of its word lines at a time.
//!
//! Pieces of a crossbar share no row and no column. Those that follow one another and together have no more rows than may be driven
//! are one step; a piece of more rows takes several, each of which reads all of its columns. So a step is a rectangle of the crossbar:
//! it drives its rows, leaves all others at 0 V and reads its columns alone. Every row is driven once, and a column is read as often as
//! the rows of its piece have to be divided; what it yields is added digitally.
//!
//! ```text
//!   three pieces of three rows and one of ten, at most eight driven at a time, in four steps
//!
//!   ┌───┐
//!   │ 0 ├───┐
//!   └───┤ 0 ├───┐
//!       └───┤ 1 ├───┐
//!           └───┤ 2 │
//!               │┄┄┄│
//!               │ 3 │
//!               └───┘
//! ```

use super::stack::Stacked;
use super::tiles::for_each_pack;
use super::{Load, RowCut, Tiles, band, dense};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

/// One step of an activation: what it drives and reads, counted from the activation's upper left corner.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// Rows.
    pub rows: Range<usize>,
    /// Weight columns.
    pub columns: Range<usize>,
}

/// What one load of one copy takes, step by step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SteppedLoad {
    /// What it drives and reads.
    pub load: Load,
    /// Activations that differ, each as the number of its steps that read so many bit lines, an offset column included.
    pub activations: Vec<BTreeMap<usize, u64>>,
}

/// Rows and weight columns of the pieces of an activation, from its upper left corner on.
type Pieces = [[usize; 2]];

impl Tiles {
    /// The steps of an activation that holds these pieces.
    pub(super) fn steps_of(pieces: &Pieces, active_rows: usize) -> Vec<Step> {
        let mut steps: Vec<Step> = Vec::new();
        let (mut row, mut column) = (0, 0);
        for &[rows, columns] in pieces {
            let (end, read) = (row + rows, column..column + columns);
            match steps.last_mut() {
                Some(last) if end - last.rows.start <= active_rows => {
                    (last.rows.end, last.columns.end) = (end, read.end);
                }
                _ => steps.extend(
                    (row..end)
                        .step_by(active_rows)
                        .map(|start| Step { rows: start..end.min(start + active_rows), columns: read.clone() }),
                ),
            }
            (row, column) = (end, read.end);
        }
        steps
    }

    /// What one load of one copy drives and reads where at most so many word lines of a crossbar are driven at a time.
    ///
    /// A Toeplitz band counts the last column block as wide as the others.
    pub fn load_in_steps(&self, active_rows: usize) -> SteppedLoad {
        let load = self.load();
        if load.most_rows <= active_rows {
            return SteppedLoad { load, activations: vec![[(load.most_columns, 1)].into()] };
        }
        let (extra, per_weight) = (self.encoding.extra_columns(), self.encoding.columns_per_weight());
        let mut stepped = Load { steps: 0, columns: 0, cells: 0, most_rows: 0, most_columns: 0, ..load };
        let mut activations = BTreeSet::new();
        self.for_each_kind_of_activation(|count, pieces| {
            let mut reads: BTreeMap<usize, u64> = BTreeMap::new();
            for Step { rows, columns } in Self::steps_of(pieces, active_rows) {
                let (rows, columns) = (rows.len(), columns.len() * per_weight + extra);
                *reads.entry(columns).or_default() += 1;
                stepped.steps += count;
                stepped.columns += count * columns as u128;
                stepped.cells += count * (rows * columns) as u128;
                stepped.most_rows = stepped.most_rows.max(rows);
                stepped.most_columns = stepped.most_columns.max(columns);
            }
            activations.insert(reads);
        });
        SteppedLoad { load: stepped, activations: activations.into_iter().collect() }
    }

    /// Every kind of activation of a copy: how many there are, and their pieces.
    fn for_each_kind_of_activation(&self, mut take: impl FnMut(u128, &Pieces)) {
        if let Some(stacked) = self.stacked() {
            return self.for_each_kind_of_stack(stacked, take);
        }
        let groups = self.tiling.packing.groups;
        for (tile, tiles) in self.kinds_of_tiles() {
            for (packs, groups) in [(self.blocks / groups, groups), (1, self.blocks % groups)] {
                let slots = groups * self.tiling.packing.windows;
                if packs * slots > 0 {
                    take(packs as u128 * tiles, &vec![tile; slots]);
                }
            }
        }
    }

    fn for_each_kind_of_stack(&self, stacked: Stacked, mut take: impl FnMut(u128, &Pieces)) {
        let stack = stacked.stack();
        for_each_pack(self, |lane, count, groups| {
            let items = groups * self.tiling.packing.windows;
            let across = self.lane_lines(lane).len();
            for crossbar in 0..stack.crossbars(items) {
                let pieces = stack.pieces(items, crossbar).map(|(_, part)| match stacked {
                    Stacked::Rows(_) => [part.len(), across],
                    Stacked::Columns(_) => [across, part.len()],
                });
                take(count, &pieces.collect::<Vec<_>>());
            }
        });
    }

    /// Rows and weight columns of the tiles of one block, and how many are of that size.
    fn kinds_of_tiles(&self) -> BTreeMap<[usize; 2], u128> {
        if self.tiling.rows == RowCut::Band {
            return band::kinds_of_tiles(self);
        }
        if self.drops_tiles() {
            return dense::kinds_of_tiles(self);
        }
        let mut kinds = BTreeMap::new();
        let heights = tally((0..self.row_cuts()).map(|row_block| self.row_range(row_block).len()));
        let widths = tally((0..self.column_cuts()).map(|column_block| self.column_range(column_block).len()));
        for (&rows, high) in &heights {
            kinds.extend(widths.iter().map(|(&columns, wide)| ([rows, columns], high * wide)));
        }
        kinds
    }
}

/// How often each length is there.
fn tally(lengths: impl Iterator<Item = usize>) -> BTreeMap<usize, u128> {
    let mut tally = BTreeMap::new();
    lengths.for_each(|length| *tally.entry(length).or_default() += 1);
    tally
}
