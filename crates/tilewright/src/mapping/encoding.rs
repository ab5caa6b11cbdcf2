//! How one signed weight becomes the levels of one or several cells.
//!
//! A weight of `weight_bits` is cut into bit slices of `cell_bits`, least significant first; each slice takes one column, or
//! two in a differential pair. Levels are what a cell is programmed to; the analog stages turn them into conductances.

use super::{CrossbarSize, MappingError};
use serde::{Deserialize, Serialize};

/// How the sign of a weight is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SignRule {
    /// Two columns per slice, the magnitude in the one of its sign; their currents are subtracted.
    Differential,
    /// The weight plus 2^(weight_bits−1) in one column per slice; one more column per crossbar sums the driven inputs, and
    /// its multiple is subtracted. Cells without a weight hold the offset, so that they count as zero.
    Offset,
    /// One column per slice, cells that hold a sign: the convention of mapping papers that count one column per weight.
    Single,
}

impl SignRule {
    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Differential => "differential",
            Self::Offset => "offset",
            Self::Single => "single",
        }
    }

    /// The cells of a weight in words.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Differential => "differential pairs",
            Self::Offset => "offset columns",
            Self::Single => "cells that hold a sign",
        }
    }
}

/// How weights become cells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Encoding {
    /// How the sign is kept.
    pub sign: SignRule,
    /// Bits of a signed weight, 2 to 16; [`Encoding::weight_range`] says which integers they hold.
    pub weight_bits: u32,
    /// Bits one cell holds, 1 to 16.
    pub cell_bits: u32,
}

impl Encoding {
    /// Weights of 8 bits, each whole in one cell (or one pair).
    pub const fn whole(sign: SignRule) -> Self {
        Self { sign, weight_bits: 8, cell_bits: 8 }
    }

    /// Checks the bit counts.
    ///
    /// # Errors
    /// If the weights have not 2 to 16 bits or the cells not 1 to 16.
    pub fn verify(&self) -> Result<(), MappingError> {
        let problem = match (self.weight_bits, self.cell_bits) {
            (2..=16, 1..=16) => return Ok(()),
            (2..=16, bits) => format!("{bits} bits per cell: give 1 to 16"),
            (bits, _) => format!("{bits} bits per weight: give 2 to 16"),
        };
        Err(MappingError::Setting { problem })
    }

    /// Whether cells without a weight are at level 0.
    pub(super) const fn is_nothing_where_empty(&self) -> bool {
        !matches!(self.sign, SignRule::Offset)
    }

    /// Bit slices of one weight. A differential pair keeps the sign apart, so it stores one bit less.
    pub const fn slices(&self) -> usize {
        let bits = match self.sign {
            SignRule::Differential => self.weight_bits - 1,
            SignRule::Offset | SignRule::Single => self.weight_bits,
        };
        bits.div_ceil(self.cell_bits) as usize
    }

    /// Columns one weight takes.
    pub const fn columns_per_weight(&self) -> usize {
        match self.sign {
            SignRule::Differential => 2 * self.slices(),
            SignRule::Offset | SignRule::Single => self.slices(),
        }
    }

    /// Columns a crossbar needs besides those of its weights.
    pub const fn extra_columns(&self) -> usize {
        match self.sign {
            SignRule::Offset => 1,
            SignRule::Differential | SignRule::Single => 0,
        }
    }

    /// Weights that fit side by side on one row of a crossbar; 0 if not even one does.
    pub const fn weights_per_row(&self, crossbar: CrossbarSize) -> usize {
        crossbar.columns.saturating_sub(self.extra_columns()) / self.columns_per_weight()
    }

    /// Greatest weight, and the magnitude that weights in floating point are rounded to at most.
    pub const fn weight_limit(&self) -> i32 {
        (1 << (self.weight_bits - 1)) - 1
    }

    /// Least and greatest weight.
    ///
    /// Two's complement of b bits has −2^(b−1), and so have an offset and cells with a sign. A pair keeps the sign apart and
    /// b−1 bits of magnitude, of which that number has one more: it is held where the slices have room for it, as a weight that
    /// is whole in a cell of b bits has.
    pub const fn weight_range(&self) -> [i32; 2] {
        let room = match self.sign {
            SignRule::Differential => self.slices() as u32 * self.cell_bits >= self.weight_bits,
            SignRule::Offset | SignRule::Single => true,
        };
        let greatest = self.weight_limit();
        [if room { -greatest - 1 } else { -greatest }, greatest]
    }

    /// Whether all weights between two ends are held.
    pub const fn holds(&self, [least, greatest]: [i32; 2]) -> bool {
        let range = self.weight_range();
        range[0] <= least && greatest <= range[1]
    }

    /// Checks that a layer's weights, which lie between two ends, are held.
    ///
    /// # Errors
    /// [`MappingError::Setting`] with the layer, the weight, what is held, and what would hold it.
    pub fn check_range(&self, layer: &str, range: [i32; 2]) -> Result<(), MappingError> {
        if self.holds(range) {
            return Ok(());
        }
        let weight = if range[0] < self.weight_range()[0] { range[0] } else { range[1] };
        let [least, greatest] = self.weight_range();
        let needed = |sign| (2..=16).find(|&weight_bits| Self { sign, weight_bits, ..*self }.holds(range));
        let more = needed(self.sign).map_or_else(|| "16 are the most".into(), |bits| format!("give {bits}"));
        let others = [SignRule::Offset, SignRule::Single].map(|sign| Self { sign, ..*self }.holds(range));
        let others = if others == [true; 2] { ", or the encoding offset or single, which hold it" } else { "" };
        let problem = format!(
            "layer {layer:?} has the weight {weight} in integers; {} of {} bits in {}-bit cells hold {least} to {greatest}: \
             {more} weight bits{others}",
            self.sign.words(),
            self.weight_bits,
            self.cell_bits
        );
        Err(MappingError::Setting { problem })
    }

    /// Greatest level of a cell; one more in a pair whose cells hold the least weight whole ([`Encoding::weight_range`]).
    pub const fn top_level(&self) -> i32 {
        let bits = match self.sign {
            SignRule::Differential => self.weight_bits - 1,
            SignRule::Offset | SignRule::Single => self.weight_bits,
        };
        let bits = if bits < self.cell_bits { bits } else { self.cell_bits };
        (1 << bits) - 1
    }

    /// Writes the levels of `weight` into its `columns_per_weight` cells.
    ///
    /// Order: slice 0 first; within a slice of a differential pair the positive column first.
    pub fn encode(&self, weight: i32, cells: &mut [i32]) {
        let mask = (1i32 << self.cell_bits) - 1;
        let slices = self.slices();
        let digit = |value: i32, slice: usize| (value >> (slice as u32 * self.cell_bits)) & mask;
        match self.sign {
            SignRule::Differential => {
                for slice in 0..slices {
                    cells[2 * slice] = digit(weight.max(0), slice);
                    cells[2 * slice + 1] = digit((-weight).max(0), slice);
                }
            }
            SignRule::Offset => {
                (0..slices).for_each(|slice| cells[slice] = digit(weight + self.offset(), slice));
            }
            SignRule::Single => {
                // Two's complement: the last slice keeps the sign, so it is not masked.
                (0..slices).for_each(|slice| cells[slice] = digit(weight, slice));
                cells[slices - 1] = weight >> ((slices - 1) as u32 * self.cell_bits);
            }
        }
    }

    /// The levels of every weight, for whoever looks many up: those of weight w are the `columns_per_weight` from
    /// `(w − least) · columns_per_weight` on, where `least` is the least weight held.
    pub(super) fn all_levels(&self) -> Vec<i32> {
        let [least, greatest] = self.weight_range();
        let cells = self.columns_per_weight();
        let mut levels = vec![0; (greatest - least + 1) as usize * cells];
        (least..=greatest).zip(levels.chunks_exact_mut(cells)).for_each(|(weight, cells)| self.encode(weight, cells));
        levels
    }

    /// The sum of products that the currents of one weight column's cells stand for.
    ///
    /// `currents` has one exact sum per cell in the order of [`Encoding::encode`]; `driven` is the sum of the driven inputs,
    /// read from the offset column.
    pub fn decode(&self, currents: &[i64], driven: i64) -> i64 {
        let place = |slice: usize| 1i64 << (slice as u32 * self.cell_bits);
        match self.sign {
            SignRule::Differential => {
                currents.chunks(2).enumerate().map(|(slice, pair)| (pair[0] - pair[1]) * place(slice)).sum()
            }
            SignRule::Offset => {
                let sum: i64 = currents.iter().enumerate().map(|(slice, current)| current * place(slice)).sum();
                sum - i64::from(self.offset()) * driven
            }
            SignRule::Single => currents.iter().enumerate().map(|(slice, current)| current * place(slice)).sum(),
        }
    }

    const fn offset(&self) -> i32 {
        1 << (self.weight_bits - 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_weight_comes_back() {
        for sign in [SignRule::Differential, SignRule::Offset, SignRule::Single] {
            for (weight_bits, cell_bits) in [(2, 1), (4, 1), (5, 2), (8, 8), (8, 3), (8, 16), (12, 5)] {
                let encoding = Encoding { sign, weight_bits, cell_bits };
                let [least, greatest] = encoding.weight_range();
                for weight in least..=greatest {
                    let mut cells = vec![0; encoding.columns_per_weight()];
                    encoding.encode(weight, &mut cells);
                    let currents: Vec<i64> = cells.iter().map(|&cell| 3 * i64::from(cell)).collect();
                    assert_eq!(encoding.decode(&currents, 3), 3 * i64::from(weight), "{encoding:?} {weight}");
                    if sign != SignRule::Single {
                        assert!(cells.iter().all(|cell| (0..1 << cell_bits).contains(cell)), "{encoding:?} {cells:?}");
                    }
                }
            }
        }
    }

    /// Two's complement has one more negative number than positive ones; magnitudes do not, unless there is room.
    #[test]
    fn ranges_by_hand() {
        let range = |sign, weight_bits, cell_bits| Encoding { sign, weight_bits, cell_bits }.weight_range();
        for sign in [SignRule::Offset, SignRule::Single] {
            assert_eq!(range(sign, 8, 8), [-128, 127]);
            assert_eq!(range(sign, 2, 1), [-2, 1]);
        }
        // 128 is level 128 of a pair's cell; in 2-bit cells 2, 0, 0, 0; seven 1-bit cells hold 127.
        assert_eq!(range(SignRule::Differential, 8, 8), [-128, 127]);
        assert_eq!(range(SignRule::Differential, 8, 2), [-128, 127]);
        assert_eq!(range(SignRule::Differential, 8, 1), [-127, 127]);
        assert_eq!(range(SignRule::Differential, 8, 7), [-127, 127]);
    }

    #[test]
    fn what_is_not_held_says_what_would() {
        let pairs = Encoding { sign: SignRule::Differential, weight_bits: 8, cell_bits: 1 };
        let error = pairs.check_range("conv1", [-128, 5]).expect_err("one bit too many").to_string();
        for words in ["\"conv1\"", "-128", "-127 to 127", "give 9 weight bits", "offset or single"] {
            assert!(error.contains(words), "{error}");
        }
        assert!(Encoding { sign: SignRule::Offset, ..pairs }.check_range("conv1", [-128, 127]).is_ok());
        let error = pairs.check_range("conv1", [-5, 300]).expect_err("two bits too many").to_string();
        assert!(error.contains("300") && error.contains("give 10 weight bits") && !error.contains("offset"), "{error}");
    }

    #[test]
    fn columns_per_weight_by_hand() {
        let columns = |sign, weight_bits, cell_bits| Encoding { sign, weight_bits, cell_bits }.columns_per_weight();
        assert_eq!(columns(SignRule::Differential, 8, 8), 2);
        assert_eq!(columns(SignRule::Differential, 8, 2), 8);
        assert_eq!(columns(SignRule::Offset, 8, 2), 4);
        assert_eq!(columns(SignRule::Single, 8, 8), 1);
        assert_eq!(columns(SignRule::Single, 8, 4), 2);
    }
}
