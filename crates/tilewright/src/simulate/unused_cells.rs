//! Which cells hold a weight: the others may be left as they come out of the factory.

use crate::mapping::placement::PlacedCrossbar;

/// Which cells `[row][column]` of a crossbar of `columns` columns hold a weight, each in `cells` columns side by side; an offset column is
/// no structural zero either.
pub(super) fn formed(placed: &PlacedCrossbar, cells: usize, columns: usize) -> Vec<bool> {
    let mut formed = vec![false; placed.rows.len() * columns];
    for weight in &placed.weights {
        let first = weight.row * columns + weight.column * cells;
        formed[first..first + cells].fill(true);
    }
    for row in formed.chunks_exact_mut(columns) {
        row[placed.columns.len() * cells..].fill(true);
    }
    formed
}
