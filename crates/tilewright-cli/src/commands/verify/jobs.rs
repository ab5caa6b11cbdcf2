//! The executions: which there are, each once, and running them on all cores.

use super::cases::Case;
use crate::settings::Settings;
use anyhow::Result;
use indicatif::{ProgressBar, ProgressStyle};
use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;
use tilewright::mapping::scheme::Scheme;
use tilewright::mapping::{Counts, MappingError, Target, Tiles, Tiling, execute};

/// One layer under one tiling, and the schemes that chose it.
pub(super) struct Job {
    /// Place of the layer among the cases.
    pub(super) case: usize,
    /// Places of the schemes in the settings.
    pub(super) schemes: Vec<usize>,
    tiling: Tiling,
    activations: u64,
}

/// A layer that a scheme cannot map.
pub(super) struct Misfit {
    /// Place of the scheme in the settings.
    pub(super) scheme: usize,
    /// Why, naming the layer.
    pub(super) error: MappingError,
}

/// What there is to run, and what cannot be.
pub(super) struct Plan {
    /// The executions in the order of the network.
    pub(super) jobs: Vec<Job>,
    /// The layers that do not fit.
    pub(super) misfits: Vec<Misfit>,
}

/// Tiles every layer by every scheme; two schemes that choose the same tiling share a job.
pub(super) fn plan(settings: &Settings, cases: &[Case]) -> Result<Plan> {
    let mut plan = Plan { jobs: vec![], misfits: vec![] };
    let mut tiled = BTreeMap::new();
    for (case, Case { name, shape, .. }) in cases.iter().enumerate() {
        let first = plan.jobs.len();
        for (scheme, &named) in settings.schemes.iter().enumerate() {
            let found = tiled.entry((*shape, scheme)).or_insert_with(|| tile(case, named, cases, &settings.target));
            match found.clone() {
                Ok((tiling, activations)) => match plan.jobs[first..].iter_mut().find(|job| job.tiling == tiling) {
                    Some(job) => job.schemes.push(scheme),
                    None => plan.jobs.push(Job { case, schemes: vec![scheme], tiling, activations }),
                },
                Err(MappingError::DoesNotFit { problem, .. }) => {
                    let error = MappingError::DoesNotFit { layer: name.clone(), problem };
                    plan.misfits.push(Misfit { scheme, error });
                }
                Err(error) => return Err(error.into()),
            }
        }
    }
    Ok(plan)
}

fn tile(case: usize, scheme: &dyn Scheme, cases: &[Case], target: &Target) -> Result<(Tiling, u64), MappingError> {
    let shape = &cases[case].shape;
    let tiling = scheme.tile(shape, target)?;
    let counts = Tiles::new(shape, tiling, target.crossbar, target.encoding)?.counts()?;
    Ok((tiling, counts.array_activations))
}

/// Runs all jobs, the longest first, and returns their results in the order of the jobs.
pub(super) fn run(jobs: &[Job], cases: &[Case], target: &Target) -> Vec<Result<Counts, MappingError>> {
    let mut order: Vec<usize> = (0..jobs.len()).collect();
    order.sort_by_key(|&job| Reverse(jobs[job].activations));
    let bar = progress(jobs.iter().map(|job| job.activations).sum());
    let next = AtomicUsize::new(0);
    let results = Mutex::new(BTreeMap::new());
    let work = || {
        while let Some(&job) = order.get(next.fetch_add(1, Ordering::Relaxed)) {
            let result = execute_job(&jobs[job], cases, target);
            bar.inc(jobs[job].activations);
            results.lock().unwrap_or_else(PoisonError::into_inner).insert(job, result);
        }
    };
    thread::scope(|scope| {
        let workers = thread::available_parallelism().map_or(1, usize::from).min(jobs.len());
        (0..workers).for_each(|_| drop(scope.spawn(work)));
    });
    bar.finish_and_clear();
    results.into_inner().unwrap_or_else(PoisonError::into_inner).into_values().collect()
}

fn execute_job(job: &Job, cases: &[Case], target: &Target) -> Result<Counts, MappingError> {
    let Case { name, shape, weights, input, expected } = &cases[job.case];
    let tiles = Tiles::new(shape, job.tiling, target.crossbar, target.encoding)?;
    execute::verify_against(&tiles, weights, input, expected).map_err(|error| match error {
        MappingError::Wrong { problem, .. } => MappingError::Wrong { layer: name.clone(), problem },
        other => other,
    })
}

/// A bar over array activations on the standard error; none if that is not a terminal.
fn progress(activations: u64) -> ProgressBar {
    let bar = ProgressBar::new(activations);
    let style = ProgressStyle::with_template("{bar:40} {percent:>3}% of {human_len} array activations, {eta} left");
    bar.with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}
