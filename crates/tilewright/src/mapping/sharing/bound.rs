//! How few bins any packing of rectangles can take.

use super::Rectangle;

/// A lower bound on the bins any packing takes: the greatest, over pairs of dual feasible functions, of the rectangles'
/// transformed areas (Fekete, Schepers 2004, "A general framework for bounds for higher-dimensional orthogonal packing
/// problems", theorem 1 and functions u⁽¹⁾ and U⁽ᵋ⁾).
///
/// A dual feasible function maps lengths such that whatever fits side by side still does; so a bin holds at most its own
/// transformed area.
pub fn lower_bound(rectangles: &[Rectangle], bin: Rectangle) -> usize {
    let rows = functions(rectangles.iter().map(|rectangle| rectangle.rows), bin.rows);
    let columns = functions(rectangles.iter().map(|rectangle| rectangle.columns), bin.columns);
    let mut distinct = std::collections::BTreeMap::<(usize, usize), u128>::new();
    for rectangle in rectangles {
        *distinct.entry((rectangle.rows, rectangle.columns)).or_default() += 1;
    }
    let area = |by_rows: &Function, by_columns: &Function| -> u128 {
        let transformed = |(&(rows, columns), &count): (_, &u128)| {
            count * by_rows.of(rows, bin.rows) as u128 * by_columns.of(columns, bin.columns) as u128
        };
        let area: u128 = distinct.iter().map(transformed).sum();
        area.div_ceil(by_rows.of(bin.rows, bin.rows) as u128 * by_columns.of(bin.columns, bin.columns) as u128)
    };
    let bounds = rows.iter().flat_map(|by_rows| columns.iter().map(move |by_columns| area(by_rows, by_columns)));
    bounds.max().unwrap_or(0) as usize
}

/// A dual feasible function of lengths up to the bin's.
enum Function {
    /// The length itself.
    Length,
    /// Lengths above half count as a whole bin, half as half, less as nothing.
    Half,
    /// Lengths beyond the bin less this count as a whole bin, lengths below this as nothing, others as themselves.
    Cut(usize),
}

impl Function {
    fn of(&self, length: usize, bin: usize) -> usize {
        match *self {
            Self::Length => length,
            Self::Half => match (2 * length).cmp(&bin) {
                std::cmp::Ordering::Less => 0,
                std::cmp::Ordering::Equal => 1,
                std::cmp::Ordering::Greater => 2,
            },
            Self::Cut(least) if length + least > bin => bin,
            Self::Cut(least) if length < least => 0,
            Self::Cut(_) => length,
        }
    }
}

/// The functions worth trying: cuts at lengths that occur, at most a bin's half.
fn functions(lengths: impl Iterator<Item = usize>, bin: usize) -> Vec<Function> {
    const MOST_CUTS: usize = 64;
    let cuts: std::collections::BTreeSet<usize> = lengths.filter(|length| 2 * length <= bin).collect();
    let step = cuts.len().div_ceil(MOST_CUTS).max(1);
    let cuts = cuts.into_iter().step_by(step).map(Function::Cut);
    [Function::Length, Function::Half].into_iter().chain(cuts).collect()
}
