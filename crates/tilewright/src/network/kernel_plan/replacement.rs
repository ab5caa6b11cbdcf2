//! A kernel plan on one network: the layers it replaces, and the network with them replaced.

use super::{Between, fail};
use crate::network::{Conv, Network, NetworkError, NodeId, Op};
use serde::{Deserialize, Serialize};

/// What the names of the two kernels have behind that of the layer they replace.
const OF_2D: &str = ".2d";
const OF_1D: &str = ".1d";

/// The layer that a 2D or a 1D kernel of this name would replace.
pub(crate) fn replaced_by(kernel: &str) -> Option<&str> {
    kernel.strip_suffix(OF_2D).or_else(|| kernel.strip_suffix(OF_1D))
}

/// The layers a plan replaces in one network.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Replacement {
    pub(super) layers: Vec<ReplacedLayer>,
    pub(super) replaceable: usize,
    #[serde(default)]
    pub(super) between: Between,
}

/// A layer that gets 2D+1D kernels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReplacedLayer {
    /// The node of the layer in the network it was selected in.
    pub node: NodeId,
    /// 2D kernels per input channel, at least 1 and at most the layer's full rank.
    pub rank: usize,
}

/// A 2D and a 1D kernel in place of a layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::network) struct Pair {
    /// The node of the 2D kernel.
    pub kernel_2d: NodeId,
    /// The node of the 1D kernel.
    pub kernel_1d: NodeId,
}

impl Replacement {
    /// The replaced layers in execution order.
    pub fn layers(&self) -> &[ReplacedLayer] {
        &self.layers
    }

    /// 2D kernels per input channel in place of the layer at a node, if it is replaced.
    pub fn rank_of(&self, node: NodeId) -> Option<usize> {
        self.layers.iter().find(|layer| layer.node == node).map(|layer| layer.rank)
    }

    /// How many layers could be replaced.
    pub const fn replaceable(&self) -> usize {
        self.replaceable
    }

    /// What lies between the 2D and the 1D kernel of each replaced layer.
    pub const fn between(&self) -> Between {
        self.between
    }

    /// The normalized ratio reached: replaced / replaceable layers, 0 if none is replaceable.
    pub fn ratio(&self) -> f64 {
        self.layers.len() as f64 / self.replaceable.max(1) as f64
    }

    /// `network` with 2D+1D kernels in place of the selected layers.
    ///
    /// # Errors
    /// If a node already has the name a new one needs, or if `network` is not the one the layers were selected in and has
    /// something else in their place.
    pub fn apply(&self, network: &Network) -> Result<Network, NetworkError> {
        let replaceable = network.replaceable_layers();
        let fits = |replaced: &ReplacedLayer| replaceable.iter().any(|layer| layer.node == replaced.node);
        if let Some(ReplacedLayer { node, .. }) = self.layers.iter().find(|layer| !fits(layer)) {
            return fail(format!("is of another network: node {} of {:?} cannot be replaced", node.0, network.name));
        }
        let mut result = network.like();
        // Where the output of each node of `network` is found in `result`.
        let mut places = vec![result.input()];
        for (id, node) in network.iter().skip(1) {
            let inputs: Vec<NodeId> = node.inputs.iter().map(|input| places[input.0]).collect();
            places.push(match (&node.op, self.rank_of(id)) {
                (Op::Conv(conv), Some(rank)) => {
                    let groups = result.shape(inputs[0])[0];
                    let kernel_2d =
                        Conv { out_channels: groups * rank, groups, weights: None, bias: None, ..conv.clone() };
                    let kernel_1d = Conv { bias: conv.bias.clone(), ..Conv::same(conv.out_channels, 1) };
                    push_pair(&mut result, &node.name, inputs[0], [kernel_2d, kernel_1d], self.between)?.kernel_1d
                }
                (op, _) => result.push(&node.name, op.clone(), &inputs)?,
            });
        }
        Ok(result)
    }
}

/// Appends `<name>.2d`, what lies between, and `<name>.1d`.
pub(in crate::network) fn push_pair(
    network: &mut Network,
    name: &str,
    input: NodeId,
    [kernel_2d, kernel_1d]: [Conv; 2],
    between: Between,
) -> Result<Pair, NetworkError> {
    let kernel_2d = network.conv(&format!("{name}{OF_2D}"), input, kernel_2d)?;
    let x = match between {
        Between::Nothing => kernel_2d,
        Between::Norm => network.batch_norm(kernel_2d)?,
        Between::NormRelu => {
            let x = network.batch_norm(kernel_2d)?;
            network.relu(x)?
        }
    };
    let kernel_1d = network.conv(&format!("{name}{OF_1D}"), x, kernel_1d)?;
    Ok(Pair { kernel_2d, kernel_1d })
}
