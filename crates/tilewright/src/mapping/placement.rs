//! What every cell of every crossbar holds, and which pixel drives which row.
//!
//! A crossbar whose packs take turns is placed pack by pack: each has rows, columns and a corner of its own.
//!
//! All copies of a layer hold the same, so a placement describes one copy. A crossbar takes a hundred kilobytes to describe, a
//! layer may have thousands: [`crossbars`] yields them one at a time, [`Crossbars`] the one that is asked for.

use super::pieces::{Piece, Site};
use super::stack::Stacked;
use super::{BlockScope, Encoding, RowCut, Step, Tiles};
use crate::network::Tensor;
use std::ops::Range;

/// The input a row takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RowInput {
    /// Which of the packed windows.
    pub window: usize,
    /// Pixel `[y, x]` of the sub-image, padding included.
    pub pixel: [usize; 2],
    /// Input channel of the layer.
    pub channel: usize,
}

/// The output a weight column contributes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ColumnOutput {
    /// Which of the packed windows.
    pub window: usize,
    /// Pixel `[y, x]` of the output window.
    pub pixel: [usize; 2],
    /// Output channel of the layer.
    pub channel: usize,
}

/// The cells at the crossing of a row and a weight column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WeightCell {
    /// Row, counted from the corner.
    pub row: usize,
    /// Weight column, counted from the corner; its cells are the `columns_per_weight` columns from `column · columns_per_weight`.
    pub column: usize,
    /// Place in the weight tensor `[out_channels, in_channels / groups, kernel height, kernel width]`.
    pub weight: usize,
}

/// One crossbar of a copy, or one of the packs in it that take turns: what an array activation drives and reads.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PlacedCrossbar {
    /// Which of the crossbars that share out the groups.
    pub group_pack: usize,
    /// Which of the packs that take turns in this crossbar; 0 where all of it is driven at once.
    pub turn: usize,
    /// Row and weight column of the crossbar at which `rows` and `columns` begin; `[0, 0]` where all of it is driven at once.
    pub corner: [usize; 2],
    /// Which row block; along a stack of rows, which of its crossbars.
    pub row_block: usize,
    /// Which column block; along a stack of columns, which of its crossbars.
    pub column_block: usize,
    /// What drives each used row, from the corner on.
    pub rows: Vec<RowInput>,
    /// What each used weight column yields, from the corner on.
    pub columns: Vec<ColumnOutput>,
    /// The weights held; every other crossing is a structural zero.
    pub weights: Vec<WeightCell>,
}

/// The crossbars of one copy, group pack by group pack, column block by column block; those of stacks lane by lane. Packs that take
/// turns in a crossbar follow one another.
pub fn crossbars(tiles: &Tiles) -> impl Iterator<Item = PlacedCrossbar> + '_ {
    let placer = Placer::new(tiles);
    tiles.sites().map(move |site| placer.place(site))
}

/// Lends the crossbars of one copy in the order of [`crossbars`], all in the same memory.
pub(super) fn for_each_crossbar(tiles: &Tiles, mut take: impl FnMut(&PlacedCrossbar)) {
    let placer = Placer::new(tiles);
    let mut crossbar = PlacedCrossbar::default();
    for site in tiles.sites() {
        placer.place_into(site, &mut crossbar);
        take(&crossbar);
    }
}

/// The crossbars of one copy, each as the packs that take turns in it; one where all of it is driven at once.
pub fn by_turns(tiles: &Tiles) -> impl Iterator<Item = Vec<PlacedCrossbar>> + '_ {
    let mut placed = crossbars(tiles).peekable();
    std::iter::from_fn(move || {
        let mut turns = vec![placed.next()?];
        while let Some(next) = placed.next_if(|next| next.turn > 0) {
            turns.push(next);
        }
        Some(turns)
    })
}

/// The crossbars of one copy in the order of [`crossbars`], each placed when it is asked for.
pub struct Crossbars<'a> {
    placer: Placer<'a>,
    sites: Vec<Site>,
}

impl<'a> Crossbars<'a> {
    /// The crossbars of a tiled layer.
    pub fn new(tiles: &'a Tiles) -> Self {
        Self { placer: Placer::new(tiles), sites: tiles.sites().collect() }
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.sites.len()
    }

    /// Crossbar `number`.
    ///
    /// # Panics
    /// If there are no more than `number`.
    pub fn place(&self, number: usize) -> PlacedCrossbar {
        self.placer.place(self.sites[number])
    }

    /// The steps of crossbar `number` where at most so many word lines are driven at a time.
    ///
    /// # Panics
    /// If there are no more than `number`, or no word line is driven.
    pub fn steps(&self, number: usize, active_rows: usize) -> Vec<Step> {
        self.placer.tiles.steps(self.sites[number], active_rows)
    }
}

impl Tiles {
    /// What tells apart array activations of a copy that yield no output in common.
    pub(crate) fn sums_with(&self, placed: &PlacedCrossbar) -> [usize; 2] {
        match self.stacked() {
            // Lanes of rows share outputs; the packs of the last one join those of the others.
            Some(Stacked::Columns(_)) if placed.row_block + 1 < self.lanes() => {
                [placed.group_pack / self.tiling.packing.groups, 0]
            }
            Some(Stacked::Columns(_)) => [placed.group_pack, 0],
            Some(Stacked::Rows(_)) | None => [placed.group_pack * self.tiling.turns + placed.turn, placed.column_block],
        }
    }
}

struct Placer<'a> {
    tiles: &'a Tiles,
    /// Touched pixels of the sub-image in row order, `[y, x]`.
    pixels: Vec<[usize; 2]>,
    /// Place of each pixel of the sub-image among the touched ones, per axis.
    places: [Vec<Option<usize>>; 2],
    /// Touched pixels on a row of the sub-image.
    across: usize,
}

impl<'a> Placer<'a> {
    fn new(tiles: &'a Tiles) -> Self {
        let places = tiles.partition.axes.map(|axis| axis.touched_places());
        let [rows, columns] = [0, 1].map(|axis: usize| {
            let touched = places[axis].iter().enumerate().filter(|(_, place)| place.is_some());
            touched.map(|(pixel, _)| pixel).collect::<Vec<_>>()
        });
        let pixels = rows.iter().flat_map(|&y| columns.iter().map(move |&x| [y, x])).collect();
        Self { tiles, pixels, places, across: columns.len() }
    }

    fn place(&self, site: Site) -> PlacedCrossbar {
        let mut crossbar = PlacedCrossbar::default();
        self.place_into(site, &mut crossbar);
        crossbar
    }

    fn place_into(&self, site: Site, crossbar: &mut PlacedCrossbar) {
        let [pack, row_block, column_block] = site;
        let turns = self.tiles.tiling.turns;
        (crossbar.group_pack, crossbar.turn) = (pack / turns, pack % turns);
        crossbar.corner = self.tiles.corner(crossbar.turn);
        (crossbar.row_block, crossbar.column_block) = (row_block, column_block);
        crossbar.rows.clear();
        crossbar.columns.clear();
        crossbar.weights.clear();
        for Piece { block, window, rows, columns } in self.tiles.pieces(site) {
            let corner = (crossbar.rows.len(), crossbar.columns.len());
            let ends = [rows.start, rows.end].map(|row| [row / self.tiles.pixels, row % self.tiles.pixels]);
            for column in columns {
                self.place_column(block, column, (&rows, ends), corner, crossbar);
                crossbar.columns.push(self.column_output(block, window, column));
            }
            crossbar.rows.extend(rows.map(|row| self.row_input(block, window, row)));
        }
    }

    /// The weights of one column that fall into `rows`, with the block's upper left corner at `corner`. Each end of the rows is also
    /// given as a channel and a pixel of it, as [`Placer::channels_within`] takes it.
    fn place_column(
        &self,
        block: usize,
        column: usize,
        (rows, ends): (&Range<usize>, [[usize; 2]; 2]),
        corner: (usize, usize),
        crossbar: &mut PlacedCrossbar,
    ) {
        let tiles = self.tiles;
        let shape = &tiles.shape;
        let ColumnOutput { pixel: [out_y, out_x], channel: out_channel, .. } = self.column_output(block, 0, column);
        let column = crossbar.columns.len();
        debug_assert!(column >= corner.1);
        let own = self.seen_channels(block, out_channel);
        // Rows and weights of a tap lie at even distances.
        let row_step = self.row_place(0, 1) - self.row_place(0, 0);
        for ky in 0..shape.kernel[0] {
            for kx in 0..shape.kernel[1] {
                let y = out_y * shape.stride[0] + ky * shape.dilation[0];
                let x = out_x * shape.stride[1] + kx * shape.dilation[1];
                let places = [self.places[0][y], self.places[1][x]].map(|place| place.expect("a tap touches it"));
                let pixel = places[0] * self.across + places[1];
                let within = self.channels_within(pixel, rows, ends);
                let channels = within.start.max(own.start)..within.end.min(own.end);
                let first_row = corner.0 + self.row_place(pixel, 0);
                let first_weight = out_channel * shape.group_inputs() * shape.taps() + ky * shape.kernel[1] + kx;
                crossbar.weights.extend(channels.map(|channel| WeightCell {
                    row: first_row + channel * row_step - rows.start,
                    column,
                    weight: first_weight + (channel - own.start) * shape.taps(),
                }));
            }
        }
    }

    /// Place of a pixel and a channel of a block in the block's row order.
    fn row_place(&self, pixel: usize, channel: usize) -> usize {
        if self.tiles.pixel_major() {
            pixel * self.tiles.block_inputs + channel
        } else {
            channel * self.tiles.pixels + pixel
        }
    }

    /// Channels of a block whose row for `pixel` lies in `rows`; `ends` are the quotients and remainders of these by the pixels.
    fn channels_within(&self, pixel: usize, rows: &Range<usize>, ends: [[usize; 2]; 2]) -> Range<usize> {
        let inputs = self.tiles.block_inputs;
        let (start, end) = if self.tiles.pixel_major() {
            let first = pixel * inputs;
            (rows.start.saturating_sub(first), rows.end.saturating_sub(first))
        } else {
            let before = |[channel, of]: [usize; 2]| channel + usize::from(of > pixel);
            (before(ends[0]), before(ends[1]))
        };
        start.min(inputs)..end.min(inputs)
    }

    fn row_input(&self, block: usize, window: usize, row: usize) -> RowInput {
        let tiles = self.tiles;
        let (pixel, channel) = if tiles.pixel_major() {
            (row / tiles.block_inputs, row % tiles.block_inputs)
        } else {
            (row % tiles.pixels, row / tiles.pixels)
        };
        RowInput { window, pixel: self.pixels[pixel], channel: block * tiles.block_inputs + channel }
    }

    fn column_output(&self, block: usize, window: usize, column: usize) -> ColumnOutput {
        let tiles = self.tiles;
        let outputs = tiles.partition.window_pixels();
        let (pixel, channel) = if tiles.tiling.rows == RowCut::Band {
            (column / tiles.block_outputs, column % tiles.block_outputs)
        } else {
            (column % outputs, column / outputs)
        };
        let width = tiles.partition.axes[1].window;
        ColumnOutput { window, pixel: [pixel / width, pixel % width], channel: block * tiles.block_outputs + channel }
    }

    /// Channels of a block that an output channel sees: all of them, or those of its group.
    fn seen_channels(&self, block: usize, out_channel: usize) -> Range<usize> {
        let shape = &self.tiles.shape;
        match self.tiles.tiling.scope {
            BlockScope::Group => 0..shape.group_inputs(),
            BlockScope::Layer | BlockScope::Stored => {
                debug_assert_eq!(block, 0);
                let first = out_channel / shape.group_outputs() * shape.group_inputs();
                first..first + shape.group_inputs()
            }
        }
    }
}

impl PlacedCrossbar {
    /// Programs the cells: levels `[row][column]`, row-major, of the used rows and columns from the corner on; an offset column, if
    /// the encoding has one, comes last and holds 1 everywhere.
    pub fn program(&self, weights: &Tensor<i32>, encoding: &Encoding) -> Levels {
        let mut levels = Levels::default();
        self.program_into(encoding, |weight, cells| encoding.encode(weights.values()[weight], cells), &mut levels);
        levels
    }

    /// As [`PlacedCrossbar::program`], in the memory of levels that are no longer needed; `encode` writes the cells of the weight at a
    /// place in the weight tensor.
    pub(super) fn program_into(&self, encoding: &Encoding, encode: impl Fn(usize, &mut [i32]), into: &mut Levels) {
        let cells = encoding.columns_per_weight();
        let columns = self.columns.len() * cells + encoding.extra_columns();
        let mut zero = vec![0; cells];
        encoding.encode(0, &mut zero);
        let mut row: Vec<i32> = zero.iter().copied().cycle().take(self.columns.len() * cells).collect();
        row.resize(columns, 1);
        into.columns = columns;
        into.levels.clear();
        self.rows.iter().for_each(|_| into.levels.extend_from_slice(&row));
        for cell in &self.weights {
            let first = cell.row * columns + cell.column * cells;
            encode(cell.weight, &mut into.levels[first..first + cells]);
        }
    }
}

impl Levels {
    /// Programs all of a crossbar: the packs that take turns in it, each at its corner, from the crossbar's own on.
    pub fn of_crossbar(turns: &[PlacedCrossbar], weights: &Tensor<i32>, encoding: &Encoding) -> Self {
        let [first, others @ ..] = turns else { return Self { columns: 0, levels: vec![] } };
        if others.is_empty() {
            return first.program(weights, encoding);
        }
        let cells = encoding.columns_per_weight();
        let ends = turns.iter().map(|turn| [turn.corner[0] + turn.rows.len(), turn.corner[1] + turn.columns.len()]);
        let [rows, columns] = ends.fold([0, 0], |[a, b], [c, d]| [a.max(c), b.max(d)]);
        let nothing = PlacedCrossbar {
            rows: first.rows.iter().copied().cycle().take(rows).collect(),
            columns: first.columns.iter().copied().cycle().take(columns).collect(),
            weights: vec![],
            ..first.clone()
        };
        let mut all = nothing.program(weights, encoding);
        for turn in turns {
            let own = turn.program(weights, encoding);
            let width = turn.columns.len() * cells;
            for (row, levels) in own.levels.chunks_exact(own.columns).enumerate() {
                let at = (turn.corner[0] + row) * all.columns + turn.corner[1] * cells;
                all.levels[at..at + width].copy_from_slice(&levels[..width]);
            }
        }
        all
    }

    /// The rows that a turn drives and the columns that it reads, of all of its crossbar's; the offset column, if any, comes last.
    pub fn of_turn(&self, turn: &PlacedCrossbar, encoding: &Encoding) -> Self {
        let cells = encoding.columns_per_weight();
        let first = turn.corner[1] * cells;
        let read = first..first + turn.columns.len() * cells;
        let rows = self.levels.chunks_exact(self.columns).skip(turn.corner[0]).take(turn.rows.len());
        let of_row = |row: &[i32]| [&row[read.clone()], &row[self.columns - encoding.extra_columns()..]].concat();
        Self { columns: read.len() + encoding.extra_columns(), levels: rows.flat_map(of_row).collect() }
    }
}

/// The levels of a crossbar's used cells.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Levels {
    /// Columns used, an offset column included.
    pub columns: usize,
    /// Row-major levels, `[row][column]`.
    pub levels: Vec<i32>,
}
