//! Any classifier on many images, by many threads.

use super::{Accuracy, AccuracyError, Rate, Top, Trial, Watch};
use crate::network::Tensor;
use crate::network::executor::BATCH;
use crate::workers;
use std::ops::Range;

/// How one image was classified.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Score {
    /// The class of the best score; of equal ones that of the lower number.
    pub class: usize,
    /// How many classes come before the label: 0 if it is recognised.
    pub before: usize,
}

/// Measures a classifier: `classify` turns normalised images `[channels, height, width]` into one tensor of scores each, one
/// score a class. It is told the number of the first of its images in the set.
///
/// # Errors
/// [`AccuracyError`]; the first one in the order of the images.
///
/// # Panics
/// If `classify` yields another number of tensors than it got, or a tensor of another number of scores than there are classes.
pub fn measure(
    trial: &Trial<'_>,
    watch: Watch<'_>,
    classify: impl Fn(usize, &[Tensor<f32>]) -> Result<Vec<Tensor<f32>>, AccuracyError> + Sync,
) -> Result<Accuracy, AccuracyError> {
    let images = trial.check()?;
    let scores = workers::in_batches((images, BATCH), trial.threads, watch, |batch| {
        classify_range(trial, trial.first + batch.start..trial.first + batch.end, &classify)
    })?;
    let scores: Vec<Score> = scores.ok_or(AccuracyError::Interrupted)?.concat();
    Ok(tally(trial, &scores))
}

fn classify_range(
    trial: &Trial<'_>,
    range: Range<usize>,
    classify: impl Fn(usize, &[Tensor<f32>]) -> Result<Vec<Tensor<f32>>, AccuracyError>,
) -> Result<Vec<Score>, AccuracyError> {
    let images: Vec<Tensor<f32>> = range.clone().map(|image| trial.set.image(image, trial.normalization)).collect();
    let outputs = classify(range.start, &images)?;
    assert_eq!(outputs.len(), images.len(), "one tensor of scores an image");
    let scored = range.zip(outputs).map(|(image, output)| {
        assert_eq!(output.values().len(), trial.set.classes(), "one score a class");
        let not_a_number = || AccuracyError::NotANumber { set: trial.set.name().into(), image };
        score(output.values(), trial.set.label(image)).ok_or_else(not_a_number)
    });
    scored.collect()
}

/// How an image with these scores, one a class, and this label is classified; `None` if a score is not a number.
///
/// # Panics
/// If there is no score for the label.
pub fn score(scores: &[f32], label: usize) -> Option<Score> {
    if scores.iter().any(|score| score.is_nan()) {
        return None;
    }
    let before = |class: usize| {
        let better =
            |(other, score): (usize, &f32)| *score > scores[class] || (*score == scores[class] && other < class);
        scores.iter().enumerate().filter(|&other| better(other)).count()
    };
    let best = scores.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let class = scores.iter().position(|&score| score == best)?;
    Some(Score { class, before: before(label) })
}

fn tally(trial: &Trial<'_>, scores: &[Score]) -> Accuracy {
    let images = scores.len() as u64;
    let within = |most: usize| Rate::new(scores.iter().filter(|score| score.before < most).count() as u64, images);
    let mut confusion = vec![vec![0; trial.set.classes()]; trial.set.classes()];
    for (image, score) in scores.iter().enumerate() {
        confusion[trial.set.label(trial.first + image)][score.class] += 1;
    }
    Accuracy { top1: within(1), top: Top { classes: trial.top, rate: within(trial.top) }, confusion }
}
