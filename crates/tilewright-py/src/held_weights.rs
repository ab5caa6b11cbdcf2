//! The weights that a chip holds in place of those of a network, for training.

use crate::array;
use crate::design::PyDesign;
use crate::error::Outcome;
use crate::network::PyNetwork;
use crate::watched;
use pyo3::prelude::*;
use pyo3::types::PyByteArray;
use std::sync::Arc;
use std::thread;
use tilewright::hardware::Stage;
use tilewright::mapping::scheme::find;
use tilewright::mapping::{Target, map_network};
use tilewright::network::Tensor;
use tilewright::simulate::{Hardware, Programmable, SimulateError};

/// The scheme that holds every weight once.
const SCHEME: &str = "im2col";

/// Programs the chip of a seed and returns the weights that it holds, mapped by im2col, in units of one integer weight: layer after layer
/// `float32`, each with its name. `images` are normalised, `[image, channel, row, column]`, `float32`: what faults cost is measured on them.
#[pyfunction]
#[expect(clippy::needless_pass_by_value, reason = "values of Python")]
pub(crate) fn held_weights<'py>(
    py: Python<'py>,
    network: &PyNetwork,
    design: &PyDesign,
    images: Vec<u8>,
    seed: u64,
) -> Outcome<Vec<(String, Bound<'py, PyByteArray>)>> {
    let network = Arc::clone(&network.0);
    let (design, bits) = design.heeded("training", &[Stage::Map, Stage::Simulate])?.clone().for_network(&network)?;
    let target = Target { weight_bits_from: bits.weights.origin, ..Target::new(design.crossbar, design.encoding()) };
    let targets = design.targets(&target, &bits.layer_weights)?;
    let shape = network.shape(network.input()).to_vec();
    let values = array::real("images", &images)?;
    let images = values.chunks_exact(shape.iter().product()).map(|image| Tensor::new(shape.clone(), image.to_vec()));
    let images: Vec<Tensor<f32>> = images.collect();
    let held = watched::run(py, None, move |watch| {
        let mapping = map_network(&network, find(SCHEME)?, &targets, None)?;
        let hardware = Hardware::of(&design)?;
        let threads = thread::available_parallelism().map_or(1, usize::from);
        let ready = Programmable::new(&network, &images, (design, bits), hardware, mapping, threads)?;
        let weights = ready.plan().held_weights(seed, &|_, _| watch.go_on())?;
        let names = ready.layers.iter().map(|layer| layer.layer.name.clone());
        Ok::<_, SimulateError>(names.zip(weights).collect::<Vec<_>>())
    })??;
    let of_layer = |(name, weights): (String, Tensor<f32>)| Ok((name, array::bytes(py, weights.values())?));
    held.into_iter().map(of_layer).collect()
}
