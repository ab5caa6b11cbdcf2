//! Kernel plans: which standard convolutions of a network become 2D+1D kernels, and the network that results.
//!
//! A 3D kernel of C×K×K taps per output channel is replaced by a 2D kernel per input channel followed by a 1D kernel across
//! channels (depthwise separable convolution; Howard et al. 2017), as Oh, An, Min 2023 do layer by layer:
//!
//! ```text
//! conv1: C → M, K×K      becomes      conv1.2d: C → C·r, K×K, C groups  →  conv1.1d: C·r → M, 1×1
//! ```
//!
//! The rank r is the number of 2D kernels per input channel: 1 is the paper's, more lose less (Guo, Li, Lin, Chen, Li, BMVC
//! 2018), min(M, K²) compute all that a 3D kernel can.
//!
//! `conv1.2d` keeps the kernel size, stride, dilation and padding, `conv1.1d` the bias. [`Between`] says what comes between
//! the two: nothing, or a batch normalisation `conv1.2d.batch_norm`, with max(0, x) `conv1.2d.batch_norm.relu` after it.
//! What used `conv1` uses `conv1.1d`. All other nodes and the network's name stay as they are. A replaced layer has no
//! weights until it is trained; the others keep theirs.

mod replacement;
mod text;

pub(crate) use replacement::replaced_by;
pub(super) use replacement::{Pair, push_pair};
pub use replacement::{ReplacedLayer, Replacement};

use super::nearest::nearest;
use super::{ConvShape, Layer, LayerKind, Network, NetworkError};
use crate::percent;
use serde::{Deserialize, Serialize};
use std::cmp::Reverse;

/// Which replaceable layers of a network get 2D+1D kernels and what lies between the two, independent of the network.
///
/// As text: `3d`, `2d1d`, `ratio=0.5` (first layers first), `ratio=0.5:last`, `ratio=0.5:most-saved`, or layer names such
/// as `conv1,stage1.block1.conv1`. `*2` after any of them, or after a layer's name, is the rank; then `+norm` or `+norm-relu`
/// where something lies between the 2D and the 1D kernel.
///
/// ```
/// use tilewright::network::{KernelPlan, zoo};
///
/// let network = zoo::build("resnet20")?;
/// let replacement = "ratio=0.5:last+norm-relu".parse::<KernelPlan>()?.select(&network)?;
/// assert_eq!((replacement.layers().len(), replacement.replaceable()), (10, 19));
/// let mixed = replacement.apply(&network)?;
/// assert_eq!(mixed.layers().len(), 30);
/// assert!(mixed.nodes().iter().any(|node| node.name == "stage3.block3.conv2.2d.batch_norm.relu"));
/// # Ok::<(), tilewright::network::NetworkError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KernelPlan {
    /// The layers replaced.
    pub layers: ReplacedLayers,
    /// What lies between the 2D and the 1D kernel of each of them; nothing by default.
    #[serde(default)]
    pub between: Between,
}

/// The layers that get 2D+1D kernels; nothing lies between the two unless a [`KernelPlan`] says so.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum ReplacedLayers {
    /// None: 3D kernels everywhere.
    #[serde(rename = "3d")]
    None,
    /// All.
    #[serde(rename = "2d1d")]
    All {
        /// 2D kernels per input channel.
        rank: usize,
    },
    /// A part of them.
    #[serde(rename = "ratio")]
    Ratio {
        /// Replaced layers per replaceable layer, 0 to 1. The number replaced is rounded, halves up.
        ratio: f64,
        /// Which layers go first.
        rule: ReplaceRule,
        /// 2D kernels per input channel.
        rank: usize,
    },
    /// The layers of these names, in any order.
    #[serde(rename = "layers")]
    Named(Vec<NamedLayer>),
}

/// A layer that gets 2D+1D kernels.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NamedLayer {
    /// Its name.
    pub name: String,
    /// 2D kernels per input channel.
    pub rank: usize,
}

/// What lies between the 2D and the 1D kernel of a replaced layer. It stays digital, so it takes no crossbars.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Between {
    /// The 1D kernel takes what the 2D kernels yield, so that both together are one linear layer.
    #[default]
    Nothing,
    /// Batch normalisation.
    Norm,
    /// Batch normalisation and max(0, x), as in MobileNet (Howard et al. 2017, figure 3).
    NormRelu,
}

/// The order in which layers are replaced until the ratio is reached.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ReplaceRule {
    /// From the first layer of the network on.
    #[default]
    First,
    /// From the last layer of the network back.
    Last,
    /// The layer whose replacement saves most first; layers that save the same in network order.
    MostSaved,
}

impl ReplaceRule {
    /// The places 0 … `layers` − 1 of the replaceable layers in the order in which they are replaced; `saved` tells what
    /// replacing the layer at a place saves.
    pub(crate) fn order(self, layers: usize, saved: impl Fn(usize) -> i64) -> Vec<usize> {
        let mut order: Vec<usize> = (0..layers).collect();
        match self {
            Self::First => {}
            Self::Last => order.reverse(),
            Self::MostSaved => order.sort_by_cached_key(|&place| Reverse(saved(place))),
        }
        order
    }
}

impl ConvShape {
    /// Whether 2D+1D kernels can replace this layer: a standard convolution of more than one tap.
    ///
    /// One input and one output channel are a 2D kernel already.
    pub fn is_replaceable(&self) -> bool {
        self.kind() == LayerKind::Kernel3d && (self.in_channels, self.out_channels) != (1, 1)
    }

    /// The rank with which 2D+1D kernels compute all that this layer can: the lesser of its output channels and taps.
    pub fn full_rank(&self) -> usize {
        self.out_channels.min(self.taps())
    }
}

impl Network {
    /// The layers 2D+1D kernels can replace, in execution order.
    pub fn replaceable_layers(&self) -> Vec<Layer> {
        self.layers().into_iter().filter(|layer| layer.shape.is_replaceable()).collect()
    }
}

impl From<ReplacedLayers> for KernelPlan {
    fn from(layers: ReplacedLayers) -> Self {
        Self { layers, between: Between::Nothing }
    }
}

impl KernelPlan {
    /// The layers this plan replaces in `network`. Ranks above a layer's full rank are cut to it.
    ///
    /// # Errors
    /// If the ratio is not within 0 to 1, if a rank is 0, if a named layer does not exist, is named with two ranks or cannot
    /// be replaced, or if the rule is
    /// [`ReplaceRule::MostSaved`], which needs [`KernelPlan::select_by`].
    pub fn select(&self, network: &Network) -> Result<Replacement, NetworkError> {
        if matches!(self.layers, ReplacedLayers::Ratio { rule: ReplaceRule::MostSaved, .. }) {
            return fail(
                "replaces the layers that save most, but nobody said what each saves; give first or last".into(),
            );
        }
        self.select_by(network, |_, _| 0)
    }

    /// The layers this plan replaces in `network`, where `saved` tells [`ReplaceRule::MostSaved`] what replacing a layer by
    /// kernels of a rank saves, for example in crossbars (less than 0 if it costs more).
    ///
    /// # Errors
    /// As [`KernelPlan::select`], but for the rule.
    pub fn select_by(
        &self,
        network: &Network,
        saved: impl Fn(&ConvShape, usize) -> i64,
    ) -> Result<Replacement, NetworkError> {
        let candidates = network.replaceable_layers();
        let replaceable = candidates.len();
        let mut layers: Vec<ReplacedLayer> = match &self.layers {
            ReplacedLayers::None => vec![],
            ReplacedLayers::All { rank } => {
                candidates.iter().map(|layer| replaced(layer, *rank)).collect::<Result<_, _>>()?
            }
            ReplacedLayers::Ratio { ratio, rule, rank } => {
                check_ratio(*ratio)?;
                let order = rule.order(replaceable, |place| saved(&candidates[place].shape, *rank));
                let count = (ratio * replaceable as f64 + 0.5).floor() as usize;
                order[..count].iter().map(|&place| replaced(&candidates[place], *rank)).collect::<Result<_, _>>()?
            }
            ReplacedLayers::Named(names) => {
                let find = |named: &NamedLayer| replaced(find(network, &candidates, &named.name)?, named.rank);
                names.iter().map(find).collect::<Result<_, _>>()?
            }
        };
        layers.sort_unstable_by_key(|layer| layer.node);
        layers.dedup();
        if let Some(twice) = layers.windows(2).find(|pair| pair[0].node == pair[1].node) {
            let (name, [one, other]) = (&network.node(twice[0].node).name, [twice[0].rank, twice[1].rank]);
            return fail(format!("names {name:?} with the ranks {one} and {other}; give one"));
        }
        Ok(Replacement { layers, replaceable, between: self.between })
    }
}

fn fail<T>(problem: String) -> Result<T, NetworkError> {
    Err(NetworkError::Kernels { problem })
}

/// The layer with its rank.
fn replaced(layer: &Layer, rank: usize) -> Result<ReplacedLayer, NetworkError> {
    if rank == 0 {
        return fail(format!("has the rank 0 for {:?}; give 1 or more", layer.name));
    }
    Ok(ReplacedLayer { node: layer.node, rank: rank.min(layer.shape.full_rank()) })
}

fn check_ratio(ratio: f64) -> Result<(), NetworkError> {
    if (0.0..=1.0).contains(&ratio) {
        return Ok(());
    }
    fail(format!("has the ratio {ratio}; give 0 to 1, a share of the layers{}", percent::offer(ratio)))
}

/// The layer called `name` among the replaceable ones, or why it is not there.
fn find<'a>(network: &Network, candidates: &'a [Layer], name: &str) -> Result<&'a Layer, NetworkError> {
    let name = network.name_of(name);
    if let Some(layer) = candidates.iter().find(|layer| layer.name == name) {
        return Ok(layer);
    }
    if let Some((id, node)) = network.iter().find(|(_, node)| node.name == name) {
        let kind = network
            .layer(id)
            .map_or_else(|| node.op.name().to_owned(), |layer| format!("{} layer", layer.shape.kind()));
        return fail(format!("names {name:?}, a {kind}; only 3d layers with more than one tap can be replaced"));
    }
    let names = || candidates.iter().map(|layer| layer.name.as_str());
    let hint = match nearest(name, names()) {
        Some(near) => format!("did you mean {near:?}?"),
        None => {
            let first: Vec<&str> = names().take(5).collect();
            format!("{} can be replaced, the first are {}", candidates.len(), first.join(", "))
        }
    };
    fail(format!("names {name:?}, which is not a layer of {:?}; {hint}", network.name))
}
