//! A network whose convolutions and dense layers work on integers and everything else on floats.
//!
//! Inputs and weights of each layer are rounded to symmetric integer ranges, the products are summed exactly, and the sums
//! are scaled back. This is what a crossbar accelerator computes when its analog part is ideal, so whatever computes the
//! integer part exactly reproduces every value of [`QuantizedNetwork::run`] bit for bit.

use super::{digital, float};
use crate::network::{Layer, Network, NetworkError, NodeId, Op, Tensor, Weights};

/// One layer in integers.
#[derive(Clone, Debug)]
pub struct QuantizedLayer {
    /// The layer.
    pub layer: Layer,
    /// Integer weights `[out_channels, in_channels / groups, kernel height, kernel width]` within ±(2^(bits−1) − 1).
    pub weights: Tensor<i32>,
    /// Real value of weight 1, per output channel.
    pub weight_scale: Vec<f32>,
    /// Real value of input 1.
    pub input_scale: f32,
    /// Greatest magnitude of an integer input.
    pub input_limit: i32,
}

/// A network and the integer form of its layers.
#[derive(Clone, Debug)]
pub struct QuantizedNetwork<'a> {
    network: &'a Network,
    layers: Vec<QuantizedLayer>,
}

impl<'a> QuantizedNetwork<'a> {
    /// Rounds the weights to `weight_bits` and takes each layer's input range from a float run on `image`.
    ///
    /// A model that came quantised keeps its own weight scales.
    ///
    /// # Errors
    /// If the float run fails, the bits are not 2 to 16, or a weight exceeds the range its own scale allows.
    pub fn calibrate(
        network: &'a Network,
        image: &Tensor<f32>,
        weight_bits: u32,
        input_bits: u32,
    ) -> Result<Self, NetworkError> {
        for (what, bits) in [("weights", weight_bits), ("inputs", input_bits)] {
            if !(2..=16).contains(&bits) {
                let problem = format!("cannot round {what} to {bits} bits; give 2 to 16");
                return Err(NetworkError::Layer { layer: network.name.clone(), problem });
            }
        }
        let outputs = float::run(network, image)?;
        let input_limit = limit(input_bits);
        let layers = network.layers().into_iter().map(|layer| {
            let source = network.node(layer.node).inputs[0];
            let greatest = outputs[source.0].values().iter().fold(0f32, |most, x| most.max(x.abs()));
            let input_scale = if greatest > 0.0 { greatest / input_limit as f32 } else { 1.0 };
            let (weights, weight_scale) = quantize_weights(network, &layer, limit(weight_bits))?;
            Ok(QuantizedLayer { layer, weights, weight_scale, input_scale, input_limit })
        });
        Ok(Self { network, layers: layers.collect::<Result<_, NetworkError>>()? })
    }

    /// The layers in execution order.
    pub fn layers(&self) -> &[QuantizedLayer] {
        &self.layers
    }

    /// Runs the network and returns the output of every node; `convolve` does the integer convolutions
    /// (input `[in_channels, height, width]` → exact sums `[out_channels, height, width]`).
    ///
    /// # Errors
    /// If the image has the wrong shape, an operation cannot be executed, or `convolve` fails.
    pub fn run(
        &self,
        image: &Tensor<f32>,
        mut convolve: impl FnMut(&QuantizedLayer, &Tensor<i32>) -> Result<Tensor<i64>, NetworkError>,
    ) -> Result<Vec<Tensor<f32>>, NetworkError> {
        digital::run(self.network, image, |layer, op, input| {
            let quantized = self.at(layer.node);
            let sums = convolve(quantized, &quantized.round_input(input))?;
            let bias = match op {
                Op::Conv(conv) => conv.bias.as_deref(),
                Op::Dense(dense) => dense.bias.as_deref(),
                _ => None,
            };
            Ok(quantized.scale_back(&sums, bias))
        })
    }

    fn at(&self, node: NodeId) -> &QuantizedLayer {
        let index = self.layers.binary_search_by_key(&node, |quantized| quantized.layer.node);
        &self.layers[index.expect("every layer of the network is quantised")]
    }
}

impl QuantizedLayer {
    /// The integers nearest to `input`, within the input range.
    pub fn round_input(&self, input: &Tensor<f32>) -> Tensor<i32> {
        let limit = self.input_limit as f32;
        input.map(|x| (x / self.input_scale).round_ties_even().clamp(-limit, limit) as i32)
    }

    fn scale_back(&self, sums: &Tensor<i64>, bias: Option<&[f32]>) -> Tensor<f32> {
        let pixels: usize = self.layer.shape.output().iter().product();
        let mut channel_of = (0..sums.values().len()).map(|index| index / pixels);
        sums.map(|&sum| {
            let channel = channel_of.next().expect("one index per sum");
            let scale = f64::from(self.input_scale) * f64::from(self.weight_scale[channel]);
            (sum as f64 * scale + bias.map_or(0.0, |bias| f64::from(bias[channel]))) as f32
        })
    }
}

/// Greatest magnitude of a symmetric signed range of `bits`.
const fn limit(bits: u32) -> i32 {
    (1 << (bits - 1)) - 1
}

fn quantize_weights(network: &Network, layer: &Layer, limit: i32) -> Result<(Tensor<i32>, Vec<f32>), NetworkError> {
    let weights = match &network.node(layer.node).op {
        Op::Conv(conv) => conv.weights.as_ref(),
        Op::Dense(dense) => dense.weights.as_ref(),
        _ => None,
    };
    let Weights { values, scale } = weights.expect("the float run used them");
    let shape = layer.shape;
    let per_channel = shape.group_inputs() * shape.taps();
    let scale = match scale {
        Some(scale) => scale.iter().copied().cycle().take(shape.out_channels).collect(),
        None => {
            let greatest = values.values().iter().fold(0f32, |most, w| most.max(w.abs()));
            vec![if greatest > 0.0 { greatest / limit as f32 } else { 1.0 }; shape.out_channels]
        }
    };
    let rounded = values.values().iter().enumerate().map(|(index, w)| {
        let integer = (w / scale[index / per_channel]).round_ties_even();
        if integer.abs() > limit as f32 {
            let problem = format!("has the quantised weight {integer}; ±{limit} is allowed, give more weight bits");
            return Err(NetworkError::Layer { layer: layer.name.clone(), problem });
        }
        Ok(integer as i32)
    });
    let rounded = rounded.collect::<Result<_, _>>()?;
    let axes = vec![shape.out_channels, shape.group_inputs(), shape.kernel[0], shape.kernel[1]];
    Ok((Tensor::new(axes, rounded), scale))
}
