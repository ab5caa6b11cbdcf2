//! The images that a network is shown, as typed or as it was trained on.

use crate::args::images::SetArgs;
use anyhow::{Context, Result, anyhow};
use std::ffi::OsStr;
use std::path::PathBuf;
use tilewright::accuracy::Trial;
use tilewright::dataset::{Dataset, Normalization};
use tilewright::network::Tensor;
use tilewright_data::Places;
use tilewright_data::catalog::{CATALOG, Entry};
use tilewright_onnx::trained::{self, Card};

/// A data set, where it is, and how its images are normalised.
pub(crate) struct Images {
    entry: &'static Entry,
    folder: PathBuf,
    normalization: Normalization,
}

impl Images {
    /// Those that were typed, or those a trained network is for.
    pub(crate) fn find(model: &OsStr, args: &SetArgs) -> Result<Self> {
        let trained = model.to_str().and_then(trained::find);
        let card = trained.map(|(trained, _)| trained.card()).transpose()?;
        let entry = data_set(model, args, card.as_ref())?;
        let normalization = normalization(args, card.as_ref(), entry)?;
        let folder = Places::new(args.place.data.as_deref()).require(entry)?;
        Ok(Self { entry, folder, normalization })
    }

    /// The test images.
    pub(crate) fn test(&self) -> Result<Dataset> {
        tilewright_data::load(self.entry, &self.entry.test, &self.folder)
    }

    /// The first training images, normalised.
    pub(crate) fn training(&self, count: usize) -> Result<Vec<Tensor<f32>>> {
        let set = tilewright_data::load(self.entry, &self.entry.train, &self.folder)?;
        Ok(self.first(&set, count))
    }

    /// The first images of a set, normalised.
    pub(crate) fn first(&self, set: &Dataset, count: usize) -> Vec<Tensor<f32>> {
        (0..count.min(set.len())).map(|image| set.image(image, &self.normalization)).collect()
    }

    /// One of the test images, normalised.
    pub(crate) fn test_image(&self, number: u32) -> Result<Tensor<f32>> {
        let set = self.test()?;
        let last = set.len().saturating_sub(1);
        if number as usize > last {
            return Err(anyhow!("image {number} of {}: give 0 to {last}", set.name()));
        }
        Ok(set.image(number as usize, &self.normalization))
    }

    /// The first test images as they are shown, to one thread.
    pub(crate) fn trial<'a>(&'a self, set: &'a Dataset, limit: Option<u32>) -> Trial<'a> {
        let limit = limit.map_or(usize::MAX, |limit| limit as usize);
        Trial { set, first: 0, limit, normalization: &self.normalization, top: 1, threads: 1 }
    }
}

/// The set that was named, or the one a trained network is for.
fn data_set(model: &OsStr, args: &SetArgs, card: Option<&Card>) -> Result<&'static Entry> {
    if let Some(entry) = args.set {
        return Ok(entry);
    }
    let names = || CATALOG.iter().map(|entry| entry.name).collect::<Vec<_>>().join(", ");
    let card =
        card.with_context(|| format!("nothing says what {} classifies; give --set {}", model.display(), names()))?;
    Entry::named(&card.data_set).with_context(|| format!("the data set {:?} is not one of {}", card.data_set, names()))
}

/// What was typed, or what the network was trained with, or what is usual for the set.
fn normalization(args: &SetArgs, card: Option<&Card>, entry: &Entry) -> Result<Normalization> {
    if args.mean.len() != args.std.len() {
        return Err(anyhow!(
            "--mean has {} numbers and --std {}; give one of each a channel",
            args.mean.len(),
            args.std.len()
        ));
    }
    if !args.mean.is_empty() {
        return Ok(Normalization { mean: args.mean.clone().into(), std: args.std.clone().into() });
    }
    Ok(card.map_or_else(|| entry.normalization.clone(), Card::normalization))
}
