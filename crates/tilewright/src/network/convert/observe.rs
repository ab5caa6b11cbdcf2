//! Converted layers beside what they were, on the inputs they have in the original network.

use crate::network::executor::{BATCH, Convolution, Executor, Images, Lanes, RunLayer, convolution};
use crate::network::kernel_plan::Pair;
use crate::network::{Conv, ConvShape, Network, NetworkError, NodeId, Op, Tensor};
use fearless_simd::Level;
use std::borrow::Cow;
use std::cell::RefCell;

/// Feature maps `[channels, height, width]` of a converted layer, without bias, for sixteen images at once. Lanes without an
/// image are zero.
pub(super) struct Outputs {
    /// Of the 3D kernel.
    pub(super) expected: Images,
    /// Of the 2D kernels.
    pub(super) kernel_2d: Images,
    /// Of the 1D kernel after them.
    pub(super) kernel_1d: Images,
}

impl Outputs {
    /// What the 1D kernel's outputs lack.
    pub(super) fn lacking(&self) -> Images {
        let pairs = self.expected.values().iter().zip(self.kernel_1d.values());
        let lacking = pairs.map(|(&expected, &found)| expected.with(found, |expected, found| expected - found));
        Tensor::new(self.expected.shape().to_vec(), lacking.collect())
    }
}

/// Runs `original` on the images and shows the outputs of each converted layer, by its place among `nodes`: those of the layers in
/// `original`, and of their kernels in `converted`.
pub(super) fn observe(
    (converted, nodes): (&Network, &[(NodeId, Pair)]),
    original: &Network,
    images: &[Tensor<f32>],
    mut see: impl FnMut(usize, &Outputs),
) -> Result<(), NetworkError> {
    let mut kernels: Vec<Option<Kernels>> = original.nodes().iter().map(|_| None).collect();
    for (layer, &(from, to)) in nodes.iter().enumerate() {
        let found = Kernels::new(converted, original, layer, from, to)?;
        kernels[from.0] = Some(found);
    }
    let see = RefCell::new(|layer: usize, outputs: &Outputs| see(layer, outputs));
    let executor = Executor::with_layers(original, |layer| {
        let kernels = kernels[layer.node.0].take();
        Ok::<_, NetworkError>(Observed {
            layer: convolution(original, &layer)?,
            kernels,
            images: images.len() as u64,
            see: &see,
        })
    })?;
    executor.run(images).map(drop)
}

/// A layer of the original network.
struct Observed<'a, F> {
    layer: Convolution,
    /// If it was converted.
    kernels: Option<Kernels>,
    /// How many images there are in all.
    images: u64,
    see: &'a RefCell<F>,
}

/// The kernels of a converted layer, before and after.
struct Kernels {
    layer: usize,
    kernel_3d: Convolution,
    kernel_2d: Convolution,
    kernel_1d: Convolution,
}

impl<F: FnMut(usize, &Outputs)> RunLayer for Observed<'_, F> {
    fn run(&self, level: Level, input: &Images, first: u64) -> Images {
        if let Some(kernels) = &self.kernels {
            let images = (self.images - first).min(BATCH as u64) as usize;
            let input = if images < BATCH { Cow::Owned(only(images, input)) } else { Cow::Borrowed(input) };
            (self.see.borrow_mut())(kernels.layer, &kernels.outputs(level, &input, first));
        }
        self.layer.run(level, input, first)
    }
}

impl Kernels {
    fn new(
        converted: &Network,
        original: &Network,
        layer: usize,
        from: NodeId,
        to: Pair,
    ) -> Result<Self, NetworkError> {
        let (shape, weights) = weighted(original, from)?;
        let (shape_2d, weights_2d) = weighted(converted, to.kernel_2d)?;
        let (shape_1d, weights_1d) = weighted(converted, to.kernel_1d)?;
        let same = ConvShape { out_channels: shape_2d.out_channels, groups: shape_2d.groups, ..shape } == shape_2d;
        if !same || shape.out_channels != shape_1d.out_channels {
            return Err(unweighted(original, from));
        }
        let linear = |shape: ConvShape, weights: &Tensor<f32>| Convolution::new(shape, weights.values(), None);
        Ok(Self {
            layer,
            kernel_3d: linear(shape, weights),
            kernel_2d: linear(shape_2d, weights_2d),
            kernel_1d: linear(shape_1d, weights_1d),
        })
    }

    fn outputs(&self, level: Level, input: &Images, first: u64) -> Outputs {
        let kernel_2d = self.kernel_2d.run(level, input, first);
        Outputs {
            expected: self.kernel_3d.run(level, input, first),
            kernel_1d: self.kernel_1d.run(level, &kernel_2d, first),
            kernel_2d,
        }
    }
}

/// The first so many images, zeros in the lanes after them.
fn only(images: usize, maps: &Images) -> Images {
    maps.map(|lanes| Lanes(std::array::from_fn(|lane| if lane < images { lanes.0[lane] } else { 0.0 })))
}

/// Shape and weights of a convolution.
pub(super) fn weighted(network: &Network, id: NodeId) -> Result<(ConvShape, &Tensor<f32>), NetworkError> {
    let node = network.nodes().get(id.0).ok_or_else(|| unweighted(network, id))?;
    match (network.layer(id), &node.op) {
        (Some(layer), Op::Conv(Conv { weights: Some(weights), .. })) => Ok((layer.shape, &weights.values)),
        _ => Err(unweighted(network, id)),
    }
}

fn unweighted(network: &Network, id: NodeId) -> NetworkError {
    NetworkError::Kernels {
        problem: format!("is of another network: node {} of {:?} is not the layer converted", id.0, network.name),
    }
}
