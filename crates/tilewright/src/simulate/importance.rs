//! What an error of a weight costs: how strongly its input varies, and what its output counts.

use super::SimulateError;
use super::channel_sums::ChannelSums;
use super::layer_maps::{LayerMaps, for_each_batch};
use super::plan::Plan;
use crate::mapping::placement::PlacedCrossbar;
use crate::network::executor::{Executor, Images};

/// Of every layer, in execution order.
pub(super) struct Importance {
    layers: Vec<LayerImportance>,
}

struct LayerImportance {
    /// Second moment of each input channel over all pixels of the calibration images; about the mean where a digital offset takes
    /// constant errors away.
    inputs: Vec<f64>,
    /// Square of the real value of weight 1 of each output channel.
    outputs: Vec<f64>,
}

impl Importance {
    /// Runs the calibration images through the network.
    pub(super) fn of(plan: &Plan<'_>) -> Result<Self, SimulateError> {
        let executor = Executor::new(plan.network)?;
        let layers: Vec<_> = plan.layers.iter().map(|layer| &layer.layer).collect();
        let batches = for_each_batch(plan.calibration, plan.threads, |first, images| {
            let maps = LayerMaps::of(plan.network, &executor, first, images)?;
            Ok(layers.iter().map(|layer| moments(maps.input(layer.node), layer.shape.in_channels)).collect::<Vec<_>>())
        })?;
        let add = |sums: Vec<Moments>, batch: Vec<Moments>| {
            sums.into_iter().zip(&batch).map(|(sum, moments)| sum.plus(moments)).collect()
        };
        let sums = batches.into_iter().reduce(add).unwrap_or_default();
        let central = plan.hardware.compensation.refresh;
        let layers = plan.layers.iter().zip(&sums).map(|(layer, moments)| LayerImportance {
            inputs: second(moments, central),
            outputs: layer.weight_scale.iter().map(|&scale| f64::from(scale).powi(2)).collect(),
        });
        Ok(Self { layers: layers.collect() })
    }

    /// Of the inputs of a crossbar's rows.
    pub(super) fn of_rows(&self, layer: u16, placed: &PlacedCrossbar) -> Vec<f64> {
        let inputs = &self.layers[usize::from(layer)].inputs;
        placed.rows.iter().map(|row| inputs[row.channel]).collect()
    }

    /// Of the outputs of a crossbar's weight columns.
    pub(super) fn of_columns(&self, layer: u16, placed: &PlacedCrossbar) -> Vec<f64> {
        let outputs = &self.layers[usize::from(layer)].outputs;
        placed.columns.iter().map(|column| outputs[column.channel]).collect()
    }
}

/// Per channel: count, Σx, Σx².
type Moments = ChannelSums<3>;

fn moments(images: &Images, channels: usize) -> Moments {
    let channel = images.values().len() / channels;
    let maps = images.values().chunks_exact(channel);
    Moments::of(maps.map(|map| map.iter().flat_map(|lanes| lanes.0).map(f64::from).map(|x| [1.0, x, x * x])))
}

/// Second moment of each channel about the mean, or about 0.
fn second(moments: &Moments, central: bool) -> Vec<f64> {
    moments.each(|&[count, x, xx]| {
        let mean = if central { x / count } else { 0.0 };
        (xx / count - mean * mean).max(0.0)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::Tensor;
    use crate::network::executor::Lanes;

    #[test]
    fn moments_are_those_of_a_die() {
        // Faces 1 to 6 in every lane, and a channel that is 3 everywhere.
        let values = (1..=6).map(|face| Lanes::splat(face as f32)).chain([Lanes::splat(3.0); 6]).collect();
        let images = Tensor::new(vec![2, 2, 3], values);
        let twice = moments(&images, 2).plus(&moments(&images, 2));
        for (central, wanted) in [(false, [91.0 / 6.0, 9.0]), (true, [35.0 / 12.0, 0.0])] {
            let found = second(&twice, central);
            assert!(found.iter().zip(wanted).all(|(found, wanted)| (found - wanted).abs() < 1e-12), "{found:?}");
        }
    }
}
