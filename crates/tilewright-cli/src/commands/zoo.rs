//! `zoo`: the networks that come along.

use crate::args::{Format, ZooArgs};
use crate::table::{self, Column, Table, thousands};
use crate::{Outcome, csv, output};
use anyhow::Result;
use serde::Serialize;
use std::io::Write;
use tilewright::network::{KernelPlan, Network, ReplacedLayers, zoo};
use tilewright_onnx::trained::{self, Card, MeanRate, Precision, Trained};

/// A network that comes along as flat numbers.
#[derive(Debug, Serialize)]
struct Row {
    name: String,
    /// `[channels, height, width]`
    input: Vec<usize>,
    data_set: String,
    /// Stages whose width can be chosen; 0 if it cannot be.
    stages: usize,
    layers: usize,
    weights: u64,
    macs: u64,
    source: String,
    /// Of a trained network: what it is and what it recognises.
    #[serde(skip_serializing_if = "Option::is_none")]
    trained: Option<TrainedRow>,
}

/// What is known of a trained network beside its layers.
#[derive(Debug, Serialize)]
struct TrainedRow {
    /// Test images recognised, over all seeds.
    rate: MeanRate,
    card: Card,
}

/// Lists the zoo, and then the trained networks.
pub(crate) fn run(args: &ZooArgs) -> Result<Outcome> {
    let mut rows = zoo::entries().iter().map(untrained).collect::<Result<Vec<Row>>>()?;
    for network in trained::entries() {
        for precision in Precision::ALL {
            rows.push(trained_row(network, precision)?);
        }
    }
    output::write(&args.output.output, |to| match args.output.format {
        Format::Table => Ok(to.write_all(table(&rows).as_bytes())?),
        Format::Json => output::json(to, &rows),
        Format::Csv => csv(to, &rows),
    })?;
    Ok(Outcome::Done)
}

fn untrained(entry: &zoo::Entry) -> Result<Row> {
    Ok(Row { stages: entry.stages(), ..Row::new(&entry.build()?, entry.data_set, entry.source) })
}

fn trained_row(network: &Trained, precision: Precision) -> Result<Row> {
    let card = network.card()?;
    let form = match precision {
        Precision::Float => "",
        Precision::Int8 => ", in 8 bits",
    };
    let source = format!("trained {} with {} kernels{form}", card.network, kernels(&card.kernels));
    let row = Row::new(&network.network(precision)?, &card.data_set, &source);
    Ok(Row { trained: Some(TrainedRow { rate: card.rate(precision), card }), ..row })
}

/// A plan in short: names of layers only as their number.
fn kernels(plan: &str) -> String {
    match plan.parse() {
        Ok(KernelPlan { layers: ReplacedLayers::Named(layers), .. }) => format!("{} chosen 2D+1D", layers.len()),
        _ => plan.into(),
    }
}

impl Row {
    fn new(network: &Network, data_set: &str, source: &str) -> Self {
        Self {
            name: network.name.clone(),
            input: network.shape(network.input()).to_vec(),
            data_set: data_set.into(),
            stages: 0,
            layers: network.layers().len(),
            weights: network.weights(),
            macs: network.macs(),
            source: source.into(),
            trained: None,
        }
    }

    fn image(&self) -> String {
        self.input.iter().map(ToString::to_string).collect::<Vec<_>>().join("×")
    }

    /// Mean and standard deviation over the seeds, in percent; empty if nothing was trained.
    fn rate(&self) -> String {
        let Some(TrainedRow { rate: MeanRate { mean, deviation, seeds }, .. }) = &self.trained else {
            return String::new();
        };
        let deviation = deviation.map_or(String::new(), |deviation| format!(" ± {:.2}", 100.0 * deviation));
        format!("{:.2}{deviation}% ({seeds})", 100.0 * mean)
    }
}

fn table(rows: &[Row]) -> String {
    let mut table = Table::new(vec![
        Column::text("name"),
        Column::text("input"),
        Column::text("data set"),
        Column::number("stages").hidden_at(2),
        Column::number("layers"),
        Column::number("weights"),
        Column::number("MACs"),
        Column::number("test rate (seeds)"),
        Column::text("source").hidden_at(1),
    ]);
    for row in rows {
        table.row(vec![
            row.name.clone(),
            row.image(),
            row.data_set.clone(),
            if row.stages == 0 { "–".into() } else { row.stages.to_string() },
            row.layers.to_string(),
            thousands(row.weights),
            thousands(row.macs),
            row.rate(),
            row.source.clone(),
        ]);
    }
    let note = "\nA network with stages takes a width: resnet20:width=1.5, or one a stage, resnet20:width=1,1.5,2.\n";
    table.render(table::width()) + &table::wrap(note, table::width())
}

fn csv(to: &mut dyn Write, rows: &[Row]) -> Result<()> {
    let titles = [
        "name",
        "input",
        "data_set",
        "layers",
        "weights",
        "macs",
        "source",
        "rate",
        "rate_deviation",
        "seeds",
        "stages",
    ];
    csv::line(to, titles)?;
    for row in rows {
        let [layers, weights, macs] = [row.layers as u64, row.weights, row.macs].map(|number| number.to_string());
        let rate = row.trained.as_ref().map(|trained| trained.rate);
        let [rate, deviation, seeds] = [
            rate.map(|rate| rate.mean.to_string()),
            rate.and_then(|rate| rate.deviation).map(|deviation| deviation.to_string()),
            rate.map(|rate| rate.seeds.to_string()),
        ]
        .map(Option::unwrap_or_default);
        let input = row.image().replace('×', "x");
        let (name, data_set, source) = (&row.name, &row.data_set, &row.source);
        csv::line(
            to,
            [
                name,
                &input,
                data_set,
                &layers,
                &weights,
                &macs,
                source,
                &rate,
                &deviation,
                &seeds,
                &row.stages.to_string(),
            ],
        )?;
    }
    Ok(())
}
