//! One hardware: its chips programmed, and the test images shown to each.

use super::store::{BATCH, RunId, Store};
use crate::args::simulate::SimulateArgs;
use crate::hardware::{Programmable, hardware};
use anyhow::{Context, Result};
use indicatif::ProgressBar;
use std::cell::{Cell, OnceCell};
use std::ops::ControlFlow;
use std::time::Instant;
use tilewright::accuracy::{Rate, Trial};
use tilewright::mapping::Mapping;
use tilewright::network::{Network, Tensor};
use tilewright::report::simulation::{ChipRate, LosslessBits, SimulatedRun, Varied};
use tilewright::simulate::{Chip, CrossbarAccess, CrossbarMap, Hardware, IntegerLayer, LayerError, Plan, layer_errors};

/// What is simulated, whatever the hardware.
pub(super) struct Bench<'a> {
    pub(super) network: &'a Network,
    pub(super) trial: Trial<'a>,
    /// Training images that converters are calibrated on.
    pub(super) calibration: Vec<Tensor<f32>>,
    /// Training images that the errors of layers are measured on.
    pub(super) probes: Vec<Tensor<f32>>,
    /// What classifying took so far.
    pub(super) spent: Cell<Spent>,
}

/// Images classified, and how long that took.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Spent {
    pub(super) images: u64,
    pub(super) seconds: f64,
}

/// A hardware, what is mapped onto it, and where its results are kept.
struct Setup<'a> {
    plan: Plan<'a>,
    trial: Trial<'a>,
    store: &'a Store,
    run: RunId,
    bar: &'a ProgressBar,
    spent: &'a Cell<Spent>,
}

/// The chip of a seed, programmed when it is first needed: the store may know all there is to know.
struct LazyChip<'a> {
    setup: &'a Setup<'a>,
    seed: u64,
    programmed: OnceCell<Chip>,
}

/// What was typed, or a variation of it, ready to be programmed.
pub(super) struct Job<'a> {
    pub(super) varied: Option<Varied>,
    args: SimulateArgs,
    ready: Programmable<'a>,
}

impl Bench<'_> {
    /// Maps and rounds what was typed, and finds what is wrong with it.
    pub(super) fn prepare(&self, varied: Option<Varied>, args: SimulateArgs) -> Result<Job<'_>> {
        let hardware = hardware(&args.hardware)?;
        let ready = Programmable::new(self.network, &self.calibration, hardware, &args.hardware, args.run.threads)?;
        Ok(Job { varied, args, ready })
    }

    /// Simulates a job.
    pub(super) fn run(&self, job: &Job<'_>, store: &Store, bar: &ProgressBar) -> Result<SimulatedRun> {
        let Job { varied, args, ready } = job;
        let Programmable { hardware, target, mapping, layers, threads, .. } = ready;
        let plan = ready.plan();
        let ideal = Hardware::ideal();
        let digital_plan = Plan { hardware: &ideal, ..plan };
        let of = |plan, key: String| -> Result<Setup<'_>> {
            Ok(Setup {
                plan,
                trial: Trial { threads: *threads, ..self.trial },
                store,
                run: store.run(&key)?,
                bar,
                spent: &self.spent,
            })
        };
        let digital = of(digital_plan, key(layers, None)?)?;
        let simulated = of(plan, key(layers, Some((mapping, hardware, args.hardware.compensation.calibration)))?)?;
        let exact = digital.chip(0);
        let first = simulated.chip(args.run.first_seed);
        let (digital, lossless_bits) = (exact.recognised()?, exact.lossless_bits()?);
        let mut chips = vec![ChipRate { seed: first.seed, rate: first.recognised()? }];
        let layers = first.layer_errors(&exact, &self.probes)?;
        // Memory for the chips to come.
        drop((exact, first));
        // Chips that cannot differ are one.
        let others = if hardware.varies() { 1..args.run.seeds } else { 1..1 };
        for seed in others.map(|number| args.run.first_seed + u64::from(number)) {
            chips.push(ChipRate { seed, rate: simulated.chip(seed).recognised()? });
        }
        let (mean, interval) = SimulatedRun::mean_of(&chips);
        Ok(SimulatedRun {
            varied: varied.clone(),
            scheme: mapping.scheme.into(),
            crossbar: target.crossbar,
            encoding: target.encoding,
            hardware: hardware.record(),
            crossbars: mapping.total()?.crossbars,
            digital,
            chips,
            mean,
            interval,
            chip_interval: mean.interval(),
            layers,
            lossless_bits,
        })
    }

    /// One crossbar of the first chip, cell by cell: the one that was chosen, or the first of a layer, or of the first layer.
    pub(super) fn map(&self, job: &Job<'_>, layer: Option<&str>) -> Result<CrossbarMap> {
        let first = job.ready.layers.first().map(|first| first.layer.name.as_str());
        let layer = layer.or(first).context("a network without layers has no crossbar to show")?;
        let (layer, crossbar) = job.args.run.map.as_ref().map_or((layer, 0), |map| (map.layer.as_str(), map.crossbar));
        let access = CrossbarAccess { layer, crossbar, access: 0 };
        Ok(CrossbarMap::of(&job.ready.plan(), job.args.run.first_seed, &access)?)
    }
}

impl Setup<'_> {
    fn chip(&self, seed: u64) -> LazyChip<'_> {
        LazyChip { setup: self, seed, programmed: OnceCell::new() }
    }

    fn program(&self, seed: u64) -> Result<Chip> {
        self.bar.set_prefix("programming");
        let chip = Chip::program(&self.plan, seed, &|done, total| {
            self.bar.set_length(total);
            self.bar.set_position(done);
            ControlFlow::Continue(())
        });
        Ok(chip?)
    }

    /// How many of some images a chip recognises.
    fn classify(&self, chip: &Chip, first: usize, count: usize, images: usize) -> Result<u64> {
        self.bar.set_prefix("classifying");
        let trial = Trial { first, limit: count, ..self.trial };
        let watch = |done: u64, _: u64| {
            self.bar.set_length(images as u64);
            self.bar.set_position(first as u64 + done);
            ControlFlow::Continue(())
        };
        let start = Instant::now();
        let correct = chip.recognised(&trial, &watch)?.correct;
        let Spent { images, seconds } = self.spent.get();
        self.spent.set(Spent { images: images + count as u64, seconds: seconds + start.elapsed().as_secs_f64() });
        Ok(correct)
    }
}

impl LazyChip<'_> {
    fn programmed(&self) -> Result<&Chip> {
        if self.programmed.get().is_none() {
            drop(self.programmed.set(self.setup.program(self.seed)?));
        }
        Ok(self.programmed.get().expect("it was just set"))
    }

    /// How many test images it recognises; those that the store does not know are classified.
    fn recognised(&self) -> Result<Rate> {
        let Setup { trial, store, run, .. } = self.setup;
        let images = trial.set.len().min(trial.limit);
        let mut correct = 0;
        for first in (0..images).step_by(BATCH) {
            let count = BATCH.min(images - first);
            correct += match store.recognised(*run, self.seed, first, count)? {
                Some(known) => known,
                None => {
                    let found = self.setup.classify(self.programmed()?, first, count, images)?;
                    store.keep(*run, self.seed, first, count, found)?;
                    found
                }
            };
        }
        Ok(Rate::new(correct, images as u64))
    }

    /// Errors of its layers on some images, beside the integer network.
    fn layer_errors(&self, exact: &Self, probes: &[Tensor<f32>]) -> Result<Vec<LayerError>> {
        if probes.is_empty() {
            return Ok(vec![]);
        }
        Ok(layer_errors(self.programmed()?, exact.programmed()?, &self.setup.plan, probes)?)
    }

    /// For each layer, what a converter that loses nothing needs.
    fn lossless_bits(&self) -> Result<Vec<LosslessBits>> {
        let names = self.setup.plan.layers.iter().map(|layer| layer.layer.name.clone());
        Ok(names.zip(self.programmed()?.lossless_bits()).map(|(layer, bits)| LosslessBits { layer, bits }).collect())
    }
}

/// What two runs must have in common for a seed to give the same result; the integer network has no hardware.
fn key(layers: &[IntegerLayer], hardware: Option<(&Mapping, &Hardware, u32)>) -> Result<String> {
    let grids: Vec<String> = layers.iter().map(|layer| format!("{:?}", layer.input)).collect();
    let simulated = hardware.map(|(mapping, hardware, calibration)| (mapping, hardware.record(), calibration));
    Ok(serde_json::to_string(&(grids, simulated))?)
}
