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

/// The candidates no other one beats in both crossbars per copy and loads, fewest crossbars first.
pub(super) fn undominated(candidates: &[Candidate]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..candidates.len()).collect();
    order.sort_by_key(|&i| {
        (candidates[i].counts.crossbars, candidates[i].counts.windows, candidates[i].by_activations())
    });
    let mut fewest_loads = u64::MAX;
    order.retain(|&i| {
        let keep = candidates[i].counts.windows < fewest_loads;
        fewest_loads = fewest_loads.min(candidates[i].counts.windows);
        keep
    });
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
    let mut fewest_cycles = u64::MAX;
    points.retain(|point| {
        let keep = point.cycles < fewest_cycles;
        fewest_cycles = fewest_cycles.min(point.cycles);
        keep
    });
    points
}
