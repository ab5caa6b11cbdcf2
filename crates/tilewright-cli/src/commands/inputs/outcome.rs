//! How often each integer was taken, for people and for programs.

use crate::{command_line, output};
use serde::Serialize;
use std::collections::BTreeMap;
use tilewright::accuracy::Trial;
use tilewright::network::Network;
use tilewright::network::executor::InputCounts;
use tilewright::report::table::{Column, Document, Kind, Table, counted};

/// Version of the JSON form.
const SCHEMA: u32 = 1;

/// The counts and what they were taken of. Its JSON form is the output of `tilewright inputs --format json`, which
/// `tilewright cost --inputs` reads.
#[derive(Debug, Serialize)]
pub(super) struct Inputs {
    schema: u32,
    network: String,
    images: String,
    count: usize,
    version: &'static str,
    command: String,
    mean: Vec<f32>,
    std: Vec<f32>,
    histograms: BTreeMap<String, Vec<u64>>,
    #[serde(skip)]
    layers: Vec<InputCounts>,
}

impl Inputs {
    pub(super) fn new(network: &Network, trial: &Trial<'_>, layers: Vec<InputCounts>) -> Self {
        Self {
            schema: SCHEMA,
            network: network.name.clone(),
            images: trial.set.name().into(),
            count: trial.limit.min(trial.set.len()),
            version: env!("CARGO_PKG_VERSION"),
            command: command_line::typed(),
            mean: trial.normalization.mean.to_vec(),
            std: trial.normalization.std.to_vec(),
            histograms: layers.iter().map(|layer| (layer.layer.clone(), layer.counts.clone())).collect(),
            layers,
        }
    }

    pub(super) fn document(&self) -> Document<'_> {
        let Self { network, images, count, .. } = self;
        let note = format!(
            "Magnitudes of the integers that layers take, over {} of {images}; padding is not counted. Pulses are the bits that are 1 \
             of all bits.\n",
            counted(*count as u64, "image")
        );
        Document::new(format!("Inputs of {network}")).table(self.table()).lines(note).json(output::as_json(self))
    }

    fn table(&self) -> Table {
        let mut table = Table::new(vec![
            Column::new(Kind::Words, "layer", "layer"),
            Column::new(Kind::Exact, "bits", "bits"),
            Column::new(Kind::Whole, "values", "values"),
            Column::new(Kind::Share, "zeros", "zeros"),
            Column::new(Kind::Share, "mean", "mean of the greatest"),
            Column::new(Kind::Share, "pulses", "pulses"),
        ]);
        for InputCounts { layer, counts } in &self.layers {
            let (bits, values) = (counts.len().trailing_zeros(), counts.iter().sum::<u64>());
            let mean_of = |worth: &dyn Fn(usize) -> f64| {
                let sum: f64 = counts.iter().enumerate().map(|(value, &count)| count as f64 * worth(value)).sum();
                sum / values as f64
            };
            let mean = mean_of(&|value| value as f64 / (counts.len() - 1) as f64);
            let pulses = mean_of(&|value| f64::from(value.count_ones()) / f64::from(bits));
            let zeros = counts[0] as f64 / values as f64;
            table.row([layer.into(), bits.into(), values.into(), zeros.into(), mean.into(), pulses.into()]);
        }
        table
    }
}
