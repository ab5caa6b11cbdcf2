//! Channels: what one converter reads of a crossbar's columns, and how digital logic puts it together.

use super::analog::Digits;
use crate::hardware::Subtraction;
use crate::mapping::{Encoding, SignRule};

/// The current of a column, less that of another if there is one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Channel {
    /// The column.
    pub(super) plus: usize,
    /// What is subtracted from it.
    pub(super) minus: Minus,
}

/// What is subtracted from a column's current.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Minus {
    /// Nothing.
    Nothing,
    /// The other column of its differential pair.
    Pair(usize),
    /// A column that all channels share.
    Shared(usize),
}

impl Channel {
    /// The channel's value of a row's values by column.
    pub(super) fn of(&self, row: &[f64]) -> f64 {
        row[self.plus] - self.minus.column().map_or(0.0, |minus| row[minus])
    }

    /// The channel's level of a row's levels by column.
    pub(super) fn level(&self, row: &[i32]) -> i64 {
        i64::from(row[self.plus]) - self.minus.column().map_or(0, |minus| i64::from(row[minus]))
    }

    /// The sum over the channel's columns of a row's values.
    pub(super) fn sum(&self, row: &[f64]) -> f64 {
        row[self.plus] + self.minus.column().map_or(0.0, |minus| row[minus])
    }
}

impl Minus {
    const fn column(self) -> Option<usize> {
        match self {
            Self::Nothing => None,
            Self::Pair(column) | Self::Shared(column) => Some(column),
        }
    }
}

/// The channels of a crossbar of `weights` weight columns, those of a weight column side by side.
pub(super) fn channels(encoding: &Encoding, pairs: Subtraction, weights: usize) -> Vec<Channel> {
    let cells = weights * encoding.columns_per_weight();
    let of = |plus: usize, minus: Minus| Channel { plus, minus };
    match (encoding.sign, pairs) {
        (SignRule::Differential, Subtraction::Analog) => {
            (0..cells).step_by(2).map(|plus| of(plus, Minus::Pair(plus + 1))).collect()
        }
        // The last column has level 1 in every row: what is left of a column has one level less in each.
        (SignRule::Offset, _) => (0..cells).map(|plus| of(plus, Minus::Shared(cells))).collect(),
        _ => (0..cells).map(|plus| of(plus, Minus::Nothing)).collect(),
    }
}

/// The encoding as cells hold it. No conductance is negative, so that a single column holds its weights shifted, as with an offset; the
/// unit column that undoes the shift lies beyond those that the mapping counts, as the 129th of ISAAC (Shafiee et al., ISCA 2016).
pub(super) const fn in_cells(encoding: Encoding) -> Encoding {
    match encoding.sign {
        SignRule::Single => Encoding { sign: SignRule::Offset, ..encoding },
        SignRule::Differential | SignRule::Offset => encoding,
    }
}

/// How the channels of a weight column are put together.
pub(super) fn digits(encoding: &Encoding, pairs: Subtraction) -> Digits {
    let slices = (0..encoding.slices() as u32).map(|slice| (1u64 << (slice * encoding.cell_bits)) as f64);
    match (encoding.sign, pairs) {
        (SignRule::Differential, Subtraction::Analog) => {
            Digits { factors: slices.collect(), driven: 0.0, subtracts: true }
        }
        (SignRule::Differential, Subtraction::Digital) => {
            Digits { factors: slices.flat_map(|place| [place, -place]).collect(), driven: 0.0, subtracts: false }
        }
        (SignRule::Offset | SignRule::Single, _) => {
            let factors: Vec<f64> = slices.collect();
            let driven = factors.iter().sum::<f64>() - (1u64 << (encoding.weight_bits - 1)) as f64;
            Digits { factors, driven, subtracts: true }
        }
    }
}
