//! Running one mapped layer on integers.

use crate::array::{bytes, tensor};
use crate::error::Outcome;
use crate::mapping::PyMapping;
use crate::watched;
use pyo3::prelude::*;
use pyo3::types::PyByteArray;
use tilewright::mapping::execute::execute as run_layer;
use tilewright::network::ConvShape;

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
    let ends = |[least, greatest]: [i32; 2], &weight: &i32| [least.min(weight), greatest.max(weight)];
    let range = weights.values().iter().fold([0, 0], ends);
    tiles.encoding.check_range(&mapping.mapped.mapping.layers[layer].name, range)?;
    let inputs = tensor("inputs", vec![in_channels, height, width], inputs)?;
    let sums = watched::run(py, None, move |_| run_layer(&tiles, &weights, &inputs).output)?;
    Ok(bytes(py, sums.values())?)
}
