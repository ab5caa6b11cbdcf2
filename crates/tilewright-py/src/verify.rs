//! Every layer under every scheme, run cell by cell, against the plain convolution.

use crate::error::Outcome;
use crate::network::PyNetwork;
use crate::printed::{Printed, printed};
use crate::target::PyTarget;
use crate::watched;
use pyo3::prelude::*;
use std::sync::Arc;
use std::thread;
use tilewright::mapping::scheme::{Scheme, find};
use tilewright::mapping::verification::{Question, VerificationError, verify_network};
use tilewright::report::Verified;

/// Verifies and returns what came out; `progress` is called with the array activations run, of all.
#[pyfunction]
pub(crate) fn verify(
    py: Python<'_>,
    network: &PyNetwork,
    schemes: Vec<String>,
    target: &PyTarget,
    seed: u64,
    progress: Option<&Bound<'_, PyAny>>,
) -> Outcome<Printed> {
    let schemes: Vec<&'static dyn Scheme> = schemes.into_iter().map(|name| find(&name)).collect::<Result<_, _>>()?;
    let (network, targets, bits) = (Arc::clone(&network.0), target.0.clone(), target.1.clone());
    let verified = watched::run(py, progress, move |watch| {
        let input_bits = bits.inputs.bits;
        let threads = thread::available_parallelism().map_or(1, usize::from);
        let question = Question { network: &network, schemes: &schemes, targets: &targets, input_bits, seed, threads };
        let verification = verify_network(&question, &|done, total| {
            if total > 0 {
                watch.report((done, total));
            }
            watch.go_on()
        })?;
        Ok::<_, VerificationError>(Verified::new(&question, bits, verification))
    })??;
    printed(&verified, &verified.document(None))
}
