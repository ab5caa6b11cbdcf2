//! The sums that a column can yield when its rows are driven once, and the converter bits that tell them apart.

use super::{Encoding, SignRule};

/// Bits of a converter that yields every whole number between two ends: of none below 0 as they are, else in two's complement.
///
/// ```
/// use tilewright::mapping::lossless_bits;
///
/// // 128 rows of levels 0 to 3, driven or not.
/// assert_eq!(lossless_bits([0, 384]), 9);
/// assert_eq!(lossless_bits([-384, 384]), 10);
/// ```
pub const fn lossless_bits([least, greatest]: [i64; 2]) -> u32 {
    let magnitude = bits_of(if greatest > 0 { greatest as u64 } else { 0 });
    if least >= 0 {
        return if magnitude > 1 { magnitude } else { 1 };
    }
    // −2^b takes as many bits as 2^b − 1.
    let below = bits_of(least.unsigned_abs() - 1);
    1 + if magnitude > below { magnitude } else { below }
}

/// Digits of a number, none of 0.
const fn bits_of(number: u64) -> u32 {
    64 - number.leading_zeros()
}

impl Encoding {
    /// Least and greatest sum of a column of `rows` cells, each driven with a number of a pulse between two ends, whatever the
    /// weights; of a pair of columns if they are `subtracted` before they are read.
    pub const fn sum_ends(&self, rows: usize, [least, greatest]: [i64; 2], subtracted: bool) -> [i64; 2] {
        let top = self.top_level() as i64 * rows as i64;
        let signed =
            matches!(self.sign, SignRule::Single) || (matches!(self.sign, SignRule::Differential) && subtracted);
        let most = if greatest > -least { greatest } else { -least };
        if signed { [-top * most, top * most] } else { [top * least, top * greatest] }
    }
}
