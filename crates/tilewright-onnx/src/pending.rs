//! Integer sums between a ConvInteger or MatMulInteger and the product that scales them: how `quantize_dynamic` writes a layer.
//!
//! The sums are those of levels that each image chooses ([`Op::DynamicQuantize`](tilewright::network::Op::DynamicQuantize)). Times the
//! scale of the levels they are real values, and times that of the weights they are the layer's: only then the layer is known.

use crate::building::Import;
use crate::error::Problem;
use crate::node::OnnxNode;
use crate::operators::{Window, as_sequence, matrix_product, offset};
use crate::value::Feature;
use std::sync::Arc;
use tilewright::network::{Conv, NodeId, Op, Weights};

/// The scale of the levels of a node, times constants, one for all output channels or one each.
#[derive(Clone, Debug)]
pub(crate) struct RuntimeScale {
    pub of: NodeId,
    pub factors: Vec<f32>,
}

/// A layer whose weights are integers as yet.
#[derive(Clone, Debug)]
pub(crate) struct Pending {
    /// Name of the node that sums.
    pub name: String,
    /// The levels' node, of whose scale the sums are multiples.
    pub of: NodeId,
    pub input: Feature,
    pub layer: PendingLayer,
    /// Bits of the integers that the weights came as.
    pub bits: Option<u32>,
}

/// What kind of layer it is.
#[derive(Clone, Debug)]
pub(crate) enum PendingLayer {
    /// A convolution of this many spatial axes.
    Conv(Conv, usize),
    /// A product with a matrix `[out, in]`.
    Matrix(Weights),
}

impl Pending {
    /// The layer, its integer sums times `scale`.
    pub(crate) fn scaled(
        &self,
        import: &mut Import,
        node: &OnnxNode<'_>,
        scale: &RuntimeScale,
    ) -> Result<Feature, Problem> {
        if scale.of != self.of {
            return Err(node.fail(format!("scales the sums of {:?} by the scale of other levels", self.name)));
        }
        let factors = &scale.factors;
        match &self.layer {
            PendingLayer::Conv(conv, sides) => self.convolution(import, node, conv, *sides, factors),
            PendingLayer::Matrix(weights) => {
                let weights = times(node, weights, factors)?;
                offset::product(import, node, self.input, weights, self.bits, |import, weights| {
                    matrix_product(import, node, &self.name, self.input, weights, None)
                })
            }
        }
    }

    fn convolution(
        &self,
        import: &mut Import,
        node: &OnnxNode<'_>,
        conv: &Conv,
        sides: usize,
        factors: &[f32],
    ) -> Result<Feature, Problem> {
        let weights = conv.weights.as_ref().ok_or_else(|| node.fail("scales a convolution without weights"))?;
        let weights = times(node, weights, factors)?;
        let &Conv { kernel, stride, dilation, padding, groups, .. } = conv;
        let window = |_: &[usize]| Ok((Window { kernel, stride, dilation, padding }, groups));
        let layer = |import: &mut Import, weights| {
            let op = Op::Conv(Conv { weights: Some(weights), ..conv.clone() });
            Ok(Feature::image(import.push_named(node, &self.name, op, &[self.input.id])?))
        };
        let output = offset::convolution(import, node, self.input.id, weights, self.bits, window, layer)?;
        Ok(Feature::image(as_sequence(import, node, output.id, sides)?))
    }
}

/// Integer weights times their scales, one for all output channels (axis 0) or one each.
fn times(node: &OnnxNode<'_>, weights: &Weights, factors: &[f32]) -> Result<Weights, Problem> {
    let channels = weights.values.shape()[0];
    if factors.len() != 1 && factors.len() != channels {
        return Err(node.fail(format!("has {} scales for {channels} output channels", factors.len())));
    }
    let per_channel = (weights.values.values().len() / channels.max(1)).max(1);
    let values = weights.values.values().iter().enumerate();
    let values = values.map(|(index, w)| w * factors[index / per_channel % factors.len()]).collect();
    let values = tilewright::network::Tensor::new(weights.values.shape().to_vec(), values);
    Ok(Weights { values: Arc::new(values), scale: Some(factors.iter().map(|factor| factor.abs()).collect()) })
}
