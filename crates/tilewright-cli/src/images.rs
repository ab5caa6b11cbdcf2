//! The images that a network is shown, as typed or as it was trained on.

use crate::args::hardware::HardwareArgs;
use crate::args::images::{CalibrationArgs, SetArgs};
use anyhow::{Context, Result, anyhow, bail};
use std::ffi::OsStr;
use std::path::PathBuf;
use tilewright::accuracy::Trial;
use tilewright::dataset::{Dataset, Normalization, Values};
use tilewright::network::{Network, Tensor, is_rounded};
use tilewright::simulate::Hardware;
use tilewright_data::Places;
use tilewright_data::catalog::{CATALOG, Entry};
use tilewright_data::own::Wanted;
use tilewright_models::trained::{self, Card};

/// Test images, and how they are normalised.
pub(crate) struct Images {
    /// The test images.
    pub(crate) test: Dataset,
    normalization: Normalization,
    published: Option<Published>,
}

/// A published data set, and where it is.
struct Published {
    entry: &'static Entry,
    folder: PathBuf,
}

impl Images {
    /// Those that were typed with a label each, at least the first `needed` of them, or those a trained network is for.
    pub(crate) fn find(model: &OsStr, network: &Network, args: &SetArgs, needed: usize) -> Result<Self> {
        let images =
            Self::of(model, network, args, Wanted { classes: Some(scores(network)), ..wanted(network, needed) })?;
        images.trial(None).suits(network)?;
        Ok(images)
    }

    /// The same, with labels or without.
    pub(crate) fn find_unlabelled(model: &OsStr, network: &Network, args: &SetArgs, needed: usize) -> Result<Self> {
        let images = Self::of(model, network, args, wanted(network, needed))?;
        images.trial(None).suits_input(network)?;
        Ok(images)
    }

    fn of(model: &OsStr, network: &Network, args: &SetArgs, wanted: Wanted<'_>) -> Result<Self> {
        let trained = model.to_str().and_then(trained::find);
        let card = trained.map(|(trained, _)| trained.card()).transpose()?;
        let (test, published) = match args.own.own() {
            Some(own) => (own.read(&wanted)?, None),
            None => {
                let published = Published::find(model, args, card.as_ref())?;
                let test = tilewright_data::load(published.entry, &published.entry.test, &published.folder)?;
                (test.for_input(network.shape(network.input())), Some(published))
            }
        };
        let usual = match (&published, test.values()) {
            (Some(published), _) => Some(published.entry.normalization.clone()),
            (None, Values::Features(_)) => Some(Normalization::identity(test.channels())),
            (None, Values::Pixels(_)) => None,
        };
        let of_card = card.filter(|_| matches!(test.values(), Values::Pixels(_))).map(|card| card.normalization());
        let normalization = normalization(args, of_card.or(usual), &test)?;
        Ok(Self { test, normalization, published })
    }

    /// The first training images, or those that were typed to calibrate on, normalised; none where nothing is calibrated.
    pub(crate) fn calibration(
        &self,
        network: &Network,
        (set, args): (&SetArgs, &CalibrationArgs),
        Fitted { count, is_needed }: Fitted,
    ) -> Result<Vec<Tensor<f32>>> {
        let training = match (&args.calibration_images, &self.published) {
            (Some(path), _) => {
                let training = set.own.like(path.clone()).read(&wanted(network, count))?;
                let trial = Trial { set: &training, ..self.trial(None) };
                trial.suits_input(network)?;
                training
            }
            (None, Some(Published { entry, folder })) => {
                tilewright_data::load(entry, &entry.train, folder)?.for_input(network.shape(network.input()))
            }
            (None, None) if is_needed => bail!(
                "nothing says what to calibrate on, and {} or its converters need it; give --calibration-images, other ones than \
                 the test images",
                network.name
            ),
            (None, None) => return Ok(vec![]),
        };
        Ok(self.first_of(&training, count))
    }

    /// The first test images, normalised.
    pub(crate) fn first(&self, count: usize) -> Vec<Tensor<f32>> {
        self.first_of(&self.test, count)
    }

    fn first_of(&self, set: &Dataset, count: usize) -> Vec<Tensor<f32>> {
        (0..count.min(set.len())).map(|image| set.image(image, &self.normalization)).collect()
    }

    /// One of the test images, normalised.
    pub(crate) fn test_image(&self, number: u32) -> Result<Tensor<f32>> {
        let last = self.test.len().saturating_sub(1);
        if number as usize > last {
            return Err(anyhow!("image {number} of {}: give 0 to {last}", self.test.name()));
        }
        Ok(self.test.image(number as usize, &self.normalization))
    }

    /// The first test images as they are shown, to one thread.
    pub(crate) fn trial(&self, limit: Option<u32>) -> Trial<'_> {
        let limit = limit.map_or(usize::MAX, |limit| limit as usize);
        Trial { set: &self.test, first: 0, limit, normalization: &self.normalization, top: 1, threads: 1 }
    }
}

/// Images for a network, whatever they show.
fn wanted(network: &Network, limit: usize) -> Wanted<'_> {
    Wanted { network: &network.name, input: network.shape(network.input()), classes: None, limit }
}

/// How many numbers a network yields of an image.
fn scores(network: &Network) -> usize {
    network.shape(network.output()).iter().product()
}

/// What is fitted on images other than the test images.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fitted {
    /// How many images, at most.
    pub(crate) count: usize,
    /// Whether anything is fitted at all.
    pub(crate) is_needed: bool,
}

impl Fitted {
    /// What is fitted of a network on any of some hardware.
    pub(crate) fn of(network: &Network, hardware: &[&HardwareArgs]) -> Self {
        let count = hardware.iter().map(|args| args.calibration).max().unwrap_or(0);
        let designs = hardware.iter().filter_map(|args| Hardware::of(&args.design.design().ok()?).ok());
        Self::new(network, count, designs.into_iter().any(|hardware| hardware.is_calibrated()))
    }

    /// The ranges of inputs that a network does not round itself, and what hardware is calibrated by.
    pub(crate) fn new(network: &Network, count: u32, is_calibrated: bool) -> Self {
        Self { count: count as usize, is_needed: is_calibrated || !is_rounded(network) }
    }
}

impl Published {
    /// The set that was named, or the one a trained network is for.
    fn find(model: &OsStr, args: &SetArgs, card: Option<&Card>) -> Result<Self> {
        let entry = match (args.set, card) {
            (Some(entry), _) => entry,
            (None, Some(card)) => Entry::named(&card.data_set)
                .with_context(|| format!("the data set {:?} is not one of {}", card.data_set, names()))?,
            (None, None) => {
                bail!(
                    "nothing says what {} classifies; give --set {}, or --images DIR of your own",
                    model.display(),
                    names()
                )
            }
        };
        Ok(Self { entry, folder: Places::new(args.place.data.as_deref()).require(entry)? })
    }
}

fn names() -> String {
    CATALOG.iter().map(|entry| entry.name).collect::<Vec<_>>().join(", ")
}

/// What was typed, or what the network was trained with, or what is usual for the images.
fn normalization(args: &SetArgs, usual: Option<Normalization>, set: &Dataset) -> Result<Normalization> {
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
    usual.ok_or_else(|| {
        anyhow!(
            "nothing says how {} is normalised; give --mean and --std as the network was trained with, of {} channels, or 0 and 1 for \
             none",
            set.name(),
            set.channels()
        )
    })
}
