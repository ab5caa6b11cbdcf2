//! A layer on its crossbars, sixteen images at once: inputs onto rows, currents out of columns, converted and added digitally.
//!
//! Guaranteed: an output does not depend on the other images or on the width of the processor's vectors; with a matrix of
//! integers and nothing converted it is the exact integer sum, whatever the scheme.

mod access;
mod drive;
mod product;
mod read_out;
mod windows;

pub(super) use access::{Access, Reading};
pub(super) use drive::Pulses;
pub(super) use read_out::{Read, ReadOut};

use super::converter::Adc;
use super::converter_line::Lines;
use super::noise::{ReadNoise, blocks};
use crate::mapping::placement::PlacedCrossbar;
use crate::mapping::{Step, Tiles};
use crate::network::executor::{Images, LANES, Lanes, RunLayer, recycle, room};
use crate::network::{ConvShape, IntegerLayer, Tensor};
use drive::Driven;
use fearless_simd::{Level, Simd, dispatch};
use product::Matrix;
use std::collections::BTreeMap;
use std::ops::Range;
use windows::{Column, Place, Row, Windows};

/// Integers up to this magnitude are exact in 32-bit floating point.
const EXACT: f64 = (1u32 << 24) as f64;

/// What one crossbar computes, in units of one level times one input.
#[derive(Clone, Debug)]
pub(super) struct Currents {
    /// Rows of the crossbar that are used.
    pub(super) rows: usize,
    /// `[row][channel]`, row-major; a channel is what one converter reads.
    pub(super) matrix: Vec<f32>,
    /// Variance of one read per squared input, in the same order; empty without read noise.
    pub(super) variance: Vec<f32>,
    /// What digital logic multiplies the currents by.
    pub(super) factor: f64,
}

/// How the channels of one weight column become its sum.
#[derive(Clone, Debug)]
pub(super) struct Digits {
    /// Factor of each channel of a weight column.
    pub(super) factors: Vec<f64>,
    /// Factor of the sum of the driven inputs, which digital logic knows.
    pub(super) driven: f64,
}

/// A layer made ready to run.
pub(super) struct AnalogLayer {
    shape: ConvShape,
    integer: IntegerLayer,
    windows: Windows,
    loads: u64,
    digits: Digits,
    groups: Vec<Group>,
    pulses: Pulses,
    /// What a linear cell would be driven with by each integer of a pulse, where cells bend.
    bent: Option<Vec<f32>>,
    /// Digital gain and offset per output channel, in real units; empty for none.
    pub(super) correction: Vec<[f64; 2]>,
    pub(super) read: Read,
}

impl Loaded {
    /// A crossbar driven with integers between two ends, step by step; `steps` reads channels. Sums in parts are taken in as few as keep
    /// them exact, if its matrix is of integers; what is disturbed is one current, and is summed as one.
    pub(super) fn new(currents: &Currents, driven: [f64; 2], sums: Sums, steps: &[Step]) -> Self {
        let greatest = driven[1].max(-driven[0]);
        let all = steps.iter().map(|step| blocks(step.columns.len())).sum();
        let mut parts = Vec::new();
        let mut block = 0;
        for step in steps {
            let reading = Reading { channel: step.columns.start, block, blocks: all };
            block += blocks(step.columns.len());
            if sums == Sums::InParts && currents.variance.is_empty() {
                let exact = currents.exact(step, greatest).into_iter();
                parts.extend(exact.map(|rows| currents.part(&Step { rows, ..step.clone() }, reading)));
            } else {
                parts.push(currents.part(step, reading));
            }
        }
        Self { parts, factor: currents.factor }
    }

    /// Bytes it takes.
    pub(super) fn bytes(&self) -> usize {
        self.parts.iter().flat_map(|part| [&part.matrix].into_iter().chain(&part.variance)).map(Matrix::bytes).sum()
    }
}

impl Currents {
    fn channels(&self) -> usize {
        self.matrix.len() / self.rows
    }

    /// What a step drives and reads.
    fn part(&self, Step { rows, columns }: &Step, reading: Reading) -> Part {
        let all = self.channels();
        let of = |values: &[f32]| {
            let rows = values[rows.start * all..rows.end * all].chunks_exact(all);
            Matrix::new(columns.len(), &rows.flat_map(|row| &row[columns.clone()]).copied().collect::<Vec<_>>())
        };
        let variance = (!self.variance.is_empty()).then(|| of(&self.variance));
        Part { rows: rows.clone(), channels: columns.clone(), reading, matrix: of(&self.matrix), variance }
    }

    /// The rows of a step in as few ranges as keep every channel's sum exact.
    fn exact(&self, Step { rows, columns }: &Step, greatest: f64) -> Vec<Range<usize>> {
        let (mut ranges, mut start) = (Vec::new(), rows.start);
        let mut bounds = vec![0.0; columns.len()];
        for (row, values) in rows.clone().zip(self.matrix.chunks_exact(self.channels()).skip(rows.start)) {
            let add = |bounds: &mut [f64]| {
                let values = &values[columns.clone()];
                bounds.iter_mut().zip(values).for_each(|(bound, &value)| *bound += f64::from(value.abs()) * greatest);
            };
            add(&mut bounds);
            if bounds.iter().any(|&bound| bound > EXACT) {
                ranges.push(start..row);
                start = row;
                bounds.fill(0.0);
                add(&mut bounds);
            }
        }
        ranges.push(start..rows.end);
        ranges.retain(|range: &Range<usize>| !range.is_empty());
        ranges
    }
}

/// How the current of a channel is summed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sums {
    /// As a whole, because a converter reads the whole.
    Whole,
    /// In parts that are added exactly.
    InParts,
}

/// Crossbars whose sums are added: the row blocks of some weight columns.
#[derive(Default)]
struct Group {
    columns: Vec<Column>,
    crossbars: Vec<Held>,
}

/// One crossbar of every copy.
struct Held {
    /// Its place among the crossbars of a copy.
    index: usize,
    /// Its weight columns among those of its group.
    columns: Range<usize>,
    rows: Vec<Row>,
    copies: Vec<Loaded>,
}

/// A crossbar's matrix in the order it is used.
pub(super) struct Loaded {
    /// What is driven and read one after another: steps, or parts of them whose sums are exact.
    parts: Vec<Part>,
    /// What digital logic multiplies the currents by.
    factor: f64,
}

/// Rows that are driven at once, and what of them is read.
struct Part {
    rows: Range<usize>,
    channels: Range<usize>,
    reading: Reading,
    matrix: Matrix,
    /// Variances of the read noise, where there is any.
    variance: Option<Matrix>,
}

/// Room for one access.
#[derive(Default)]
struct Scratch {
    places: Vec<Option<Place>>,
    inputs: Vec<Lanes>,
    known: Vec<Lanes>,
    sums: Vec<Lanes>,
    squares: Vec<Lanes>,
    variances: Vec<Lanes>,
    totals: Vec<[f64; LANES]>,
}

impl Group {
    /// The place of a crossbar's columns among those of the group, added where they are missing. Crossbars are told in the order
    /// of the columns, so what is new follows what is there.
    fn join(&mut self, columns: Vec<Column>) -> Range<usize> {
        let first = self.columns.iter().position(|known| Some(known) == columns.first()).unwrap_or(self.columns.len());
        let range = first..first + columns.len();
        let known = self.columns.len().min(range.end) - first;
        debug_assert_eq!(self.columns[first..first + known], columns[..known]);
        self.columns.extend(columns.into_iter().skip(known));
        range
    }
}

impl RunLayer for AnalogLayer {
    fn run(&self, level: Level, input: &Images, first: u64) -> Images {
        self.run_reading(level, input, first, &mut &self.read)
    }
}

impl AnalogLayer {
    /// `crossbars` are those of a copy with what each copy of them computes, or one copy for all.
    pub(super) fn new(
        integer: IntegerLayer,
        tiles: &Tiles,
        crossbars: impl Iterator<Item = (PlacedCrossbar, Vec<Loaded>)>,
        digits: Digits,
        (pulses, bent): (Pulses, Option<Vec<f32>>),
        noise: ReadNoise,
    ) -> Self {
        let windows = Windows::new(tiles);
        let mut groups: BTreeMap<[usize; 2], Group> = BTreeMap::new();
        for (index, (placed, copies)) in crossbars.enumerate() {
            let rows = placed.rows.iter().map(|row| windows.row(row)).collect();
            let group = groups.entry(tiles.sums_with(&placed)).or_default();
            let columns = group.join(placed.columns.iter().map(|column| windows.column(column)).collect());
            group.crossbars.push(Held { index, columns, rows, copies });
        }
        let groups = groups.into_values().collect();
        Self {
            shape: tiles.shape,
            integer,
            loads: tiles.loads(),
            windows,
            digits,
            groups,
            pulses,
            bent,
            correction: vec![],
            read: Read::exact(noise),
        }
    }

    /// Channels of each crossbar of a copy.
    pub(super) fn channels(&self) -> Vec<usize> {
        let mut crossbars: Vec<&Held> = self.groups.iter().flat_map(|group| &group.crossbars).collect();
        crossbars.sort_by_key(|held| held.index);
        crossbars.into_iter().map(|held| held.columns.len() * self.digits.factors.len()).collect()
    }

    /// Copies of every crossbar that have cells or converters of their own.
    pub(super) fn copies(&self) -> usize {
        self.groups.iter().flat_map(|group| &group.crossbars).map(|held| held.copies.len()).max().unwrap_or(1)
    }

    /// Lets its currents be converted by such converters, whose errors are those of the layer's chip.
    pub(super) fn set_converters(&mut self, adc: &Adc, lines: Vec<Lines>) {
        let (channels, copies) = (self.channels(), self.copies());
        self.read.convert(adc, lines, &channels, copies);
    }

    /// Runs the layer with another read-out, which may look at the currents.
    pub(super) fn run_reading(&self, level: Level, input: &Images, first: u64, read: &mut impl ReadOut) -> Images {
        let mut output = self.blank();
        let pulses = self.drive(level, input);
        dispatch!(level, simd => self.run_loads(simd, &pulses, first, read, &mut output));
        pulses.into_iter().flat_map(|Driven { bent, known }| [bent].into_iter().chain(known)).for_each(recycle);
        output
    }

    fn blank(&self) -> Images {
        let [height, width] = self.shape.output();
        let mut values = room(self.shape.out_channels * height * width);
        values.fill(Lanes::splat(0.0));
        Tensor::new(vec![self.shape.out_channels, height, width], values)
    }

    #[inline(always)]
    fn run_loads<S: Simd>(&self, simd: S, pulses: &[Driven], first: u64, read: &mut impl ReadOut, output: &mut Images) {
        let mut scratch = Scratch::default();
        for load in 0..self.loads {
            self.windows.of_load(load, &mut scratch.places);
            for group in &self.groups {
                scratch.totals.clear();
                scratch.totals.resize(group.columns.len(), [0.0; LANES]);
                for crossbar in &group.crossbars {
                    for (pulse, inputs) in pulses.iter().enumerate() {
                        let copy = load as usize % crossbar.copies.len();
                        let reading = Reading::default();
                        let access = Access { crossbar: crossbar.index, copy, load, pulse, first, reading };
                        self.access(simd, crossbar, access, inputs, read, &mut scratch);
                    }
                }
                self.yield_columns(group, &scratch, output);
            }
        }
    }

    /// Drives the rows of one crossbar once, step by step, and adds what its columns yield to the totals.
    #[inline(always)]
    fn access<S: Simd>(
        &self,
        simd: S,
        crossbar: &Held,
        access: Access,
        inputs: &Driven,
        read: &mut impl ReadOut,
        scratch: &mut Scratch,
    ) {
        let Scratch { places, inputs: driven, known, sums, squares, variances, totals } = scratch;
        crossbar.drive(&inputs.bent, places, driven);
        if let Some(integers) = &inputs.known {
            crossbar.drive(integers, places, known);
        }
        let loaded = &crossbar.copies[access.copy];
        let digits = self.digits.factors.len();
        let totals = &mut totals[crossbar.columns.clone()];
        let worth = (1u64 << (access.pulse as u32 * self.pulses.bits)) as f64;
        for Part { rows, channels, reading, matrix, variance } in &loaded.parts {
            let driven = &driven[rows.clone()];
            let totals = &mut totals[channels.start / digits..channels.end / digits];
            sums.resize(channels.len(), Lanes::splat(0.0));
            matrix.multiply(simd, driven, sums);
            if let Some(variance) = variance {
                squares.clear();
                squares.extend(driven.iter().map(|lanes| lanes.map(|x| x * x)));
                variances.resize(channels.len(), Lanes::splat(0.0));
                variance.multiply(simd, squares, variances);
            }
            let variances = variance.is_some().then_some(variances.as_slice());
            read.read(simd, &Access { reading: *reading, ..access }, variances, sums);
            self.add(sums, worth * loaded.factor, totals);
            if self.digits.driven != 0.0 {
                let known = if inputs.known.is_some() { &known[rows.clone()] } else { driven };
                add_driven(known, worth * self.digits.driven, totals);
            }
        }
    }

    /// Adds the channels of every weight column to its total.
    #[inline(always)]
    fn add(&self, sums: &[Lanes], worth: f64, totals: &mut [[f64; LANES]]) {
        let factors = self.digits.factors.as_slice();
        for (channels, total) in sums.chunks_exact(factors.len()).zip(totals) {
            for (channel, factor) in channels.iter().zip(factors) {
                let factor = factor * worth;
                for (total, &value) in total.iter_mut().zip(&channel.0) {
                    *total += f64::from(value) * factor;
                }
            }
        }
    }

    /// Writes the outputs that the windows of a load own.
    #[inline(always)]
    fn yield_columns(&self, group: &Group, scratch: &Scratch, output: &mut Images) {
        for (column, total) in group.columns.iter().zip(&scratch.totals) {
            if let Some(place) = self.windows.output(column, &scratch.places) {
                output.values_mut()[place] = self.real(column.channel, total);
            }
        }
    }

    /// The real values of a channel's sums, with its bias and its correction.
    #[inline(always)]
    fn real(&self, channel: usize, sums: &[f64; LANES]) -> Lanes {
        let [gain, offset] = self.correction.get(channel).copied().unwrap_or([1.0, 0.0]);
        let value = self.integer.real(channel);
        let mut real = Lanes::splat(0.0);
        for (real, sum) in real.0.iter_mut().zip(sums) {
            *real = (value(*sum) * gain + offset) as f32;
        }
        real
    }
}

/// Adds the sum of the driven inputs, times a factor, to every total.
#[inline(always)]
fn add_driven(driven: &[Lanes], factor: f64, totals: &mut [[f64; LANES]]) {
    let mut sum = [0.0; LANES];
    for lanes in driven {
        for (sum, &x) in sum.iter_mut().zip(&lanes.0) {
            *sum += f64::from(x);
        }
    }
    for total in totals {
        for (total, sum) in total.iter_mut().zip(sum) {
            *total += sum * factor;
        }
    }
}
