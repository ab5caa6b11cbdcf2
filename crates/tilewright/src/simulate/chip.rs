//! A programmed chip.

use super::analog::AnalogLayer;
use crate::network::executor::Executor;
use crate::network::{NetworkError, NodeId, Tensor};

/// A programmed chip, ready to classify images.
pub struct Chip {
    pub(super) executor: Executor<AnalogLayer>,
    /// Crossbars that were programmed.
    pub crossbars: u64,
    /// Bytes of what the crossbars compute.
    pub bytes: usize,
    /// Greatest difference between the column currents of a crossbar's matrix, all rows at 1 V, and those of an independent solve of
    /// the same circuit, relative to its largest column current. None where wires are ideal.
    pub residual: Option<f64>,
    /// Greatest difference between the column currents of cells whose current bends with the voltage, between their wires, and those of the
    /// matrix that stands for them, relative to the largest, on sampled reads: of at most 64 crossbars, evenly chosen, one with all
    /// rows of the longest step at the greatest input and one with inputs drawn evenly. None where the matrix is exact: linear cells, or ideal wires.
    pub linearisation: Option<f64>,
}

impl Chip {
    /// The network's scores of each image, the first of which has the number `first` in its data set.
    ///
    /// # Errors
    /// If an image has another shape than the network's input.
    pub fn scores(&self, first: u64, images: &[Tensor<f32>]) -> Result<Vec<Tensor<f32>>, NetworkError> {
        self.executor.run_from(first, images, &mut |_, _| {})
    }

    pub(super) fn layer_mut(&mut self, node: NodeId) -> &mut AnalogLayer {
        self.executor.layer_mut(node).expect("a layer of the network")
    }
}
