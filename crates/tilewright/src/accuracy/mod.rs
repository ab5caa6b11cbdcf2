//! Stage 5: how many images of a data set a classifier recognises.
//!
//! [`evaluate`] measures a network in floating point; [`measure`] measures whatever gives scores. Guaranteed: the result does
//! not depend on the number of threads; of equal scores the class of the lower number is taken; scores that are not numbers
//! are an error, never a guess. Not modelled: several crops of an image, ensembles.

mod mean_rate;
mod measure;
mod outputs;
mod rate;
mod targets;

pub use crate::workers::Watch;
pub use mean_rate::MeanRate;
pub use measure::{Score, measure, score};
pub use outputs::Outputs;
pub use rate::Rate;
pub(crate) use rate::interval;
pub use targets::{LabelScores, Measured, OneLabel, Regression, Taken, Targets, yields_shares};

use crate::dataset::{Dataset, Normalization};
use crate::network::executor::Executor;
use crate::network::{Network, NetworkError};
use serde::Serialize;

/// The images a classifier is measured on, and how they are shown to it.
#[derive(Clone, Copy, Debug)]
pub struct Trial<'a> {
    /// The images.
    pub set: &'a Dataset,
    /// The first of them that is classified, from 0.
    pub first: usize,
    /// How many of them, from that one on; more than there are stand for all.
    pub limit: usize,
    /// What turns pixels into the values the classifier was trained on.
    pub normalization: &'a Normalization,
    /// The label also counts among this many best classes.
    pub top: usize,
    /// Threads that classify; the result does not depend on it.
    pub threads: usize,
}

impl Trial<'_> {
    /// Checks that images and classes are those of a network, and the normalisation that of the images.
    ///
    /// # Errors
    /// [`AccuracyError::Mismatch`] with both.
    pub fn suits(&self, network: &Network) -> Result<(), AccuracyError> {
        self.suits_input(network)?;
        let (set, output) = (self.set, network.shape(network.output()));
        if output.iter().product::<usize>() != set.classes() {
            let found = format!("{} yields scores of shape {}", network.name, sides(output));
            let allowed = format!("{} has {} classes, and each needs one", set.name(), set.classes());
            return Err(AccuracyError::Mismatch { found, allowed });
        }
        Ok(())
    }

    /// Checks that images are those of a network, and the normalisation that of the images; whatever their classes are.
    ///
    /// # Errors
    /// [`AccuracyError::Mismatch`] with both.
    pub fn suits_input(&self, network: &Network) -> Result<(), AccuracyError> {
        let (set, input) = (self.set, network.shape(network.input()));
        if !network.takes(set.shape()) {
            let found = format!("{} takes images of {}", network.name, sides(input));
            let allowed = format!("{} has images of {}", set.name(), sides(set.shape()));
            return Err(AccuracyError::Mismatch { found, allowed });
        }
        self.suits_normalization()
    }

    /// How many images are classified.
    ///
    /// # Errors
    /// [`AccuracyError::Mismatch`]: a normalisation of other images, no image, or more best classes than there are.
    pub fn check(&self) -> Result<usize, AccuracyError> {
        self.suits_normalization()?;
        let Self { set, first, limit, top, .. } = self;
        let mismatch = |found: String, allowed: String| Err(AccuracyError::Mismatch { found, allowed });
        if !(1..=set.classes()).contains(top) {
            return mismatch(format!("the {top} best classes"), format!("{} has 1 to {}", set.name(), set.classes()));
        }
        if *limit == 0 {
            return mismatch("a limit of 0 images".into(), "give at least 1".into());
        }
        if *first >= set.len() {
            return mismatch(format!("image {first} as the first"), format!("{} has {} from 0", set.name(), set.len()));
        }
        Ok((set.len() - first).min(*limit))
    }

    /// Checks that the normalisation is of as many channels as the images have.
    fn suits_normalization(&self) -> Result<(), AccuracyError> {
        let (channels, normalized) = (self.set.channels(), self.normalization.channels());
        if channels == normalized {
            return Ok(());
        }
        let found = format!("a normalisation of {normalized} channels");
        Err(AccuracyError::Mismatch { found, allowed: format!("{} has images of {channels}", self.set.name()) })
    }
}

/// What a classifier recognises.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Accuracy {
    /// Images whose label has the best score.
    pub top1: Rate,
    /// Images whose label is among the best scores.
    pub top: Top,
    /// Images of each class (outer, by label) taken for each class (inner).
    pub confusion: Vec<Vec<u64>>,
}

/// How often the label is among the `classes` best.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Top {
    /// How many classes count.
    pub classes: usize,
    /// How often the label is among them.
    #[serde(flatten)]
    pub rate: Rate,
}

/// Why a classifier cannot be measured.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AccuracyError {
    /// The network cannot be run.
    #[error(transparent)]
    Network(#[from] NetworkError),
    /// The classifier and the images do not go together, or a setting makes no sense.
    #[error("{found}; {allowed}")]
    Mismatch {
        /// What was found.
        found: String,
        /// What is allowed.
        allowed: String,
    },
    /// A score that is not a number.
    #[error(
        "image {image} (from 0) of {set} gets a score that is not a number; check the weights and the normalisation"
    )]
    NotANumber {
        /// The images.
        set: String,
        /// Which one, from 0.
        image: usize,
    },
    /// The watch ended the work.
    #[error("interrupted")]
    Interrupted,
}

/// Measures a network with weights in floating point.
///
/// # Errors
/// [`AccuracyError`]: a network without weights, images or classes that are not those of the network.
pub fn evaluate(network: &Network, trial: &Trial<'_>, watch: Watch<'_>) -> Result<Accuracy, AccuracyError> {
    trial.suits(network)?;
    let executor = Executor::new(network)?;
    measure(trial, watch, |_, images| Ok(executor.run(images)?))
}

/// `3×32×32`
fn sides(shape: &[usize]) -> String {
    shape.iter().map(ToString::to_string).collect::<Vec<_>>().join("×")
}
