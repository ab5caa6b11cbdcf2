//! What simulating a network on analog hardware gave, run by run.

use crate::accuracy::{MeanRate, Rate, Top};
use crate::hardware::{Varied, named};
use crate::mapping::{CrossbarSize, Encoding, NetworkBits};
use crate::simulate::{HardwareRecord, LayerError};
use serde::Serialize;

/// Version of the JSON form.
const SCHEMA: u32 = 3;

/// A network on hardware, and the same with other values of some settings.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SimulationReport {
    /// 2: changes when a key changes its meaning or goes away.
    pub schema: u32,
    /// The network.
    pub network: String,
    /// The data set and its split.
    pub images: String,
    /// The program's version.
    pub version: String,
    /// The command that was typed; none from a library.
    pub command: Option<String>,
    /// As typed first, then one run for every value that was varied; of a grid, one for every combination.
    pub runs: Vec<SimulatedRun>,
}

/// One hardware, some chips of it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SimulatedRun {
    /// What differs from the command as typed: nothing, a setting, or in a grid every setting that varies.
    pub varied: Vec<Varied>,
    /// The design.
    pub design: String,
    /// Mapping scheme.
    pub scheme: String,
    /// The unit crossbar.
    pub crossbar: CrossbarSize,
    /// How weights become cells.
    pub encoding: Encoding,
    /// Bits of weights and inputs, and where they come from.
    pub bits: NetworkBits,
    /// The hardware.
    pub hardware: HardwareRecord,
    /// Crossbars that were programmed for each chip.
    pub crossbars: u64,
    /// The first chip's [`residual`](crate::simulate::Chip::residual); none where wires are ideal, or the chip did not have to be programmed.
    pub residual: Option<f64>,
    /// The first chip's [`linearisation`](crate::simulate::Chip::linearisation); left out where its matrices are exact, or it did not have to be
    /// programmed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub linearisation: Option<f64>,
    /// What hardware that does nothing wrong computes ([`HardwareRecord::computes`]): the integer network, or the one without rounding between
    /// layers.
    pub digital: Rate,
    /// Each chip.
    pub chips: Vec<ChipRate>,
    /// Over the chips.
    pub mean: MeanRate,
    /// 95 % interval of the mean over the choice of test images (Wilson, of the mean rate).
    pub interval: [f64; 2],
    /// 95 % interval of the mean over the choice of chips (Student's t); none for one chip.
    pub chip_interval: Option<[f64; 2]>,
    /// The same of images whose label is among several best classes; none if that was not asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub top: Option<TopRates>,
    /// Training images that converters and digital corrections were calibrated on.
    pub calibration_images: usize,
    /// Test images that the errors of layers were measured on.
    pub layer_images: usize,
    /// Error of each layer on the first chip, in execution order; empty if it was not measured.
    pub layers: Vec<LayerError>,
    /// For each layer the bits of a converter that would lose nothing of ideal currents, inputs in integers.
    pub lossless_bits: Vec<LosslessBits>,
}

/// What one chip recognises.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct ChipRate {
    /// The seed it was programmed from.
    pub seed: u64,
    /// Images whose label has the best score.
    pub rate: Rate,
}

/// How often the label is among several best classes.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TopRates {
    /// How many classes count.
    pub classes: usize,
    /// The integer network.
    pub digital: Rate,
    /// Each chip.
    pub chips: Vec<ChipRate>,
    /// Over the chips.
    pub mean: MeanRate,
    /// 95 % interval of the mean over the choice of test images (Wilson, of the mean rate).
    pub interval: [f64; 2],
    /// 95 % interval of the mean over the choice of chips (Student's t); none for one chip.
    pub chip_interval: Option<[f64; 2]>,
}

/// Bits of a converter that reads every current of a layer exactly.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LosslessBits {
    /// The layer's name.
    pub layer: String,
    /// The bits.
    pub bits: u32,
}

/// What a chip, or the integer network, was found to recognise.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Recognised {
    /// Images whose label has the best score.
    pub top1: Rate,
    /// Images whose label is among several best classes, if that was asked: of every chip, and of as many classes.
    pub top: Option<Top>,
}

impl TopRates {
    /// Of the integer network and of each chip, by its seed; none if it was not asked of all of them.
    pub fn of(digital: Recognised, chips: &[(u64, Recognised)]) -> Option<Self> {
        let Top { classes, rate: digital } = digital.top?;
        let of_chip = |(seed, found): &(u64, Recognised)| Some(ChipRate { seed: *seed, rate: found.top?.rate });
        let chips = chips.iter().map(of_chip).collect::<Option<Vec<_>>>()?;
        let (mean, interval) = SimulatedRun::mean_of(&chips);
        Some(Self { classes, digital, chips, mean, interval, chip_interval: mean.interval() })
    }
}

impl SimulationReport {
    /// A report of runs by this version of the program.
    pub fn new(network: String, images: String, command: Option<String>, runs: Vec<SimulatedRun>) -> Self {
        Self { schema: SCHEMA, network, images, version: env!("CARGO_PKG_VERSION").into(), command, runs }
    }

    /// The run whose layers and crossbars are worth a look: as typed, or, where nothing is wrong with that, the one that lost most.
    ///
    /// # Panics
    /// If there are no runs.
    pub fn shown(&self) -> &SimulatedRun {
        let first = &self.runs[0];
        if first.layers.iter().any(|layer| layer.own.snr_db.is_some()) {
            return first;
        }
        let lost = |run: &&SimulatedRun| run.digital.rate - run.mean.mean;
        let worst = self.runs.iter().filter(|run| !run.varied.is_empty()).max_by(|a, b| lost(a).total_cmp(&lost(b)));
        worst.filter(|run| lost(run) > 0.0).unwrap_or(first)
    }
}

impl SimulatedRun {
    /// What it differs in from the command as typed, in words.
    pub fn named(&self) -> String {
        named(&self.varied)
    }

    /// The layer that does most wrong itself, if errors were measured and there are any.
    pub fn worst_layer(&self) -> Option<&str> {
        let known = self.layers.iter().filter_map(|layer| Some((layer.own.snr_db?, layer.name.as_str())));
        known.min_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, name)| name)
    }

    /// The mean of the chips' rates, and its interval over the choice of images.
    ///
    /// # Panics
    /// If there are no chips.
    pub fn mean_of(chips: &[ChipRate]) -> (MeanRate, [f64; 2]) {
        let rates: Vec<f64> = chips.iter().map(|chip| chip.rate.rate).collect();
        let mean = MeanRate::new(&rates);
        let images = chips[0].rate.images;
        (mean, Rate::new((mean.mean * images as f64).round() as u64, images).interval)
    }
}
