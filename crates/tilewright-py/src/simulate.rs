//! How many labelled images a network recognises on analog hardware.

use crate::array;
use crate::dataset::PyDataset;
use crate::design::{PyDesign, arguments};
use crate::error::{Failure, Outcome};
use crate::evaluate::normalization;
use crate::network::PyNetwork;
use crate::printed::{Printed, printed};
use crate::target::PyTarget;
use crate::watched::{self, Watch};
use pyo3::prelude::*;
use pyo3::types::PyByteArray;
use std::cell::{Cell, RefCell};
use std::ops::RangeInclusive;
use std::sync::Arc;
use std::thread;
use tilewright::accuracy::{Accuracy, Outputs, Trial};
use tilewright::circuit::device::DeviceError;
use tilewright::dataset::{Dataset, Normalization};
use tilewright::hardware::{Design, DriftCompensation, Stage};
use tilewright::mapping::scheme::find;
use tilewright::mapping::{NetworkBits, Targets, map_network};
use tilewright::network::{Network, Tensor};
use tilewright::report::Experiment;
use tilewright::report::simulation::{Recognised, SimulatedRun, SimulationReport};
use tilewright::simulate::{Hardware, Programmable, SimulateError};
use tilewright_models::check_weights;

/// How it is run, by attribute.
#[derive(FromPyObject)]
pub(crate) struct Run {
    scheme: String,
    mean: Vec<f32>,
    std: Vec<f32>,
    limit: Option<i64>,
    calibration: i64,
    layer_images: i64,
    seeds: i64,
    first_seed: u64,
    threads: Option<i64>,
    top: Option<i64>,
    outputs: bool,
}

/// What is simulated on what.
struct Question {
    network: Arc<Network>,
    scheme: String,
    targets: Targets,
    bits: NetworkBits,
    design: Design,
    hardware: Hardware,
    test: Arc<Dataset>,
    normalization: Normalization,
    limit: usize,
    calibration: Vec<Tensor<f32>>,
    probes: Vec<Tensor<f32>>,
    seeds: u32,
    first_seed: u64,
    threads: usize,
    /// Among how many best classes the label also counts, if that is asked.
    top: Option<usize>,
    /// Whether what images yield is kept.
    keeps: bool,
}

/// Simulates and returns the documented JSON with its tables as text and for a notebook, and, where they are asked for, outputs `float32` `[1 + chips, images, …]`, those of the
/// integer network first. `images` are test images, and training images for calibration; `progress` is called
/// with the images classified, of all of all chips.
#[pyfunction]
#[expect(clippy::needless_pass_by_value, reason = "values of Python")]
pub(crate) fn simulate<'py>(
    py: Python<'py>,
    network: &PyNetwork,
    target: &PyTarget,
    design: &PyDesign,
    images: (PyRef<'_, PyDataset>, PyRef<'_, PyDataset>),
    run: Run,
    progress: Option<&Bound<'py, PyAny>>,
) -> Outcome<(Printed, Option<Bound<'py, PyByteArray>>)> {
    check_weights(&network.0)?;
    let normalization = normalization(run.mean, run.std)?;
    let (test, training) = (&images.0.set, &images.1.set);
    check(&network.0, [test, training], &normalization)?;
    let first =
        |set: &Dataset, count: usize| (0..count.min(set.len())).map(|image| set.image(image, &normalization)).collect();
    let threads = run.threads.map(|threads| within("threads", threads, 1..=1024)).transpose()?;
    let (design, _) = design.heeded("simulate", &[Stage::Map, Stage::Simulate])?.clone().for_network(&network.0)?;
    let hardware = Hardware::of(&design)?;
    if hardware.compensation.drift_compensation != DriftCompensation::Off && !hardware.ages() {
        let problem = "drift_compensation changes nothing here: no conductance changes with time; give age and a device that drifts";
        return Err(Failure::new(problem));
    }
    if design.given.contains("adc-columns") && !hardware.converters_differ() {
        return Err(Failure::new(
            "adc_columns changes nothing here: all converters are alike; give adc_offset, adc_gain or adc_mismatch",
        ));
    }
    let question = Question {
        network: Arc::clone(&network.0),
        scheme: run.scheme,
        targets: target.0.clone(),
        design,
        hardware,
        bits: target.1.clone(),
        test: Arc::clone(test),
        limit: run.limit.map_or(Ok(usize::MAX), |limit| within("limit", limit, 1..=i64::from(u32::MAX)))?,
        calibration: first(training, within("calibration", run.calibration, 1..=10_000)?),
        probes: first(test, within("layer_images", run.layer_images, 0..=i64::from(u32::MAX))?),
        seeds: within("seeds", run.seeds, 1..=1000)? as u32,
        first_seed: run.first_seed,
        top: run.top.map(|top| within("top", top, 1..=i64::MAX)).transpose()?,
        keeps: run.outputs,
        threads: threads.unwrap_or_else(|| thread::available_parallelism().map_or(1, usize::from)),
        normalization,
    };
    let (name, set) = (network.0.name.clone(), test.name().to_owned());
    let (simulated, outputs) = watched::run(py, progress, move |watch| question.answer(watch))??;
    let outputs = outputs.map(|values| array::bytes(py, &values)).transpose()?;
    let report = SimulationReport::new(name, set, None, vec![simulated]);
    Ok((printed(&report, &report.document(""))?, outputs))
}

impl Question {
    fn answer(&self, watch: &Watch) -> Result<(SimulatedRun, Option<Vec<f32>>), SimulateError> {
        let Self { network, targets, bits, hardware, calibration, threads, .. } = self;
        let trial = Trial {
            set: &self.test,
            first: 0,
            limit: self.limit,
            normalization: &self.normalization,
            top: self.top.unwrap_or(1),
            threads: *threads,
        };
        let images = trial.check()? as u64;
        let mapping = map_network(network, find(&self.scheme)?, targets, None)?;
        let made = (self.design.clone(), bits.clone());
        let ready = Programmable::new(network, calibration, made, hardware.clone(), mapping, *threads)?;
        let experiment = Experiment {
            plan: ready.plan(),
            design: &self.design.name,
            bits,
            first_seed: self.first_seed,
            seeds: self.seeds,
            probes: &self.probes,
        };
        let all = images * (1 + experiment.seeds().len() as u64);
        let classified = Cell::new(0);
        let values = RefCell::new(vec![]);
        let run = experiment.run(&|_, _| watch.go_on(), |_, chip| {
            let chip = chip.programmed()?;
            let before = classified.get();
            classified.set(before + images);
            let report = |done, _| {
                watch.report((before + done, all));
                watch.go_on()
            };
            let outputs = Outputs::default();
            let keep = |first: usize, found: &[Tensor<f32>]| {
                if self.keeps {
                    outputs.keep(first, found);
                }
            };
            let Accuracy { top1, top, .. } = chip.accuracy(&trial, &report, keep)?;
            values.borrow_mut().extend(outputs.values());
            Ok::<_, SimulateError>(Recognised { top1, top: self.top.map(|_| top) })
        })?;
        Ok((run, self.keeps.then(|| values.take())))
    }
}

/// Checks that the network takes all images, normalised so.
fn check(network: &Network, sets: [&Dataset; 2], normalization: &Normalization) -> Outcome<()> {
    for set in sets {
        let trial = Trial { set, first: 0, limit: 1, normalization, top: 1, threads: 1 };
        trial.suits(network).map_err(SimulateError::from)?;
    }
    Ok(())
}

/// A number that the command would refuse beyond these ends.
fn within(setting: &str, number: i64, allowed: RangeInclusive<i64>) -> Outcome<usize> {
    let (least, most) = (allowed.start(), allowed.end());
    match usize::try_from(number) {
        Ok(found) if allowed.contains(&number) => Ok(found),
        _ => Err(Failure::new(format!("{setting} is {number}; give {least} to {most}"))),
    }
}

impl From<SimulateError> for Failure {
    fn from(error: SimulateError) -> Self {
        match error {
            SimulateError::Mapping(error) => error.into(),
            error @ SimulateError::Design { .. } => Self::new(arguments(&error.to_string())),
            error => Self::new(error.to_string()),
        }
    }
}

impl From<DeviceError> for Failure {
    fn from(error: DeviceError) -> Self {
        Self::new(error.to_string())
    }
}
