//! What was typed after `explore`.

use super::OutputArgs;
use super::images::{CalibrationArgs, SetArgs};
use super::number::whole;
use clap::{Args, ValueHint};
use std::num::NonZero;
use std::path::PathBuf;
use tilewright::explore::Evolution;
use tilewright::hardware::Variable;

/// `explore`
#[derive(Debug, Args)]
pub(crate) struct ExploreArgs {
    /// Networks of the zoo, trained ones or ONNX files, joined by commas.
    #[arg(value_name = "NETWORKS", value_delimiter = ',', value_hint = ValueHint::FilePath)]
    #[arg(required_unless_present_any = ["space", "example"])]
    pub(crate) networks: Vec<String>,

    /// TOML file that describes the whole space, instead of the options below (see --example).
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, help_heading = "Space")]
    #[arg(conflicts_with_all = ["networks", "design", "vary", "minimize", "maximize", "limit"])]
    pub(crate) space: Option<PathBuf>,

    /// Print a commented space file to start from: tilewright explore --example > space.toml.
    #[arg(long, help_heading = "Space", exclusive = true)]
    pub(crate) example: bool,

    /// Chips, presets or TOML files, joined by commas.
    #[arg(long, value_name = "NAMES", value_delimiter = ',', default_value = tilewright::hardware::PRICED_DEFAULT, help_heading = "Space")]
    pub(crate) design: Vec<String>,

    /// A setting and its values: scheme=im2col,optimal or crossbar=64,128,256; repeatable; every combination is a
    /// design.
    #[arg(long, value_name = "SETTING=VALUES", value_parser = super::vary::values, help_heading = "Space")]
    pub(crate) vary: Vec<Variable>,

    /// Measures to minimize: area, energy, latency, power, crossbars, kernel-loss, rate-lost, or products such as area*latency;
    /// joined by commas.
    #[arg(long, value_name = "MEASURES", value_delimiter = ',', help_heading = "Objectives")]
    #[arg(default_value = "area,latency")]
    pub(crate) minimize: Vec<String>,

    /// Measures to maximize: throughput, rate; joined by commas. With a rate, designs are simulated as long as they can be on
    /// the front.
    #[arg(long, value_name = "MEASURES", value_delimiter = ',', help_heading = "Objectives")]
    pub(crate) maximize: Vec<String>,

    /// Limit that every design on the front must meet, such as "area <= 20 mm2" or "rate-lost <= 1"; repeatable.
    #[arg(long, value_name = "LIMIT", help_heading = "Objectives")]
    pub(crate) limit: Vec<String>,

    /// JSON file of the loss from replacing each layer, as for `tilewright plan`: gives kernel-loss as an objective, and kernels=planned,
    /// which stands for the plans that lose least for any number of crossbars.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, help_heading = "Space")]
    pub(crate) losses: Option<PathBuf>,

    /// TOML file of constants that replace built-in ones; may be given several times.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, help_heading = "Space")]
    pub(crate) constants: Vec<PathBuf>,

    /// Search the space by NSGA-II with this many trials, instead of pricing all of its designs. [default: 100000 for more than ten
    /// million designs]
    #[arg(long, value_name = "TRIALS", value_parser = whole(Evolution::FEWEST..=u64::MAX), help_heading = "Search")]
    pub(crate) trials: Option<u64>,

    /// Seed of the search.
    #[arg(long, value_name = "NUMBER", default_value_t = 0, value_parser = whole(0..=u64::MAX), help_heading = "Search")]
    pub(crate) search_seed: u64,

    #[command(flatten)]
    pub(crate) set: SetArgs,

    #[command(flatten)]
    pub(crate) calibration_set: CalibrationArgs,

    #[command(flatten)]
    pub(crate) rates: RateArgs,

    /// Folder that keeps finished work: the same command resumes an interrupted run and merges shards.
    #[arg(long, value_name = "FOLDER", value_hint = ValueHint::DirPath, help_heading = "Run")]
    pub(crate) store: Option<PathBuf>,

    /// Do one of N equal parts, from 0/N to (N-1)/N, and keep it in the store; the same command without it merges them.
    #[arg(long, value_name = "I/N", requires = "store", value_parser = shard, help_heading = "Run")]
    pub(crate) shard: Option<Shard>,

    /// Number of threads, which does not affect the result. [default: all processors]
    #[arg(long, value_name = "COUNT", value_parser = whole(1..=1024u32), help_heading = "Run")]
    pub(crate) threads: Option<u32>,

    #[command(flatten)]
    pub(crate) output: OutputArgs,
}

/// What rates are of.
#[derive(Clone, Copy, Debug, Args)]
#[command(next_help_heading = "Rates")]
pub(crate) struct RateArgs {
    /// Number of test images to measure rates on, from the first on. [default: all]
    #[arg(long, value_name = "IMAGES", value_parser = whole(1..=u32::MAX))]
    pub(crate) rate_images: Option<u32>,

    /// Number of training images, from the first on, to calibrate converters and digital corrections on.
    #[arg(long, value_name = "IMAGES", default_value_t = 64, value_parser = whole(1..=10_000u32))]
    pub(crate) calibration: u32,

    /// Chips of each design, each programmed from a seed of its own.
    #[arg(long, value_name = "CHIPS", default_value_t = 1, value_parser = whole(1..=1000u32))]
    pub(crate) seeds: u32,

    /// Seed of the first chip.
    #[arg(long, value_name = "NUMBER", default_value_t = 0, value_parser = whole(0..=u64::MAX - 1000))]
    pub(crate) first_seed: u64,
}

/// One of several equal parts.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Shard {
    pub(crate) number: u64,
    pub(crate) of: NonZero<u64>,
}

impl Shard {
    /// Whether a place belongs to it.
    pub(crate) fn has(self, place: u64) -> bool {
        place % self.of == self.number
    }
}

fn shard(text: &str) -> Result<Shard, String> {
    let numbers = text.split_once('/').and_then(|(number, of)| Some((number.parse().ok()?, of.parse().ok()?)));
    let (number, of): (u64, NonZero<u64>) = numbers.ok_or("give a part and of how many, as in 0/4")?;
    if number >= of.get() {
        return Err(format!("there are parts 0/{of} to {}/{of}", of.get() - 1));
    }
    Ok(Shard { number, of })
}
