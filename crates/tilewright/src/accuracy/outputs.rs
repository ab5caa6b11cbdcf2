//! What a network yields of each image, kept while it is measured.

use crate::network::Tensor;
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

/// Outputs of batches, by the first image of each; threads finish them in any order.
#[derive(Debug, Default)]
pub struct Outputs(Mutex<BTreeMap<usize, Vec<f32>>>);

impl Outputs {
    /// Keeps what the images from `first` on yield.
    pub fn keep(&self, first: usize, found: &[Tensor<f32>]) {
        let values = found.iter().flat_map(Tensor::values).copied().collect();
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(first, values);
    }

    /// The values of all images, `[images, …]`, in the order of the images.
    pub fn values(self) -> Vec<f32> {
        let batches = self.0.into_inner().unwrap_or_else(PoisonError::into_inner);
        batches.into_values().flatten().collect()
    }
}
