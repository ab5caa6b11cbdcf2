//! What was typed after `simulate`.

use super::InputArgs;
use super::OutputArgs;
use super::design::{DesignArgs, Simulated};
use super::hardware::HardwareArgs;
use super::images::{CalibrationArgs, ImageArgs};
use super::number::whole;
use super::vary::{Varies, VaryArgs};
use clap::{Args, ValueHint};
use std::ffi::OsString;
use std::path::PathBuf;
use tilewright::explore::Layout;

/// `simulate`
#[derive(Clone, Debug, Args)]
pub(crate) struct SimulateArgs {
    /// A trained network (see `tilewright zoo`) or an ONNX file with weights; the NAME-int8 networks define their own
    /// rounding.
    #[arg(value_hint = ValueHint::FilePath)]
    pub(crate) model: OsString,

    #[command(flatten)]
    pub(crate) input: InputArgs,

    #[command(flatten)]
    pub(crate) images: ImageArgs,

    #[command(flatten)]
    pub(crate) calibration: CalibrationArgs,

    #[command(flatten)]
    pub(crate) hardware: HardwareArgs,

    #[command(flatten)]
    pub(crate) vary: VaryArgs<Simulated>,

    #[command(flatten)]
    pub(crate) run: RunArgs,

    /// Also count images whose label is among this many best classes. [default: of the best one only]
    #[arg(long, value_name = "CLASSES", value_parser = whole(1..=usize::MAX))]
    pub(crate) top: Option<usize>,

    #[command(flatten)]
    pub(crate) output: OutputArgs,

    /// Also write the outputs of each chip for each image: an NPZ file with `outputs` [chips, images, ...], those of the integer
    /// network as `digital` [images, ...], the images' `labels` and the chips' `seeds`. All images are run, whatever --store holds.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, help_heading = "Output")]
    pub(crate) outputs: Option<PathBuf>,
}

/// How it is run.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Run")]
pub(crate) struct RunArgs {
    /// Number of chips, each programmed from its own seed.
    #[arg(long, value_name = "CHIPS", default_value_t = 1, value_parser = whole(1..=1000u32))]
    pub(crate) seeds: u32,

    /// Seed of the first chip.
    #[arg(long, value_name = "NUMBER", default_value_t = 0, value_parser = whole(0..=u64::MAX))]
    pub(crate) first_seed: u64,

    /// Number of test images, from the first on, to measure each layer's error on (first chip only); nothing is fitted
    /// on them. 0 for none.
    #[arg(long, value_name = "IMAGES", default_value_t = 64, value_parser = whole(0..=10_000u32))]
    pub(crate) layer_images: u32,

    /// Crossbar that the page shows cell by cell, by its layer or by layer and number. [default: 0 of the layer with the lowest
    /// signal-to-noise ratio]
    #[arg(long, value_name = "LAYER[:NUMBER]", value_parser = map)]
    pub(crate) map: Option<MapChoice>,

    /// Write the stuck cells of the first chip to this CSV file, one line per cell, as --fault-map reads them.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) faults_to: Option<PathBuf>,

    /// SQLite file that keeps finished work: the same command resumes an interrupted run.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) store: Option<PathBuf>,

    /// Number of threads. [default: all processors]
    #[arg(long, value_name = "NUMBER", value_parser = whole(1..=1024u32))]
    pub(crate) threads: Option<u32>,
}

/// A crossbar of a layer's first copy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct MapChoice {
    /// The layer's name.
    pub(crate) layer: String,
    /// Which of its crossbars.
    pub(crate) crossbar: usize,
}

/// Names of layers may have colons themselves: only a number after the last one is a number.
fn map(text: &str) -> Result<MapChoice, String> {
    let numbered = text.rsplit_once(':').and_then(|(layer, number)| Some((layer, number.parse().ok()?)));
    let (layer, crossbar) = numbered.unwrap_or((text, 0));
    if layer.is_empty() {
        return Err("give a layer, or a layer and the number of a crossbar, as in conv1:0".into());
    }
    Ok(MapChoice { layer: layer.into(), crossbar })
}

impl Varies for SimulateArgs {
    type Command = Simulated;

    fn vary(&self) -> &VaryArgs<Simulated> {
        &self.vary
    }

    fn design(&mut self) -> &mut DesignArgs<Simulated> {
        &mut self.hardware.design
    }

    fn lay_out(&mut self, layout: &Layout) {
        if let Some(scheme) = layout.scheme {
            self.hardware.scheme = Some(scheme.name().into());
        }
        self.hardware.rules.lay_out(layout);
    }
}
