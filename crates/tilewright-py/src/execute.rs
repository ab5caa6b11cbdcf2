//! Running one mapped layer on integers.

use crate::array::{bytes, tensor};
use crate::error::{Failure, Outcome};
use crate::mapping::PyMapping;
use crate::watched;
use pyo3::prelude::*;
use pyo3::types::PyByteArray;
use tilewright::mapping::execute::execute as run_layer;
use tilewright::network::{ConvShape, Tensor};

/// Runs a layer cell by cell: `int32` weights and inputs in, `int64` sums out.
#[pyfunction]
pub(crate) fn execute<'py>(
    py: Python<'py>,
    mapping: &PyMapping,
    layer: usize,
    weights: &[u8],
    inputs: &[u8],
) -> Outcome<Bound<'py, PyByteArray>> {
    let tiles = mapping.tiles(layer)?;
    let ConvShape { in_channels, out_channels, input: [height, width], kernel, .. } = tiles.shape;
    let axes = vec![out_channels, tiles.shape.group_inputs(), kernel[0], kernel[1]];
    let weights = tensor("weights", axes, weights)?;
    check(&weights, tiles.encoding.weight_limit(), tiles.encoding.weight_bits)?;
    let inputs = tensor("inputs", vec![in_channels, height, width], inputs)?;
    let sums = watched::run(py, None, move |_| run_layer(&tiles, &weights, &inputs).output)?;
    Ok(bytes(py, sums.values())?)
}

/// Weights beyond the encoding's range would lose digits in their cells.
fn check(weights: &Tensor<i32>, limit: i32, bits: u32) -> Outcome<()> {
    match weights.values().iter().find(|weight| !(-limit..=limit).contains(*weight)) {
        None => Ok(()),
        Some(weight) => Err(Failure::new(format!(
            "weight {weight} does not fit {bits} bits; give -{limit} to {limit}, or map with more weight bits"
        ))),
    }
}
