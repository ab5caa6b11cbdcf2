//! What a network yields of each image, as a file.

use crate::npz::Npz;
use crate::output;
use anyhow::Result;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use tilewright::network::Tensor;

/// Outputs of batches, by the first image of each; threads finish them in any order.
#[derive(Default)]
pub(super) struct Outputs(Mutex<BTreeMap<usize, Vec<f32>>>);

impl Outputs {
    /// Keeps what the images from `first` on yield.
    pub(super) fn keep(&self, first: usize, found: &[Tensor<f32>]) {
        let values = found.iter().flat_map(Tensor::values).copied().collect();
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(first, values);
    }

    /// Writes `outputs` `[images, …]` and `labels` `[images]`.
    pub(super) fn write(self, file: &Path, shape: &[usize], labels: &[u32]) -> Result<()> {
        let values = self.0.into_inner().unwrap_or_else(PoisonError::into_inner);
        let values: Vec<f32> = values.into_values().flatten().collect();
        let images = values.len() / shape.iter().product::<usize>();
        output::write_bytes(file, |to| {
            let mut npz = Npz::new(to);
            npz.shaped("outputs", &[&[images], shape].concat(), &values)?;
            npz.array("labels", 1, &labels[..images])?;
            npz.finish()
        })
    }
}
