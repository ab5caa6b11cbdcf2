//! Kernel plans: which standard convolutions of a network become 2D+1D kernels, and the network that results.
//!
//! A 3D kernel of C×K×K taps per output channel is replaced by a 2D kernel per input channel followed by a 1D kernel across
//! channels (depthwise separable convolution; Howard et al. 2017), as Oh, An, Min 2023 do layer by layer:
//!
//! ```text
//! conv1: C → M, K×K      becomes      conv1.2d: C → C, K×K, C groups  →  conv1.1d: C → M, 1×1
//! ```
//!
//! `conv1.2d` keeps the kernel size, stride, dilation and padding, `conv1.1d` the bias; nothing comes between the two.
//! What used `conv1` uses `conv1.1d`. All other nodes and the network's name stay as they are. A replaced layer has no
//! weights until it is trained; the others keep theirs.

use super::nearest::nearest;
use super::{Conv, ConvShape, Layer, LayerKind, Network, NetworkError, NodeId, Op};
use serde::{Deserialize, Serialize};
use std::cmp::Reverse;
use std::fmt;
use std::str::FromStr;

/// Which replaceable layers of a network get 2D+1D kernels, independent of the network.
///
/// As text: `3d`, `2d1d`, `ratio=0.5` (first layers first), `ratio=0.5:last`, `ratio=0.5:most-saved`, or layer names such
/// as `conv1,stage1.block1.conv1`.
///
/// ```
/// use tilewright::network::{KernelPlan, zoo};
///
/// let network = zoo::build("resnet20")?;
/// let replacement = "ratio=0.5:last".parse::<KernelPlan>()?.select(&network)?;
/// assert_eq!((replacement.layers().len(), replacement.replaceable()), (10, 19));
/// let mixed = replacement.apply(&network)?;
/// assert_eq!(mixed.layers().len(), 30);
/// # Ok::<(), tilewright::network::NetworkError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum KernelPlan {
    /// None: 3D kernels everywhere.
    #[serde(rename = "3d")]
    Kernel3d,
    /// All.
    #[serde(rename = "2d1d")]
    Kernel2d1d,
    /// A part of them.
    #[serde(rename = "ratio")]
    Ratio {
        /// Replaced layers per replaceable layer, 0 to 1. The number replaced is rounded, halves up.
        ratio: f64,
        /// Which layers go first.
        rule: ReplaceRule,
    },
    /// The layers of these names, in any order.
    #[serde(rename = "layers")]
    Layers(Vec<String>),
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

/// The layers a plan replaces in one network.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Replacement {
    layers: Vec<NodeId>,
    replaceable: usize,
}

impl ConvShape {
    /// Whether 2D+1D kernels can replace this layer: a standard convolution of more than one tap.
    ///
    /// One input and one output channel are a 2D kernel already.
    pub fn is_replaceable(&self) -> bool {
        self.kind() == LayerKind::Kernel3d && (self.in_channels, self.out_channels) != (1, 1)
    }
}

impl Network {
    /// The layers 2D+1D kernels can replace, in execution order.
    pub fn replaceable_layers(&self) -> Vec<Layer> {
        self.layers().into_iter().filter(|layer| layer.shape.is_replaceable()).collect()
    }
}

impl KernelPlan {
    /// The layers this plan replaces in `network`.
    ///
    /// # Errors
    /// If the ratio is not within 0 to 1, if a named layer does not exist or cannot be replaced, or if the rule is
    /// [`ReplaceRule::MostSaved`], which needs [`KernelPlan::select_by`].
    pub fn select(&self, network: &Network) -> Result<Replacement, NetworkError> {
        if matches!(self, Self::Ratio { rule: ReplaceRule::MostSaved, .. }) {
            return fail(
                "replaces the layers that save most, but nobody said what each saves; give first or last".into(),
            );
        }
        self.select_by(network, |_| 0)
    }

    /// The layers this plan replaces in `network`, where `saved` tells [`ReplaceRule::MostSaved`] what replacing a layer
    /// saves, for example in crossbars (less than 0 if it costs more).
    ///
    /// # Errors
    /// If the ratio is not within 0 to 1, or if a named layer does not exist or cannot be replaced.
    pub fn select_by(&self, network: &Network, saved: impl Fn(&ConvShape) -> i64) -> Result<Replacement, NetworkError> {
        let mut candidates = network.replaceable_layers();
        let replaceable = candidates.len();
        let mut layers: Vec<NodeId> = match self {
            Self::Kernel3d => vec![],
            Self::Kernel2d1d => candidates.iter().map(|layer| layer.node).collect(),
            Self::Ratio { ratio, rule } => {
                check_ratio(*ratio)?;
                match rule {
                    ReplaceRule::First => {}
                    ReplaceRule::Last => candidates.reverse(),
                    ReplaceRule::MostSaved => candidates.sort_by_cached_key(|layer| Reverse(saved(&layer.shape))),
                }
                let count = (ratio * replaceable as f64 + 0.5).floor() as usize;
                candidates[..count].iter().map(|layer| layer.node).collect()
            }
            Self::Layers(names) => {
                names.iter().map(|name| find(network, &candidates, name)).collect::<Result<_, _>>()?
            }
        };
        layers.sort_unstable();
        layers.dedup();
        Ok(Replacement { layers, replaceable })
    }
}

impl Replacement {
    /// The replaced layers in execution order, as nodes of the network they were selected in.
    pub fn layers(&self) -> &[NodeId] {
        &self.layers
    }

    /// How many layers could be replaced.
    pub const fn replaceable(&self) -> usize {
        self.replaceable
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
        if let Some(id) = self.layers.iter().find(|id| !replaceable.iter().any(|layer| layer.node == **id)) {
            return fail(format!("is of another network: node {} of {:?} cannot be replaced", id.0, network.name));
        }
        let mut result = Network::new(network.name.clone(), network.shape(network.input()).to_vec());
        // Where the output of each node of `network` is found in `result`.
        let mut places = vec![result.input()];
        for (id, node) in network.iter().skip(1) {
            let inputs: Vec<NodeId> = node.inputs.iter().map(|input| places[input.0]).collect();
            places.push(match &node.op {
                Op::Conv(conv) if self.layers.contains(&id) => push_2d1d(&mut result, &node.name, inputs[0], conv)?,
                op => result.push(&node.name, op.clone(), &inputs)?,
            });
        }
        Ok(result)
    }
}

/// Appends `<name>.2d` and `<name>.1d` and returns the latter.
fn push_2d1d(network: &mut Network, name: &str, input: NodeId, conv: &Conv) -> Result<NodeId, NetworkError> {
    let channels = network.shape(input)[0];
    let kernel_2d = Conv { out_channels: channels, groups: channels, weights: None, bias: None, ..conv.clone() };
    let kernel_1d = Conv { bias: conv.bias.clone(), ..Conv::same(conv.out_channels, 1) };
    let x = network.conv(&format!("{name}.2d"), input, kernel_2d)?;
    network.conv(&format!("{name}.1d"), x, kernel_1d)
}

fn fail<T>(problem: String) -> Result<T, NetworkError> {
    Err(NetworkError::Kernels { problem })
}

fn check_ratio(ratio: f64) -> Result<(), NetworkError> {
    if (0.0..=1.0).contains(&ratio) { Ok(()) } else { fail(format!("has the ratio {ratio}; give 0 to 1")) }
}

/// The layer called `name` among the replaceable ones, or why it is not there.
fn find(network: &Network, candidates: &[Layer], name: &str) -> Result<NodeId, NetworkError> {
    if let Some(layer) = candidates.iter().find(|layer| layer.name == name) {
        return Ok(layer.node);
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
    fail(format!("names {name:?}, which is no layer of {:?}; {hint}", network.name))
}

impl FromStr for KernelPlan {
    type Err = NetworkError;

    fn from_str(text: &str) -> Result<Self, NetworkError> {
        match text.trim() {
            "3d" => Ok(Self::Kernel3d),
            "2d1d" => Ok(Self::Kernel2d1d),
            text => match text.strip_prefix("ratio=") {
                Some(ratio) => parse_ratio(ratio),
                None => parse_layers(text),
            },
        }
    }
}

fn parse_ratio(text: &str) -> Result<KernelPlan, NetworkError> {
    let (ratio, rule) = text.split_once(':').map_or((text, None), |(ratio, rule)| (ratio, Some(rule)));
    let Ok(ratio) = ratio.trim().parse::<f64>() else {
        return fail(format!("has the ratio {ratio:?}; give a number from 0 to 1, as in ratio=0.5"));
    };
    check_ratio(ratio)?;
    Ok(KernelPlan::Ratio { ratio, rule: rule.map_or(Ok(ReplaceRule::default()), str::parse)? })
}

fn parse_layers(text: &str) -> Result<KernelPlan, NetworkError> {
    let names: Vec<String> = text.split(',').map(|name| name.trim().to_owned()).collect();
    if names.iter().any(String::is_empty) {
        return fail(format!("is {text:?}; give 3d, 2d1d, ratio=0.5, or layer names such as conv1,conv2"));
    }
    Ok(KernelPlan::Layers(names))
}

impl fmt::Display for KernelPlan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Kernel3d => f.pad("3d"),
            Self::Kernel2d1d => f.pad("2d1d"),
            Self::Ratio { ratio, rule } => f.pad(&format!("ratio={ratio}:{rule}")),
            Self::Layers(names) => f.pad(&names.join(",")),
        }
    }
}

impl FromStr for ReplaceRule {
    type Err = NetworkError;

    fn from_str(text: &str) -> Result<Self, NetworkError> {
        match text.trim() {
            "first" => Ok(Self::First),
            "last" => Ok(Self::Last),
            "most-saved" => Ok(Self::MostSaved),
            _ => fail(format!("has the rule {text:?}; give first, last or most-saved")),
        }
    }
}

impl fmt::Display for ReplaceRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::First => "first",
            Self::Last => "last",
            Self::MostSaved => "most-saved",
        })
    }
}
