//! One layer in integers, and the integers that it takes.

use super::weight_range::nearest;
use super::{Activation, Layer, Network, NetworkError, NodeId, Op, PoolKind, Tensor, WeightRange, Weights};
use std::sync::Arc;

/// Greatest magnitude of an integer weight.
pub const MOST_WEIGHT: i32 = 1 << 16;

/// The integers a layer takes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct InputGrid {
    /// Real value of input 1.
    pub scale: f32,
    /// Least and greatest integer; 0 stands for a real 0 and is one of them.
    pub range: [i32; 2],
}

/// One layer in integers.
#[derive(Clone, Debug)]
pub struct IntegerLayer {
    /// The layer.
    pub layer: Layer,
    /// Integer weights `[out_channels, in_channels / groups, kernel height, kernel width]`.
    pub weights: Tensor<i32>,
    /// Real value of weight 1, per output channel.
    pub weight_scale: Vec<f32>,
    /// One bias per output channel, added digitally.
    pub bias: Option<Arc<[f32]>>,
    /// The inputs.
    pub input: InputGrid,
    /// Bits of an input's magnitude that pulses drive, as many as the greatest takes unless more are asked for.
    pub driven_bits: u32,
}

/// How a model that did not come quantised is rounded.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rounding {
    /// Bits of a signed weight, 2 to 16.
    pub weight_bits: u32,
    /// Bits of a layer input, 1 to 16.
    pub input_bits: u32,
    /// Range of the weights that the integers stand for.
    pub weight_range: WeightRange,
}

impl InputGrid {
    /// Bits of the greatest magnitude.
    pub fn bits(&self) -> u32 {
        let most = self.range.iter().map(|end| end.unsigned_abs()).max().unwrap_or(0);
        (32 - most.leading_zeros()).max(1)
    }

    /// Bits that tell its integers apart: 8 for −128 to 127, 4 for 0 to 15.
    pub fn count_bits(&self) -> u32 {
        let span = self.range[1].abs_diff(self.range[0]);
        (32 - span.leading_zeros()).max(1)
    }

    /// The integer nearest to a real value.
    #[inline(always)]
    pub fn round(&self, value: f32) -> f32 {
        (value / self.scale).round_ties_even().max(self.range[0] as f32).min(self.range[1] as f32)
    }

    /// The grid of `bits` for values between two ends; without negative values none of it is wasted on them.
    pub(super) fn covering(least: f32, most: f32, bits: u32) -> Self {
        let limit = if least < 0.0 { (1 << (bits - 1)) - 1 } else { (1 << bits) - 1 };
        let greatest = most.max(-least);
        let scale = if greatest > 0.0 && limit > 0 { greatest / limit as f32 } else { 1.0 };
        Self { scale, range: [if least < 0.0 { -limit } else { 0 }, limit.max(1)] }
    }
}

impl Rounding {
    /// To so many bits, with the greatest weight of an output channel at its greatest integer.
    pub fn to_bits(weight_bits: u32, input_bits: u32) -> Self {
        Self { weight_bits, input_bits, weight_range: WeightRange::default() }
    }

    pub(super) fn verify(self) -> Result<(), NetworkError> {
        self.weight_range.verify()?;
        for (what, bits, least) in [("weight", self.weight_bits, 2), ("input", self.input_bits, 1)] {
            if !(least..=16).contains(&bits) {
                return Err(NetworkError::Setting { problem: format!("{bits} {what} bits: give {least} to 16") });
            }
        }
        Ok(())
    }
}

/// The grid of a node's output, if the model rounds it.
pub(super) fn grid_of(network: &Network, node: NodeId) -> Option<InputGrid> {
    let node = network.node(node);
    match &node.op {
        Op::FakeQuantize { scale, zero_point, range } => {
            Some(InputGrid { scale: *scale, range: range.map(|end| end.saturating_sub(*zero_point)) })
        }
        Op::Activation(Activation::Relu) => {
            let grid = grid_of(network, node.inputs[0])?;
            Some(InputGrid { range: [0, grid.range[1]], ..grid })
        }
        Op::Pool(pool) if pool.kind == PoolKind::Max => grid_of(network, node.inputs[0]),
        Op::Reshape { .. } | Op::Transpose { .. } | Op::Slice { .. } | Op::Select { .. } => {
            grid_of(network, node.inputs[0])
        }
        Op::Pad { value, .. } => {
            let grid = grid_of(network, node.inputs[0])?;
            (*value == 0.0 && (grid.range[0]..=grid.range[1]).contains(&0)).then_some(grid)
        }
        _ => None,
    }
}

impl IntegerLayer {
    pub(super) fn new(
        network: &Network,
        layer: Layer,
        input: InputGrid,
        rounding: Rounding,
    ) -> Result<Self, NetworkError> {
        let node = network.node(layer.node);
        let Some(Weights { values, scale }) = node.op.weights() else {
            let problem = "has no weights; take a trained network, or import one".into();
            return Err(NetworkError::Layer { layer: layer.name, problem });
        };
        let shape = layer.shape;
        let kernel = shape.group_inputs() * shape.taps();
        let limit = ((1 << (rounding.weight_bits - 1)) - 1) as f32;
        let (weight_scale, limit): (Vec<f32>, f32) = match scale {
            Some(scale) => (scale.iter().copied().cycle().take(shape.out_channels).collect(), f32::INFINITY),
            None => (rounding.weight_range.scales(values.values(), kernel, limit), limit),
        };
        let mut rounded = Vec::with_capacity(values.values().len());
        for (weights, scale) in values.values().chunks(kernel).zip(&weight_scale) {
            for &weight in weights {
                let integer = nearest(weight, *scale, limit);
                if integer.is_nan() || integer.abs() > MOST_WEIGHT as f32 {
                    let problem = format!("has the weight {integer} in integers; ±{MOST_WEIGHT} is allowed");
                    return Err(NetworkError::Layer { layer: layer.name, problem });
                }
                rounded.push(integer as i32);
            }
        }
        let axes = vec![shape.out_channels, shape.group_inputs(), shape.kernel[0], shape.kernel[1]];
        let bias = node.op.bias().cloned();
        let driven_bits = input.bits();
        Ok(Self { weights: Tensor::new(axes, rounded), weight_scale, bias, input, driven_bits, layer })
    }

    /// The layer in integers, its inputs on the grid that the model rounds them to, else on that of the values `inputs`.
    ///
    /// # Errors
    /// As [`integer_layers`](super::integer_layers).
    pub(crate) fn of_inputs(
        network: &Network,
        layer: Layer,
        rounding: Rounding,
        inputs: impl Iterator<Item = f32>,
    ) -> Result<Self, NetworkError> {
        rounding.verify()?;
        let grid = grid_of(network, network.node(layer.node).inputs[0]).unwrap_or_else(|| {
            let [least, most] = inputs.fold([0f32, 0.0], |[least, most], x| [least.min(x), most.max(x)]);
            InputGrid::covering(least, most, rounding.input_bits)
        });
        Self::new(network, layer, grid, rounding)
    }

    /// The layer with inputs of so many bits, sign included, though the model may hold fewer: pulses drive the others, too.
    #[must_use]
    pub fn driven_by(mut self, bits: u32) -> Self {
        let signed = u32::from(self.input.range[0] < 0);
        self.driven_bits = self.driven_bits.max(bits.saturating_sub(signed));
        self
    }

    /// The layer in the integers the model itself holds: those of its weights, and those it rounds the layer's input to. None
    /// if it holds none.
    ///
    /// # Errors
    /// As [`integer_layers`](super::integer_layers).
    pub(super) fn of_model(network: &Network, layer: &Layer) -> Result<Option<Self>, NetworkError> {
        let node = network.node(layer.node);
        let scaled = node.op.weights().is_some_and(|weights| weights.scale.is_some());
        let Some(input) = grid_of(network, node.inputs[0]).filter(|_| scaled) else { return Ok(None) };
        // Weights with a scale are rounded to it, whatever the bits.
        Self::new(network, layer.clone(), input, Rounding::to_bits(16, 16)).map(Some)
    }

    /// Least and greatest integer weight, 0 among them.
    pub fn weight_range(&self) -> [i32; 2] {
        let ends = |[least, greatest]: [i32; 2], &weight: &i32| [least.min(weight), greatest.max(weight)];
        self.weights.values().iter().fold([0, 0], ends)
    }

    /// Its weights as real numbers, in the order of the integers.
    pub fn real_weights(&self) -> Vec<f32> {
        let kernel = self.layer.shape.group_inputs() * self.layer.shape.taps();
        let kernels = self.weights.values().chunks(kernel).zip(&self.weight_scale);
        kernels.flat_map(|(weights, &scale)| weights.iter().map(move |&weight| weight as f32 * scale)).collect()
    }

    /// Real value of a product of weight 1 and input 1 of an output channel.
    pub fn output_scale(&self, channel: usize) -> f64 {
        f64::from(self.input.scale) * f64::from(self.weight_scale[channel])
    }

    /// Factor and offset that make exact sums of an output channel real, its bias added: the one place where integers become real again.
    #[inline(always)]
    pub fn line(&self, channel: usize) -> [f64; 2] {
        [self.output_scale(channel), self.bias.as_ref().map_or(0.0, |bias| f64::from(bias[channel]))]
    }

    /// The real value of an exact sum of an output channel.
    #[inline(always)]
    pub fn real(&self, channel: usize) -> impl Fn(f64) -> f64 + use<> {
        let [scale, bias] = self.line(channel);
        move |sum| sum * scale + bias
    }
}
