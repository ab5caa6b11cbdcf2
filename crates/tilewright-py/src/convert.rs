//! Trained 3D kernels turned into 2D+1D kernels.

use crate::error::Outcome;
use crate::network::PyNetwork;
use pyo3::prelude::*;
use std::sync::Arc;
use tilewright::network::KernelPlan;

/// The network with the planned layers turned into `rank` 2D kernels per input channel and 1D kernels, and the layers'
/// errors as JSON.
#[pyfunction]
pub(crate) fn converted(py: Python<'_>, network: &PyNetwork, plan: &str, rank: usize) -> Outcome<(PyNetwork, String)> {
    let plan: KernelPlan = plan.parse()?;
    let replacement = plan.select(&network.0)?;
    let conversion = py.detach(|| replacement.convert(&network.0, rank))?;
    Ok((PyNetwork(Arc::new(conversion.network)), serde_json::to_string(&conversion.layers)?))
}
