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

    /// Also count images whose label is among this many best classes.
    #[arg(long, value_name = "CLASSES", default_value_t = 5, value_parser = whole(1..=usize::MAX))]
    pub(crate) top: usize,

    #[command(flatten)]
    pub(crate) output: OutputArgs,

    /// Also write what the network yields of each image: an NPZ file of `outputs` [images, ...], a score a class or whatever it yields,
    /// and of the `labels`, images in the order they are shown.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, help_heading = "Output")]
    pub(crate) outputs: Option<PathBuf>,

    /// Also write how many images of each class were taken for each (table and JSON).
    #[arg(long, help_heading = "Output")]
    pub(crate) confusion: bool,
}
