//! How many labelled images a chip recognises, and the network without a crossbar.

use super::plan::without_crossbars;
use super::{Chip, Hardware, SimulateError, Watch};
use crate::accuracy::{Accuracy, Rate, Trial, measure};
use crate::network::{IntegerLayer, Network, Tensor};

impl Chip {
    /// How many images of a trial the chip recognises. `watch` is told of images.
    ///
    /// # Errors
    /// As [`Chip::accuracy`].
    ///
    /// # Panics
    /// As [`Chip::accuracy`].
    pub fn recognised(&self, trial: &Trial<'_>, watch: Watch<'_>) -> Result<Rate, SimulateError> {
        Ok(self.accuracy(trial, watch, |_, _| {})?.top1)
    }

    /// What the chip recognises of a trial. `watch` is told of images; `keep` of the number of an image in the set, and of what the
    /// chip yields of it and of those behind it, in any order.
    ///
    /// # Errors
    /// [`SimulateError::Accuracy`]: images of another shape than the network's, scores that are not numbers, or the watch ending
    /// the work.
    ///
    /// # Panics
    /// If the set has another number of classes than the network; [`Trial::suits`] says so before.
    pub fn accuracy(
        &self,
        trial: &Trial<'_>,
        watch: Watch<'_>,
        keep: impl Fn(usize, &[Tensor<f32>]) + Sync,
    ) -> Result<Accuracy, SimulateError> {
        let classify = |first: usize, images: &[Tensor<f32>]| {
            let scores = self.scores(first as u64, images)?;
            keep(first, &scores);
            Ok(scores)
        };
        Ok(measure(trial, watch, classify)?)
    }
}

/// How many images of a trial hardware without errors recognises, which computes the network in integers, or the one without rounding between layers
/// where neurons pass values on. `watch` is told of images.
///
/// # Errors
/// As [`Chip::accuracy`].
pub(crate) fn recognised_digitally(
    (network, layers): (&Network, &[IntegerLayer]),
    hardware: &Hardware,
    trial: &Trial<'_>,
    watch: Watch<'_>,
) -> Result<Rate, SimulateError> {
    let executor = without_crossbars(network, layers, hardware)?;
    Ok(measure(trial, watch, |_, images| Ok(executor.run(images)?))?.top1)
}
