//! What is right of images that are not of one class each: several labels an image, or numbers.

use super::{AccuracyError, Rate};
use crate::network::{Activation, Network, Op};
use serde::Serialize;

/// What a network should yield of each image, one value an output, in the order of the images.
#[derive(Clone, Debug, PartialEq)]
pub enum Targets {
    /// Which of several labels each image has, `[images, labels]`.
    Labels(Vec<bool>),
    /// The numbers of a regression, `[images, …]`.
    Numbers(Vec<f32>),
}

/// How well outputs are what they should be: which measure it is, and what it gave.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "measure", rename_all = "kebab-case")]
pub enum Measured {
    /// Of several labels an image.
    F1(LabelScores),
    /// Of the numbers of a regression.
    MeanSquaredError(Regression),
}

impl Targets {
    /// Measures `outputs`, `[images, …]` with `each` values an image, of the images of `set`; of several labels those are taken whose score
    /// is above `threshold`.
    ///
    /// # Errors
    /// [`AccuracyError::NotANumber`].
    ///
    /// # Panics
    /// If outputs and targets are not of the same length, a multiple of `each`, or are empty.
    pub fn measure(&self, set: &str, outputs: &[f32], each: usize, threshold: f32) -> Result<Measured, AccuracyError> {
        Ok(match self {
            Self::Labels(labels) => Measured::F1(LabelScores::of(set, outputs, labels, each, threshold)?),
            Self::Numbers(numbers) => Measured::MeanSquaredError(Regression::of(set, outputs, numbers, each)?),
        })
    }

    /// How many values there are, of all images.
    pub const fn len(&self) -> usize {
        match self {
            Self::Labels(labels) => labels.len(),
            Self::Numbers(numbers) => numbers.len(),
        }
    }

    /// Whether there are none.
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// How often labels were taken that an image has, and others.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Taken {
    /// Taken, and the image has it.
    pub right: u64,
    /// Taken, and the image does not have it.
    pub wrong: u64,
    /// Not taken, and the image has it.
    pub missed: u64,
}

/// What a network makes of images with several labels each.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LabelScores {
    /// A label is taken if its score is above this.
    pub threshold: f32,
    /// Images.
    pub count: u64,
    /// F1 of all labels of all images together (micro): 2 · right / (2 · right + wrong + missed); none if no image has a label and none
    /// is taken.
    pub micro_f1: Option<f64>,
    /// Mean of the labels' own F1 (macro), without labels that no image has and none is taken for.
    pub macro_f1: Option<f64>,
    /// Images of which all labels are right.
    pub exact: Rate,
    /// Each label.
    pub labels: Vec<OneLabel>,
}

/// One of several labels.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct OneLabel {
    /// How often it was taken.
    #[serde(flatten)]
    pub taken: Taken,
    /// Its F1; none if no image has it and none is taken for it.
    pub f1: Option<f64>,
}

/// How far a network's outputs are from the numbers they should be.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Regression {
    /// Images.
    pub count: u64,
    /// Mean over images and outputs of the squared error.
    pub mean_squared_error: f64,
    /// Its root.
    pub root_mean_squared_error: f64,
    /// Mean over images and outputs of the error's magnitude.
    pub mean_absolute_error: f64,
}

/// Whether a network ends in what yields 0 to 1, whatever form it is put into then, so that a label is as likely as not at 0.5; else at 0.
pub fn yields_shares(network: &Network) -> bool {
    let mut node = network.node(network.output());
    while let Op::Reshape { .. } | Op::Transpose { .. } = node.op {
        node = network.node(node.inputs[0]);
    }
    matches!(node.op, Op::Activation(Activation::Sigmoid | Activation::HardSigmoid { .. }) | Op::Softmax { .. })
}

impl Taken {
    fn plus(self, other: Self) -> Self {
        Self { right: self.right + other.right, wrong: self.wrong + other.wrong, missed: self.missed + other.missed }
    }

    /// The harmonic mean of the share of what was taken that is right, and of what is there that was taken.
    pub fn f1(self) -> Option<f64> {
        let all = 2 * self.right + self.wrong + self.missed;
        (all > 0).then(|| (2 * self.right) as f64 / all as f64)
    }
}

impl LabelScores {
    /// Of `outputs` and `labels`, `[images, labels]` each, of the images of `set`. A label is taken if its score is above `threshold`.
    ///
    /// # Errors
    /// [`AccuracyError::NotANumber`].
    ///
    /// # Panics
    /// If the two are not of the same length, a multiple of `each`, or are empty.
    pub fn of(set: &str, outputs: &[f32], labels: &[bool], each: usize, threshold: f32) -> Result<Self, AccuracyError> {
        check(set, outputs, labels.len(), each)?;
        let mut taken = vec![Taken::default(); each];
        let mut exact = 0;
        for (scores, labels) in outputs.chunks(each).zip(labels.chunks(each)) {
            let is_taken = |(&score, &label): (&f32, &bool)| (score > threshold, label);
            let found: Vec<Taken> = scores.iter().zip(labels).map(is_taken).map(counted).collect();
            exact += u64::from(found.iter().all(|found| found.wrong + found.missed == 0));
            taken.iter_mut().zip(found).for_each(|(all, found)| *all = all.plus(found));
        }
        let images = (outputs.len() / each) as u64;
        let defined: Vec<f64> = taken.iter().filter_map(|taken| taken.f1()).collect();
        Ok(Self {
            threshold,
            count: images,
            micro_f1: taken.iter().copied().fold(Taken::default(), Taken::plus).f1(),
            macro_f1: (!defined.is_empty()).then(|| defined.iter().sum::<f64>() / defined.len() as f64),
            exact: Rate::new(exact, images),
            labels: taken.into_iter().map(|taken| OneLabel { taken, f1: taken.f1() }).collect(),
        })
    }
}

fn counted((taken, has): (bool, bool)) -> Taken {
    let count = u64::from;
    Taken { right: count(taken && has), wrong: count(taken && !has), missed: count(!taken && has) }
}

impl Regression {
    /// Of `outputs` and `numbers`, `[images, …]` each with `each` values an image, of the images of `set`.
    ///
    /// # Errors
    /// [`AccuracyError::NotANumber`].
    ///
    /// # Panics
    /// If the two are not of the same length, a multiple of `each`, or are empty.
    pub fn of(set: &str, outputs: &[f32], numbers: &[f32], each: usize) -> Result<Self, AccuracyError> {
        check(set, outputs, numbers.len(), each)?;
        let errors = || outputs.iter().zip(numbers).map(|(found, right)| f64::from(*found) - f64::from(*right));
        let mean = |sum: f64| sum / outputs.len() as f64;
        let squared = mean(errors().map(|error| error * error).sum());
        Ok(Self {
            count: (outputs.len() / each) as u64,
            mean_squared_error: squared,
            root_mean_squared_error: squared.sqrt(),
            mean_absolute_error: mean(errors().map(f64::abs).sum()),
        })
    }
}

fn check(set: &str, outputs: &[f32], targets: usize, each: usize) -> Result<(), AccuracyError> {
    assert!(
        outputs.len() == targets && !outputs.is_empty() && outputs.len().is_multiple_of(each),
        "{each} outputs and targets an image"
    );
    match outputs.iter().position(|output| output.is_nan()) {
        Some(place) => Err(AccuracyError::NotANumber { set: set.into(), image: place / each }),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn f1_by_hand() {
        // Label 0: right, missed; label 1: wrong, right; label 2: nowhere.
        let outputs = [0.9, 0.8, 0.1, 0.5, 0.7, 0.2];
        let labels = [true, false, false, true, true, false];
        let found = LabelScores::of("set", &outputs, &labels, 3, 0.5).expect("numbers");
        assert_eq!(found.labels[0].taken, Taken { right: 1, wrong: 0, missed: 1 });
        assert_eq!(found.labels[1].taken, Taken { right: 1, wrong: 1, missed: 0 });
        assert_eq!(found.labels[2], OneLabel { taken: Taken::default(), f1: None });
        assert_eq!((found.micro_f1, found.macro_f1), (Some(4.0 / 6.0), Some(2.0 / 3.0)));
        assert_eq!((found.exact.correct, found.count), (0, 2));
        let lower = LabelScores::of("set", &outputs, &labels, 3, 0.4).expect("numbers");
        assert_eq!((lower.micro_f1, lower.exact.correct), (Some(6.0 / 7.0), 1));
    }

    #[test]
    fn squares_by_hand() {
        let found = Regression::of("set", &[1.0, 2.0, -1.0, 0.0], &[0.0, 4.0, -1.0, 1.0], 2).expect("numbers");
        assert_eq!((found.count, found.mean_squared_error, found.mean_absolute_error), (2, 1.5, 1.0));
        assert_eq!(found.root_mean_squared_error, 1.5f64.sqrt());
        let error = Regression::of("set", &[1.0, 2.0, f32::NAN, 0.0], &[0.0; 4], 2).expect_err("no number");
        assert_eq!(error, AccuracyError::NotANumber { set: "set".into(), image: 1 });
    }
}
