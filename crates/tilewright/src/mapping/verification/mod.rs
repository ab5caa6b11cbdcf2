//! A whole network verified: every layer under every scheme, run cell by cell in integers, against the plain convolution.
//!
//! The network is run once in integers with the plain convolution ([`quantized`]); this yields the integer inputs and
//! exact sums of every layer. Each layer is then run on those inputs under each scheme, and every sum is compared, and so are
//! the counts with what the run used. That decides the whole network: everything between the layers is the same digital
//! arithmetic, so if layer by layer the sums are equal, the network with crossbars in place of the convolutions yields the
//! same output bit for bit.

mod jobs;

pub use crate::workers::Watch;

use super::scheme::Scheme;
use super::{Counts, MappingError, Targets};
use crate::network::reference::{integer, quantized};
use crate::network::{ConvShape, Network, NetworkError, Rounding, Tensor, integer_layers_by};
use serde::Serialize;
use std::ops::ControlFlow;

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

/// One layer with its integer weights and inputs and the exact sums of the plain convolution.
struct Case {
    name: String,
    shape: ConvShape,
    /// `[out_channels, in_channels / groups, kernel height, kernel width]`
    weights: Tensor<i32>,
    /// `[in_channels, height, width]`
    input: Tensor<i32>,
    /// `[out_channels, height, width]`
    expected: Tensor<i64>,
}

/// Runs and compares; `watch` may end it between layers.
///
/// # Errors
/// [`VerificationError`]; a difference is in the result.
pub fn verify_network(question: &Question<'_>, watch: Watch<'_>) -> Result<Verification, VerificationError> {
    question.targets.verify(question.network)?;
    check_size(question.network)?;
    let failed = |error| VerificationError::Network { network: question.network.name.clone(), error };
    let cases = capture(question, watch).map_err(failed)?;
    if watch(0, 0).is_break() {
        return Err(VerificationError::Interrupted);
    }
    for case in &cases {
        let ends = |[least, greatest]: [i32; 2], &weight: &i32| [least.min(weight), greatest.max(weight)];
        let range = case.weights.values().iter().fold([0, 0], ends);
        question.targets.of(&case.name).encoding.check_range(&case.name, range)?;
    }
    let named = |scheme: &&dyn Scheme| SchemeVerification { scheme: scheme.name(), ..SchemeVerification::default() };
    let mut schemes: Vec<SchemeVerification> = question.schemes.iter().map(named).collect();
    let jobs = jobs::plan(question, &cases, &mut schemes)?;
    if jobs.is_empty() {
        let reason = schemes.into_iter().flat_map(|scheme| scheme.does_not_fit).next().unwrap_or_default();
        return Err(VerificationError::Nothing { reason });
    }
    let results = jobs::run(question, &jobs, &cases, watch).ok_or(VerificationError::Interrupted)?;
    for (job, result) in jobs.iter().zip(&results) {
        let outputs = cases[job.case].expected.values().len() as u64;
        job.schemes.iter().for_each(|&scheme| schemes[scheme].add(outputs, result));
    }
    let equal = schemes.iter().all(|scheme| scheme.difference.is_none());
    Ok(Verification { schemes, layers: cases.len(), executions: jobs.len(), equal })
}

/// Values of all feature maps and weights together, of up to 8 bytes each: 4 GB, beyond which a run takes hours, too.
const MOST_VALUES: u64 = 1 << 29;

/// Refuses a network that does not fit into memory: the feature maps of all layers are kept until they are compared.
fn check_size(network: &Network) -> Result<(), MappingError> {
    let values = |shape: &[usize]| shape.iter().fold(1u64, |all, &length| all.saturating_mul(length as u64));
    let maps = network.iter().fold(0u64, |all, (id, _)| all.saturating_add(values(network.shape(id))));
    let all = network.layers().iter().fold(maps, |all, layer| all.saturating_add(layer.shape.weights()));
    if all <= MOST_VALUES {
        return Ok(());
    }
    let problem = format!(
        "{} has {all} values and weights, which are all kept to be compared; at most {MOST_VALUES} can be: take a smaller image, or \
         fewer layers",
        network.name
    );
    Err(MappingError::Setting { problem })
}

/// Runs the network on a random image with the plain convolution and keeps what each layer took and yielded.
fn capture(question: &Question<'_>, watch: Watch<'_>) -> Result<Vec<Case>, NetworkError> {
    let network = question.network.initialize(question.seed)?;
    let image = network.random_image(question.seed);
    let rounding =
        |layer: &str| Rounding::to_bits(question.targets.of(layer).encoding.weight_bits, question.input_bits);
    let layers = integer_layers_by(&network, std::slice::from_ref(&image), rounding)?;
    let mut cases = Vec::with_capacity(layers.len());
    quantized::run(&network, &layers, &image, |integer, input| {
        let shape = integer.layer.shape;
        let expected = match watch(0, 0) {
            ControlFlow::Continue(()) => integer::convolve(&shape, input, &integer.weights),
            // Nobody waits for these values: they only let the run end.
            ControlFlow::Break(()) => Tensor::filled([vec![shape.out_channels], shape.output().to_vec()].concat(), 0),
        };
        cases.push(Case {
            name: integer.layer.name.clone(),
            shape,
            weights: integer.weights.clone(),
            input: input.clone(),
            expected: expected.clone(),
        });
        Ok(expected)
    })?;
    Ok(cases)
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
