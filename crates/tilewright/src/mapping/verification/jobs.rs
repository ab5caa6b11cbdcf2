//! The executions: which there are, each once, and running them on several threads.

use super::{Case, Question, SchemeVerification, Watch};
use crate::mapping::execute::verify_against;
use crate::mapping::{Counts, MappingError, Tiles, Tiling};
use crate::network::{ConvShape, IntegerLayer, Layer};
use crate::workers;
use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::convert::Infallible;

/// One layer under one tiling, and the schemes that chose it.
pub(super) struct Job {
    /// Place of the layer among those of the network.
    pub(super) case: usize,
    /// Places of the schemes in the question.
    pub(super) schemes: Vec<usize>,
    tiling: Tiling,
    activations: u64,
}

/// Tiles every layer by every scheme; schemes that choose the same tiling share a job, and what does not fit is noted.
pub(super) fn plan(
    question: &Question<'_>,
    layers: &[Layer],
    outcomes: &mut [SchemeVerification],
) -> Result<Vec<Job>, MappingError> {
    let mut jobs: Vec<Job> = vec![];
    let mut known = BTreeMap::new();
    for (case, Layer { name, shape, .. }) in layers.iter().enumerate() {
        let first = jobs.len();
        for (scheme, outcome) in outcomes.iter_mut().enumerate() {
            let tiled = known
                .entry((*shape, question.targets.own(name), scheme))
                .or_insert_with(|| tile(question, (name, shape), scheme));
            match tiled.clone() {
                Ok((tiling, activations)) => match jobs[first..].iter_mut().find(|job| job.tiling == tiling) {
                    Some(job) => job.schemes.push(scheme),
                    None => jobs.push(Job { case, schemes: vec![scheme], tiling, activations }),
                },
                Err(error @ MappingError::DoesNotFit { .. }) => {
                    outcome.does_not_fit.push(error.of_layer(name).to_string());
                }
                Err(error) => return Err(error.of_layer(name)),
            }
        }
    }
    Ok(jobs)
}

fn tile(
    question: &Question<'_>,
    (name, shape): (&str, &ConvShape),
    scheme: usize,
) -> Result<(Tiling, u64), MappingError> {
    let target = question.targets.of(name);
    let tiling = question.targets.scheme(name, question.schemes[scheme]).tile(shape, &target)?;
    let counts = Tiles::new(shape, tiling, target.crossbar, target.encoding)?.counts()?;
    Ok((tiling, counts.array_activations))
}

/// Array activations of jobs.
pub(super) fn activations(jobs: &[Job]) -> u64 {
    jobs.iter().map(|job| job.activations).sum()
}

/// Runs jobs, the longest first, and returns their results in the order of the jobs; `None` if the watch ended it. `cases` are those
/// of neighbouring layers, the first of which has the place `first`.
pub(super) fn run(
    question: &Question<'_>,
    jobs: &[Job],
    (first, cases): (usize, &[Case]),
    watch: Watch<'_>,
) -> Option<Vec<Result<Counts, MappingError>>> {
    let mut order: Vec<usize> = (0..jobs.len()).collect();
    order.sort_by_key(|&job| Reverse(jobs[job].activations));
    let sizes: Vec<u64> = order.iter().map(|&job| jobs[job].activations).collect();
    // A job that fails is a result like any other.
    let run = |place: usize| {
        let job = &jobs[order[place]];
        Ok::<_, Infallible>((order[place], run_job(question, job, &cases[job.case - first])))
    };
    let Ok(results) = workers::run(&sizes, question.threads, watch, run);
    let mut results = results?;
    results.sort_unstable_by_key(|&(job, _)| job);
    Some(results.into_iter().map(|(_, result)| result).collect())
}

fn run_job(question: &Question<'_>, job: &Job, case: &Case) -> Result<Counts, MappingError> {
    let Case { integer: IntegerLayer { layer, weights, .. }, input, expected } = case;
    let target = question.targets.of(&layer.name);
    let tiles = Tiles::new(&layer.shape, job.tiling, target.crossbar, target.encoding)?;
    verify_against(&tiles, weights, input, expected).map_err(|error| error.of_layer(&layer.name))
}
