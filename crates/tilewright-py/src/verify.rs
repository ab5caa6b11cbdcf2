//! Every layer under every scheme, run cell by cell, against the plain convolution.

use crate::error::{Failure, Outcome};
use crate::network::PyNetwork;
use crate::target::{PyTarget, whole};
use crate::watched::{self, Watch};
use pyo3::prelude::*;
use serde::Serialize;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use tilewright::mapping::execute::verify_against;
use tilewright::mapping::scheme::{Scheme, find};
use tilewright::mapping::{Counts, MappingError, Target, Tiles, Tiling};
use tilewright::network::reference::{integer, quantized::QuantizedNetwork};
use tilewright::network::{ConvShape, Network, NetworkError, Tensor};

/// What is verified and how.
struct Question {
    network: Arc<Network>,
    schemes: Vec<&'static dyn Scheme>,
    target: Target,
    input_bits: u32,
    seed: u64,
}

/// One scheme on all layers.
#[derive(Default, Serialize)]
struct SchemeOutcome {
    scheme: &'static str,
    /// Layers run.
    layers: usize,
    /// Crossbars run, all copies.
    crossbars: u64,
    array_activations: u64,
    /// Output values compared.
    outputs: u64,
    /// Why layers do not fit.
    does_not_fit: Vec<String>,
    /// The first difference.
    difference: Option<String>,
}

/// One layer with its integer weights and inputs and the exact sums of the plain convolution.
struct Case {
    name: String,
    shape: ConvShape,
    weights: Tensor<i32>,
    input: Tensor<i32>,
    expected: Tensor<i64>,
}

/// One layer under one tiling, and the schemes that chose it.
struct Job {
    case: usize,
    schemes: Vec<usize>,
    tiling: Tiling,
    activations: u64,
}

type JobResult = Result<Counts, MappingError>;

/// Verifies and returns the outcome of every scheme as JSON; `progress` is called with the array activations run, of all.
#[pyfunction]
pub(crate) fn verify(
    py: Python<'_>,
    network: &PyNetwork,
    schemes: Vec<String>,
    target: &PyTarget,
    bits_and_seed: (i64, u64),
    progress: Option<&Bound<'_, PyAny>>,
) -> Outcome<String> {
    let question = Question {
        network: Arc::clone(&network.0),
        schemes: schemes.into_iter().map(|name| find(&name)).collect::<Result<_, _>>()?,
        target: target.0,
        input_bits: whole("input_bits", bits_and_seed.0)?,
        seed: bits_and_seed.1,
    };
    let outcomes = watched::run(py, progress, move |watch| -> Result<_, Error> {
        let cases = question.cases(watch)?;
        let mut outcomes = question.outcomes();
        let jobs = question.plan(&cases, &mut outcomes)?;
        for (job, result) in jobs.iter().zip(run(&jobs, &cases, question.target, watch)) {
            let outputs = cases[job.case].expected.values().len() as u64;
            job.schemes.iter().for_each(|&scheme| outcomes[scheme].add(outputs, &result));
        }
        Ok(outcomes)
    })?;
    Ok(serde_json::to_string(&outcomes?)?)
}

/// Either stage's error.
enum Error {
    Network(NetworkError),
    Mapping(MappingError),
}

impl From<NetworkError> for Error {
    fn from(error: NetworkError) -> Self {
        Self::Network(error)
    }
}

impl From<MappingError> for Error {
    fn from(error: MappingError) -> Self {
        Self::Mapping(error)
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        match error {
            Error::Network(error) => error.into(),
            Error::Mapping(error) => error.into(),
        }
    }
}

impl Question {
    /// Runs the network on an image with the plain convolution and keeps what each layer took and yielded.
    fn cases(&self, watch: &Watch) -> Result<Vec<Case>, NetworkError> {
        let network = self.network.initialize(self.seed)?;
        let image = network.random_image(self.seed);
        let bits = self.target.encoding.weight_bits;
        let quantized = QuantizedNetwork::calibrate(&network, &image, bits, self.input_bits)?;
        let mut cases = Vec::with_capacity(quantized.layers().len());
        quantized.run(&image, |quantized, input| {
            let shape = quantized.layer.shape;
            let expected = match watch.stopped() {
                // Nobody waits for these values: they only let the run end.
                true => Tensor::filled([vec![shape.out_channels], shape.output().to_vec()].concat(), 0),
                false => integer::convolve(&shape, input, &quantized.weights),
            };
            cases.push(Case {
                name: quantized.layer.name.clone(),
                shape,
                weights: quantized.weights.clone(),
                input: input.clone(),
                expected: expected.clone(),
            });
            Ok(expected)
        })?;
        Ok(cases)
    }

    fn outcomes(&self) -> Vec<SchemeOutcome> {
        let outcome = |scheme: &&dyn Scheme| SchemeOutcome { scheme: scheme.name(), ..SchemeOutcome::default() };
        self.schemes.iter().map(outcome).collect()
    }

    /// Tiles every layer by every scheme; schemes that choose the same tiling share a job.
    fn plan(&self, cases: &[Case], outcomes: &mut [SchemeOutcome]) -> Result<Vec<Job>, MappingError> {
        let mut jobs: Vec<Job> = vec![];
        let mut known = BTreeMap::new();
        for (case, Case { name, shape, .. }) in cases.iter().enumerate() {
            let first = jobs.len();
            for (scheme, outcome) in outcomes.iter_mut().enumerate() {
                let tiled = known.entry((*shape, scheme)).or_insert_with(|| self.tile(shape, scheme));
                match tiled.clone() {
                    Ok((tiling, activations)) => match jobs[first..].iter_mut().find(|job| job.tiling == tiling) {
                        Some(job) => job.schemes.push(scheme),
                        None => jobs.push(Job { case, schemes: vec![scheme], tiling, activations }),
                    },
                    Err(error @ MappingError::DoesNotFit { .. }) => {
                        outcome.does_not_fit.push(of_layer(error, name).to_string());
                    }
                    Err(error) => return Err(of_layer(error, name)),
                }
            }
        }
        Ok(jobs)
    }

    fn tile(&self, shape: &ConvShape, scheme: usize) -> Result<(Tiling, u64), MappingError> {
        let tiling = self.schemes[scheme].tile(shape, &self.target)?;
        let tiles = Tiles::new(shape, tiling, self.target.crossbar, self.target.encoding)?;
        Ok((tiling, tiles.counts()?.array_activations))
    }
}

/// Runs the jobs on all cores until they are done or nobody waits any more; the results are in the order of the jobs.
fn run(jobs: &[Job], cases: &[Case], target: Target, watch: &Watch) -> Vec<JobResult> {
    let total = jobs.iter().map(|job| job.activations).sum();
    let (next, done) = (AtomicUsize::new(0), AtomicU64::new(0));
    let results = Mutex::new(BTreeMap::new());
    let work = || {
        while let (place, false) = (next.fetch_add(1, Ordering::Relaxed), watch.stopped())
            && let Some(job) = jobs.get(place)
        {
            let result = run_job(job, &cases[job.case], target);
            let done = done.fetch_add(job.activations, Ordering::Relaxed) + job.activations;
            watch.report((done, total));
            results.lock().unwrap_or_else(PoisonError::into_inner).insert(place, result);
        }
    };
    thread::scope(|scope| {
        let workers = thread::available_parallelism().map_or(1, usize::from).min(jobs.len());
        (0..workers).for_each(|_| drop(scope.spawn(work)));
    });
    results.into_inner().unwrap_or_else(PoisonError::into_inner).into_values().collect()
}

fn run_job(job: &Job, case: &Case, target: Target) -> JobResult {
    let tiles = Tiles::new(&case.shape, job.tiling, target.crossbar, target.encoding)?;
    let counts = verify_against(&tiles, &case.weights, &case.input, &case.expected);
    counts.map_err(|error| of_layer(error, &case.name))
}

/// The same error, said of a layer.
fn of_layer(error: MappingError, name: &str) -> MappingError {
    let layer = name.to_owned();
    match error {
        MappingError::DoesNotFit { problem, .. } => MappingError::DoesNotFit { layer, problem },
        MappingError::Overflow { .. } => MappingError::Overflow { layer },
        MappingError::Wrong { problem, .. } => MappingError::Wrong { layer, problem },
        other => other,
    }
}

impl SchemeOutcome {
    fn add(&mut self, outputs: u64, result: &JobResult) {
        self.layers += 1;
        match result {
            Ok(counts) => {
                self.crossbars += counts.crossbars;
                self.array_activations += counts.array_activations;
                self.outputs += outputs;
            }
            Err(error) => {
                self.difference.get_or_insert_with(|| error.to_string());
            }
        }
    }
}
