//! What was typed after `evaluate`.

use super::images::ImageArgs;
use super::number::{number, whole};
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

    /// Score above which a label is predicted, where an image has several labels of 0 or 1. [default: 0.5 if the network ends in
    /// a sigmoid or a softmax, else 0]
    #[arg(long, value_name = "SCORE", value_parser = number("a score", -1e9..=1e9f32), allow_negative_numbers = true)]
    pub(crate) threshold: Option<f32>,

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
