//! What was recognised, for people and for programs.

use super::subject::Subject;
use crate::output;
use serde::Serialize;
use std::time::Duration;
use tilewright::accuracy::{Accuracy, Rate, Top, Trial};
use tilewright::network::Network;
use tilewright::report::table::{Column, Document, Kind, Table, Value, counted, hundredths, thousands};

/// The rates and what they were measured on. Its JSON form is the output of `tilewright evaluate --format json`.
#[derive(Debug, Serialize)]
pub(super) struct Evaluated {
    #[serde(flatten)]
    subject: Subject,
    top1: Rate,
    top: Top,
    #[serde(skip_serializing_if = "Option::is_none")]
    confusion: Option<Vec<Vec<u64>>>,
    #[serde(skip)]
    threads: usize,
}

impl Evaluated {
    pub(super) fn new(network: &Network, trial: &Trial<'_>, accuracy: Accuracy, confusion: bool) -> Self {
        let Accuracy { top1, top, confusion: counts } = accuracy;
        Self {
            subject: Subject::new(network, trial),
            top1,
            top,
            confusion: confusion.then_some(counts),
            threads: trial.threads,
        }
    }

    pub(super) fn document(&self, took: Duration) -> Document<'_> {
        let mut document =
            Document::new(format!("{} on {}", self.subject.network, self.subject.images)).table(self.rates());
        if let Some(counts) = &self.confusion {
            document = document.table(confusion(counts));
        }
        document.lines(self.notes(took)).json(output::as_json(self))
    }

    fn rates(&self) -> Table {
        let mut table = Table::new(vec![
            Column::data("network"),
            Column::data("images"),
            Column::data("classes"),
            Column::shown(Kind::Words, "label is"),
            Column::new(Kind::Whole, "correct", "correct"),
            Column::new(Kind::Whole, "of", "images"),
            Column::new(Kind::Rate, "rate", "rate"),
            Column::shown(Kind::Rate, "95% interval"),
            Column::data("low"),
            Column::data("high"),
            Column::data("version"),
            Column::data("command"),
        ]);
        let best = format!("among the best {}", self.top.classes);
        for (classes, what, rate) in [(1, "the best class", self.top1), (self.top.classes, &best, self.top.rate)] {
            let [low, high] = rate.interval;
            table.row([
                (&self.subject.network).into(),
                (&self.subject.images).into(),
                classes.into(),
                what.into(),
                rate.correct.into(),
                rate.images.into(),
                rate.rate.into(),
                rate.interval.map(hundredths).join(" to ").into(),
                low.into(),
                high.into(),
                self.subject.version.into(),
                (&self.subject.command).into(),
            ]);
        }
        table
    }

    fn notes(&self, took: Duration) -> String {
        let Self { subject: Subject { network, images, mean, std, .. }, threads, .. } = self;
        let speed = self.top1.images as f64 / took.as_secs_f64();
        format!(
            "{network} on {images}, layers whose model holds integers in integers, others in floating point; normalised by the means {mean:?} and the standard deviations {std:?}; {} \
             images a second on {}.\n",
            thousands(speed as u64),
            counted(*threads as u64, "thread"),
        )
    }
}

/// Rows by label, columns by the class taken.
fn confusion(counts: &[Vec<u64>]) -> Table {
    let classes = (0..counts.len()).map(|class| Column::shown(Kind::Whole, "").under(class.to_string()));
    let mut table = Table::new([Column::shown(Kind::Words, "label")].into_iter().chain(classes).collect());
    for (label, row) in counts.iter().enumerate() {
        let numbers = row.iter().map(|&count| if count == 0 { "·".into() } else { Value::Whole(count) });
        table.row([label.to_string().into()].into_iter().chain(numbers));
    }
    table
}
