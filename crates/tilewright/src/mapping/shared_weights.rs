//! Layers with the same weights on the same crossbars, such as the steps of an unrolled recurrent layer.

use super::MappingError;
use crate::network::{Network, Weights};
use serde::{Deserialize, Serialize};

/// How layers with the same weights are held.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SharedWeights {
    /// Each layer on crossbars of its own.
    #[default]
    Apart,
    /// Once: layers whose weights, shape and tiling are the same use the crossbars of the first of them, one after another.
    Once,
}

impl SharedWeights {
    /// Whether each layer has crossbars of its own.
    pub(super) const fn is_default(&self) -> bool {
        matches!(self, Self::Apart)
    }
}

/// For each layer the earlier one with the same weights on whose crossbars it can be, if there is one; layers by their places, which
/// `are_tiled_alike` compares.
///
/// # Errors
/// [`MappingError::Setting`] naming a layer without weights.
pub(super) fn holders(
    network: &Network,
    are_tiled_alike: impl Fn(usize, usize) -> bool,
) -> Result<Vec<Option<usize>>, MappingError> {
    let (mut weights, mut holders): (Vec<&Weights>, Vec<Option<usize>>) = (vec![], vec![]);
    for (place, layer) in network.layers().into_iter().enumerate() {
        let Some(own) = network.node(layer.node).op.weights() else {
            let problem = format!(
                "layers with the same weights are to be held once, and layer {:?} has no weights to compare; take a trained network or a \
                 model file with its weights",
                layer.name
            );
            return Err(MappingError::Setting { problem });
        };
        let holds = |&first: &usize| holders[first].is_none() && are_tiled_alike(first, place) && weights[first] == own;
        holders.push((0..place).find(holds));
        weights.push(own);
    }
    Ok(holders)
}
