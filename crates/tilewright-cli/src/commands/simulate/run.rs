//! One hardware: its chips programmed, and the test images shown to each.

use super::key;
use super::store::{BATCH, Batch, RunId, Store};
use crate::args::hardware::HardwareArgs;
use crate::args::simulate::{RunArgs, SimulateArgs};
use crate::hardware::programmable;
use crate::images::{Fitted, Images};
use crate::outputs::ChipOutputs;
use crate::progress;
use anyhow::{Context, Result};
use indicatif::ProgressBar;
use std::cell::{Cell, RefCell};
use std::ops::{ControlFlow, Range};
use std::time::Instant;
use tilewright::accuracy::{Accuracy, Outputs, Rate, Top, Trial};
use tilewright::hardware::Varied;
use tilewright::network::{Network, Tensor};
use tilewright::report::simulation::{ChipRate, Recognised, SimulatedRun};
use tilewright::report::{Experiment, LazyChip, Subject};
use tilewright::simulate::{Chip, CrossbarAccess, CrossbarMap, Programmable};

/// What is simulated, whatever the hardware.
pub(super) struct Bench<'a> {
    network: &'a Network,
    pub(super) trial: Trial<'a>,
    /// Among how many best classes the label also counts, if that is asked.
    top: Option<usize>,
    /// What chips yield, if that is kept.
    pub(super) outputs: Option<RefCell<ChipOutputs>>,
    /// What the images of each batch are.
    digests: Vec<String>,
    /// Training images that converters are calibrated on.
    pub(super) calibration: Vec<Tensor<f32>>,
    /// Test images that the errors of layers are measured on.
    probes: Vec<Tensor<f32>>,
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
    top: Option<usize>,
    digests: &'a [String],
    store: &'a Store,
    bar: &'a ProgressBar,
    spent: &'a Cell<Spent>,
}

/// What was typed, or a variation of it, ready to be programmed.
pub(super) struct Job<'a> {
    pub(super) varied: Vec<Varied>,
    args: SimulateArgs,
    pub(super) ready: Programmable<'a>,
}

/// The test images, as many as are shown or measured on.
pub(super) fn images(args: &SimulateArgs, network: &Network) -> Result<Images> {
    let needed = args.images.limit.map_or(usize::MAX, |limit| limit.max(args.run.layer_images) as usize);
    Images::find(&args.model, network, &args.images.set, needed)
}

impl<'a> Bench<'a> {
    /// What was typed says of its images, for every hardware that they are shown on.
    pub(super) fn new(
        network: &'a Network,
        images: &'a Images,
        args: &SimulateArgs,
        hardware: &[&HardwareArgs],
    ) -> Result<Self> {
        let trial = Trial { top: args.top.unwrap_or(1), ..images.trial(args.images.limit) };
        trial.check()?;
        let (fitted, from) = (Fitted::of(network, hardware), (&args.images.set, &args.calibration));
        Ok(Self {
            network,
            top: args.top,
            outputs: args.outputs.as_ref().map(|_| RefCell::default()),
            digests: batches(&trial).map(|range| key::of_images(&images.test, range)).collect(),
            trial,
            calibration: images.calibration(network, from, fitted)?,
            probes: images.first(args.run.layer_images as usize),
            spent: Cell::default(),
        })
    }

    /// Maps and rounds what was typed, and finds what is wrong with it.
    pub(super) fn prepare(&self, varied: Vec<Varied>, args: SimulateArgs) -> Result<Job<'_>> {
        let ready = programmable(self.network, &self.calibration, &args.hardware, true, args.run.threads)?;
        Ok(Job { varied, args, ready })
    }

    /// Simulates a job.
    pub(super) fn run(&self, job: &Job<'_>, store: &Store, bar: &ProgressBar) -> Result<SimulatedRun> {
        let programming = programming(bar);
        let run = self.experiment(job).run(&programming, self.recognised(job, store, bar)?)?;
        Ok(SimulatedRun { varied: job.varied.clone(), ..run })
    }

    /// What the integer network and the chips of a job recognise, and nothing else.
    pub(super) fn rates(&self, job: &Job<'_>, store: &Store, bar: &ProgressBar) -> Result<(Rate, Vec<ChipRate>)> {
        let programming = programming(bar);
        self.experiment(job).rates(&programming, self.recognised(job, store, bar)?)
    }

    fn experiment<'b>(&'b self, Job { args, ready, .. }: &'b Job<'_>) -> Experiment<'b> {
        let RunArgs { first_seed, seeds, .. } = args.run;
        Experiment {
            plan: ready.plan(),
            design: &ready.design.name,
            bits: &ready.bits,
            first_seed,
            seeds,
            probes: &self.probes,
        }
    }

    /// Tells what the subjects of a job recognise, the store first.
    fn recognised<'b>(
        &'b self,
        job: &Job<'_>,
        store: &'b Store,
        bar: &'b ProgressBar,
    ) -> Result<impl Fn(Subject, &LazyChip<'_>) -> Result<Recognised> + use<'b>> {
        let Programmable { hardware, mapping, layers, threads, .. } = &job.ready;
        let runs_of = |key: &str| {
            let keys = std::iter::once(key.to_owned()).chain(self.top.map(|classes| key::among(classes, key)));
            keys.map(|key| store.run(&key)).collect::<Result<Vec<RunId>>>()
        };
        let digital = runs_of(&key::of_digital(layers, mapping, hardware)?)?;
        let simulated = runs_of(&key::of_chips(layers, mapping, hardware, &self.calibration)?)?;
        let trial = Trial { threads: *threads, ..self.trial };
        let shown = Shown { trial, top: self.top, digests: &self.digests, store, bar, spent: &self.spent };
        Ok(move |subject: Subject, chip: &LazyChip<'_>| {
            let runs = match subject {
                Subject::Digital => &digital,
                Subject::Chip => &simulated,
            };
            let kept = self.outputs.as_ref().map(|_| Outputs::default());
            let found = shown.recognised(runs, chip, kept.as_ref())?;
            if let (Some(all), Some(kept)) = (&self.outputs, kept) {
                all.borrow_mut().add(subject, chip.seed(), kept);
            }
            Ok(found)
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

/// Tells a bar of crossbars that are programmed.
fn programming(bar: &ProgressBar) -> impl Fn(u64, u64) -> ControlFlow<()> + Sync {
    |done, total| {
        bar.set_prefix("programming");
        progress::on(bar)(done, total)
    }
}

impl Shown<'_> {
    /// How many test images a chip recognises; those that the store does not know are classified, and all if outputs are kept.
    /// `runs` are those that the store counts the best class by, and the best classes.
    fn recognised(&self, runs: &[RunId], chip: &LazyChip<'_>, outputs: Option<&Outputs>) -> Result<Recognised> {
        let images = self.trial.set.len().min(self.trial.limit);
        let mut correct = vec![0; runs.len()];
        for (range, digest) in batches(&self.trial).zip(self.digests) {
            let batch =
                |run: &RunId| Batch { run: *run, seed: chip.seed(), first: range.start, images: range.len(), digest };
            let known = runs.iter().map(|run| self.store.recognised(&batch(run))).collect::<Result<Vec<_>>>()?;
            let known = known.into_iter().collect::<Option<Vec<u64>>>().filter(|_| outputs.is_none());
            let found = match known {
                Some(known) => known,
                None => {
                    let Accuracy { top1, top, .. } = self.classify(chip.programmed()?, &range, images, outputs)?;
                    let found: Vec<u64> = [top1, top.rate].iter().map(|rate| rate.correct).take(runs.len()).collect();
                    let mut each = runs.iter().zip(&found);
                    each.try_for_each(|(run, &correct)| self.store.keep(&batch(run), correct))?;
                    found
                }
            };
            correct.iter_mut().zip(found).for_each(|(all, found)| *all += found);
        }
        let rate = |correct: &u64| Rate::new(*correct, images as u64);
        let top = self.top.map(|classes| Top { classes, rate: rate(&correct[1]) });
        Ok(Recognised { top1: rate(&correct[0]), top })
    }

    /// What a chip recognises of some images.
    fn classify(
        &self,
        chip: &Chip,
        range: &Range<usize>,
        images: usize,
        outputs: Option<&Outputs>,
    ) -> Result<Accuracy> {
        self.bar.set_prefix("classifying");
        let (first, count) = (range.start, range.len());
        let trial = Trial { first, limit: count, ..self.trial };
        let watch = |done: u64, _: u64| {
            self.bar.set_length(images as u64);
            self.bar.set_position(first as u64 + done);
            ControlFlow::Continue(())
        };
        let start = Instant::now();
        let found = chip.accuracy(&trial, &watch, |first, scores| {
            if let Some(outputs) = outputs {
                outputs.keep(first, scores);
            }
        })?;
        let Spent { images, seconds } = self.spent.get();
        self.spent.set(Spent { images: images + count as u64, seconds: seconds + start.elapsed().as_secs_f64() });
        Ok(found)
    }
}

/// The images of a trial, by what is written at once.
pub(super) fn batches(trial: &Trial<'_>) -> impl Iterator<Item = Range<usize>> {
    let images = trial.set.len().min(trial.limit);
    (0..images).step_by(BATCH).map(move |first| first..images.min(first + BATCH))
}
