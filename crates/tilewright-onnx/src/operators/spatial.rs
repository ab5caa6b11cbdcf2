//! Convolutions of any number of spatial axes as those of two, which crossbars compute.

use super::window::{as_image, as_sequence};
use crate::building::Import;
use crate::error::Problem;
use crate::node::OnnxNode;
use std::sync::Arc;
use tilewright::network::{Conv, NodeId, Op, Padding, Tensor, Weights};

/// A convolution. All lists have one entry a spatial axis.
pub(super) struct Convolution {
    pub stride: Vec<usize>,
    pub dilation: Vec<usize>,
    /// Zeros before and after.
    pub padding: Vec<[usize; 2]>,
    pub groups: usize,
    /// `[out_channels, in_channels / groups, kernel…]`.
    pub weights: Weights,
    pub bias: Option<Arc<[f32]>>,
}

impl Convolution {
    /// Appends the convolution, called `name`, of an input `[in_channels, …]`.
    pub(super) fn push(
        self,
        import: &mut Import,
        node: &OnnxNode<'_>,
        name: &str,
        input: NodeId,
    ) -> Result<NodeId, Problem> {
        let sides = self.stride.len();
        if sides > 2 {
            return self.unfolded(import, node, name, input);
        }
        let image = as_image(import, node, input)?;
        let output = import.push_named(node, name, Op::Conv(self.planar()), &[image])?;
        as_sequence(import, node, output, sides)
    }

    /// Of one or two spatial axes: one has height 1.
    fn planar(self) -> Conv {
        let shape = self.weights.values.shape().to_vec();
        let pair = |values: &[usize], height: usize| match *values {
            [height, width] => [height, width],
            [width] => [height, width],
            _ => unreachable!("a convolution of one or two spatial axes"),
        };
        let side = |which: usize| pair(&self.padding.iter().map(|padding| padding[which]).collect::<Vec<_>>(), 0);
        let ([top, left], [bottom, right]) = (side(0), side(1));
        let kernel = pair(&shape[2..], 1);
        let values = Tensor::new(vec![shape[0], shape[1], kernel[0], kernel[1]], self.weights.values.values().to_vec());
        Conv {
            out_channels: shape[0],
            kernel,
            stride: pair(&self.stride, 1),
            dilation: pair(&self.dilation, 1),
            padding: Padding { top, left, bottom, right },
            groups: self.groups,
            weights: Some(Weights { values: Arc::new(values), scale: self.weights.scale }),
            bias: self.bias,
        }
    }

    /// Of more axes: what each tap of all axes but the last sees is a channel of its own, and the places on these axes are the rows of
    /// an image. No product is added and none is left out.
    fn unfolded(self, import: &mut Import, node: &OnnxNode<'_>, name: &str, input: NodeId) -> Result<NodeId, Problem> {
        let shape = self.weights.values.shape().to_vec();
        let outer = self.stride.len() - 1;
        let kernel = &shape[2..2 + outer];
        let padded = self.padded(import, node, input)?;
        let (places, rows) = self.places(import, node, padded, kernel)?;
        let own = import.network.shape(padded).to_vec();
        let (channels, width) = (own[0], own[outer + 1]);
        // Places and taps of an axis lie side by side; the taps go to the channels.
        let pairs = rows.iter().zip(kernel).flat_map(|(&row, &tap)| [row, tap]);
        let split = std::iter::once(channels).chain(pairs).chain([width]).collect();
        let split = import.push_part(node, Op::Reshape { shape: split }, &[places])?;
        let [taps, positions] = [2, 1].map(|first| (0..outer).map(move |axis| first + 2 * axis));
        let order = std::iter::once(0).chain(taps).chain(positions).chain([2 * outer + 1]).collect();
        let turned = import.push_part(node, Op::Transpose { order }, &[split])?;
        let taps: usize = kernel.iter().product();
        let image = vec![channels * taps, rows.iter().product(), width];
        let image = import.push_part(node, Op::Reshape { shape: image }, &[turned])?;
        let values = vec![shape[0], shape[1] * taps, 1, shape[outer + 2]];
        let values = Tensor::new(values, self.weights.values.values().to_vec());
        let planar = Self {
            stride: vec![1, self.stride[outer]],
            dilation: vec![1, self.dilation[outer]],
            padding: vec![[0, 0], self.padding[outer]],
            weights: Weights { values: Arc::new(values), scale: self.weights.scale },
            ..self
        };
        let output = import.push_named(node, name, Op::Conv(planar.planar()), &[image])?;
        let width = import.network.shape(output)[2];
        let shape = std::iter::once(shape[0]).chain(rows).chain([width]).collect();
        import.push_part(node, Op::Reshape { shape }, &[output])
    }

    /// The input with the zeros around all axes but the channels and the last.
    fn padded(&self, import: &mut Import, node: &OnnxNode<'_>, input: NodeId) -> Result<NodeId, Problem> {
        let outer = &self.padding[..self.padding.len() - 1];
        if outer.iter().all(|&padding| padding == [0, 0]) {
            return Ok(input);
        }
        let side = |which: usize| std::iter::once(0).chain(outer.iter().map(move |sides| sides[which])).chain([0]);
        let pad = Op::Pad { before: side(0).collect(), after: side(1).collect(), value: 0.0 };
        import.push_part(node, pad, &[input])
    }

    /// Along all axes but the channels and the last, what the taps see place by place, and how many places there are.
    fn places(
        &self,
        import: &mut Import,
        node: &OnnxNode<'_>,
        mut input: NodeId,
        kernel: &[usize],
    ) -> Result<(NodeId, Vec<usize>), Problem> {
        let mut rows = vec![];
        for (axis, &taps) in kernel.iter().enumerate() {
            let (stride, dilation) = (self.stride[axis], self.dilation[axis]);
            let length = import.network.shape(input)[axis + 1];
            let extent = (taps - 1).saturating_mul(dilation).saturating_add(1);
            let room = length.checked_sub(extent).ok_or_else(|| {
                node.fail(format!("has a kernel spanning {extent} elements of a padded axis of length {length}"))
            })?;
            let places = room / stride + 1;
            rows.push(places);
            if (taps, stride) == (1, 1) {
                continue;
            }
            import.spend(node, places.saturating_mul(taps))?;
            let seen = (0..places).flat_map(|place| (0..taps).map(move |tap| place * stride + tap * dilation));
            input = import.push_part(node, Op::Select { axis: axis + 1, indices: seen.collect() }, &[input])?;
        }
        Ok((input, rows))
    }
}
