//! How far each layer of a chip is from the integer network, or, where neurons pass values on, from the one without rounding between layers. The
//! errors of a neuron behind an addition are not those of a layer before it.

use super::SimulateError;
use super::analog::AnalogLayer;
use super::chip::Chip;
use super::layer_maps::{LayerMaps, for_each_batch, nodes};
use super::plan::Plan;
use crate::network::executor::{Images, RunLayer};
use crate::network::{NodeId, Tensor};
use fearless_simd::Level;
use serde::Serialize;

/// The error of one layer's outputs.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LayerError {
    /// The layer's name.
    pub name: String,
    /// Behind exact inputs: what the layer itself does wrong.
    pub own: OutputError,
    /// Behind the layers before it: what reaches the next one.
    pub reached: OutputError,
}

/// Outputs compared with those of the integer network.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct OutputError {
    /// Mean square of the exact outputs over that of the errors, in decibels; `None` if there are no errors, or no signal.
    pub snr_db: Option<f64>,
    /// Whether any exact output is other than 0; without a signal there is no ratio, no gain and no bias to speak of.
    pub signal: bool,
    /// Slope of the outputs over the exact ones, through the origin.
    pub gain: f64,
    /// Mean error in parts of the exact outputs' root mean square.
    pub bias: f64,
}

/// The error of every layer of a chip on some images, in execution order; `ideal` is the plan's [`Plan::ideal`].
///
/// # Errors
/// [`SimulateError`] as [`Chip::scores`].
pub fn layer_errors(
    chip: &Chip,
    ideal: &Chip,
    plan: &Plan<'_>,
    images: &[Tensor<f32>],
) -> Result<Vec<LayerError>, SimulateError> {
    let nodes = nodes(&chip.executor);
    let layers: Vec<(NodeId, &AnalogLayer)> = chip.executor.layers().collect();
    let batches = for_each_batch(images, plan.threads, |first, images| {
        let exact = LayerMaps::of(plan.network, &ideal.executor, first, images)?;
        let found = LayerMaps::of(plan.network, &chip.executor, first, images)?;
        let sums = layers.iter().map(|&(node, layer)| {
            let own = chip.executor.changed(node, layer.run(Level::new(), exact.input(node), first), first);
            [&own, found.output(node)].map(|found| Sums::of(found, exact.output(node)))
        });
        Ok(sums.collect::<Vec<[Sums; 2]>>())
    })?;
    let errors = nodes.into_iter().enumerate().map(|(place, node)| {
        let [own, reached] = [0, 1].map(|kind| {
            let sum = batches.iter().fold(Sums::default(), |sum, batch| sum.plus(&batch[place][kind]));
            sum.error()
        });
        LayerError { name: plan.network.node(node).name.clone(), own, reached }
    });
    Ok(errors.collect())
}

impl OutputError {
    /// The signal-to-noise ratio in words: `23.4 dB`, `exact`, or `no signal`.
    pub fn snr(&self) -> String {
        match (self.snr_db, self.signal) {
            (Some(snr), _) => format!("{snr:.1} dB"),
            (None, true) => "exact".into(),
            (None, false) => "no signal".into(),
        }
    }
}

#[derive(Clone, Copy, Debug, Default)]
struct Sums {
    count: f64,
    /// Σ exact²
    signal: f64,
    /// Σ exact · found
    product: f64,
    /// Σ (found − exact)
    error: f64,
    /// Σ (found − exact)²
    square: f64,
}

impl Sums {
    fn of(found: &Images, exact: &Images) -> Self {
        let mut sums = Self::default();
        let values = |images: &Images| images.values().iter().flat_map(|lanes| lanes.0).collect::<Vec<f32>>();
        for (found, exact) in values(found).into_iter().zip(values(exact)) {
            let (found, exact) = (f64::from(found), f64::from(exact));
            let error = found - exact;
            sums.count += 1.0;
            sums.signal += exact * exact;
            sums.product += exact * found;
            sums.error += error;
            sums.square += error * error;
        }
        sums
    }

    fn plus(mut self, other: &Self) -> Self {
        self.count += other.count;
        self.signal += other.signal;
        self.product += other.product;
        self.error += other.error;
        self.square += other.square;
        self
    }

    fn error(&self) -> OutputError {
        let power = self.signal / self.count;
        let bias = if power > 0.0 { self.error / self.count / power.sqrt() } else { 0.0 };
        OutputError {
            signal: self.signal > 0.0,
            snr_db: (self.square > 0.0 && self.signal > 0.0).then(|| 10.0 * (self.signal / self.square).log10()),
            gain: if self.signal > 0.0 { self.product / self.signal } else { 1.0 },
            bias,
        }
    }
}
