//! What was typed after `export`.

use super::MappingArgs;
use super::hardware::HardwareArgs;
use super::images::{CalibrationArgs, SetArgs};
use super::number::{number, whole};
use super::{ChosenArgs, InputArgs};
use clap::{Args, Subcommand, ValueHint};
use std::ffi::OsString;
use std::path::PathBuf;

/// `export`
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub(crate) struct ExportArgs {
    #[command(subcommand)]
    pub(crate) command: Option<ExportCommand>,

    #[command(flatten)]
    pub(crate) placement: PlacementArgs,
}

/// What else to write than the placement.
#[derive(Debug, Subcommand)]
pub(crate) enum ExportCommand {
    /// Write a crossbar of a programmed network as a netlist for ngspice, the expected currents as comments.
    Spice(Box<SpiceArgs>),
    /// Write a network as an ONNX file, each batch normalisation merged into the layer before it.
    Onnx(OnnxArgs),
}

/// `export onnx`
#[derive(Debug, Args)]
pub(crate) struct OnnxArgs {
    /// A trained network (see `tilewright zoo`) or an ONNX file with weights.
    #[arg(value_hint = ValueHint::FilePath)]
    pub(crate) model: OsString,

    #[command(flatten)]
    pub(crate) chosen: ChosenArgs,

    /// File to write, whole or not at all.
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath, help_heading = "Output")]
    pub(crate) output: PathBuf,
}

/// The placement that is written.
#[derive(Debug, Args)]
pub(crate) struct PlacementArgs {
    #[command(flatten)]
    pub(crate) mapping: MappingArgs,

    /// Folder for placement.json and placement.npz, created if needed.
    #[arg(short, long, value_name = "FOLDER", value_hint = ValueHint::DirPath, help_heading = "Output", required = true)]
    pub(crate) output: Option<PathBuf>,

    /// Most weights to place in one copy of every layer; each takes about 8 bytes.
    #[arg(long, value_name = "WEIGHTS", default_value_t = 200_000_000, value_parser = whole(1..=u32::MAX), help_heading = "Output")]
    pub(crate) limit: u32,
}

/// `export spice`
#[derive(Debug, Args)]
pub(crate) struct SpiceArgs {
    /// A trained network (see `tilewright zoo`) or an ONNX file with weights; the NAME-int8 networks define their own
    /// rounding.
    #[arg(value_hint = ValueHint::FilePath)]
    pub(crate) model: OsString,

    #[command(flatten)]
    pub(crate) input: InputArgs,

    /// Name of the layer.
    #[arg(long, value_name = "NAME")]
    pub(crate) layer: String,

    /// Which crossbar of a copy of the layer, from 0.
    #[arg(long, value_name = "NUMBER", default_value_t = 0, value_parser = whole(0..=usize::MAX))]
    pub(crate) index: usize,

    /// Test image, from 0, that drives the rows; the chip is programmed as a whole and classifies it. [default: all rows alike]
    #[arg(long, value_name = "NUMBER", value_parser = whole(0..=u32::MAX))]
    pub(crate) image: Option<u32>,

    /// Which access to the crossbar, from 0: load by load, step by step where some rows are driven at a time, pulse by pulse; copies of a
    /// crossbar take turns, load by load.
    #[arg(long, value_name = "NUMBER", default_value_t = 0, value_parser = whole(0..=u64::MAX))]
    pub(crate) access: u64,

    /// Voltage of the greatest input a pulse can drive; of every row if there is no image.
    #[arg(long, value_name = "VOLT", default_value_t = 0.2, value_parser = number("a voltage", -1000.0..=1000.0))]
    pub(crate) volt: f64,

    /// Seed of the chip; simulate gives its first one 0.
    #[arg(long, value_name = "NUMBER", default_value_t = 0, value_parser = whole(0..=u64::MAX))]
    pub(crate) seed: u64,

    #[command(flatten)]
    pub(crate) set: SetArgs,

    #[command(flatten)]
    pub(crate) calibration: CalibrationArgs,

    #[command(flatten)]
    pub(crate) hardware: HardwareArgs,

    /// Number of threads. [default: all processors]
    #[arg(long, value_name = "NUMBER", value_parser = whole(1..=1024u32), help_heading = "Run")]
    pub(crate) threads: Option<u32>,

    /// File to write, whole or not at all; "-" is standard output.
    #[arg(short, long, value_name = "FILE", default_value = "-", value_hint = ValueHint::FilePath, help_heading = "Output")]
    pub(crate) output: PathBuf,
}
