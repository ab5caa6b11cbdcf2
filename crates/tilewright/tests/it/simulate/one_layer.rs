//! A network of one layer on integers, and chips of it.

use crate::mapping::problem::MappingProblem;
use std::ops::ControlFlow;
use std::sync::Arc;
use tilewright::mapping::scheme::{Im2col, Scheme};
use tilewright::mapping::{Mapping, MappingError, map_network};
use tilewright::network::reference::integer;
use tilewright::network::{Conv, Network, Op, Rounding, Tensor, Weights, integer_layers};
use tilewright::simulate::{Chip, CrossbarAccess, CrossbarMap, Hardware, Plan, SimulateError};

/// Real value of input 1; weights have another one for each output channel.
pub(super) const INPUT_SCALE: f32 = 0.25;

/// The problem's layer behind a rounding of its inputs to whole multiples of [`INPUT_SCALE`].
pub(super) fn network(problem: &MappingProblem) -> Network {
    network_within(problem, [-255, 255])
}

/// The same with inputs rounded to integers within a range.
pub(super) fn network_within(problem: &MappingProblem, range: [i32; 2]) -> Network {
    let shape = &problem.shape;
    let mut network = Network::new("one", vec![shape.in_channels, shape.input[0], shape.input[1]]);
    let rounding = Op::FakeQuantize { scale: INPUT_SCALE, zero_point: 0, range };
    let input = network.then(network.input(), rounding).expect("it rounds any map");
    let scale: Vec<f32> = (0..shape.out_channels).map(weight_scale).collect();
    let integers = problem.weights();
    let kernel = shape.group_inputs() * shape.taps();
    let reals = integers.values().iter().enumerate().map(|(at, &weight)| weight as f32 * scale[at / kernel]);
    let values = Arc::new(Tensor::new(integers.shape().to_vec(), reals.collect()));
    let conv = Conv {
        out_channels: shape.out_channels,
        kernel: shape.kernel,
        stride: shape.stride,
        dilation: shape.dilation,
        padding: shape.padding,
        groups: shape.groups,
        weights: Some(Weights { values, scale: Some(scale) }),
        bias: Some((0..shape.out_channels).map(|channel| channel as f32 - 1.5).collect()),
    };
    network.conv("layer", input, conv).expect("the problem's shape is sound");
    network
}

pub(super) fn weight_scale(channel: usize) -> f32 {
    0.5 / (1 + channel) as f32
}

/// The image whose rounded pixels are the problem's inputs.
pub(super) fn image(problem: &MappingProblem) -> Tensor<f32> {
    problem.input().map(|&x| x as f32 * INPUT_SCALE)
}

/// What the layer yields by plain integer convolution.
pub(super) fn expected(problem: &MappingProblem) -> Tensor<f32> {
    expected_of(problem, &problem.input())
}

/// The same of other inputs.
pub(super) fn expected_of(problem: &MappingProblem, inputs: &Tensor<i32>) -> Tensor<f32> {
    let sums = integer::convolve(&problem.shape, inputs, &problem.weights());
    let pixels: usize = problem.shape.output().iter().product();
    let of = |(at, &sum): (usize, &i64)| {
        let channel = at / pixels;
        let scale = f64::from(INPUT_SCALE) * f64::from(weight_scale(channel));
        (sum as f64 * scale + channel as f64 - 1.5) as f32
    };
    Tensor::new(sums.shape().to_vec(), sums.values().iter().enumerate().map(of).collect())
}

/// The problem's layer mapped by a scheme.
pub(super) fn map(problem: &MappingProblem, scheme: &dyn Scheme) -> Result<Mapping, MappingError> {
    map_network(&network(problem), scheme, &problem.target, None)
}

/// Scores of images on the chip of a seed.
pub(super) fn run(
    problem: &MappingProblem,
    mapping: &Mapping,
    hardware: &Hardware,
    seed: u64,
    images: &[Tensor<f32>],
) -> Result<Vec<Tensor<f32>>, SimulateError> {
    let calibration = &[image(problem)];
    run_network(&network(problem), mapping, hardware, (seed, calibration), images)
}

/// The same of any network of one layer, with images to calibrate on.
pub(super) fn run_network(
    network: &Network,
    mapping: &Mapping,
    hardware: &Hardware,
    (seed, calibration): (u64, &[Tensor<f32>]),
    images: &[Tensor<f32>],
) -> Result<Vec<Tensor<f32>>, SimulateError> {
    let rounding = Rounding::to_bits(mapping.layers[0].encoding.weight_bits, 8);
    let layers = integer_layers(network, &[], rounding)?;
    let plan = Plan { network, mapping, layers: &layers, hardware, calibration, threads: 2 };
    Ok(Chip::program(&plan, seed, &|_, _| ControlFlow::Continue(()))?.scores(0, images)?)
}

/// The first access to the first crossbar of the layer.
pub(super) const ACCESS: CrossbarAccess<'_> = CrossbarAccess { layer: "layer", crossbar: 0, access: 0 };

/// The chip of a seed with the layer by im2col, and its first crossbar.
pub(super) fn with_chip<T>(
    problem: &MappingProblem,
    hardware: &Hardware,
    seed: u64,
    then: impl FnOnce(&Plan<'_>, &Chip, &CrossbarMap) -> T,
) -> T {
    let network = network(problem);
    let rounding = Rounding::to_bits(problem.target.encoding.weight_bits, 8);
    let layers = integer_layers(&network, &[], rounding).expect("it is rounded");
    let mapping = map(problem, &Im2col).expect("it fits");
    let calibration = [image(problem)];
    let plan =
        Plan { network: &network, mapping: &mapping, layers: &layers, hardware, calibration: &calibration, threads: 2 };
    let chip = Chip::program(&plan, seed, &|_, _| ControlFlow::Continue(())).expect("programmed");
    then(&plan, &chip, &CrossbarMap::of(&plan, seed, &ACCESS).expect("a crossbar"))
}
