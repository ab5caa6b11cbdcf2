//! How many labelled images a chip recognises.

use super::{Chip, SimulateError, Watch};
use crate::accuracy::{Rate, Trial, measure};
use crate::network::Tensor;

impl Chip {
    /// How many images of a trial the chip recognises. `watch` is told of images.
    ///
    /// # Errors
    /// [`SimulateError::Accuracy`]: images of another shape than the network's, scores that are not numbers, or the watch ending
    /// the work.
    ///
    /// # Panics
    /// If the set has another number of classes than the network; [`Trial::suits`] says so before.
    pub fn recognised(&self, trial: &Trial<'_>, watch: Watch<'_>) -> Result<Rate, SimulateError> {
        let classify = |first: usize, images: &[Tensor<f32>]| Ok(self.scores(first as u64, images)?);
        Ok(measure(trial, watch, classify)?.top1)
    }
}
