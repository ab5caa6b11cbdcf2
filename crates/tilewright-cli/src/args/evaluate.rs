//! What was typed after `evaluate`.

use super::images::ImageArgs;
use super::number::whole;
use super::{InputArgs, OutputArgs};
use clap::{Args, ValueHint};
use std::ffi::OsString;
use std::path::PathBuf;

/// `evaluate`
#[derive(Debug, Args)]
pub(crate) struct EvaluateArgs {
    /// A trained network (see `tilewright zoo`) or an ONNX file with weights.
    #[arg(value_hint = ValueHint::FilePath)]
    pub(crate) model: OsString,

    #[command(flatten)]
    pub(crate) input: InputArgs,

    #[command(flatten)]
    pub(crate) images: ImageArgs,

    /// Also count images whose label is among this many best classes. [default: 5, or all if there are fewer]
    #[arg(long, value_name = "CLASSES", value_parser = whole(1..=usize::MAX))]
    pub(crate) top: Option<usize>,

    #[command(flatten)]
    pub(crate) output: OutputArgs,

    /// Also write the network's output for each image: an NPZ file with `outputs` [images, ...], one score per class or
    /// whatever the network returns, and `labels`, in the order of the images.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, help_heading = "Output")]
    pub(crate) outputs: Option<PathBuf>,

    /// Also write the confusion matrix (table and JSON).
    #[arg(long, help_heading = "Output")]
    pub(crate) confusion: bool,
}
