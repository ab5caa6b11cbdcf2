//! Trained 3D kernels turned into 2D+1D kernels without training.
//!
//! For each input channel c the weights W[:, c, :, :] are a matrix of M output channels by K² taps. Its singular value
//! decomposition, cut after r terms, is the nearest matrix of rank r (Eckart, Young 1936):
//!
//! ```text
//! W[m, c, y, x]  ≈  Σᵢ P[m, c·r + i] · D[c·r + i, y, x],   i = 0 … r − 1
//! ```
//!
//! D are r 2D kernels per input channel (depthwise, C groups, C·r outputs), P the 1D kernels after them. r = 1 is the plain
//! 2D+1D kernel, r = min(M, K²) computes the same as the 3D kernel. This is optimal over the weights, each input channel by
//! itself; [`Conversion::fitted`] makes the 1D kernels optimal on images instead. What is lost beyond that only training
//! brings back. Such separable terms: Guo, Li, Lin, Chen, Li, "Network Decoupling: From Regular to Depthwise Separable
//! Convolutions", BMVC 2018.
//!
//! Both kernels together are linear, as the 3D kernel is. So nothing lies between them, or a batch normalisation that is the
//! identity until it is trained, but no activation.
//!
//! ```
//! use tilewright::network::{KernelPlan, zoo};
//!
//! let network = zoo::build("lenet5")?.initialize(1)?;
//! let plan = "2d1d*2".parse::<KernelPlan>()?.select(&network)?;
//! let conversion = plan.convert(&network)?;
//! let conversion = conversion.fitted(&network, &[network.random_image(1)])?;
//! let report = conversion.layers_on(&network, &[network.random_image(1)])?;
//! assert!(report.iter().all(|layer| layer.rank <= 2 && layer.relative_error < 1.0));
//! # Ok::<(), tilewright::network::NetworkError>(())
//! ```

mod fit;
mod observe;
mod separate;
mod svd;

pub use separate::{Separated, separate};

use super::executor::Images;
use super::kernel_plan::{Pair, push_pair};
use super::{Between, Conv, ConvShape, Network, NetworkError, NodeId, Op, Replacement, Tensor};
use fit::Fit;
use observe::{observe, weighted};
use serde::Serialize;
use std::sync::Arc;

/// A network whose 3D kernels were turned into 2D+1D kernels, and what that changed.
#[derive(Clone, Debug, PartialEq)]
pub struct Conversion {
    /// The network, with weights in the new layers.
    pub network: Network,
    /// The layers that were converted, in execution order.
    pub layers: Vec<ConvertedLayer>,
    /// Nodes of `layers` in the original network, and of their kernels in the new one.
    nodes: Vec<(NodeId, Pair)>,
}

/// What converting a layer changed.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ConvertedLayer {
    /// Name of the 3D layer.
    pub name: String,
    /// Terms per input channel.
    pub rank: usize,
    /// Frobenius norm of the change of the weights over that of the weights, before [`Conversion::fitted`].
    pub relative_error: f64,
    /// Power of the layer's output over that of its change, in decibels, with the inputs of the original network and the
    /// bias left out; infinite if nothing changed. `None` before it was measured ([`Conversion::layers_on`]).
    pub output_snr_db: Option<f64>,
}

impl Replacement {
    /// `network` with its trained 3D kernels turned into 2D+1D kernels, in the selected layers.
    ///
    /// Names and structure are those of [`Replacement::apply`]. A batch normalisation between the kernels has no
    /// parameters: it is the identity until it is trained.
    ///
    /// # Errors
    /// If a selected layer has no weights or some that are not finite, if an activation is to lie between the kernels, or
    /// as [`Replacement::apply`].
    pub fn convert(&self, network: &Network) -> Result<Conversion, NetworkError> {
        // For its check that the layers are this network's.
        self.apply(network)?;
        if self.between() == Between::NormRelu {
            return Err(NetworkError::Kernels {
                problem:
                    "puts an activation between the 2D and the 1D kernel, which no trained 3D kernel can be converted \
                          to; give nothing or norm between them, or train from scratch"
                        .into(),
            });
        }
        let mut result = network.like();
        let (mut places, mut layers, mut nodes) = (vec![result.input()], vec![], vec![]);
        for (id, node) in network.iter().skip(1) {
            let inputs: Vec<NodeId> = node.inputs.iter().map(|input| places[input.0]).collect();
            places.push(match (&node.op, self.rank_of(id)) {
                (Op::Conv(conv), Some(rank)) => {
                    let separated = separated(&node.name, conv, rank)?;
                    layers.push(ConvertedLayer {
                        name: node.name.clone(),
                        rank: separated.rank,
                        relative_error: separated.relative_error,
                        output_snr_db: None,
                    });
                    let channels = result.shape(inputs[0])[0];
                    let kernels = kernels(channels, conv, separated);
                    let pair = push_pair(&mut result, &node.name, inputs[0], kernels, self.between())?;
                    nodes.push((id, pair));
                    pair.kernel_1d
                }
                (op, _) => result.push(&node.name, op.clone(), &inputs)?,
            });
        }
        Ok(Conversion { network: result, layers, nodes })
    }
}

impl Conversion {
    /// The layers with their output signal-to-noise ratios on `images`, `[channels, height, width]` each.
    ///
    /// Each layer gets the inputs it has in `original`, so that its own change is seen and not that of the layers before it.
    ///
    /// # Errors
    /// If `original` cannot be run on an image, or is not the network that was converted.
    pub fn layers_on(&self, original: &Network, images: &[Tensor<f32>]) -> Result<Vec<ConvertedLayer>, NetworkError> {
        let mut powers = vec![[0f64; 2]; self.layers.len()];
        observe((&self.network, &self.nodes), original, images, |layer, outputs| {
            let [signal, noise] = &mut powers[layer];
            *signal += power(&outputs.expected);
            *noise += power(&outputs.lacking());
        })?;
        let decibels = |[signal, noise]: [f64; 2]| {
            if noise > 0.0 { 10.0 * (signal / noise).log10() } else { f64::INFINITY }
        };
        let layers = self.layers.iter().zip(powers);
        Ok(layers
            .map(|(layer, power)| ConvertedLayer { output_snr_db: Some(decibels(power)), ..layer.clone() })
            .collect())
    }

    /// The conversion with each 1D kernel fitted to `images`, `[channels, height, width]` each: of all 1D kernels after
    /// the same 2D kernels, the one whose outputs are nearest to those of the 3D kernel in the sense of least squares, on
    /// the inputs the layer has in `original`. On these images no layer gets worse but for rounding.
    ///
    /// Time grows with the square of the 2D kernels of a layer, times its output pixels, times the images. Regularised, so
    /// that few images do no harm on the directions they do not show.
    ///
    /// # Errors
    /// As [`Conversion::layers_on`], or if outputs are not finite.
    pub fn fitted(&self, original: &Network, images: &[Tensor<f32>]) -> Result<Self, NetworkError> {
        let sizes = self.nodes.iter().map(|&(_, to)| Ok(weighted(&self.network, to.kernel_1d)?.0));
        let sizes = sizes.collect::<Result<Vec<ConvShape>, NetworkError>>()?;
        let mut fits: Vec<Fit> = sizes.iter().map(|shape| Fit::new(shape.in_channels, shape.out_channels)).collect();
        observe((&self.network, &self.nodes), original, images, |layer, outputs| {
            fits[layer].add(&outputs.kernel_2d, &outputs.lacking());
        })?;
        let mut changes = vec![None; self.network.nodes().len()];
        for ((fit, layer), &(_, to)) in fits.into_iter().zip(&self.layers).zip(&self.nodes) {
            changes[to.kernel_1d.0] = Some(fit.solve().ok_or_else(|| not_finite(&layer.name))?);
        }
        Ok(Self { network: changed(&self.network, &changes)?, ..self.clone() })
    }
}

/// `network` with the changes, one list a node, added to the weights.
fn changed(network: &Network, changes: &[Option<Vec<f64>>]) -> Result<Network, NetworkError> {
    let mut result = network.like();
    for (id, node) in network.iter().skip(1) {
        let mut op = node.op.clone();
        if let (Op::Conv(Conv { weights: Some(weights), .. }), Some(change)) = (&mut op, &changes[id.0]) {
            let values =
                weights.values.values().iter().zip(change).map(|(&old, change)| (f64::from(old) + change) as f32);
            weights.values = Arc::new(Tensor::new(weights.values.shape().to_vec(), values.collect()));
        }
        result.push(node.name.clone(), op, &node.inputs)?;
    }
    Ok(result)
}

/// Sum of squares.
fn power(maps: &Images) -> f64 {
    maps.values().iter().flat_map(|lanes| lanes.0).map(|value| f64::from(value).powi(2)).sum()
}

/// The layer's kernel in terms, or why that cannot be.
fn separated(name: &str, conv: &Conv, rank: usize) -> Result<Separated, NetworkError> {
    let fail = |problem: &str| NetworkError::Layer { layer: name.into(), problem: problem.into() };
    let weights = conv.weights.as_ref();
    let weights = weights.ok_or_else(|| fail("has no weights to convert; import a trained network"))?;
    separate(&weights.values, rank).ok_or_else(|| not_finite(name))
}

fn not_finite(name: &str) -> NetworkError {
    NetworkError::Layer { layer: name.into(), problem: "has weights that are not finite; train it again".into() }
}

/// The 2D and the 1D kernel in place of a convolution of `channels` input channels.
fn kernels(channels: usize, conv: &Conv, separated: Separated) -> [Conv; 2] {
    let kernel_2d = Conv {
        out_channels: channels * separated.rank,
        groups: channels,
        weights: Some(separated.kernel_2d),
        bias: None,
        ..conv.clone()
    };
    let kernel_1d =
        Conv { weights: Some(separated.kernel_1d), bias: conv.bias.clone(), ..Conv::same(conv.out_channels, 1) };
    [kernel_2d, kernel_1d]
}
