//! The mapping space of one layer: every tiling that can be best for some objective.
//!
//! A layer is *n* equal blocks of A rows × B weight columns (its groups, times the windows packed), a crossbar has R × C. Cutting
//! rows anywhere, columns anywhere, and putting any pieces of the same column block (or of the same row block) block-diagonally
//! into crossbars, how few are enough? With q = ⌊R / A⌋ and p = ⌊C / B⌋ the answer is one of five forms, whichever is least:
//!
//! - nothing cut, min(p, q) blocks a crossbar;
//! - rows stacked, columns whole (p ≥ 1): a crossbar is filled with rows until it is full or meets p blocks;
//! - columns stacked, rows whole (q ≥ 1): likewise;
//! - columns cut after every C, the narrower last piece of every block stacked by rows (p = 0);
//! - rows cut after every R, the shorter last piece stacked by columns (q = 0).
//!
//! Why no other cut does better, and what is left out: `docs/decisions/002-mapping-space.md`; the tests hold the search against plain
//! enumeration.

use crate::mapping::stack::Stack;
use crate::mapping::{
    BlockScope, ColumnCut, GroupRule, MappingError, Packing, RowCut, RowSplit, Target, Tiles, Tiling, dense,
};
use crate::network::ConvShape;
use crate::partition::Partition;

/// The most column blocks of dense blocks that are looked at to try cuts of every length; after that only the longest are tried.
const MOST_LOOKS: usize = 1 << 23;
/// The most cells of a dense block that is tried beside blocks group by group.
const MOST_DENSE_CELLS: usize = 1 << 14;
/// The most outputs of a channel for which dense blocks are tried under every window where nothing else is allowed.
const MOST_DENSE_WINDOWS: usize = 1 << 10;

/// What is done with the tilings of the space.
pub(super) trait Visitor {
    /// A tiling of more array activations need not be visited.
    fn most_activations(&self) -> u64 {
        u64::MAX
    }

    /// Takes a tiling; it may not fit.
    fn visit(&mut self, tiling: Tiling) -> Result<(), MappingError>;
}

/// Visits the space.
pub(super) fn visit(shape: &ConvShape, target: &Target, visitor: &mut impl Visitor) -> Result<(), MappingError> {
    if target.weights_per_row() == 0 {
        // Nothing fits; the tiling says so.
        return visitor.visit(Tiling::IM2COL);
    }
    let dense = shape.groups > 1 && target.groups == Some(GroupRule::Dense);
    if !dense {
        for window in super::windows(shape) {
            Windows::new(shape, target, window).blocks(visitor)?;
        }
    }
    if dense || (shape.groups > 1 && target.groups.is_none()) {
        dense_blocks(shape, target, visitor)?;
    }
    bands_and_positions(shape, target, visitor)
}

/// Dense blocks. Where nothing else is allowed, under every window (the cuts of a larger one of equally many parts may fall better),
/// in large layers under the smallest of each number of parts; else only small blocks.
fn dense_blocks(shape: &ConvShape, target: &Target, visitor: &mut impl Visitor) -> Result<(), MappingError> {
    let forced = target.groups == Some(GroupRule::Dense);
    let cells = |window| {
        let [rows, columns] = Windows::new(shape, target, window).block(BlockScope::Layer);
        rows.saturating_mul(columns)
    };
    let mut looks = MOST_LOOKS;
    if forced && shape.output().iter().product::<usize>() > MOST_DENSE_WINDOWS {
        for window in super::windows(shape) {
            Windows::new(shape, target, window).dense(visitor, &mut looks)?;
        }
        return Ok(());
    }
    let [height, width] = shape.output();
    for tall in 1..=height {
        let tried = |&window: &[usize; 2]| forced || cells(window) <= MOST_DENSE_CELLS;
        for window in (1..=width).map(|wide| [tall, wide]).take_while(tried) {
            Windows::new(shape, target, window).dense(visitor, &mut looks)?;
        }
        if !tried(&[tall, 1]) {
            break;
        }
    }
    Ok(())
}

/// The whole layer's Toeplitz band, group by group and dense, and kernel positions apart.
///
/// With element-granular cuts, kernel positions apart are a cut of rows like any other.
fn bands_and_positions(shape: &ConvShape, target: &Target, visitor: &mut impl Visitor) -> Result<(), MappingError> {
    let whole_channels = target.row_split == Some(RowSplit::Channel);
    for &scope in scopes(shape, target) {
        if whole_channels || scope == BlockScope::Layer {
            let base = Tiling { scope, rows: RowCut::Position, ..Tiling::IM2COL };
            let windows = Windows::new(shape, target, base.window);
            let rows = windows.inputs(scope).min(target.crossbar.rows);
            let outputs = windows.outputs(scope);
            for slots in 1..=target.crossbar.rows / rows {
                let columns = (target.weights_per_row() / slots).min(outputs);
                if columns > 0 {
                    let base = Tiling { columns: ColumnCut::Channel(columns), ..base };
                    windows.packed(base, scope, [rows, columns], visitor)?;
                }
            }
        }
        if !whole_channels {
            let windows = Windows::new(shape, target, shape.output());
            let [rows, columns] = windows.block(scope);
            let base = Tiling { window: shape.output(), scope, rows: RowCut::Band, ..Tiling::IM2COL };
            let tile = [rows.min(target.crossbar.rows), columns.min(target.weights_per_row())];
            windows.packed(base, scope, tile, visitor)?;
        }
    }
    Ok(())
}

const fn scopes(shape: &ConvShape, target: &Target) -> &'static [BlockScope] {
    match target.groups {
        _ if shape.groups == 1 => &[BlockScope::Group],
        None => &[BlockScope::Group, BlockScope::Layer],
        Some(GroupRule::Packed | GroupRule::Separate | GroupRule::Turns) => &[BlockScope::Group],
        Some(GroupRule::Dense) => &[BlockScope::Layer],
    }
}

/// A layer under one output window.
struct Windows<'a> {
    shape: &'a ConvShape,
    target: &'a Target,
    window: [usize; 2],
    /// Windows of the output.
    count: u64,
    /// Rows of one input channel.
    pixels: usize,
    /// Weight columns of one output channel.
    outputs: usize,
}

/// Where an axis is cut.
struct Axis<Cut> {
    /// Lines of a block.
    block: usize,
    /// Lines of a crossbar.
    crossbar: usize,
    /// Lines after which a block is cut; fewer than the crossbar's where whole channels must stay.
    length: usize,
    /// Lines that stay together: 1, or those of a channel.
    step: usize,
    /// That cut.
    cut: Cut,
}

impl<'a> Windows<'a> {
    fn new(shape: &'a ConvShape, target: &'a Target, window: [usize; 2]) -> Self {
        let partition = Partition::new(shape, window);
        let [pixels, outputs] = [partition.touched_pixels(), partition.window_pixels()];
        Self { shape, target, window, count: partition.windows(), pixels, outputs }
    }

    const fn inputs(&self, scope: BlockScope) -> usize {
        match scope {
            BlockScope::Group => self.shape.group_inputs(),
            BlockScope::Layer | BlockScope::Stored => self.shape.in_channels,
        }
    }

    const fn outputs(&self, scope: BlockScope) -> usize {
        match scope {
            BlockScope::Group => self.shape.group_outputs(),
            BlockScope::Layer | BlockScope::Stored => self.shape.out_channels,
        }
    }

    /// Rows and weight columns of a block.
    const fn block(&self, scope: BlockScope) -> [usize; 2] {
        [self.pixels * self.inputs(scope), self.outputs * self.outputs(scope)]
    }

    /// The groups that may share a crossbar.
    const fn groups(&self) -> usize {
        match self.target.groups {
            Some(GroupRule::Separate) => 1,
            _ => self.shape.groups,
        }
    }

    fn rows(&self, scope: BlockScope) -> Axis<RowCut> {
        let (crossbar, inputs) = (self.target.crossbar.rows, self.inputs(scope));
        let channels = (crossbar / self.pixels).min(inputs);
        let (step, cut) = match self.target.row_split {
            Some(RowSplit::Channel) => (self.pixels, RowCut::Channel(channels)),
            Some(RowSplit::Element) | None => (1, RowCut::Element),
        };
        Axis { block: self.pixels * inputs, crossbar, length: crossbar / step * step, step, cut }
    }

    fn columns(&self, scope: BlockScope) -> Axis<ColumnCut> {
        let (crossbar, outputs) = (self.target.weights_per_row(), self.outputs(scope));
        let channels = (crossbar / self.outputs).min(outputs);
        let (step, cut) = match self.target.row_split {
            Some(RowSplit::Channel) => (self.outputs, ColumnCut::Channel(channels)),
            Some(RowSplit::Element) | None => (1, ColumnCut::Element),
        };
        Axis { block: self.outputs * outputs, crossbar, length: crossbar / step * step, step, cut }
    }

    /// The five forms, group by group.
    fn blocks(&self, visitor: &mut impl Visitor) -> Result<(), MappingError> {
        let scope = BlockScope::Group;
        let (rows, columns) = (self.rows(scope), self.columns(scope));
        let base = Tiling { window: self.window, rows: rows.cut, columns: columns.cut, ..Tiling::IM2COL };
        if rows.length == 0 || columns.length == 0 {
            // Not even a channel fits; the tiling says so.
            return visitor.visit(base);
        }
        if self.fewest_activations(&rows, &columns) > visitor.most_activations() {
            return Ok(());
        }
        if self.target.groups == Some(GroupRule::Turns) {
            self.turned(base, [rows.block, columns.block], visitor)?;
        }
        if rows.block <= rows.crossbar && columns.block <= columns.crossbar {
            self.packed(base, scope, [rows.block, columns.block], visitor)?;
        } else {
            visitor.visit(base)?;
        }
        let rows_stacked = Tiling { rows: RowCut::Stack(rows.length), ..base };
        self.stacked(rows_stacked, &rows, &columns, visitor)?;
        let columns_stacked = Tiling { columns: ColumnCut::Stack(columns.length), ..base };
        self.stacked(columns_stacked, &columns, &rows, visitor)
    }

    /// No tiling under this window takes fewer: every row of every block drives a line of its own at every window, and every
    /// column is read.
    fn fewest_activations<R, C>(&self, rows: &Axis<R>, columns: &Axis<C>) -> u64 {
        let blocks = u128::from(self.count) * self.shape.groups as u128;
        let least = |block: usize, crossbar: usize| (blocks * block as u128).div_ceil(crossbar as u128);
        let least = least(rows.block, rows.crossbar).max(least(columns.block, columns.crossbar));
        u64::try_from(least).unwrap_or(u64::MAX)
    }

    /// Whole tiles side by side: for each number of crossbars the groups can share and each number of loads, as few groups and
    /// windows as make it.
    fn packed(
        &self,
        base: Tiling,
        scope: BlockScope,
        tile: [usize; 2],
        visitor: &mut impl Visitor,
    ) -> Result<(), MappingError> {
        let slots = (self.target.crossbar.rows / tile[0]).min(self.target.weights_per_row() / tile[1]);
        let (blocks, most) = match scope {
            BlockScope::Group => (self.shape.groups, self.groups()),
            BlockScope::Layer | BlockScope::Stored => (1, 1),
        };
        for groups in shares(blocks as u64, most.min(slots)) {
            for windows in shares(self.count, slots / groups) {
                visitor.visit(Tiling { packing: Packing { groups, windows }, ..base })?;
            }
        }
        Ok(())
    }

    /// Every number of groups and of windows at once, as many packs a crossbar as take the fewest crossbars.
    fn turned(&self, base: Tiling, block: [usize; 2], visitor: &mut impl Visitor) -> Result<(), MappingError> {
        let [down, across] = [self.target.crossbar.rows / block[0], self.target.weights_per_row() / block[1]];
        for groups in 1..=down.min(across).clamp(1, self.shape.groups) {
            for windows in shares(self.count, (down.min(across) / groups).max(1)) {
                let tiling = Tiling { packing: Packing { groups, windows }, ..base };
                let tiles = Tiles::new(self.shape, tiling, self.target.crossbar, self.target.encoding)?.filled();
                if tiles.tiling.turns > 1 {
                    visitor.visit(tiles.tiling)?;
                }
            }
        }
        Ok(())
    }

    /// Packs cut `along` their stack, in lanes of what is `beside` it.
    fn stacked<A, B>(
        &self,
        base: Tiling,
        along: &Axis<A>,
        beside: &Axis<B>,
        visitor: &mut impl Visitor,
    ) -> Result<(), MappingError> {
        let stack = Stack { item: along.block, length: along.length };
        if beside.block > beside.crossbar {
            let lane = match beside.block % beside.length {
                0 => beside.length,
                rest => rest,
            };
            let groups = self.best_groups(stack, 1, beside.crossbar / lane);
            return if groups > 1 {
                visitor.visit(Tiling { packing: Packing { groups, windows: 1 }, ..base })
            } else {
                Ok(())
            };
        }
        let side_by_side = beside.crossbar / beside.block;
        for windows in shares(self.count, side_by_side) {
            let groups = self.best_groups(stack, windows, side_by_side);
            if stack.crossbars(groups * windows) > 1 && self.saves(stack, groups, windows, side_by_side) {
                visitor.visit(Tiling { packing: Packing { groups, windows }, ..base })?;
            }
        }
        Ok(())
    }

    /// Whether stacks take fewer crossbars than blocks side by side, or each by itself.
    fn saves(&self, stack: Stack, groups: usize, windows: usize, side_by_side: usize) -> bool {
        let whole = (stack.length / stack.item).min(side_by_side) / windows;
        let unstacked = match whole.min(self.groups()) {
            0 => self.shape.groups.saturating_mul(windows).saturating_mul(stack.crossbars(1)),
            whole => self.shape.groups.div_ceil(whole),
        };
        crossbars(stack, self.shape.groups, groups, windows) < unstacked
    }

    /// Groups of a pack with which a lane takes the fewest crossbars, none of which meets more than `limit` blocks.
    fn best_groups(&self, stack: Stack, windows: usize, limit: usize) -> usize {
        let most = stack.most_items(limit).map_or(self.groups(), |items| (items / windows).min(self.groups()));
        if stack.most_items(limit).is_none() {
            return most;
        }
        (1..=most).min_by_key(|&groups| crossbars(stack, self.shape.groups, groups, windows)).unwrap_or(1)
    }

    /// A dense block of a grouped layer, cut after every so many rows and columns; every tile counts that holds a weight.
    ///
    /// Every length is tried that can take fewer crossbars than what was found, from the crossbar's downwards.
    fn dense(&self, visitor: &mut impl Visitor, looks: &mut usize) -> Result<(), MappingError> {
        let scope = BlockScope::Layer;
        let (rows, columns) = (self.rows(scope), self.columns(scope));
        let base = Tiling { window: self.window, scope, rows: rows.cut, columns: columns.cut, ..Tiling::IM2COL };
        if rows.length == 0 || columns.length == 0 {
            return visitor.visit(base);
        }
        for windows in shares(self.count, rows.length.min(columns.length)) {
            let packing = Packing { groups: 1, windows };
            self.dense_cuts(
                Tiling { packing, ..base },
                [rows.lengths(windows), columns.lengths(windows)],
                visitor,
                looks,
            )?;
        }
        Ok(())
    }

    fn dense_cuts(
        &self,
        base: Tiling,
        [heights, widths]: [Lengths; 2],
        visitor: &mut impl Visitor,
        looks: &mut usize,
    ) -> Result<(), MappingError> {
        let mut fewest = visitor.most_activations() / self.count.div_ceil(base.packing.windows as u64);
        for height in heights.tried(*looks > 0) {
            if heights.pieces(height) > fewest {
                break;
            }
            for width in widths.tried(*looks > 0) {
                if widths.pieces(width) > fewest {
                    break;
                }
                *looks = looks.saturating_sub(widths.pieces(width) as usize);
                let (rows, columns) = self.cuts(height, width);
                let tiling = Tiling { rows, columns, ..base };
                let tiles = Tiles::new(self.shape, tiling, self.target.crossbar, self.target.encoding)?;
                let held = u64::try_from(dense::count(&tiles).tiles).unwrap_or(u64::MAX);
                if held <= fewest {
                    visitor.visit(tiling)?;
                    fewest = held - 1;
                }
            }
        }
        Ok(())
    }

    /// The cuts after so many rows and weight columns.
    fn cuts(&self, height: usize, width: usize) -> (RowCut, ColumnCut) {
        match self.target.row_split {
            Some(RowSplit::Channel) => {
                (RowCut::Channel(height / self.pixels), ColumnCut::Channel(width / self.outputs))
            }
            Some(RowSplit::Element) | None => (RowCut::Rows(height), ColumnCut::Columns(width)),
        }
    }
}

/// Lengths an axis of a dense block may be cut to.
#[derive(Clone, Copy)]
struct Lengths {
    block: usize,
    most: usize,
    step: usize,
}

impl Lengths {
    /// From the longest downwards; only that one unless `all`.
    fn tried(self, all: bool) -> impl Iterator<Item = usize> {
        let count = if all { self.most / self.step } else { (self.most / self.step).min(1) };
        (0..count).map(move |shorter| self.most - shorter * self.step)
    }

    const fn pieces(self, length: usize) -> u64 {
        self.block.div_ceil(length) as u64
    }
}

impl<Cut> Axis<Cut> {
    /// Lengths of which so many fit side by side.
    fn lengths(&self, side_by_side: usize) -> Lengths {
        let most = (self.crossbar / side_by_side).min(self.block);
        Lengths { block: self.block, most: most / self.step * self.step, step: self.step }
    }
}

/// Crossbars of all packs of a layer's groups.
const fn crossbars(stack: Stack, all: usize, groups: usize, windows: usize) -> usize {
    let rest = if all.is_multiple_of(groups) { 0 } else { stack.crossbars(all % groups * windows) };
    all / groups * stack.crossbars(groups * windows) + rest
}

/// Numbers that share out `total` in different numbers of equal parts, each the least of its kind, from `most` downwards.
fn shares(total: u64, most: usize) -> impl Iterator<Item = usize> {
    let least_of_its_kind = move |most: u64| (most > 0).then(|| total.div_ceil(total.div_ceil(most)));
    let first = least_of_its_kind((most as u64).min(total));
    std::iter::successors(first, move |&share| least_of_its_kind(share - 1)).map(|share| share as usize)
}
