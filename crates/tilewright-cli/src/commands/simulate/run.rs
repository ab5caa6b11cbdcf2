//! One hardware: its chips programmed, and the test images shown to each.

use super::key;
use super::store::{BATCH, Batch, RunId, Store};
use crate::args::simulate::{RunArgs, SimulateArgs};
use crate::hardware::programmable;
use crate::progress;
use anyhow::{Context, Result};
use indicatif::ProgressBar;
use std::cell::Cell;
use std::ops::{ControlFlow, Range};
use std::time::Instant;
use tilewright::accuracy::{Rate, Trial};
use tilewright::network::{Network, Tensor};
use tilewright::report::simulation::{SimulatedRun, Varied};
use tilewright::report::{Experiment, LazyChip, Subject};
use tilewright::simulate::{Chip, CrossbarAccess, CrossbarMap, Programmable};

/// What is simulated, whatever the hardware.
pub(super) struct Bench<'a> {
    pub(super) network: &'a Network,
    pub(super) trial: Trial<'a>,
    /// What the images of each batch are.
    pub(super) digests: Vec<String>,
    /// Training images that converters are calibrated on.
    pub(super) calibration: Vec<Tensor<f32>>,
    /// Test images that the errors of layers are measured on.
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

/// The test images, and where it is kept what a chip recognises of them.
struct Shown<'a> {
    trial: Trial<'a>,
    digests: &'a [String],
    store: &'a Store,
    bar: &'a ProgressBar,
    spent: &'a Cell<Spent>,
}

/// What was typed, or a variation of it, ready to be programmed.
pub(super) struct Job<'a> {
    pub(super) varied: Option<Varied>,
    args: SimulateArgs,
    pub(super) ready: Programmable<'a>,
}

impl Bench<'_> {
    /// Maps and rounds what was typed, and finds what is wrong with it.
    pub(super) fn prepare(&self, varied: Option<Varied>, args: SimulateArgs) -> Result<Job<'_>> {
        let ready = programmable(self.network, &self.calibration, &args.hardware, true, args.run.threads)?;
        Ok(Job { varied, args, ready })
    }

    /// Simulates a job.
    pub(super) fn run(&self, job: &Job<'_>, store: &Store, bar: &ProgressBar) -> Result<SimulatedRun> {
        let Job { varied, args, ready } = job;
        let Programmable { hardware, mapping, layers, threads, .. } = ready;
        let digital = store.run(&key::of_digital(layers)?)?;
        let simulated = store.run(&key::of_chips(layers, mapping, hardware, &self.calibration)?)?;
        let RunArgs { first_seed, seeds, .. } = args.run;
        let experiment = Experiment {
            plan: ready.plan(),
            design: &ready.design.name,
            bits: &ready.bits,
            first_seed,
            seeds,
            probes: &self.probes,
        };
        let trial = Trial { threads: *threads, ..self.trial };
        let shown = Shown { trial, digests: &self.digests, store, bar, spent: &self.spent };
        let programming = |done: u64, total: u64| {
            bar.set_prefix("programming");
            progress::on(bar)(done, total)
        };
        let run = experiment.run(&programming, |subject, chip| match subject {
            Subject::Digital => shown.recognised(digital, chip),
            Subject::Chip => shown.recognised(simulated, chip),
        })?;
        Ok(SimulatedRun { varied: varied.clone(), ..run })
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

impl Shown<'_> {
    /// How many test images a chip recognises; those that the store does not know are classified.
    fn recognised(&self, run: RunId, chip: &LazyChip<'_>) -> Result<Rate> {
        let images = self.trial.set.len().min(self.trial.limit);
        let mut correct = 0;
        for (range, digest) in batches(&self.trial).zip(self.digests) {
            let batch = Batch { run, seed: chip.seed(), first: range.start, images: range.len(), digest };
            correct += match self.store.recognised(&batch)? {
                Some(known) => known,
                None => {
                    let found = self.classify(chip.programmed()?, range, images)?;
                    self.store.keep(&batch, found)?;
                    found
                }
            };
        }
        Ok(Rate::new(correct, images as u64))
    }

    /// How many of some images a chip recognises.
    fn classify(&self, chip: &Chip, range: Range<usize>, images: usize) -> Result<u64> {
        self.bar.set_prefix("classifying");
        let (first, count) = (range.start, range.len());
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

/// The images of a trial, by what is written at once.
pub(super) fn batches(trial: &Trial<'_>) -> impl Iterator<Item = Range<usize>> {
    let images = trial.set.len().min(trial.limit);
    (0..images).step_by(BATCH).map(move |first| first..images.min(first + BATCH))
}
