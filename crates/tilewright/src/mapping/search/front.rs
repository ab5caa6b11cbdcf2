//! The trade-off of one layer: crossbars against cycles, over all candidates and numbers of copies.

use super::Candidate;

/// A candidate with a number of copies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Point {
    /// Crossbars of all copies.
    pub crossbars: u64,
    /// Cycles with these copies.
    pub cycles: u64,
    /// Place of the candidate in its list.
    pub candidate: usize,
    /// Number of copies.
    pub copies: u64,
}

/// Keeps, of items sorted by one quantity, those that have less of another than all before them: what no other one beats in both.
pub fn keep_front<T, N: PartialOrd + Copy>(sorted: &mut Vec<T>, other: impl Fn(&T) -> N) {
    let mut least = None;
    sorted.retain(|item| {
        let is_less = least.is_none_or(|least| other(item) < least);
        least = if is_less { Some(other(item)) } else { least };
        is_less
    });
}

/// The candidates no other one beats in both crossbars per copy and loads, fewest crossbars first.
pub(super) fn undominated(candidates: &[Candidate]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..candidates.len()).collect();
    order.sort_by_key(|&i| {
        (candidates[i].counts.crossbars, candidates[i].counts.windows, candidates[i].by_activations())
    });
    keep_front(&mut order, |&i| candidates[i].counts.windows);
    order
}

/// All points of at most `budget` crossbars that no other one beats, fewest crossbars first (so most cycles first).
pub(super) fn front(candidates: &[Candidate], budget: u64) -> Vec<Point> {
    let mut points = Vec::new();
    for candidate in undominated(candidates) {
        let counts = candidates[candidate].counts;
        let mut copies = 1;
        while counts.crossbars.saturating_mul(copies) <= budget {
            let cycles = counts.windows.div_ceil(copies);
            points.push(Point { crossbars: counts.crossbars * copies, cycles, candidate, copies });
            if cycles == 1 {
                break;
            }
            // The fewest copies that save at least one cycle more.
            copies = counts.windows.div_ceil(cycles - 1);
        }
    }
    points.sort_by_key(|point| (point.crossbars, point.cycles));
    keep_front(&mut points, |point| point.cycles);
    points
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_front_falls_in_the_other_quantity() {
        let mut points = vec![(1, 9), (1, 9), (2, 9), (3, 4), (4, 7), (5, 4), (6, 0), (7, 0)];
        keep_front(&mut points, |point| point.1);
        assert_eq!(points, [(1, 9), (3, 4), (6, 0)]);
    }
}
