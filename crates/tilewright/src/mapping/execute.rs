//! Runs a mapping on integers, crossbar by crossbar, and counts what it uses.
//!
//! Every weight is programmed into its cells, packs that take turns into one crossbar; every load drives the rows with the pixels of its
//! windows; every column's sum is read, turn by turn, the cells of a weight are put together again, and the partial sums of the row
//! blocks are added. Nothing is taken from the plain convolution, so equality with it proves the mapping.

use super::placement::{ColumnOutput, Levels, PlacedCrossbar, RowInput, by_turns, for_each_crossbar};
use super::{Counts, MappingError, Tiles};
use crate::network::Tensor;
use crate::network::reference::integer;
use fearless_simd::{Level, Simd, dispatch, i32x16, prelude::*};
use std::ops::{AddAssign, Mul, Range};

/// What running one layer gave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Execution {
    /// The exact sums `[out_channels, height, width]`.
    pub output: Tensor<i64>,
    /// What was used: a tally of placed cells, loaded crossbars and driven rows. Row and column blocks are not tallied.
    pub used: Counts,
}

/// Runs one layer: `weights` `[out_channels, in_channels / groups, kernel height, kernel width]` within the encoding's limit,
/// `input` `[in_channels, height, width]`.
///
/// # Panics
/// If the tensors do not hold as many values as the layer calls for, or the encoding does not hold a weight.
pub fn execute(tiles: &Tiles, weights: &Tensor<i32>, input: &Tensor<i32>) -> Execution {
    let shape = &tiles.shape;
    assert_eq!(weights.values().len() as u64, shape.weights(), "one value per weight of the layer");
    assert_eq!(input.values().len(), shape.in_channels * shape.input[0] * shape.input[1], "one value per input pixel");
    let [height, width] = shape.output();
    let (loads, copies) = (tiles.loads(), tiles.tiling.replication);
    let mut run = Run {
        tiles,
        input,
        greatest: input.values().iter().map(|x| i64::from(x.unsigned_abs())).max().unwrap_or(0),
        narrow: Scratch::default(),
        wide: Scratch::default(),
        output: Tensor::filled(vec![shape.out_channels, height, width], 0i64),
        used: Counts { windows: loads, cycles: loads.div_ceil(copies), ..Counts::default() },
    };
    if tiles.tiling.turns == 1 {
        let (least, cells) = (tiles.encoding.weight_range()[0], tiles.encoding.columns_per_weight());
        let (of_weights, mut levels) = (tiles.encoding.all_levels(), Levels::default());
        let encode = |weight: usize, into: &mut [i32]| {
            let first = (weights.values()[weight] - least) as usize * cells;
            into.iter_mut().zip(&of_weights[first..]).for_each(|(cell, &level)| *cell = level);
        };
        let mut filled = vec![];
        for_each_crossbar(tiles, |crossbar| {
            run.used.crossbars += copies;
            if tiles.encoding.is_nothing_where_empty() && is_sparse(crossbar) {
                list_filled(crossbar, cells, encode, &mut filled);
                let columns = crossbar.columns.len() * cells;
                run.activate(crossbar, Programmed::Filled { columns, cells: &filled });
            } else {
                crossbar.program_into(&tiles.encoding, encode, &mut levels);
                run.activate(crossbar, Programmed::All(&levels));
            }
        });
    }
    for turns in (tiles.tiling.turns > 1).then(|| by_turns(tiles)).into_iter().flatten() {
        let all = Levels::of_crossbar(&turns, weights, &tiles.encoding);
        run.used.crossbars += copies;
        run.used.cycles = run.used.cycles.max(loads.div_ceil(copies) * turns.len() as u64);
        turns.iter().for_each(|turn| run.activate(turn, Programmed::All(&all.of_turn(turn, &tiles.encoding))));
    }
    Execution { output: run.output, used: run.used }
}

/// Runs one layer and compares it with the plain convolution and with its counts.
///
/// # Errors
/// [`MappingError::Wrong`] with the first output that differs, or the count that is not what was placed.
pub fn verify(tiles: &Tiles, weights: &Tensor<i32>, input: &Tensor<i32>) -> Result<Counts, MappingError> {
    verify_against(tiles, weights, input, &integer::convolve(&tiles.shape, input, weights))
}

/// As [`verify`], with the plain convolution already done: whoever runs one layer under many tilings does it once.
///
/// # Errors
/// As [`verify`].
pub fn verify_against(
    tiles: &Tiles,
    weights: &Tensor<i32>,
    input: &Tensor<i32>,
    expected: &Tensor<i64>,
) -> Result<Counts, MappingError> {
    let Execution { output, used } = execute(tiles, weights, input);
    compare(tiles, &output, expected)?;
    let counts = tiles.counts()?;
    let pairs = [
        ("crossbars", counts.crossbars, used.crossbars),
        ("cycles", counts.cycles, used.cycles),
        ("array activations", counts.array_activations, used.array_activations),
        ("windows", counts.windows, used.windows),
        ("weight cells", counts.weight_cells, used.weight_cells),
        ("input loads", counts.input_loads, used.input_loads),
    ];
    for (name, counted, used) in pairs {
        if counted != used {
            let problem = format!("the formula counts {counted} {name}, running it used {used}");
            return Err(MappingError::Wrong { layer: String::new(), problem });
        }
    }
    Ok(counts)
}

/// Says where two outputs of a layer first differ.
///
/// # Errors
/// [`MappingError::Wrong`] with that place and both values.
pub fn compare(tiles: &Tiles, output: &Tensor<i64>, expected: &Tensor<i64>) -> Result<(), MappingError> {
    let [height, width] = tiles.shape.output();
    let differing = output.values().iter().zip(expected.values()).position(|(a, b)| a != b);
    differing.map_or(Ok(()), |at| {
        let (channel, y, x) = (at / (height * width), at / width % height, at % width);
        let problem = format!(
            "output channel {channel}, pixel ({y}, {x}) is {} on the crossbars and {} in the plain convolution",
            output.values()[at],
            expected.values()[at]
        );
        Err(MappingError::Wrong { layer: String::new(), problem })
    })
}

/// Loads of a crossbar that are computed together, one in each lane of the processor's vectors.
const LOADS: usize = 16;
/// Columns whose sums stay in registers.
const COLUMNS: usize = 4;

/// What the cells of a crossbar hold.
#[derive(Clone, Copy)]
enum Programmed<'a> {
    /// The level of every cell.
    All(&'a Levels),
    /// The cells that hold something, of so many columns: the others add nothing to a sum.
    Filled { columns: usize, cells: &'a [FilledCell] },
}

/// A cell whose level is not 0.
struct FilledCell {
    row: usize,
    column: usize,
    level: i32,
}

/// Crossings for each weight of a crossbar from which on its weights are listed, as in the Toeplitz matrices of sub-images.
const SPARSE: usize = 8;

fn is_sparse(crossbar: &PlacedCrossbar) -> bool {
    crossbar.weights.len() * SPARSE < crossbar.rows.len() * crossbar.columns.len()
}

/// Lists the cells that hold something; `encode` writes the cells of a weight, of which there are `of_weight`.
fn list_filled(
    crossbar: &PlacedCrossbar,
    of_weight: usize,
    encode: impl Fn(usize, &mut [i32]),
    filled: &mut Vec<FilledCell>,
) {
    let mut levels = vec![0; of_weight];
    filled.clear();
    for weight in &crossbar.weights {
        encode(weight.weight, &mut levels);
        let cells = (weight.column * of_weight..).zip(&levels).filter(|&(_, &level)| level != 0);
        filled.extend(cells.map(|(column, &level)| FilledCell { row: weight.row, column, level }));
    }
}

/// One value of each load.
type Loads<T> = [T; LOADS];

/// Integers that products are summed in.
trait Sum: Copy + Default + From<i32> + Into<i64> + Mul<Output = Self> + AddAssign {
    /// The sums of `N` columns from `first` on; `levels` is `[row][column]`, and `inputs` has one a row.
    fn of_columns<S: Simd, const N: usize>(
        simd: S,
        levels: &[Self],
        first: usize,
        inputs: &[Loads<Self>],
    ) -> [Loads<Self>; N];
}

impl Sum for i32 {
    #[inline(always)]
    fn of_columns<S: Simd, const N: usize>(
        simd: S,
        levels: &[Self],
        first: usize,
        inputs: &[Loads<Self>],
    ) -> [Loads<Self>; N] {
        let mut sums = [i32x16::splat(simd, 0); N];
        for (row, inputs) in levels.chunks_exact(levels.len() / inputs.len()).zip(inputs) {
            let (row, x) = (&row[first..first + N], i32x16::simd_from(simd, *inputs));
            for column in 0..N {
                sums[column] += x * row[column];
            }
        }
        sums.map(Into::into)
    }
}

impl Sum for i64 {
    #[inline(always)]
    fn of_columns<S: Simd, const N: usize>(
        _simd: S,
        levels: &[Self],
        first: usize,
        inputs: &[Loads<Self>],
    ) -> [Loads<Self>; N] {
        let mut sums = [[0; LOADS]; N];
        for (row, inputs) in levels.chunks_exact(levels.len() / inputs.len()).zip(inputs) {
            for (sums, &level) in sums.iter_mut().zip(&row[first..first + N]) {
                sums.iter_mut().zip(inputs).for_each(|(sum, &x)| *sum += level * x);
            }
        }
        sums
    }
}

/// Memory that crossbar after crossbar uses.
#[derive(Default)]
struct Scratch<T> {
    levels: Vec<T>,
    /// One a row.
    inputs: Vec<Loads<T>>,
    /// One a column.
    sums: Vec<Loads<T>>,
    /// One a column, of one load.
    currents: Vec<i64>,
}

/// A layer that is being run.
struct Run<'a> {
    tiles: &'a Tiles,
    input: &'a Tensor<i32>,
    /// Greatest magnitude of an input.
    greatest: i64,
    narrow: Scratch<i32>,
    wide: Scratch<i64>,
    output: Tensor<i64>,
    used: Counts,
}

impl Run<'_> {
    /// One crossbar of every copy, or one turn of it, over all loads.
    fn activate(&mut self, turn: &PlacedCrossbar, programmed: Programmed<'_>) {
        let Self { tiles, input, greatest, narrow, wide, output, used } = self;
        let level = (1i64 << tiles.encoding.cell_bits.max(tiles.encoding.weight_bits)) * *greatest;
        // 32 bits hold the sums of nearly all real layers, and twice as many of them fit a vector register.
        used.input_loads += if level.saturating_mul(turn.rows.len() as i64) < i64::from(i32::MAX) {
            run_turn::<i32>(tiles, turn, programmed, input, narrow, output)
        } else {
            run_turn::<i64>(tiles, turn, programmed, input, wide, output)
        };
        used.array_activations += tiles.loads();
        let cells = turn.weights.len() as u64 * tiles.encoding.columns_per_weight() as u64;
        used.weight_cells += cells * tiles.tiling.replication;
    }
}

/// Runs one turn of a crossbar of every copy over all loads; returns the number of values driven onto rows.
fn run_turn<T: Sum>(
    tiles: &Tiles,
    turn: &PlacedCrossbar,
    programmed: Programmed<'_>,
    input: &Tensor<i32>,
    scratch: &mut Scratch<T>,
    output: &mut Tensor<i64>,
) -> u64 {
    let Scratch { levels, inputs, sums, currents } = scratch;
    levels.clear();
    let columns = match programmed {
        Programmed::All(all) => {
            levels.extend(all.levels.iter().map(|&level| T::from(level)));
            all.columns
        }
        Programmed::Filled { columns, .. } => columns,
    };
    inputs.resize(turn.rows.len(), [T::default(); LOADS]);
    sums.resize(columns, [T::default(); LOADS]);
    currents.resize(columns, 0);
    let (level, mut driven) = (Level::new(), 0);
    for first in (0..tiles.loads()).step_by(LOADS) {
        let loads: Vec<Windows<'_>> =
            (first..tiles.loads().min(first + LOADS as u64)).map(|load| Windows::of_load(tiles, load)).collect();
        for (row, inputs) in turn.rows.iter().zip(inputs.iter_mut()) {
            for (windows, x) in loads.iter().zip(inputs) {
                let pixel = windows.input(row);
                driven += u64::from(pixel.is_some());
                *x = T::from(pixel.flatten().map_or(0, |place| input.values()[place]));
            }
        }
        match programmed {
            Programmed::All(_) => dispatch!(level, simd => drive(simd, levels, inputs, sums)),
            Programmed::Filled { cells, .. } => dispatch!(level, _simd => drive_filled(cells, inputs, sums)),
        }
        for (lane, windows) in loads.iter().enumerate() {
            currents.iter_mut().zip(sums.iter()).for_each(|(current, sums)| *current = sums[lane].into());
            collect(tiles, turn, windows, currents, output);
        }
    }
    driven
}

/// Every column's sum of inputs times levels.
#[inline(always)]
fn drive<S: Simd, T: Sum>(simd: S, levels: &[T], inputs: &[Loads<T>], sums: &mut [Loads<T>]) {
    let (blocks, rest) = sums.as_chunks_mut::<COLUMNS>();
    let whole = blocks.len() * COLUMNS;
    for (block, sums) in blocks.iter_mut().enumerate() {
        *sums = T::of_columns(simd, levels, block * COLUMNS, inputs);
    }
    for (column, sums) in rest.iter_mut().enumerate() {
        [*sums] = T::of_columns(simd, levels, whole + column, inputs);
    }
}

/// The same where all cells but these are at level 0.
#[inline(always)]
fn drive_filled<T: Sum>(cells: &[FilledCell], inputs: &[Loads<T>], sums: &mut [Loads<T>]) {
    sums.fill([T::default(); LOADS]);
    for cell in cells {
        let (level, inputs, sums) = (T::from(cell.level), &inputs[cell.row], &mut sums[cell.column]);
        for load in 0..LOADS {
            sums[load] += level * inputs[load];
        }
    }
}

/// Adds the sums of one load to the outputs its windows own.
fn collect(
    tiles: &Tiles,
    crossbar: &PlacedCrossbar,
    windows: &Windows<'_>,
    currents: &[i64],
    output: &mut Tensor<i64>,
) {
    let cells = tiles.encoding.columns_per_weight();
    let driven = if tiles.encoding.extra_columns() > 0 { currents[currents.len() - 1] } else { 0 };
    let sides = tiles.shape.output();
    for (column, currents) in crossbar.columns.iter().zip(currents.chunks_exact(cells)) {
        if let Some(place) = windows.output(column, sides) {
            output.values_mut()[place] += tiles.encoding.decode(currents, driven);
        }
    }
}

/// The windows that one load of one copy works on.
struct Windows<'a> {
    tiles: &'a Tiles,
    /// The packed windows; `None` where the last load has fewer.
    slots: Vec<Option<Window>>,
}

/// One window, `[height, width]`.
struct Window {
    /// First pixel of the padded input.
    input: [usize; 2],
    /// First pixel of the output.
    output: [usize; 2],
    /// Pixels of the window that no earlier window yields.
    owned: [Range<usize>; 2],
}

impl<'a> Windows<'a> {
    fn of_load(tiles: &'a Tiles, load: u64) -> Self {
        let packed = tiles.tiling.packing.windows as u64;
        let slots = (load * packed..(load + 1) * packed).map(|index| Window::new(tiles, index));
        Self { tiles, slots: slots.collect() }
    }

    /// What drives a row: `None` if its window does not exist, `Some(None)` for a zero of the padding, else the place of the
    /// pixel in the input.
    #[inline]
    fn input(&self, row: &RowInput) -> Option<Option<usize>> {
        let shape = &self.tiles.shape;
        let window = self.slots[row.window].as_ref()?;
        let pixel = |axis: usize, before: usize| {
            let pixel = (window.input[axis] + row.pixel[axis]).checked_sub(before)?;
            (pixel < shape.input[axis]).then_some(pixel)
        };
        let pixels = pixel(0, shape.padding.top).zip(pixel(1, shape.padding.left));
        Some(pixels.map(|(y, x)| (row.channel * shape.input[0] + y) * shape.input[1] + x))
    }

    /// The place in the output, which has these sides, that a column adds to, or `None` if its window does not exist or an earlier
    /// window owns it.
    fn output(&self, column: &ColumnOutput, [height, width]: [usize; 2]) -> Option<usize> {
        let window = self.slots[column.window].as_ref()?;
        let owned = |axis: usize| window.owned[axis].contains(&column.pixel[axis]);
        let [y, x] = [0, 1].map(|axis| window.output[axis] + column.pixel[axis]);
        (owned(0) && owned(1)).then_some((column.channel * height + y) * width + x)
    }
}

impl Window {
    /// Window `index` of all; `None` if there are no more than `index`.
    fn new(tiles: &Tiles, index: u64) -> Option<Self> {
        let axes = &tiles.partition.axes;
        let across = axes[1].windows() as u64;
        (index < tiles.partition.windows()).then(|| {
            let place = [(index / across) as usize, (index % across) as usize];
            let output = [0, 1].map(|axis| axes[axis].start(place[axis]));
            let input = [0, 1].map(|axis| output[axis] * tiles.shape.stride[axis]);
            Self { input, output, owned: [0, 1].map(|axis| axes[axis].owned(place[axis])) }
        })
    }
}
