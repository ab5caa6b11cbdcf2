//! A layer on its crossbars, sixteen images at once: inputs onto rows, currents out of columns, converted and added digitally.
//!
//! Guaranteed: an output does not depend on the other images or on the width of the processor's vectors; with a matrix of
//! integers and nothing converted it is the exact integer sum, whatever the scheme.

mod access;
mod drive;
mod driven_rows;
mod loaded;
mod product;
mod read_out;
mod rows;
mod switched;
mod windows;

pub(super) use access::{Access, Reading};
pub(super) use drive::{Driving, Pulses};
pub(super) use loaded::{Currents, Loaded, Sums};
pub(super) use read_out::{Read, ReadOut};

use super::converter::Adc;
use super::converter_line::Lines;
use super::noise::ReadNoise;
use crate::mapping::Tiles;
use crate::mapping::placement::PlacedCrossbar;
use crate::network::executor::{Images, Lanes, RunLayer, Total, room};
use crate::network::{ConvShape, IntegerLayer, Tensor};
use drive::Inputs;
use driven_rows::{DrivenRows, Gathered};
use fearless_simd::{Level, Simd, dispatch};
use loaded::{Computes, Part};
use rows::Rows;
use std::collections::BTreeMap;
use std::ops::Range;
use switched::{Switches, count};
use windows::{Column, Place, Windows};

/// How the channels of one weight column become its sum.
#[derive(Clone, Debug)]
pub(super) struct Digits {
    /// Factor of each channel of a weight column.
    pub(super) factors: Vec<f64>,
    /// Factor of the sum of the driven inputs, which digital logic knows.
    pub(super) driven: f64,
    /// Whether each channel is the current of a column less that of another.
    pub(super) subtracts: bool,
}

/// A layer made ready to run.
pub(super) struct AnalogLayer {
    shape: ConvShape,
    integer: IntegerLayer,
    windows: Windows,
    loads: u64,
    digits: Digits,
    groups: Vec<Group>,
    driving: Driving,
    /// Whether any read of its crossbars is noisy.
    is_noisy: bool,
    /// Digital gain and offset per output channel, in real units; empty for none.
    pub(super) correction: Vec<[f64; 2]>,
    pub(super) read: Read,
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
    rows: Rows,
    copies: Vec<Loaded>,
}

/// Room for one load.
#[derive(Default)]
struct Scratch {
    places: Vec<Option<Place>>,
    switches: Switches,
    gathered: Gathered,
    totals: Vec<Total>,
    read: Readings,
}

/// What a part yields.
#[derive(Default)]
struct Readings {
    sums: Vec<Lanes>,
    variances: Vec<Lanes>,
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
        driving: Driving,
        noise: ReadNoise,
    ) -> Self {
        let windows = Windows::new(tiles);
        let mut groups: BTreeMap<[usize; 2], Group> = BTreeMap::new();
        for (index, (placed, copies)) in crossbars.enumerate() {
            let rows = Rows::new(&placed.rows.iter().map(|row| windows.row(row)).collect::<Vec<_>>());
            let group = groups.entry(tiles.sums_with(&placed)).or_default();
            let columns = group.join(placed.columns.iter().map(|column| windows.column(column)).collect());
            group.crossbars.push(Held { index, columns, rows, copies });
        }
        let groups: Vec<Group> = groups.into_values().collect();
        let is_noisy = crossbars_of(&groups).flat_map(|crossbar| &crossbar.copies).any(Loaded::is_noisy);
        Self {
            shape: tiles.shape,
            integer,
            loads: tiles.loads(),
            windows,
            digits,
            groups,
            driving,
            is_noisy,
            correction: vec![],
            read: Read::exact(noise),
        }
    }

    /// Channels of each crossbar of a copy.
    pub(super) fn channels(&self) -> Vec<usize> {
        let mut crossbars: Vec<&Held> = crossbars_of(&self.groups).collect();
        crossbars.sort_by_key(|held| held.index);
        crossbars.into_iter().map(|held| held.columns.len() * self.digits.factors.len()).collect()
    }

    /// Copies of every crossbar that have cells or converters of their own.
    pub(super) fn copies(&self) -> usize {
        crossbars_of(&self.groups).map(|held| held.copies.len()).max().unwrap_or(1)
    }

    /// Which of its neurons yields each output, `[out_channels, height, width]`: one for every weight column of every copy.
    pub(super) fn neurons(&self) -> Vec<u32> {
        let [height, width] = self.shape.output();
        let mut neurons = vec![0; self.shape.out_channels * height * width];
        let columns: usize = self.groups.iter().map(|group| group.columns.len()).sum();
        let (copies, mut places, mut first) = (self.copies(), vec![], 0);
        for group in &self.groups {
            for load in 0..self.loads {
                self.windows.of_load(load, &mut places);
                let of_copy = load as usize % copies * columns + first;
                for (column, neuron) in group.columns.iter().zip(of_copy..) {
                    if let Some(place) = self.windows.output(column, &places) {
                        neurons[place] = neuron as u32;
                    }
                }
            }
            first += group.columns.len();
        }
        neurons
    }

    /// Whether each channel is the current of a column less that of another.
    pub(super) fn subtracts(&self) -> bool {
        self.digits.subtracts
    }

    /// Lets its currents be converted by such converters, whose errors are those of the layer's chip.
    pub(super) fn set_converters(&mut self, adc: &Adc, lines: Vec<Lines>) {
        let (channels, copies) = (self.channels(), self.copies());
        self.read.convert(adc, lines, &channels, copies);
    }

    /// Runs the layer with another read-out, which may look at the currents.
    pub(super) fn run_reading(&self, level: Level, input: &Images, first: u64, read: &mut impl ReadOut) -> Images {
        let mut output = self.blank();
        let inputs = self.drive(level, input);
        dispatch!(level, simd => self.run_loads(simd, &inputs, first, read, &mut output));
        inputs.recycle();
        output
    }

    /// Room for the output, every value of which some window owns.
    fn blank(&self) -> Images {
        let [height, width] = self.shape.output();
        let values = room(self.shape.out_channels * height * width);
        Tensor::new(vec![self.shape.out_channels, height, width], values)
    }

    /// Group by group, so that the matrices of one stay near from load to load.
    #[inline(always)]
    fn run_loads<S: Simd>(&self, simd: S, inputs: &Inputs, first: u64, read: &mut impl ReadOut, output: &mut Images) {
        let mut scratch = Scratch::default();
        for group in &self.groups {
            for load in 0..self.loads {
                self.windows.of_load(load, &mut scratch.places);
                scratch.totals.clear();
                scratch.totals.resize(group.columns.len(), Total::NOTHING);
                for crossbar in &group.crossbars {
                    let access = Access {
                        crossbar: crossbar.index,
                        copy: load as usize % crossbar.copies.len(),
                        load,
                        pulse: 0,
                        first,
                        reading: Reading::default(),
                    };
                    self.access(simd, crossbar, access, inputs, read, &mut scratch);
                }
                self.yield_columns(simd, group, &scratch, output);
            }
        }
    }

    /// Drives one crossbar with every pulse of a load and adds what its columns yield to the totals.
    #[inline(always)]
    fn access<S: Simd>(
        &self,
        simd: S,
        crossbar: &Held,
        access: Access,
        inputs: &Inputs,
        read: &mut impl ReadOut,
        Scratch { places, switches, gathered, totals, read: readings }: &mut Scratch,
    ) {
        let loaded = &crossbar.copies[access.copy];
        let totals = &mut totals[crossbar.columns.clone()];
        match inputs {
            Inputs::Integers(pulses) => {
                for (pulse, inputs) in pulses.iter().enumerate() {
                    let driven = DrivenRows::new(&crossbar.rows, inputs, places, gathered);
                    self.read_parts(simd, loaded, Access { pulse, ..access }, &driven, read, (readings, totals));
                }
            }
            Inputs::Bits(bytes) => {
                switches.set(simd.level(), &crossbar.rows, &loaded.words, places, bytes);
                for pulse in 0..self.driving.pulses.count {
                    let driven = DrivenRows::Switched(switches, pulse);
                    self.read_parts(simd, loaded, Access { pulse, ..access }, &driven, read, (readings, totals));
                }
            }
        }
    }

    /// Reads one crossbar, which is driven, step by step, and adds what its columns yield to their totals.
    #[inline(always)]
    fn read_parts<S: Simd>(
        &self,
        simd: S,
        loaded: &Loaded,
        access: Access,
        driven: &DrivenRows<'_>,
        read: &mut impl ReadOut,
        (readings, totals): (&mut Readings, &mut [Total]),
    ) {
        let digits = self.digits.factors.len();
        let worth = (1u64 << (access.pulse as u32 * self.driving.pulses.bits)) as f64;
        for part in &loaded.parts {
            let is_noisy = readings.compute(simd.level(), part, driven);
            let Readings { sums, variances } = readings;
            let variances = is_noisy.then_some(variances.as_slice());
            read.read(simd, &Access { reading: part.reading, ..access }, variances, sums);
            let totals = &mut totals[part.channels.start / digits..part.channels.end / digits];
            self.add(simd, sums, worth * loaded.factor, totals);
            if self.digits.driven != 0.0 {
                let sum = driven.sum(simd, part);
                let factor = worth * self.digits.driven;
                for total in totals {
                    total.add_total(simd, &sum, factor);
                }
            }
        }
    }

    /// Adds the channels of every weight column to its total.
    #[inline(always)]
    fn add<S: Simd>(&self, simd: S, sums: &[Lanes], worth: f64, totals: &mut [Total]) {
        let factors = self.digits.factors.as_slice();
        for (channels, total) in sums.chunks_exact(factors.len()).zip(totals) {
            for (channel, factor) in channels.iter().zip(factors) {
                total.add(simd, channel, factor * worth);
            }
        }
    }

    /// Writes the outputs that the windows of a load own.
    #[inline(always)]
    fn yield_columns<S: Simd>(&self, simd: S, group: &Group, scratch: &Scratch, output: &mut Images) {
        for (column, total) in group.columns.iter().zip(&scratch.totals) {
            if let Some(place) = self.windows.output(column, &scratch.places) {
                let correction = self.correction.get(column.channel).copied().unwrap_or([1.0, 0.0]);
                output.values_mut()[place] = total.on_lines(simd, [self.integer.line(column.channel), correction]);
            }
        }
    }
}

fn crossbars_of(groups: &[Group]) -> impl Iterator<Item = &Held> {
    groups.iter().flat_map(|group| &group.crossbars)
}

impl Readings {
    /// The currents of a part, and whether they are noisy: then the variances, too.
    fn compute(&mut self, level: Level, part: &Part, driven: &DrivenRows<'_>) -> bool {
        // A function of its own: its loops are long to compile, and would be once for each read-out.
        dispatch!(level, simd => self.compute_with(simd, part, driven))
    }

    #[inline(always)]
    fn compute_with<S: Simd>(&mut self, simd: S, part: &Part, driven: &DrivenRows<'_>) -> bool {
        let Self { sums, variances } = self;
        sums.resize(part.channels.len(), Lanes::splat(0.0));
        variances.resize(part.channels.len(), Lanes::splat(0.0));
        match (&part.computes, driven) {
            (Computes::Products(matrices), DrivenRows::Driven { at, inputs, squares, .. }) => {
                let at = &at[part.rows.clone()];
                matrices.currents.multiply(simd, inputs, at, sums);
                if let Some(variance) = &matrices.variance {
                    variance.multiply(simd, squares, at, variances);
                }
                matrices.variance.is_some()
            }
            (Computes::Sums(words, matrices), DrivenRows::Switched(switches, pulse)) => {
                let switches = switches.of_pulse(*pulse, words);
                matrices.currents.multiply(simd, switches, sums);
                if let Some(variance) = &matrices.variance {
                    variance.multiply(simd, switches, variances);
                }
                matrices.variance.is_some()
            }
            _ => unreachable!("all crossbars of a layer are driven alike"),
        }
    }
}

impl DrivenRows<'_> {
    /// The sum of the integers that a part is driven with, which digital logic knows.
    #[inline(always)]
    fn sum<S: Simd>(&self, simd: S, part: &Part) -> Total {
        match (self, &part.computes) {
            (Self::Switched(switches, pulse), Computes::Sums(words, _)) => {
                let switches = switches.of_pulse(*pulse, words);
                Total::from_fn(|image| count(switches, image).into())
            }
            (Self::Driven { at, known, .. }, _) => {
                let mut sum = Total::NOTHING;
                for &at in &at[part.rows.clone()] {
                    sum.add(simd, &known[at as usize], 1.0);
                }
                sum
            }
            _ => unreachable!("all crossbars of a layer are driven alike"),
        }
    }
}
