//! What a network yields of each image, as a file.

use crate::npz::{Element, Npz};
use crate::output;
use anyhow::Result;
use std::path::Path;
use tilewright::accuracy::Outputs;
use tilewright::report::Subject;

/// Writes `outputs` `[images, …]` and `labels` `[images, …]`, which may be of more images; `shape` is that of one output, and labels have
/// one of their own.
pub(crate) fn write<T: Element>(
    file: &Path,
    outputs: &[f32],
    shape: &[usize],
    (label, labels): (&[usize], &[T]),
) -> Result<()> {
    let images = outputs.len() / shape.iter().product::<usize>();
    let told = images * label.iter().product::<usize>();
    output::write_bytes(file, |to| {
        let mut npz = Npz::new(to);
        npz.shaped("outputs", &[&[images], shape].concat(), outputs)?;
        npz.shaped("labels", &[&[images], label].concat(), &labels[..told])?;
        npz.finish()
    })
}

/// Outputs of several chips, and of the integer network.
#[derive(Debug, Default)]
pub(crate) struct ChipOutputs {
    /// Of each chip, by its seed.
    chips: Vec<(u64, Outputs)>,
    digital: Outputs,
}

impl ChipOutputs {
    /// Adds those of a chip, or of the integer network.
    pub(crate) fn add(&mut self, subject: Subject, seed: u64, outputs: Outputs) {
        match subject {
            Subject::Digital => self.digital = outputs,
            Subject::Chip => self.chips.push((seed, outputs)),
        }
    }

    /// Writes `outputs` `[chips, images, …]`, `digital` `[images, …]`, `labels` `[images]` and `seeds` `[chips]`.
    pub(crate) fn write(self, file: &Path, shape: &[usize], labels: &[u32]) -> Result<()> {
        let digital = self.digital.values();
        let images = digital.len() / shape.iter().product::<usize>();
        let (seeds, chips): (Vec<u64>, Vec<Outputs>) = self.chips.into_iter().unzip();
        let values: Vec<f32> = chips.into_iter().flat_map(Outputs::values).collect();
        output::write_bytes(file, |to| {
            let mut npz = Npz::new(to);
            npz.shaped("outputs", &[&[seeds.len(), images], shape].concat(), &values)?;
            npz.shaped("digital", &[&[images], shape].concat(), &digital)?;
            npz.array("labels", 1, &labels[..images])?;
            npz.array("seeds", 1, &seeds)?;
            npz.finish()
        })
    }
}
