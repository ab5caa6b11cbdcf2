//! Digital gain and offset of every output channel, fitted so that the analog network's maps are nearest to the integer
//! network's: what refreshing the statistics of a batch norm does, with the targets at hand.

use super::SimulateError;
use super::channel_sums::ChannelSums;
use super::chip::Chip;
use super::layer_maps::{for_each_batch, nodes};
use super::plan::Plan;
use crate::network::NodeId;
use crate::network::executor::{Images, Underway};
use crate::workers;
use std::ops::ControlFlow;
use std::sync::{Mutex, PoisonError};

/// Fits layer after layer, each behind the layers corrected before it. The images stop before every layer, so that none is computed
/// more than twice, however many there are.
pub(super) fn refresh(chip: &mut Chip, plan: &Plan<'_>) -> Result<(), SimulateError> {
    let digital = plan.digital()?;
    let batches = for_each_batch(plan.calibration, plan.threads, |first, images| {
        let wanted = digital.set_out(first, images)?;
        Ok(Mutex::new(Batch { wanted, found: chip.executor.set_out(first, images)? }))
    })?;
    for node in nodes(&chip.executor) {
        let fits = workers::run(&vec![1; batches.len()], plan.threads, &|_, _| ControlFlow::Continue(()), |batch| {
            let mut batch = batches[batch].lock().unwrap_or_else(PoisonError::into_inner);
            let Batch { wanted, found } = &mut *batch;
            digital.go_on(wanted, NodeId(node.0 + 1));
            chip.executor.go_on(found, node);
            Ok::<_, SimulateError>(fit(&chip.executor.tried(found, node), wanted.output(node)))
        })?;
        let fits = fits.ok_or(SimulateError::Interrupted)?;
        let fit = fits.into_iter().reduce(|sum, fit| sum.plus(&fit)).unwrap_or_default();
        chip.layer_mut(node).correction = lines(&fit);
    }
    Ok(())
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
