//! Folded to unfolded: the fewest crossbars for every limit on cycles.

use crate::mapping::search::{Candidate, candidates};
use crate::mapping::{MappingError, Targets};
use crate::network::{ConvShape, Network};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// The optimum of the whole mapping space from unfolded to folded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TradeOff {
    /// Ascending in cycles, so descending in crossbars: limits of 1, 2, 4, … cycles and those asked for, and last the limit
    /// from which on nothing is saved any more.
    pub points: Vec<TradeOffPoint>,
}

/// The optimum under one limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct TradeOffPoint {
    /// No layer takes more cycles.
    pub max_cycles: u64,
    /// The fewest crossbars of the network that keep to it.
    pub crossbars: u64,
}

/// Layers of one shape.
struct Alike {
    layers: u64,
    candidates: Vec<Candidate>,
}

impl TradeOff {
    /// The fewest crossbars under every limit, `limits` among them, so that what takes so many cycles can be held against
    /// the optimum. Layers share nothing but the limit, so these are sums of each layer's fewest.
    ///
    /// # Errors
    /// As [`candidates`]; [`MappingError::Overflow`] if a sum exceeds 64 bits.
    pub fn new(network: &Network, targets: &Targets, limits: &[u64]) -> Result<Self, MappingError> {
        let layers = network.layers();
        let mut shapes: BTreeMap<(ConvShape, _), Alike> = BTreeMap::new();
        for layer in &layers {
            let kind = (layer.shape, targets.own(&layer.name));
            if let Some(alike) = shapes.get_mut(&kind) {
                alike.layers += 1;
            } else {
                let target = targets.of(&layer.name);
                let candidates = candidates(&layer.shape, &target).map_err(|error| error.of_layer(&layer.name))?;
                shapes.insert(kind, Alike { layers: 1, candidates });
            }
        }
        let folded = shapes.values().map(Alike::folded_cycles).max().unwrap_or(1);
        let powers = (0..u64::BITS).map(|power| 1 << power);
        let limits: BTreeSet<u64> =
            powers.chain(limits.iter().copied()).filter(|limit| (1..folded).contains(limit)).collect();
        let point = |max_cycles| {
            let sum = shapes.values().try_fold(0u64, |sum, alike| sum.checked_add(alike.crossbars(max_cycles)?));
            let crossbars = sum.ok_or_else(|| MappingError::Overflow { layer: network.name.clone() })?;
            Ok(TradeOffPoint { max_cycles, crossbars })
        };
        Ok(Self { points: limits.into_iter().chain([folded]).map(point).collect::<Result<_, MappingError>>()? })
    }
}

impl Alike {
    fn crossbars(&self, max_cycles: u64) -> Option<u64> {
        let fewest = self.candidates.iter().map(|candidate| candidate.crossbars_within(max_cycles)).min();
        fewest?.checked_mul(self.layers)
    }

    /// Cycles of the fastest tiling among those of the fewest crossbars.
    fn folded_cycles(&self) -> u64 {
        let fewest = self.candidates.iter().map(|Candidate { counts, .. }| (counts.crossbars, counts.windows)).min();
        fewest.map_or(1, |(_, cycles)| cycles)
    }
}
