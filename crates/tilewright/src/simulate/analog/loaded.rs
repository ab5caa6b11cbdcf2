//! What the crossbars of a layer compute, in the order it is used.

use super::Reading;
use super::product::Matrix;
use super::switched::{SwitchedMatrix, WORD};
use crate::mapping::Step;
use crate::mapping::placement::ColumnOutput;
use crate::simulate::noise::blocks;
use std::collections::BTreeMap;
use std::ops::Range;

/// Integers up to this magnitude are exact in 32-bit floating point.
const EXACT: f64 = (1u32 << 24) as f64;

/// What one crossbar computes, in units of one level times one input.
#[derive(Clone, Debug)]
pub(crate) struct Currents {
    /// Rows of the crossbar that are used.
    pub(crate) rows: usize,
    /// `[row][channel]`, row-major; a channel is what one converter reads.
    pub(crate) matrix: Vec<f32>,
    /// Variance of one read per squared input, in the same order; empty without read noise.
    pub(crate) variance: Vec<f32>,
    /// What digital logic multiplies the currents by.
    pub(crate) factor: f64,
}

/// How the current of a channel is summed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sums {
    /// As a whole, because a converter reads the whole.
    Whole,
    /// In parts that are added exactly.
    InParts,
}

/// A crossbar's matrix in the order it is used.
pub(crate) struct Loaded {
    /// What is driven and read one after another: steps, or parts of them whose sums are exact.
    pub(super) parts: Vec<Part>,
    /// The rows of each word of switches, where inputs are driven bit by bit.
    pub(super) words: Vec<Range<usize>>,
    /// What digital logic multiplies the currents by.
    pub(super) factor: f64,
}

/// Rows that are driven at once, and what of them is read.
pub(super) struct Part {
    pub(super) rows: Range<usize>,
    pub(super) channels: Range<usize>,
    pub(super) reading: Reading,
    pub(super) computes: Computes,
}

/// What a part computes.
pub(super) enum Computes {
    /// Products with integers.
    Products(Matrices<Matrix>),
    /// Sums of the rows that are switched on, by some words.
    Sums(Range<usize>, Matrices<SwitchedMatrix>),
}

/// Currents, and the variances of their read noise where there is any.
pub(super) struct Matrices<M> {
    pub(super) currents: M,
    pub(super) variance: Option<M>,
}

impl Loaded {
    /// A crossbar driven with integers between two ends, step by step; `steps` reads channels, those of each of `columns` side by side. Sums in
    /// parts are taken in as few as keep them exact, if its matrix is of integers; what is disturbed is one current, and is summed as one.
    pub(crate) fn new(
        currents: &Currents,
        driven: [f64; 2],
        sums: Sums,
        steps: &[Step],
        columns: &[ColumnOutput],
    ) -> Self {
        let greatest = driven[1].max(-driven[0]);
        let all = steps.iter().map(|step| blocks(step.columns.len())).sum();
        let pixels = by_pixel(columns, currents.channels());
        let mut loaded = Self { parts: vec![], words: vec![], factor: currents.factor };
        let mut block = 0;
        for step in steps {
            let reading = Reading { channel: step.columns.start, block, blocks: all };
            block += blocks(step.columns.len());
            let rows = if sums == Sums::InParts && currents.variance.is_empty() {
                currents.exact(step, greatest)
            } else {
                vec![step.rows.clone()]
            };
            for rows in rows {
                let step = Step { rows, ..step.clone() };
                let computes = if is_switched(driven) {
                    Computes::Sums(loaded.words_of(&step.rows), currents.switched(&step))
                } else {
                    Computes::Products(currents.products(&step, &pixels))
                };
                loaded.parts.push(Part { rows: step.rows, channels: step.columns, reading, computes });
            }
        }
        loaded
    }

    /// The words of some rows; those of the part before, if they are the same.
    fn words_of(&mut self, rows: &Range<usize>) -> Range<usize> {
        if let Some(Part { rows: before, computes: Computes::Sums(words, _), .. }) = self.parts.last()
            && before == rows
        {
            return words.clone();
        }
        let first = self.words.len();
        self.words.extend(rows.clone().step_by(WORD).map(|start| start..rows.end.min(start + WORD)));
        first..self.words.len()
    }

    /// Whether any read of it is noisy.
    pub(super) fn is_noisy(&self) -> bool {
        self.parts.iter().any(|part| match &part.computes {
            Computes::Products(matrices) => matrices.variance.is_some(),
            Computes::Sums(_, matrices) => matrices.variance.is_some(),
        })
    }

    /// Bytes it takes.
    pub(crate) fn bytes(&self) -> usize {
        let bytes = |part: &Part| match &part.computes {
            Computes::Products(matrices) => matrices.each().map(Matrix::bytes).sum::<usize>(),
            Computes::Sums(_, matrices) => matrices.each().map(SwitchedMatrix::bytes).sum(),
        };
        self.parts.iter().map(bytes).sum()
    }
}

/// Whether inputs between two ends switch rows on or off.
pub(super) fn is_switched(driven: [f64; 2]) -> bool {
    driven == [0.0, 1.0]
}

/// The channels of each pixel: kernels over the same pixels take the same rows.
fn by_pixel(columns: &[ColumnOutput], channels: usize) -> Vec<Vec<usize>> {
    let each = channels / columns.len().max(1);
    let mut pixels: BTreeMap<(usize, [usize; 2]), Vec<usize>> = BTreeMap::new();
    for channel in 0..channels {
        let ColumnOutput { window, pixel, .. } = columns[channel / each];
        pixels.entry((window, pixel)).or_default().push(channel);
    }
    pixels.into_values().collect()
}

impl<M> Matrices<M> {
    fn each(&self) -> impl Iterator<Item = &M> {
        [&self.currents].into_iter().chain(&self.variance)
    }
}

impl Currents {
    fn channels(&self) -> usize {
        self.matrix.len().checked_div(self.rows).unwrap_or(0)
    }

    fn products(&self, step: &Step, pixels: &[Vec<usize>]) -> Matrices<Matrix> {
        let read = |channel: &usize| step.columns.contains(channel).then(|| channel - step.columns.start);
        let groups: Vec<Vec<usize>> = pixels.iter().map(|group| group.iter().filter_map(read).collect()).collect();
        let groups: Vec<Vec<usize>> = groups.into_iter().filter(|group| !group.is_empty()).collect();
        self.of_step(step, |values| Matrix::new(values, &groups))
    }

    fn switched(&self, step: &Step) -> Matrices<SwitchedMatrix> {
        self.of_step(step, |values| SwitchedMatrix::new(step.columns.len(), values))
    }

    /// What a step drives and reads.
    fn of_step<M>(&self, Step { rows, columns }: &Step, matrix: impl Fn(&[f32]) -> M) -> Matrices<M> {
        let all = self.channels();
        let of = |values: &[f32]| {
            let rows = values[rows.start * all..rows.end * all].chunks_exact(all);
            matrix(&rows.flat_map(|row| &row[columns.clone()]).copied().collect::<Vec<_>>())
        };
        Matrices { currents: of(&self.matrix), variance: (!self.variance.is_empty()).then(|| of(&self.variance)) }
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
