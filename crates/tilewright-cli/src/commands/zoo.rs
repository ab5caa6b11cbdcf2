//! `zoo`: the built-in networks.

use crate::args::ZooArgs;
use crate::{Outcome, output};
use anyhow::Result;
use serde::Serialize;
use tilewright::network::{KernelPlan, Network, ReplacedLayers, zoo};
use tilewright::report::table::{Column, Document, Kind, Table, Value};
use tilewright_models::trained::{self, Card, MeanRate, Precision, Trained};

/// A built-in network as flat numbers.
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
    let note = "A network with stages takes a width: resnet20:width=1.5, or one a stage, resnet20:width=1,1.5,2.\n";
    output::result(
        &args.output,
        &Document::new("Networks").table(table(&rows)).lines(note).json(output::as_json(&rows)),
    )?;
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

fn table(rows: &[Row]) -> Table {
    let mut table = Table::new(vec![
        Column::new(Kind::Words, "name", "name"),
        Column::data("input"),
        Column::shown(Kind::Words, "input"),
        Column::new(Kind::Words, "data_set", "data set"),
        Column::shown(Kind::Exact, "stages").hidden_at(2),
        Column::new(Kind::Exact, "layers", "layers"),
        Column::new(Kind::Whole, "weights", "weights"),
        Column::new(Kind::Whole, "macs", "MACs"),
        Column::data("source"),
        Column::data("rate"),
        Column::data("rate_deviation"),
        Column::data("seeds"),
        Column::data("stages"),
        Column::shown(Kind::Exact, "test rate (seeds)"),
        Column::shown(Kind::Words, "source").hidden_at(1),
    ]);
    for row in rows {
        let rate = row.trained.as_ref().map(|trained| trained.rate);
        table.row([
            (&row.name).into(),
            row.image().replace('×', "x").into(),
            row.image().into(),
            (&row.data_set).into(),
            Some(row.stages).filter(|&stages| stages > 0).into(),
            row.layers.into(),
            row.weights.into(),
            row.macs.into(),
            (&row.source).into(),
            rate.map(|rate| rate.mean).into(),
            rate.and_then(|rate| rate.deviation).into(),
            rate.map_or(Value::Missing, |rate| rate.seeds.into()),
            row.stages.into(),
            row.rate().into(),
            (&row.source).into(),
        ]);
    }
    table
}
