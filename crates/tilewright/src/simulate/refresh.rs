//! Digital gain and offset of every output channel, fitted so that the analog network's maps are nearest to the integer
//! network's: what refreshing the statistics of a batch norm does, with the targets at hand. Converters get their ranges on the way,
//! since the currents of a layer are those behind the corrections before it.

use super::SimulateError;
use super::channel_sums::ChannelSums;
use super::chip::Chip;
use super::layer_maps::{for_each_batch, nodes};
use super::plan::Plan;
use super::ranges;
use crate::network::NodeId;
use crate::network::executor::{Images, Underway};
use crate::workers;
use fearless_simd::Level;
use std::ops::ControlFlow;
use std::sync::{Mutex, PoisonError};

/// Sets the converters of layer after layer and fits its correction, each behind the layers corrected before it. The images stop
/// before every layer, so that the work does not grow with the square of their number.
pub(super) fn refresh(chip: &mut Chip, plan: &Plan<'_>) -> Result<(), SimulateError> {
    let digital = plan.digital()?;
    let batches = for_each_batch(plan.calibration, plan.threads, |first, images| {
        let wanted = digital.set_out(first, images)?;
        Ok(Mutex::new(Batch { wanted, found: chip.executor.set_out(first, images)? }))
    })?;
    let batches = Batches { batches, threads: plan.threads };
    for (place, node) in nodes(&chip.executor).into_iter().enumerate() {
        batches.each(|Batch { wanted, found }| {
            digital.go_on(wanted, NodeId(node.0 + 1));
            chip.executor.go_on(found, node);
        })?;
        if let Some(adc) = &plan.hardware_of(place).adc {
            let input = plan.network.node(node).inputs[0];
            let layer = chip.layer_mut(node);
            let lines = ranges::of_layer(layer, adc, |seen| {
                batches.each(|Batch { found, .. }| {
                    let mut seen = seen.clone();
                    layer.run_reading(Level::new(), found.output(input), found.first(), &mut seen);
                    seen
                })
            })?;
            layer.set_converters(adc, lines);
        }
        let fits =
            batches.each(|Batch { wanted, found }| fit(&chip.executor.tried(found, node), wanted.output(node)))?;
        let fit = fits.into_iter().reduce(|sum, fit| sum.plus(&fit)).unwrap_or_default();
        chip.layer_mut(node).correction = lines(&fit);
    }
    Ok(())
}

/// All batches of calibration images.
struct Batches {
    batches: Vec<Mutex<Batch>>,
    threads: usize,
}

impl Batches {
    /// `of` each batch, in their order, on several threads.
    fn each<T: Send>(&self, of: impl Fn(&mut Batch) -> T + Sync) -> Result<Vec<T>, SimulateError> {
        let go_on = |_, _| ControlFlow::Continue(());
        let results = workers::run(&vec![1; self.batches.len()], self.threads, &go_on, |batch| {
            let mut batch = self.batches[batch].lock().unwrap_or_else(PoisonError::into_inner);
            Ok::<_, SimulateError>(of(&mut batch))
        })?;
        results.ok_or(SimulateError::Interrupted)
    }
}

/// Calibration images on their way through the integer network and through the chip.
struct Batch {
    wanted: Underway,
    found: Underway,
}

/// Per channel, for a straight line through its values: count, Σx, Σy, Σx², Σxy.
type Fit = ChannelSums<5>;

fn fit(found: &Images, wanted: &Images) -> Fit {
    let channel = found.values().len() / found.shape()[0];
    let maps = found.values().chunks_exact(channel).zip(wanted.values().chunks_exact(channel));
    Fit::of(maps.map(|(found, wanted)| {
        let pairs = found.iter().flat_map(|lanes| lanes.0).zip(wanted.iter().flat_map(|lanes| lanes.0));
        pairs.map(|(x, y)| (f64::from(x), f64::from(y))).map(|(x, y)| [1.0, x, y, x * x, x * y])
    }))
}

/// Gain and offset of each channel, by least squares.
fn lines(fit: &Fit) -> Vec<[f64; 2]> {
    fit.each(|&[count, x, y, xx, xy]| {
        let (variance, covariance) = (xx - x * x / count, xy - x * y / count);
        // A channel that is the same everywhere has no gain to fit.
        let gain = if variance > 1e-12 * xx { covariance / variance } else { 1.0 };
        [gain, (y - gain * x) / count]
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::Tensor;
    use crate::network::executor::Lanes;

    #[test]
    fn a_line_comes_back() {
        let found: Vec<Lanes> = (0..8).map(|at| Lanes(std::array::from_fn(|lane| (at * 16 + lane) as f32))).collect();
        let wanted: Vec<Lanes> = found
            .iter()
            .enumerate()
            .map(|(at, lanes)| lanes.map(|x| if at < 4 { 2.0 * x - 3.0 } else { 7.0 }))
            .collect();
        let [found, wanted] = [found, wanted].map(|values| Tensor::new(vec![2, 2, 2], values));
        let lines = lines(&fit(&found, &wanted).plus(&fit(&found, &wanted)));
        for ([gain, offset], [a, b]) in lines.iter().zip([[2.0, -3.0], [0.0, 7.0]]) {
            assert!((gain - a).abs() < 1e-9 && (offset - b).abs() < 1e-9, "{gain} {offset}");
        }
    }
}
