//! What was typed after `reproduce`.

use super::OutputArgs;
use super::number::whole;
use clap::{Args, ValueEnum, ValueHint};
use std::path::PathBuf;

/// `reproduce`
#[derive(Debug, Args)]
pub(crate) struct ReproduceArgs {
    /// Which publication.
    #[arg(value_enum)]
    pub(crate) publication: Publication,

    /// Instead of the claims: the best design of each trained ResNet-20 at equal latency and at equal area, over schemes,
    /// crossbars, rules for groups and crossbar budgets, on two chips. Takes minutes.
    #[arg(long, conflicts_with = "retrain")]
    pub(crate) front: bool,

    #[command(flatten)]
    pub(crate) retrain: RetrainArgs,

    #[command(flatten)]
    pub(crate) output: OutputArgs,
}

/// Publications whose tables can be recomputed.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Publication {
    /// Oh, An, Min, Micromachines 14(2):309, 2023: sub-image partitioning, 3D against 2D+1D kernels.
    Oh2023,
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
