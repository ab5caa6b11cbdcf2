//! Running a network with weights on an image, in floating point: what a PyTorch module is compared with.

use crate::array::{bytes, tensor};
use crate::error::Outcome;
use crate::network::PyNetwork;
use crate::watched;
use pyo3::prelude::*;
use pyo3::types::PyByteArray;
use std::sync::Arc;
use tilewright::network::reference::float;

/// What every node yields, in node order, as `float32` values; `image` is one of the network's input shape.
#[pyfunction]
pub(crate) fn run<'py>(py: Python<'py>, network: &PyNetwork, image: &[u8]) -> Outcome<Vec<Bound<'py, PyByteArray>>> {
    let network = Arc::clone(&network.0);
    let image = tensor("image", network.shape(network.input()).to_vec(), image)?;
    let outputs = watched::run(py, None, move |_| float::run(&network, &image))??;
    outputs.iter().map(|output| Ok(bytes(py, output.values())?)).collect()
}
