//! The weights that a chip holds in place of those it was programmed with, for whoever trains a network on chips.

use super::{Plan, SimulateError, Watch};
use crate::mapping::placement::WeightCell;
use crate::network::{IntegerLayer, Tensor};
use crate::random::{Draws, Effect, Stream};
use crate::workers;

/// A crossbar's weights: the place of each in the layer's tensor, and its value in levels.
type Values = Vec<(usize, f64)>;

impl Plan<'_> {
    /// The weights that the chip of a seed holds, as one read finds them: layer after layer, `[out_channels, in_channels / groups, kernel
    /// height, kernel width]`, in units of one integer weight. Everything that the hardware says of cells and wires is in them: errors of
    /// programming, stuck cells and what takes over for them, drift and its factor, noise of a read, IR drop. Where digital gains are
    /// refreshed ([`Compensation::refresh`](crate::hardware::Compensation)), each output channel has the gain that leaves no error in
    /// proportion to its weights.
    ///
    /// What does not belong to a weight is not in them: converters, and the errors of cells that hold no weight.
    ///
    /// # Errors
    /// As [`Chip::program`](super::Chip::program); [`SimulateError::Layer`] where a weight is held several times.
    pub fn held_weights(&self, seed: u64, watch: Watch<'_>) -> Result<Vec<Tensor<f32>>, SimulateError> {
        self.verify()?;
        let programmers = self.programmers(seed)?;
        let tiles = self.tiles()?;
        let (placed, jobs) = self.placed(&tiles);
        let read = workers::run(&vec![1; jobs.len()], self.threads, watch, |job| -> Result<Values, SimulateError> {
            let [layer, crossbar, copy] = jobs[job];
            let (number, place) = placed[layer].crossbar(crossbar, copy);
            let integer = &self.layers[layer];
            let currents = programmers[layer].currents(&place, &integer.weights, (self.cells_of(layer), number), None);
            let currents = currents.map_err(|error| error.of_crossbar(&integer.layer.name, crossbar, copy))?.currents;
            let digits = self.digits(layer);
            let channels = place.columns.len() * digits.factors.len();
            let value = |&WeightCell { row, column, weight }: &WeightCell| {
                let first = row * channels + column * digits.factors.len();
                let stream = Stream {
                    seed,
                    layer: self.cells_of(layer),
                    crossbar: number,
                    effect: Effect::ReadNoise,
                    sample: (row * place.columns.len() + column) as u32,
                };
                let mut draws = Draws::new(stream);
                let mut of_channel = |(channel, factor): (usize, &f64)| {
                    let variance = currents.variance.get(first + channel).copied().unwrap_or(0.0);
                    let noise = if variance > 0.0 { f64::from(variance).sqrt() * draws.normal() } else { 0.0 };
                    factor * (f64::from(currents.matrix[first + channel]) + noise)
                };
                let sum: f64 = digits.factors.iter().enumerate().map(&mut of_channel).sum();
                (weight, currents.factor * sum + digits.driven)
            };
            Ok(place.weights.iter().map(value).collect())
        })?;
        let mut values: Vec<Vec<Option<f64>>> =
            self.layers.iter().map(|layer| vec![None; layer.weights.values().len()]).collect();
        for ([layer, ..], found) in jobs.iter().zip(read.ok_or(SimulateError::Interrupted)?) {
            for (weight, value) in found {
                if values[*layer][weight].replace(value).is_some() {
                    return Err(held_again(&self.layers[*layer].layer.name));
                }
            }
        }
        let refreshed = self.hardware.compensation.refresh;
        Ok(self.layers.iter().zip(values).map(|(layer, values)| held(layer, &values, refreshed)).collect())
    }
}

fn held_again(layer: &str) -> SimulateError {
    let problem = "holds a weight several times, each with errors of its own, and a network has it once; take im2col, without replication";
    SimulateError::Layer { layer: layer.into(), problem: problem.into() }
}

/// A layer's weights.
fn held(layer: &IntegerLayer, values: &[Option<f64>], refreshed: bool) -> Tensor<f32> {
    let wanted = layer.weights.values();
    let all: Option<Vec<f64>> = values.iter().copied().collect();
    let mut values = all.expect("a mapping holds every weight");
    if refreshed {
        let channel = wanted.len() / layer.weights.shape()[0];
        for (values, wanted) in values.chunks_exact_mut(channel).zip(wanted.chunks_exact(channel)) {
            let gain = gain(values, wanted);
            values.iter_mut().for_each(|value| *value *= gain);
        }
    }
    Tensor::new(layer.weights.shape().to_vec(), values.into_iter().map(|value| value as f32).collect())
}

/// What makes a channel's weights those wanted plus an error that has nothing in common with them; 1 where no gain does. The gain of
/// least squares would be less by the share of the error, and layer after layer a network would be trained to make that up.
fn gain(found: &[f64], wanted: &[i32]) -> f64 {
    let product: f64 = found.iter().zip(wanted).map(|(found, &wanted)| found * f64::from(wanted)).sum();
    let square: f64 = wanted.iter().map(|&wanted| f64::from(wanted).powi(2)).sum();
    if product > 0.0 { square / product } else { 1.0 }
}

#[cfg(test)]
mod tests {
    use super::gain;

    #[test]
    fn a_gain_leaves_an_error_that_has_nothing_in_common_with_the_weights() {
        assert_eq!(gain(&[1.0, -2.0], &[2, -4]), 2.0);
        // (1, 2) and an error (2, −1) at right angles to it.
        assert_eq!(gain(&[3.0, 1.0], &[1, 2]), 1.0);
        assert_eq!(gain(&[6.0, 2.0], &[1, 2]), 0.5);
        assert_eq!(gain(&[0.0, 0.0], &[1, 2]), 1.0);
    }
}
