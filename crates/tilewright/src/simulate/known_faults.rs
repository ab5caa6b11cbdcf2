//! Programming that knows which cells are stuck: the other cells of a weight take the error over.
//!
//! A weight is a sum over its cells of conductance times factor: the factor of a column is its place value, negative in the second
//! column of a pair. A stuck cell is off by some error; whatever its partner can take of it leaves the pair right, and what is left
//! the cells of other slices can take. All cells move the same way, so the sum ends at the wanted one, or as near to it as the
//! ranges of the free cells allow: no other choice of their conductances is nearer.

use crate::circuit::device::ConductanceRange;
use crate::hardware::FaultAware;
use crate::mapping::{Encoding, SignRule};

/// Cells of a weight of 16 bits in pairs of cells of one bit.
const MOST_CELLS: usize = 32;

/// What each column of a weight counts, and which cells may take over.
#[derive(Clone, Debug)]
pub(super) struct WeightColumns {
    /// Factor of each column, least significant slice first, the negative column of a pair after the positive one.
    factors: Vec<f64>,
    pairs: bool,
    slices: bool,
    range: ConductanceRange,
    /// Conductance between neighbouring levels.
    step: f64,
}

impl WeightColumns {
    pub(super) fn new(encoding: &Encoding, aware: FaultAware, range: ConductanceRange, step: f64) -> Self {
        let places = (0..encoding.slices()).map(|slice| (1u64 << (slice as u32 * encoding.cell_bits)) as f64);
        let differential = encoding.sign == SignRule::Differential;
        let factors = match differential {
            true => places.flat_map(|place| [place, -place]).collect(),
            false => places.collect(),
        };
        let pairs = differential && aware != FaultAware::No;
        Self { factors, pairs, slices: aware == FaultAware::Slices, range, step }
    }

    /// Columns of a weight.
    pub(super) const fn count(&self) -> usize {
        self.factors.len()
    }

    /// By how many levels a weight of `wanted` conductances is off that holds these where they are known, whatever takes over.
    pub(super) fn left_over(&self, wanted: &[f64], known: impl Iterator<Item = Option<f64>>) -> f64 {
        let (mut cells, mut stuck) = ([0.0; MOST_CELLS], [None; MOST_CELLS]);
        let (cells, stuck) = (&mut cells[..wanted.len()], &mut stuck[..wanted.len()]);
        cells.copy_from_slice(wanted);
        stuck.iter_mut().zip(known).for_each(|(stuck, known)| *stuck = known);
        self.take_over(cells, stuck);
        let moved =
            cells.iter().zip(wanted).zip(&self.factors).map(|((cell, wanted), factor)| factor * (cell - wanted));
        moved.sum::<f64>() / self.step
    }

    /// Sets the conductances of one weight's cells: stuck ones to what they are, others so that the weight is as near as can be to what it
    /// was.
    pub(super) fn take_over(&self, cells: &mut [f64], stuck: &[Option<f64>]) {
        let mut rest = 0.0;
        for place in 0..cells.len() {
            let Some(siemens) = stuck[place] else { continue };
            let error = self.factors[place] * (siemens - cells[place]);
            cells[place] = siemens;
            rest += error;
            let partner = place ^ 1;
            if self.pairs && stuck[partner].is_none() {
                rest -= error - self.absorb(cells, partner, error);
            }
        }
        if self.slices {
            self.spread(cells, stuck, rest);
        }
    }

    /// Whole levels from the most significant cell on, so that finer cells keep room; what is left from the least significant on.
    fn spread(&self, cells: &mut [f64], stuck: &[Option<f64>], mut error: f64) {
        let free: Vec<usize> = (0..cells.len()).filter(|&place| stuck[place].is_none()).collect();
        for &place in free.iter().rev() {
            let level = self.factors[place].abs() * self.step;
            let whole = (error / level).trunc() * level;
            error -= whole - self.absorb(cells, place, whole);
        }
        for &place in &free {
            error = self.absorb(cells, place, error);
        }
    }

    /// Moves one cell against an error, within the range, and returns what is left of the error.
    fn absorb(&self, cells: &mut [f64], place: usize, error: f64) -> f64 {
        let to = (cells[place] - error / self.factors[place]).clamp(self.range.off, self.range.on);
        let moved = self.factors[place] * (to - cells[place]);
        cells[place] = to;
        error + moved
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Draws, Effect, Stream};

    fn draws(sample: u32) -> Draws {
        Draws::new(Stream { seed: 7, layer: 0, crossbar: 0, effect: Effect::Stuck, sample })
    }

    fn below(draws: &mut Draws, end: usize) -> usize {
        ((draws.uniform() * end as f64) as usize).min(end - 1)
    }

    /// The least error of any whole levels that `free` cells can have, the others as they are.
    fn enumerated(columns: &WeightColumns, cells: &[f64], free: &[usize], wanted: f64, top: usize) -> f64 {
        let choices = (top + 1).pow(free.len() as u32);
        let error = |mut choice: usize| {
            let mut cells = cells.to_vec();
            for &place in free {
                cells[place] = (choice % (top + 1)) as f64;
                choice /= top + 1;
            }
            (sum(columns, &cells) - wanted).abs()
        };
        (0..choices).map(error).fold(f64::INFINITY, f64::min)
    }

    fn sum(columns: &WeightColumns, cells: &[f64]) -> f64 {
        columns.factors.iter().zip(cells).map(|(factor, cell)| factor * cell).sum()
    }

    /// Weights of 4 bits in cells of 1, 2 and 4, random cells stuck at random ends: never further off than the best of all whole levels,
    /// and where only partners may move, exactly as far.
    #[test]
    fn no_choice_of_levels_is_nearer() {
        let mut repaired = 0;
        for sample in 0..4000 {
            let mut draws = draws(sample);
            let cell_bits = [1, 2, 4][below(&mut draws, 3)];
            let sign = [SignRule::Differential, SignRule::Offset][below(&mut draws, 2)];
            let encoding = Encoding { sign, weight_bits: 4, cell_bits };
            let aware = [FaultAware::Pairs, FaultAware::Slices][below(&mut draws, 2)];
            let top = (1_usize << cell_bits) - 1;
            let range = ConductanceRange { off: 0.0, on: top as f64 };
            let columns = WeightColumns::new(&encoding, aware, range, 1.0);
            let wanted: Vec<f64> = columns.factors.iter().map(|_| below(&mut draws, top + 1) as f64).collect();
            let stuck: Vec<Option<f64>> = wanted
                .iter()
                .map(|_| (draws.uniform() < 0.4).then(|| [0.0, top as f64][below(&mut draws, 2)]))
                .collect();
            let mut cells = wanted.clone();
            columns.take_over(&mut cells, &stuck);
            let faulty: Vec<f64> = wanted.iter().zip(&stuck).map(|(wanted, stuck)| stuck.unwrap_or(*wanted)).collect();
            let may_move = |place: &usize| match aware {
                FaultAware::Slices => stuck[*place].is_none(),
                _ => columns.pairs && stuck[*place].is_none() && stuck[*place ^ 1].is_some(),
            };
            let free: Vec<usize> = (0..cells.len()).filter(may_move).collect();
            let error = (sum(&columns, &cells) - sum(&columns, &wanted)).abs();
            let before = (sum(&columns, &faulty) - sum(&columns, &wanted)).abs();
            if aware == FaultAware::Slices {
                assert!(error <= enumerated(&columns, &faulty, &free, sum(&columns, &wanted), top) + 1e-9, "{sample}");
            } else {
                let each = pair_by_pair(&columns, &faulty, &wanted, &free, top);
                assert!((error - each).abs() < 1e-9, "{sample}: {error} {each}");
            }
            assert!(stuck.iter().zip(&cells).all(|(stuck, cell)| stuck.is_none_or(|stuck| stuck == *cell)));
            assert!(cells.iter().all(|cell| (range.off..=range.on).contains(cell)));
            repaired += usize::from(error < before);
        }
        assert!(repaired > 500, "{repaired}");
    }

    /// What is left where every free partner is set to the level that is best for its pair.
    fn pair_by_pair(columns: &WeightColumns, faulty: &[f64], wanted: &[f64], free: &[usize], top: usize) -> f64 {
        let mut cells = faulty.to_vec();
        for &place in free {
            let [plus, minus] = [place & !1, place | 1];
            let off = |level: usize| {
                let mut cells = cells.clone();
                cells[place] = level as f64;
                (cells[plus] - cells[minus] - wanted[plus] + wanted[minus]).abs()
            };
            let best = (0..=top).min_by(|&a, &b| off(a).total_cmp(&off(b))).expect("a level");
            cells[place] = best as f64;
        }
        (sum(columns, &cells) - sum(columns, wanted)).abs()
    }

    #[test]
    fn a_weight_without_faults_stays() {
        let encoding = Encoding { sign: SignRule::Differential, weight_bits: 8, cell_bits: 2 };
        let range = ConductanceRange { off: 1e-6, on: 1e-4 };
        let columns = WeightColumns::new(&encoding, FaultAware::Slices, range, 3.3e-5);
        let mut cells = vec![1e-6, 3.4e-5, 6.7e-5, 1e-6, 1e-4, 1e-6, 1e-6, 1e-6];
        let before = cells.clone();
        columns.take_over(&mut cells, &[None; 8]);
        assert_eq!(cells, before);
    }
}
