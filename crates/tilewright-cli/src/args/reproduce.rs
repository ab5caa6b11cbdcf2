//! What was typed after `reproduce`.

use super::OutputArgs;
use super::data::PlaceArgs;
use super::number::whole;
use clap::builder::PossibleValuesParser;
use clap::{Args, Subcommand, ValueHint};
use std::path::PathBuf;
use tilewright::report::reproduction::analog_rates::{CONDITIONS, NETWORKS, SCHEMES};

/// `reproduce`
#[derive(Debug, Args)]
pub(crate) struct ReproduceArgs {
    #[command(subcommand)]
    pub(crate) publication: Publication,
}

/// Publications whose tables can be recomputed.
#[derive(Debug, Subcommand)]
pub(crate) enum Publication {
    /// Oh, An, Min, Micromachines 14(2):309, 2023: sub-image partitioning, 3D against 2D+1D kernels.
    Oh2023(Oh2023Args),
    /// What trained networks recognise on real cells (docs/analog-rates.md): stuck cells, programming errors, wires, drift.
    AnalogRates(AnalogRatesArgs),
}

impl ReproduceArgs {
    /// How the result is written, and where it goes.
    pub(crate) const fn output(&self) -> &OutputArgs {
        match &self.publication {
            Publication::Oh2023(args) => &args.output,
            Publication::AnalogRates(args) => &args.output,
        }
    }
}

/// `reproduce oh2023`
#[derive(Debug, Args)]
pub(crate) struct Oh2023Args {
    /// Instead of the claims, print the best design of each trained ResNet-20 at equal latency and at equal area, over schemes,
    /// crossbars, rules for groups and crossbar budgets, on two chips. Takes minutes.
    #[arg(long, conflicts_with = "retrain")]
    pub(crate) front: bool,

    #[command(flatten)]
    pub(crate) retrain: RetrainArgs,

    #[command(flatten)]
    pub(crate) output: OutputArgs,
}

/// `reproduce analog-rates`
#[derive(Debug, Args)]
pub(crate) struct AnalogRatesArgs {
    /// Networks, joined by commas. [default: all]
    #[arg(long, value_name = "NAMES", value_delimiter = ',', value_parser = PossibleValuesParser::new(NETWORKS))]
    pub(crate) network: Vec<String>,

    /// Mapping schemes, joined by commas. [default: all]
    #[arg(long, value_name = "NAMES", value_delimiter = ',', value_parser = PossibleValuesParser::new(SCHEMES))]
    pub(crate) scheme: Vec<String>,

    /// What is wrong with the hardware, joined by commas. [default: all]
    #[arg(long, value_name = "NAMES", value_delimiter = ',', value_parser = PossibleValuesParser::new(CONDITIONS.map(|condition| condition.name)))]
    pub(crate) condition: Vec<String>,

    /// Test images, from the first on. [default: all]
    #[arg(long, value_name = "IMAGES", value_parser = whole(1..=u32::MAX))]
    pub(crate) limit: Option<u32>,

    /// Training images on which converters and corrections are calibrated, from the first on. [default: 64]
    #[arg(long, value_name = "IMAGES", value_parser = whole(1..=10_000u32))]
    pub(crate) calibration: Option<u32>,

    /// Chips of each design, each programmed from its own seed.
    #[arg(long, value_name = "CHIPS", default_value_t = 3, value_parser = whole(1..=1000u32))]
    pub(crate) seeds: u32,

    #[command(flatten)]
    pub(crate) place: PlaceArgs,

    /// Folder that keeps finished work, one SQLite file per network, as `simulate --store` does: the same command resumes an
    /// interrupted run.
    #[arg(long, value_name = "FOLDER", value_hint = ValueHint::DirPath, help_heading = "Run")]
    pub(crate) store: Option<PathBuf>,

    /// Number of threads, which does not affect the result. [default: all processors]
    #[arg(long, value_name = "NUMBER", value_parser = whole(1..=1024u32), help_heading = "Run")]
    pub(crate) threads: Option<u32>,

    #[command(flatten)]
    pub(crate) output: OutputArgs,
}

/// Whether and how networks are trained anew.
#[derive(Debug, Args)]
#[command(next_help_heading = "Training")]
pub(crate) struct RetrainArgs {
    /// Train every network anew, by the recorded commands, instead of showing stored recognition rates. Takes hours; run again,
    /// it resumes where it was interrupted.
    #[arg(long)]
    pub(crate) retrain: bool,

    /// Seeds per network, continuing from the recorded ones. [default: the recorded ones; one for a network without any]
    #[arg(long, value_name = "N", requires = "retrain", value_parser = whole(1..=u16::MAX))]
    pub(crate) seeds: Option<u16>,

    /// Python interpreter with the tilewright package and PyTorch.
    #[arg(long, value_name = "PYTHON", requires = "retrain", default_value = "python3", value_hint = ValueHint::ExecutablePath)]
    pub(crate) python: PathBuf,

    /// Folder of the training runs, one folder each; a finished one is not trained again.
    #[arg(long, value_name = "FOLDER", requires = "retrain", default_value = "runs", value_hint = ValueHint::DirPath)]
    pub(crate) runs: PathBuf,
}
