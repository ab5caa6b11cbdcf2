//! Runs a mapping on integers, crossbar by crossbar, and counts what it uses.
//!
//! Every weight is programmed into its cells, packs that take turns into one crossbar; every load drives the rows with the pixels of its
//! windows; every column's sum is read, turn by turn, the cells of a weight are put together again, and the partial sums of the row
//! blocks are added. Nothing is taken from the plain convolution, so equality with it proves the mapping.

use super::placement::{ColumnOutput, Levels, PlacedCrossbar, RowInput, by_turns, for_each_crossbar};
use super::{Counts, MappingError, Tiles};
use crate::network::Tensor;
use crate::network::reference::integer;
use std::ops::{AddAssign, Mul};

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
/// If the tensors do not hold as many values as the layer calls for.
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
        let mut levels = Levels::default();
        for_each_crossbar(tiles, |crossbar| {
            crossbar.program_into(weights, &tiles.encoding, &mut levels);
            run.used.crossbars += copies;
            run.activate(crossbar, &levels);
        });
    }
    for turns in (tiles.tiling.turns > 1).then(|| by_turns(tiles)).into_iter().flatten() {
        let all = Levels::of_crossbar(&turns, weights, &tiles.encoding);
        run.used.crossbars += copies;
        run.used.cycles = run.used.cycles.max(loads.div_ceil(copies) * turns.len() as u64);
        turns.iter().for_each(|turn| run.activate(turn, &all.of_turn(turn, &tiles.encoding)));
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

/// Integers that products are summed in.
trait Sum: Copy + Default + PartialEq + From<i32> + Into<i64> + Mul<Output = Self> + AddAssign {}
impl Sum for i32 {}
impl Sum for i64 {}

/// Memory that crossbar after crossbar uses.
#[derive(Default)]
struct Scratch<T> {
    levels: Vec<T>,
    inputs: Vec<T>,
    sums: Vec<T>,
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
    fn activate(&mut self, turn: &PlacedCrossbar, levels: &Levels) {
        let Self { tiles, input, greatest, narrow, wide, output, used } = self;
        let level = (1i64 << tiles.encoding.cell_bits.max(tiles.encoding.weight_bits)) * *greatest;
        // 32 bits hold the sums of nearly all real layers, and twice as many of them fit a vector register.
        used.input_loads += if level.saturating_mul(turn.rows.len() as i64) < i64::from(i32::MAX) {
            run_turn::<i32>(tiles, turn, levels, input, narrow, output)
        } else {
            run_turn::<i64>(tiles, turn, levels, input, wide, output)
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
    programmed: &Levels,
    input: &Tensor<i32>,
    scratch: &mut Scratch<T>,
    output: &mut Tensor<i64>,
) -> u64 {
    let Scratch { levels, inputs, sums, currents } = scratch;
    levels.clear();
    levels.extend(programmed.levels.iter().map(|&level| T::from(level)));
    inputs.resize(turn.rows.len(), T::default());
    sums.resize(programmed.columns, T::default());
    currents.resize(programmed.columns, 0);
    let (loads, copies) = (tiles.loads(), tiles.tiling.replication);
    let mut driven = 0;
    for cycle in 0..loads.div_ceil(copies) {
        for copy in 0..copies.min(loads - cycle * copies) {
            let windows = Windows::of_load(tiles, cycle * copies + copy);
            for (row, x) in turn.rows.iter().zip(inputs.iter_mut()) {
                let pixel = windows.input(row);
                driven += u64::from(pixel.is_some());
                *x = T::from(pixel.map_or(0, |pixel| pixel.map_or(0, |place| input.values()[place])));
            }
            drive(levels, inputs, sums);
            currents.iter_mut().zip(sums.iter()).for_each(|(current, &sum)| *current = sum.into());
            collect(tiles, turn, &windows, currents, output);
        }
    }
    driven
}

/// Every column's sum of inputs times levels.
fn drive<T: Sum>(levels: &[T], inputs: &[T], sums: &mut [T]) {
    sums.fill(T::default());
    for (row, &x) in levels.chunks_exact(sums.len()).zip(inputs) {
        if x != T::default() {
            for (sum, &level) in sums.iter_mut().zip(row) {
                *sum += x * level;
            }
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
    for (column, currents) in crossbar.columns.iter().zip(currents.chunks_exact(cells)) {
        if let Some(place) = windows.output(column) {
            output.values_mut()[place] += tiles.encoding.decode(currents, driven);
        }
    }
}

/// The windows that one load of one copy works on.
struct Windows<'a> {
    tiles: &'a Tiles,
    first: u64,
}

impl<'a> Windows<'a> {
    fn of_load(tiles: &'a Tiles, load: u64) -> Self {
        Self { tiles, first: load * tiles.tiling.packing.windows as u64 }
    }

    /// Row and column of a packed window among all windows, or `None` if the last load has fewer.
    fn position(&self, slot: usize) -> Option<[usize; 2]> {
        let index = self.first + slot as u64;
        let across = self.tiles.partition.axes[1].windows() as u64;
        (index < self.tiles.partition.windows()).then(|| [(index / across) as usize, (index % across) as usize])
    }

    /// What drives a row: `None` if its window does not exist, `Some(None)` for a zero of the padding, else the place of the
    /// pixel in the input.
    fn input(&self, row: &RowInput) -> Option<Option<usize>> {
        let shape = &self.tiles.shape;
        let window = self.position(row.window)?;
        let pixel = |axis: usize| {
            let first = self.tiles.partition.axes[axis].start(window[axis]) * shape.stride[axis];
            let pixel = (first + row.pixel[axis]).checked_sub(shape.padding.on_axis(axis)[0])?;
            (pixel < shape.input[axis]).then_some(pixel)
        };
        Some(pixel(0).zip(pixel(1)).map(|(y, x)| (row.channel * shape.input[0] + y) * shape.input[1] + x))
    }

    /// The place in the output a column adds to, or `None` if its window does not exist or an earlier window owns it.
    fn output(&self, column: &ColumnOutput) -> Option<usize> {
        let window = self.position(column.window)?;
        let [height, width] = self.tiles.shape.output();
        let pixel = |axis: usize| {
            let axis_partition = &self.tiles.partition.axes[axis];
            let owned = axis_partition.owned(window[axis]).contains(&column.pixel[axis]);
            owned.then(|| axis_partition.start(window[axis]) + column.pixel[axis])
        };
        pixel(0).zip(pixel(1)).map(|(y, x)| (column.channel * height + y) * width + x)
    }
}
