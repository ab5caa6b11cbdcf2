//! What was typed after `inputs`.

use super::images::{CalibrationArgs, ImageArgs};
use super::number::whole;
use super::{InputArgs, OutputArgs};
use clap::{Args, ValueHint};
use std::ffi::OsString;

/// `inputs`
#[derive(Debug, Args)]
pub(crate) struct InputsArgs {
    /// A trained network (see `tilewright zoo`) or an ONNX file with weights; the NAME-int8 networks define their own
    /// rounding.
    #[arg(value_hint = ValueHint::FilePath)]
    pub(crate) model: OsString,

    #[command(flatten)]
    pub(crate) input: InputArgs,

    #[command(flatten)]
    pub(crate) images: ImageArgs,

    #[command(flatten)]
    pub(crate) own_calibration: CalibrationArgs,

    /// Number of training images, from the first on, whose greatest values set the range of inputs that the model does
    /// not round itself.
    #[arg(long, value_name = "IMAGES", default_value_t = 64, value_parser = whole(1..=10_000u32))]
    pub(crate) calibration: u32,

    /// Bits of the inputs of layers that the model does not round itself.
    #[arg(long, value_name = "BITS", default_value_t = 8, value_parser = whole(1..=16u32))]
    pub(crate) input_bits: u32,

    #[command(flatten)]
    pub(crate) output: OutputArgs,
}
