//! What a layer takes and yields as the network runs.

use super::{Question, VerificationError, Watch, failed};
use crate::network::executor::{Images, Lanes, RunLayer};
use crate::network::{IntegerLayer, Layer, Network, NetworkError, Tensor, exact_convolution};
use fearless_simd::Level;
use std::cell::Cell;

/// One layer with its integer inputs and the exact sums of the plain convolution.
pub(super) struct Case {
    /// The layer.
    pub(super) integer: IntegerLayer,
    /// `[in_channels, height, width]`
    pub(super) input: Tensor<i32>,
    /// `[out_channels, height, width]`
    pub(super) expected: Tensor<i64>,
}

impl Case {
    /// Values kept.
    pub(super) fn values(&self) -> usize {
        self.integer.weights.values().len() + self.input.values().len() + self.outputs()
    }

    /// Values to be compared.
    pub(super) fn outputs(&self) -> usize {
        self.expected.values().len()
    }
}

/// A layer of the executor that runs one image by the plain convolution and keeps what it took and yielded.
pub(super) struct Captured<'a> {
    question: &'a Question<'a>,
    /// With weights.
    network: &'a Network,
    layer: Layer,
    watch: Watch<'a>,
    case: Cell<Option<Result<Case, VerificationError>>>,
}

impl<'a> Captured<'a> {
    pub(super) fn new(question: &'a Question<'a>, network: &'a Network, layer: Layer, watch: Watch<'a>) -> Self {
        Self { question, network, layer, watch, case: Cell::new(None) }
    }

    /// What the layer took and yielded; it has been run.
    pub(super) fn take(&self) -> Result<Case, VerificationError> {
        self.case.take().expect("the layer has been run")
    }

    /// Runs the layer on the first image.
    fn case(&self, input: &Images) -> Result<Case, VerificationError> {
        let Self { question, network, layer, watch, .. } = self;
        let (integer, input) = self.in_integers(input).map_err(failed(network))?;
        let expected = exact_convolution::convolve(&layer.shape, &input, &integer.weights, question.threads, watch);
        Ok(Case { integer, input, expected: expected.ok_or(VerificationError::Interrupted)? })
    }

    /// The layer, and the integers nearest to its inputs.
    fn in_integers(&self, input: &Images) -> Result<(IntegerLayer, Tensor<i32>), NetworkError> {
        let layer = &self.layer;
        let values: Vec<f32> = input.values().iter().map(|lanes| lanes.0[0]).collect();
        if let Some(wrong) = values.iter().find(|value| !value.is_finite()) {
            let problem = format!("takes {wrong}, which no integer stands for; check the weights before it");
            return Err(NetworkError::Layer { layer: layer.name.clone(), problem });
        }
        let rounding = self.question.rounding(&layer.name);
        let integer = IntegerLayer::of_inputs(self.network, layer.clone(), rounding, values.iter().copied())?;
        let sides = vec![layer.shape.in_channels, layer.shape.input[0], layer.shape.input[1]];
        let integers = values.iter().map(|&x| integer.input.round(x) as i32).collect();
        Ok((integer, Tensor::new(sides, integers)))
    }
}

impl RunLayer for Captured<'_> {
    fn run(&self, _level: Level, input: &Images, _first: u64) -> Images {
        let case = self.case(input);
        let [height, width] = self.layer.shape.output();
        let output = match &case {
            Ok(case) => real(case),
            // Nobody waits for these values: they only let the run end.
            Err(_) => Tensor::filled(vec![self.layer.shape.out_channels, height, width], Lanes::splat(0.0)),
        };
        self.case.set(Some(case));
        output
    }
}

/// The real values of exact sums, in every lane.
fn real(Case { integer, expected, .. }: &Case) -> Images {
    let pixels: usize = integer.layer.shape.output().iter().product();
    let maps = expected.values().chunks_exact(pixels).enumerate();
    let values = maps.flat_map(|(channel, sums)| {
        let real = integer.real(channel);
        sums.iter().map(move |&sum| Lanes::splat(real(sum as f64) as f32))
    });
    Tensor::new(expected.shape().to_vec(), values.collect())
}
