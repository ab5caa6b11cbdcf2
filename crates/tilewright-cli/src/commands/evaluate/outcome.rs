//! What was recognised, for people and for programs.

use crate::args::Format;
use crate::table::{self, Column, Table, counted, hundredths, thousands, wrap};
use crate::{command_line, csv, output};
use anyhow::Result;
use serde::Serialize;
use std::io::Write;
use std::time::Duration;
use tilewright::accuracy::{Accuracy, Rate, Top, Trial};
use tilewright::network::Network;

/// Version of the JSON form.
const SCHEMA: u32 = 1;

/// The rates and what they were measured on. Its JSON form is the output of `tilewright evaluate --format json`.
#[derive(Debug, Serialize)]
pub(super) struct Evaluated {
    schema: u32,
    network: String,
    images: String,
    version: &'static str,
    command: String,
    mean: Vec<f32>,
    std: Vec<f32>,
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
            schema: SCHEMA,
            network: network.name.clone(),
            images: trial.set.name().into(),
            version: env!("CARGO_PKG_VERSION"),
            command: command_line::typed(),
            mean: trial.normalization.mean.to_vec(),
            std: trial.normalization.std.to_vec(),
            top1,
            top,
            confusion: confusion.then_some(counts),
            threads: trial.threads,
        }
    }

    pub(super) fn write(&self, to: &mut dyn Write, format: Format, took: Duration) -> Result<()> {
        match format {
            Format::Table => Ok(to.write_all(self.text(table::width(), took).as_bytes())?),
            Format::Json => output::json(to, self),
            Format::Csv => self.csv(to),
        }
    }

    fn text(&self, width: Option<usize>, took: Duration) -> String {
        let mut rates = Table::new(vec![
            Column::text("label is"),
            Column::number("correct"),
            Column::number("images"),
            Column::number("rate"),
            Column::number("95% interval"),
        ]);
        for (what, rate) in
            [("the best class".into(), self.top1), (format!("among the best {}", self.top.classes), self.top.rate)]
        {
            let [low, high] = rate.interval.map(hundredths);
            rates.row(vec![
                what,
                thousands(rate.correct),
                thousands(rate.images),
                hundredths(rate.rate),
                format!("{low} to {high}"),
            ]);
        }
        let confusion = self.confusion.as_deref().map(|counts| format!("\n{}", confusion(counts).render(width)));
        let Self { network, images, mean, std, threads, .. } = self;
        let speed = self.top1.images as f64 / took.as_secs_f64();
        let notes = format!(
            "{network} on {images}, layers whose model holds integers in integers, others in floating point; normalised by the means {mean:?} and the standard deviations {std:?}; {} \
             images a second on {}.\n",
            thousands(speed as u64),
            counted(*threads as u64, "thread"),
        );
        format!("{}{}\n{}", rates.render(width), confusion.unwrap_or_default(), wrap(&notes, width))
    }

    fn csv(&self, to: &mut dyn Write) -> Result<()> {
        csv::line(to, ["network", "images", "classes", "correct", "of", "rate", "low", "high", "version", "command"])?;
        for (classes, rate) in [(1, self.top1), (self.top.classes, self.top.rate)] {
            let numbers = [rate.correct.to_string(), rate.images.to_string()];
            let shares = [rate.rate, rate.interval[0], rate.interval[1]].map(|share| share.to_string());
            let named = [self.network.clone(), self.images.clone(), classes.to_string()];
            let program = [self.version.to_owned(), self.command.clone()];
            csv::line(to, named.into_iter().chain(numbers).chain(shares).chain(program))?;
        }
        Ok(())
    }
}

/// Rows by label, columns by the class taken.
fn confusion(counts: &[Vec<u64>]) -> Table {
    let classes = (0..counts.len()).map(|class| Column::number("").under(&class.to_string()));
    let mut table = Table::new([Column::text("label")].into_iter().chain(classes).collect());
    for (label, row) in counts.iter().enumerate() {
        let numbers = row.iter().map(|&count| if count == 0 { "·".into() } else { thousands(count) });
        table.row([label.to_string()].into_iter().chain(numbers).collect());
    }
    table
}
