//! Trained 3D kernels turned into 2D+1D kernels.

use crate::array::real;
use crate::error::Outcome;
use crate::network::PyNetwork;
use crate::watched;
use pyo3::prelude::*;
use std::sync::Arc;
use tilewright::network::convert::{Conversion, ConvertedLayer};
use tilewright::network::{KernelPlan, NetworkError, Tensor};

/// The network with the planned layers turned into 2D and 1D kernels, and the layers' errors as JSON. With `float32` images `[image, channel, row, column]` the 1D kernels are fitted to the first half of
/// them and the errors of the outputs measured on the others.
#[pyfunction]
pub(crate) fn converted(
    py: Python<'_>,
    network: &PyNetwork,
    plan: &str,
    images: &[u8],
) -> Outcome<(PyNetwork, String)> {
    let plan: KernelPlan = plan.parse()?;
    let original = Arc::clone(&network.0);
    let replacement = plan.select(&original)?;
    let images = cut(original.shape(original.input()), &real("images", images)?);
    let work = move || -> Result<(Conversion, Vec<ConvertedLayer>), NetworkError> {
        let conversion = replacement.convert(&original)?;
        if images.len() < 2 {
            let layers = conversion.layers.clone();
            return Ok((conversion, layers));
        }
        let (to_fit, to_measure) = images.split_at(images.len() / 2);
        let conversion = conversion.fitted(&original, to_fit)?;
        let layers = conversion.layers_on(&original, to_measure)?;
        Ok((conversion, layers))
    };
    let (conversion, layers) = watched::run(py, None, move |_| work())??;
    Ok((PyNetwork(Arc::new(conversion.network)), serde_json::to_string(&layers)?))
}

/// Images of `shape`, one after the other; what is left over is left out.
fn cut(shape: &[usize], values: &[f32]) -> Vec<Tensor<f32>> {
    let length = shape.iter().product();
    values.chunks_exact(length).map(|image| Tensor::new(shape.to_vec(), image.to_vec())).collect()
}
