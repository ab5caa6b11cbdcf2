//! A whole network verified: every layer under every scheme, run cell by cell in integers, against the plain convolution.
//!
//! The network is run once in integers with the plain convolution; this yields the integer inputs and exact sums of every
//! layer. Each layer is then run on those inputs under each scheme, and every sum is compared, and so are the counts with what
//! the run used. That decides the whole network: everything between the layers is the same digital arithmetic, so if layer by
//! layer the sums are equal, the network with crossbars in place of the convolutions yields the same output bit for bit.
//!
//! A feature map is kept as long as a later node takes it, what a layer took and yielded until it is compared: memory is bounded
//! by the maps that are needed at once, and sixteen times these, since the executor computes sixteen images.

mod captured;
mod jobs;

pub use crate::workers::Watch;

use super::scheme::Scheme;
use super::{Counts, MappingError, Targets};
use crate::network::executor::Executor;
use crate::network::{IntegerLayer, Network, NetworkError, NodeId, Rounding};
use captured::{Captured, Case};
use jobs::Job;
use serde::Serialize;
use std::sync::atomic::{AtomicU64, Ordering};

/// What is verified, and how.
pub struct Question<'a> {
    /// The network; layers without weights get random ones.
    pub network: &'a Network,
    /// The schemes each layer is run under.
    pub schemes: &'a [&'static dyn Scheme],
    /// What it is mapped onto.
    pub targets: &'a Targets,
    /// Bits of the inputs of layers that the model does not round itself, 1 to 16.
    pub input_bits: u32,
    /// Seed of the random weights and image.
    pub seed: u64,
    /// Threads that run layers; the result does not depend on it.
    pub threads: usize,
}

impl Question<'_> {
    /// How a layer is rounded that the model does not round itself.
    fn rounding(&self, layer: &str) -> Rounding {
        Rounding::to_bits(self.targets.of(layer).encoding.weight_bits, self.input_bits)
    }
}

/// Everything that was compared.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Verification {
    /// One entry a scheme, in the order asked.
    pub schemes: Vec<SchemeVerification>,
    /// Layers of the network.
    pub layers: usize,
    /// Executions of one layer under one tiling; schemes that agree share one.
    pub executions: usize,
    /// Whether everything compared was equal.
    pub equal: bool,
}

/// One scheme on all layers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct SchemeVerification {
    /// The scheme's name.
    pub scheme: &'static str,
    /// Layers run.
    pub layers: usize,
    /// Crossbars run, all copies.
    pub crossbars: u64,
    /// Array activations run.
    pub array_activations: u64,
    /// Output values compared.
    pub outputs: u64,
    /// The layers that do not fit, and why.
    pub does_not_fit: Vec<String>,
    /// The first difference, if there is one.
    pub difference: Option<String>,
}

/// Why a network could not be verified. A difference is not among these: it is a result.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum VerificationError {
    /// The network cannot be run, so its layers have no inputs.
    #[error("{network} cannot be run whole, so its layers have no inputs to verify with: {error}")]
    Network {
        /// Its name.
        network: String,
        /// Why.
        error: NetworkError,
    },
    /// A setting, or counts that overflow.
    #[error(transparent)]
    Mapping(#[from] MappingError),
    /// No layer fits under any of the schemes.
    #[error("nothing to verify: {reason}")]
    Nothing {
        /// Why the first one does not fit.
        reason: String,
    },
    /// The watch ended the work.
    #[error("interrupted")]
    Interrupted,
}

/// Runs and compares; `watch` may end it at any layer.
///
/// # Errors
/// [`VerificationError`]; a difference is in the result.
pub fn verify_network(question: &Question<'_>, watch: Watch<'_>) -> Result<Verification, VerificationError> {
    question.targets.verify(question.network)?;
    check_size(question.network)?;
    let failed = failed(question.network);
    let network = question.network.initialize(question.seed).map_err(failed)?;
    network.verify_finite().map_err(failed)?;
    let layers = network.layers();
    if watch(0, 0).is_break() {
        return Err(VerificationError::Interrupted);
    }
    for layer in &layers {
        let integer = IntegerLayer::of_inputs(&network, layer.clone(), question.rounding(&layer.name), [].into_iter());
        let range = integer.map_err(failed)?.weight_range();
        question.targets.of(&layer.name).encoding.check_range(&layer.name, range)?;
    }
    let named = |scheme: &&dyn Scheme| SchemeVerification { scheme: scheme.name(), ..SchemeVerification::default() };
    let mut schemes: Vec<SchemeVerification> = question.schemes.iter().map(named).collect();
    let jobs = jobs::plan(question, &layers, &mut schemes)?;
    if jobs.is_empty() {
        let reason = schemes.into_iter().flat_map(|scheme| scheme.does_not_fit).next().unwrap_or_default();
        return Err(VerificationError::Nothing { reason });
    }
    compare_all(question, &network, &jobs, watch, &mut schemes)?;
    let equal = schemes.iter().all(|scheme| scheme.difference.is_none());
    Ok(Verification { schemes, layers: layers.len(), executions: jobs.len(), equal })
}

/// Values of what layers took and yielded that wait to be compared together, so that all threads have work.
const MOST_WAITING: usize = 1 << 25;

/// Runs the network, and each layer's jobs once a few layers have been run; adds what was found to `schemes`.
fn compare_all(
    question: &Question<'_>,
    network: &Network,
    jobs: &[Job],
    watch: Watch<'_>,
    schemes: &mut [SchemeVerification],
) -> Result<(), VerificationError> {
    let failed = failed(network);
    let (compared, total) = (AtomicU64::new(0), jobs::activations(jobs));
    let still = |done: u64, _: u64| watch(compared.load(Ordering::Relaxed) + done, total);
    let pause = |_: u64, _: u64| still(0, 0);
    let capture = |layer| Ok(Captured::new(question, network, layer, &pause));
    let executor = Executor::with_layers(network, capture).map_err(failed)?;
    let mut underway = executor.set_out(0, &[network.random_image(question.seed)]).map_err(failed)?;
    let (mut cases, mut left): (Vec<Case>, _) = (vec![], jobs);
    let layers = executor.layers().count();
    for (place, (node, captured)) in executor.layers().enumerate() {
        executor.go_on(&mut underway, NodeId(node.0 + 1));
        cases.push(captured.take()?);
        if place + 1 < layers && cases.iter().map(Case::values).sum::<usize>() < MOST_WAITING {
            continue;
        }
        let first = place + 1 - cases.len();
        let (own, later) = left.split_at(left.partition_point(|job| job.case <= place));
        let results = jobs::run(question, own, (first, &cases), &still).ok_or(VerificationError::Interrupted)?;
        for (job, result) in own.iter().zip(&results) {
            let outputs = cases[job.case - first].outputs() as u64;
            job.schemes.iter().for_each(|&scheme| schemes[scheme].add(outputs, result));
        }
        compared.fetch_add(jobs::activations(own), Ordering::Relaxed);
        left = later;
        cases.clear();
    }
    Ok(())
}

/// Why a network could not be run.
fn failed(network: &Network) -> impl Fn(NetworkError) -> VerificationError + Copy + '_ {
    |error| VerificationError::Network { network: network.name.clone(), error }
}

/// Values of the feature maps that are needed at once, each of sixteen images in 4 bytes: 16 GB.
const MOST_VALUES: u64 = 1 << 28;

/// Weights of all layers, each as a number of the model and as an integer: 4 GB.
const MOST_WEIGHTS: u64 = 1 << 29;

/// Refuses a network whose feature maps or weights do not fit into memory.
fn check_size(network: &Network) -> Result<(), VerificationError> {
    let most = most_values(network);
    let weights = network.layers().iter().fold(0u64, |all, layer| all.saturating_add(layer.shape.weights()));
    let problem = if most > MOST_VALUES {
        format!(
            "{} has feature maps of {most} values that are needed at once; at most {MOST_VALUES} can be: take a smaller image",
            network.name
        )
    } else if weights > MOST_WEIGHTS {
        format!(
            "{} has {weights} weights; at most {MOST_WEIGHTS} can be verified: take fewer or smaller layers",
            network.name
        )
    } else {
        return Ok(());
    };
    Err(MappingError::Setting { problem }.into())
}

/// Most values of feature maps that are needed at once: those that a node takes or yields, and those that a later one takes.
fn most_values(network: &Network) -> u64 {
    let values = |id: NodeId| network.shape(id).iter().fold(1u64, |all, &length| all.saturating_mul(length as u64));
    let mut last_use: Vec<NodeId> = network.iter().map(|(id, _)| id).collect();
    for (id, node) in network.iter() {
        node.inputs.iter().for_each(|input| last_use[input.0] = id);
    }
    let (mut now, mut most) = (0u64, 0u64);
    for (id, node) in network.iter() {
        now = now.saturating_add(values(id));
        most = most.max(now);
        let mut ended: Vec<NodeId> = node.inputs.iter().copied().filter(|input| last_use[input.0] == id).collect();
        ended.sort_unstable();
        ended.dedup();
        now -= ended.into_iter().map(values).sum::<u64>().min(now);
    }
    most
}

impl SchemeVerification {
    fn add(&mut self, outputs: u64, result: &Result<Counts, MappingError>) {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::{Conv, Op};

    /// An input of 2 values, added to what comes of it much later, is needed until then.
    #[test]
    fn a_map_is_needed_until_its_last_use() {
        let mut network = Network::new("small", vec![2, 1, 1]);
        let input = network.input();
        let mut last = input;
        for (layer, channels) in [10, 100, 20, 2].into_iter().enumerate() {
            last = network.conv(&format!("conv{layer}"), last, Conv::same(channels, 1)).expect("a layer");
        }
        assert_eq!(most_values(&network), 100 + 20);
        network.push("add", Op::Add, &[last, input]).expect("both have 2 values");
        assert_eq!(most_values(&network), 2 + 100 + 20);
    }

    #[test]
    fn the_first_difference_is_kept() {
        let wrong = |problem: &str| MappingError::Wrong { layer: "conv1".into(), problem: problem.into() };
        let mut scheme = SchemeVerification::default();
        scheme.add(100, &Ok(Counts { crossbars: 2, array_activations: 8, ..Counts::default() }));
        scheme.add(50, &Err(wrong("one sum")));
        scheme.add(50, &Err(wrong("another sum")));
        assert_eq!((scheme.layers, scheme.outputs, scheme.crossbars), (3, 100, 2));
        assert!(scheme.difference.is_some_and(|difference| difference.contains("one sum")));
    }
}
