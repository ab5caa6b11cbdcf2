//! How conductive the cells are: from the weights, or a mean field without them.

use super::activity::{Activity, Event};
use crate::circuit::device::ConductanceRange;
use crate::hardware::{Cells, Design, Unused};
use crate::mapping::{Encoding, SignRule};
use crate::network::{Network, NodeId, Tensor};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

/// Mean conductances relative to g_on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Conductance {
    /// Of cells that hold a weight.
    pub weight: f64,
    /// Of cells that hold none, and so the code of a weight of 0.
    pub empty: f64,
    /// Of an offset column, which holds level 1.
    pub offset: f64,
}

impl Conductance {
    /// Cells of a layer: level ℓ of L has g_off + (g_on − g_off)·ℓ/L.
    pub(super) fn of(
        network: &Network,
        node: NodeId,
        (design, encoding): (&Design, &Encoding),
        (range, levels): (ConductanceRange, &MeanLevels),
    ) -> Self {
        let off = range.off / range.on;
        let at = |level: f64| off + (1.0 - off) * level;
        let weights = network.node(node).op.weights();
        let weight = weights.map_or_else(|| mean_field(encoding), |weights| levels.of(&weights.values, encoding));
        Self {
            weight: at(weight),
            empty: unused(&design.cells, range).unwrap_or_else(|| at(cell_levels(0, encoding))),
            offset: at(1.0 / greatest(encoding)),
        }
    }
}

impl Conductance {
    /// Weighs reads by how strong they are; `strength` is the mean square of the driven voltage, relative to the greatest.
    pub(super) fn weigh(&self, activity: &mut Activity, strength: f64) {
        for (event, conductance) in
            [(Event::WeightRead, self.weight), (Event::EmptyRead, self.empty), (Event::OffsetRead, self.offset)]
        {
            activity[event] *= strength * conductance;
        }
    }
}

/// Of cells without a weight that were never formed.
fn unused(cells: &Cells, range: ConductanceRange) -> Option<f64> {
    let Cells { g_unformed, shorts, unused_cells, .. } = *cells;
    let formed = unused_cells == Unused::Programmed;
    (!formed).then(|| shorts + (1.0 - shorts) * (g_unformed / range.on))
}

/// Mean levels of the cells of weights, each worked out once: designs of a space share the networks, and so the weights.
#[derive(Clone, Debug, Default)]
pub struct MeanLevels(Arc<Mutex<Known>>);

/// A mean by where the weights are, which are held so that no others come to be there, and by their encoding.
type Known = BTreeMap<(usize, Encoding), (Arc<Tensor<f32>>, f64)>;

impl MeanLevels {
    fn of(&self, weights: &Arc<Tensor<f32>>, encoding: &Encoding) -> f64 {
        let key = (Arc::as_ptr(weights).addr(), *encoding);
        let known = || self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(&(_, mean)) = known().get(&key) {
            return mean;
        }
        let mean = mean_level(weights.values(), encoding);
        known().insert(key, (Arc::clone(weights), mean));
        mean
    }
}

/// What is known of weights tells no settings apart.
impl PartialEq for MeanLevels {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

/// Every magnitude equally likely: one cell of a pair holds it, the other nothing.
const fn mean_field(encoding: &Encoding) -> f64 {
    match encoding.sign {
        SignRule::Differential => 0.25,
        SignRule::Offset | SignRule::Single => 0.5,
    }
}

/// Mean level of the cells of these weights, the largest of which takes the whole range; from 0 to 1.
fn mean_level(weights: &[f32], encoding: &Encoding) -> f64 {
    let limit = encoding.weight_limit();
    let largest = weights.iter().fold(0f32, |most, weight| most.max(weight.abs()));
    if largest == 0.0 {
        return cell_levels(0, encoding);
    }
    // Weights of a level have the same cells, so levels are counted first.
    let mut counts = vec![0u64; 2 * limit as usize + 1];
    let scale = limit as f32 / largest;
    weights.iter().for_each(|weight| counts[((weight * scale).round() as i32 + limit) as usize] += 1);
    let sum: f64 = (-limit..).zip(&counts).map(|(weight, &count)| count as f64 * cell_levels(weight, encoding)).sum();
    sum / weights.len() as f64
}

/// Mean level of the cells of one weight, from 0 to 1.
fn cell_levels(weight: i32, encoding: &Encoding) -> f64 {
    let mut cells = vec![0; encoding.columns_per_weight()];
    encoding.encode(weight, &mut cells);
    let greatest = greatest(encoding);
    cells.iter().map(|cell| f64::from(cell.abs()).min(greatest) / greatest).sum::<f64>() / cells.len() as f64
}

/// The greatest level of a cell.
fn greatest(encoding: &Encoding) -> f64 {
    f64::from(encoding.top_level())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_by_hand() {
        let encoding = Encoding { sign: SignRule::Offset, weight_bits: 8, cell_bits: 2 };
        // 0 is stored as 128 = 2, 0, 0, 0 in digits of 2 bits.
        assert!((cell_levels(0, &encoding) - 2.0 / 3.0 / 4.0).abs() < 1e-12);
        // 127 as 255, every cell full.
        assert!((cell_levels(127, &encoding) - 1.0).abs() < 1e-12);
        let pair = Encoding { sign: SignRule::Differential, weight_bits: 3, cell_bits: 2 };
        assert_eq!(cell_levels(-3, &pair), 0.5);
        assert_eq!(mean_level(&[1.0, -1.0, 0.0, 0.0], &pair), 0.25);
        assert_eq!(mean_level(&[0.0; 3], &pair), 0.0);
        // A weight of 8 bits has a magnitude of 7, whatever more a cell could hold.
        let whole = Encoding { sign: SignRule::Differential, weight_bits: 8, cell_bits: 8 };
        assert_eq!(cell_levels(127, &whole), 0.5);
    }

    #[test]
    fn what_is_known_of_weights_is_theirs_alone() {
        let pair = Encoding { sign: SignRule::Differential, weight_bits: 3, cell_bits: 2 };
        let offset = Encoding { sign: SignRule::Offset, ..pair };
        let known = MeanLevels::default();
        for values in [[1.0, -1.0, 0.0, 0.0], [1.0, 1.0, 1.0, 0.5], [0.0; 4]] {
            let weights = Arc::new(Tensor::new(vec![4], values.to_vec()));
            for encoding in [&pair, &offset, &pair] {
                assert_eq!(known.clone().of(&weights, encoding), mean_level(&values, encoding));
            }
        }
    }
}
