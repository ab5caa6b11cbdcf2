//! Images with several labels each, or with numbers that the network should yield.

use super::subject::Subject;
use crate::args::evaluate::EvaluateArgs;
use crate::images::Images;
use crate::{Outcome, output, outputs, progress, threads};
use anyhow::{Context, Result, anyhow, bail};
use serde::Serialize;
use tilewright::accuracy::{LabelScores, Measured, Targets, yields_shares};
use tilewright::network::executor::Executor;
use tilewright::network::{Network, Tensor};
use tilewright::report::table::{Column, Document, Kind, Table, Value, counted};

/// What was measured of what. Its JSON form is the output of `tilewright evaluate --format json` where labels are no classes.
#[derive(Debug, Serialize)]
struct Targeted {
    #[serde(flatten)]
    subject: Subject,
    #[serde(flatten)]
    measured: Measured,
    #[serde(skip)]
    why: String,
}

/// Runs the network and compares its outputs with what is right.
pub(super) fn run(args: &EvaluateArgs, network: &Network, targets: &Targets, needed: usize) -> Result<Outcome> {
    refuse_classes(args, targets)?;
    let images = Images::find_unlabelled(&args.model, network, &args.images.set, needed)?;
    let trial = images.trial(args.images.limit);
    let shape = network.shape(network.output());
    let each: usize = shape.iter().product();
    let (count, told) = (trial.set.len(), targets.len() / each);
    if count != told {
        bail!("{} has {count} images, and the labels are of {told}; give each image its own", trial.set.name());
    }
    let bar = progress::bar("images");
    let image = |number| trial.set.image(number, trial.normalization);
    let found = Executor::new(network)?.run_all(count, threads::asked(None), &progress::on(&bar), image)?;
    bar.finish_and_clear();
    let found = found.context("the run is never ended early")?;
    let found: Vec<f32> = found.iter().flat_map(Tensor::values).copied().collect();
    let name = trial.set.name();
    let (threshold, why) = match targets {
        Targets::Labels(_) => threshold(args, network),
        Targets::Numbers(_) => (0.0, "of each image the labels are numbers in floating point".to_owned()),
    };
    let measured = targets.measure(name, &found, each, threshold)?;
    let result = Targeted { subject: Subject::new(network, &trial), measured, why };
    if let Some(file) = &args.outputs {
        match targets {
            Targets::Labels(labels) => {
                let labels: Vec<u8> = labels.iter().map(|&label| u8::from(label)).collect();
                outputs::write(file, &found, shape, (shape, &labels))?;
            }
            Targets::Numbers(numbers) => outputs::write(file, &found, shape, (shape, numbers))?,
        }
    }
    output::result(&args.output, &result.document())?;
    Ok(Outcome::Done)
}

/// An error if what is of classes was typed.
fn refuse_classes(args: &EvaluateArgs, targets: &Targets) -> Result<()> {
    let found = match targets {
        Targets::Labels(_) => "each image has several labels",
        Targets::Numbers(_) => {
            refuse_threshold(args)?;
            "labels are the numbers of a regression"
        }
    };
    for (option, typed) in [("--top", args.top.is_some()), ("--confusion", args.confusion)] {
        if typed {
            bail!("{option} changes nothing here: {found}, and it is of images with one class each; leave it out");
        }
    }
    Ok(())
}

/// An error if a threshold was typed where no label is taken by one.
pub(super) fn refuse_threshold(args: &EvaluateArgs) -> Result<()> {
    match args.threshold {
        Some(_) => Err(anyhow!(
            "--threshold changes nothing here: only labels of 0 and 1, several an image, are taken by one; leave it out"
        )),
        None => Ok(()),
    }
}

/// From which score on a label is taken, and why.
fn threshold(args: &EvaluateArgs, network: &Network) -> (f32, String) {
    let (threshold, why) = match (args.threshold, yields_shares(network)) {
        (Some(threshold), _) => (threshold, "as typed"),
        (None, true) => (0.5, "half, since the network yields shares of 0 to 1"),
        (None, false) => (0.0, "the logit of one half, since the network ends in no sigmoid"),
    };
    (
        threshold,
        format!("each image has several labels, of which those are taken whose score is above {threshold} ({why})"),
    )
}

impl Targeted {
    fn document(&self) -> Document<'_> {
        let mut document =
            Document::new(format!("{} on {}", self.subject.network, self.subject.images)).table(self.values());
        if let Measured::F1(scores) = &self.measured {
            document = document.table(labels(scores));
        }
        document.lines(self.notes()).json(output::as_json(self))
    }

    /// A line a measure.
    fn values(&self) -> Table {
        let measures: Vec<(&str, Option<f64>)> = match &self.measured {
            Measured::F1(scores) => vec![
                ("F1 of all labels together", scores.micro_f1),
                ("mean of the labels' F1", scores.macro_f1),
                ("images with all labels right", Some(scores.exact.rate)),
            ],
            Measured::MeanSquaredError(errors) => vec![
                ("mean squared error", Some(errors.mean_squared_error)),
                ("its root", Some(errors.root_mean_squared_error)),
                ("mean absolute error", Some(errors.mean_absolute_error)),
            ],
        };
        let mut table = Table::new(vec![
            Column::data("network"),
            Column::data("images"),
            Column::new(Kind::Words, "measure", "measure"),
            Column::new(Kind::Exact, "value", "value"),
            Column::data("version"),
            Column::data("command"),
        ]);
        for (measure, value) in measures {
            let value =
                value.map(|value| if self.is_shares() { format!("{value:.4}") } else { format!("{value:.6e}") });
            table.row([
                (&self.subject.network).into(),
                (&self.subject.images).into(),
                measure.into(),
                value.into(),
                self.subject.version.into(),
                (&self.subject.command).into(),
            ]);
        }
        table
    }

    const fn is_shares(&self) -> bool {
        matches!(self.measured, Measured::F1(_))
    }

    fn notes(&self) -> String {
        let Self { subject: Subject { network, images, mean, std, .. }, why, .. } = self;
        let count = match &self.measured {
            Measured::F1(scores) => scores.count,
            Measured::MeanSquaredError(errors) => errors.count,
        };
        format!(
            "{network} on {} of {images}: {why}. Normalised by the means {mean:?} and the standard deviations {std:?}.\n",
            counted(count, "image")
        )
    }
}

/// A line a label.
fn labels(scores: &LabelScores) -> Table {
    let mut table = Table::new(vec![
        Column::shown(Kind::Whole, "label"),
        Column::shown(Kind::Whole, "right"),
        Column::shown(Kind::Whole, "wrong"),
        Column::shown(Kind::Whole, "missed"),
        Column::shown(Kind::Fixed(4), "F1"),
    ]);
    for (number, label) in scores.labels.iter().enumerate() {
        let taken = label.taken;
        let counts = [number as u64, taken.right, taken.wrong, taken.missed].map(Value::Whole);
        table.row(counts.into_iter().chain([label.f1.into()]));
    }
    table
}
