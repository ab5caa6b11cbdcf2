//! Networks node by node: what a PyTorch module is built from, and the way back with trained weights.

use crate::array::{bytes, real};
use crate::error::{Failure, Outcome};
use crate::network::PyNetwork;
use crate::watched;
use pyo3::prelude::*;
use pyo3::types::{PyByteArray, PyBytes};
use std::collections::HashMap;
use std::sync::Arc;
use tilewright::network::reference::float;
use tilewright::network::{BatchNorm, Network, NetworkError, Op, ParametersMut, ScaleShift, Tensor, Weights};

/// A node's name and which of its parameters this is: `weights`, `levels` (distances between weight levels), `bias`,
/// `scale` or `shift` (of a batch normalisation).
type Place = (String, String);

/// The nodes as JSON, their parameters left out.
#[pyfunction]
pub(crate) fn graph(network: &PyNetwork) -> Outcome<String> {
    let mut bare = Network::new(network.0.name.clone(), network.0.shape(network.0.input()).to_vec());
    for node in &network.0.nodes()[1..] {
        let mut op = node.op.clone();
        if let Some(ParametersMut { weights, bias }) = op.parameters_mut() {
            (*weights, *bias) = (None, None);
        } else if let Op::BatchNorm(norm) = &mut op {
            norm.parameters = None;
        }
        bare.push(node.name.clone(), op, &node.inputs)?;
    }
    Ok(serde_json::to_string(&bare)?)
}

/// The parameters that the network has, as `float32` values in row-major order.
#[pyfunction]
pub(crate) fn parameters<'py>(
    py: Python<'py>,
    network: &PyNetwork,
) -> Outcome<HashMap<Place, Bound<'py, PyByteArray>>> {
    let mut found = HashMap::new();
    for node in network.0.nodes() {
        let mut put = |which: &str, values: &[f32]| -> Outcome<()> {
            found.insert((node.name.clone(), which.to_owned()), bytes(py, values)?);
            Ok(())
        };
        if let Some(Weights { values, scale }) = node.op.weights() {
            put("weights", values.values())?;
            scale.as_ref().map_or(Ok(()), |scale| put("levels", scale))?;
        }
        node.op.bias().map_or(Ok(()), |bias| put("bias", bias))?;
        if let Op::BatchNorm(BatchNorm { parameters: Some(ScaleShift { scale, shift }) }) = &node.op {
            put("scale", scale)?;
            put("shift", shift)?;
        }
    }
    Ok(found)
}

/// The network of a graph as [`graph`] gives it, with parameters as [`parameters`] gives them.
#[pyfunction]
pub(crate) fn assembled(graph: &str, mut parameters: HashMap<Place, Vec<u8>>) -> Outcome<PyNetwork> {
    let bare: Network = serde_json::from_str(graph)?;
    let mut network = Network::new(bare.name.clone(), bare.shape(bare.input()).to_vec());
    for (id, node) in bare.iter().skip(1) {
        let mut take = |which: &str| {
            parameters
                .remove(&(node.name.clone(), which.to_owned()))
                .map(|bytes| real(&format!("{which} of {:?}", node.name), &bytes))
        };
        let mut op = node.op.clone();
        if let (Some(axes), Some(ParametersMut { weights, bias })) = (bare.weight_axes(id), op.parameters_mut()) {
            if let Some(values) = take("weights").transpose()? {
                let (found, expected) = (values.len(), axes.iter().product::<usize>());
                if found != expected {
                    let name = &node.name;
                    return Err(Failure::new(format!("{name:?} has {found} weights; {axes:?} has {expected}")));
                }
                let values = Arc::new(Tensor::new(axes, values));
                *weights = Some(Weights { values, scale: take("levels").transpose()? });
            }
            *bias = take("bias").transpose()?.map(Into::into);
        } else if let Op::BatchNorm(norm) = &mut op
            && let (Some(scale), Some(shift)) = (take("scale").transpose()?, take("shift").transpose()?)
        {
            norm.parameters = Some(ScaleShift { scale: scale.into(), shift: shift.into() });
        }
        network.push(node.name.clone(), op, &node.inputs)?;
    }
    match parameters.keys().next() {
        None => Ok(PyNetwork(Arc::new(network))),
        Some((node, which)) => Err(Failure::new(format!("{node:?} takes no {which}, or is not in {:?}", network.name))),
    }
}

/// The network as an ONNX model.
#[pyfunction]
pub(crate) fn onnx_model<'py>(py: Python<'py>, network: &PyNetwork) -> Outcome<Bound<'py, PyBytes>> {
    Ok(PyBytes::new(py, &tilewright_onnx::to_bytes(&network.0)?))
}

/// What the network's last node yields for each `float32` image `[image, channel, row, column]`, as the reference executor has it.
#[pyfunction]
pub(crate) fn outputs<'py>(py: Python<'py>, network: &PyNetwork, images: &[u8]) -> Outcome<Bound<'py, PyByteArray>> {
    let network = Arc::clone(&network.0);
    let images = real("images", images)?;
    let work = move |watch: &watched::Watch| -> Result<Vec<f32>, NetworkError> {
        let shape = network.shape(network.input());
        let mut found = vec![];
        for image in images.chunks_exact(shape.iter().product()).take_while(|_| !watch.stopped()) {
            let outputs = float::run(&network, &Tensor::new(shape.to_vec(), image.to_vec()))?;
            outputs.last().into_iter().for_each(|last| found.extend_from_slice(last.values()));
        }
        Ok(found)
    };
    Ok(bytes(py, &watched::run(py, None, work)??)?)
}

/// The network with each batch normalisation merged into the layer before it.
#[pyfunction]
pub(crate) fn folded(network: &PyNetwork) -> Outcome<PyNetwork> {
    Ok(PyNetwork(Arc::new(network.0.fold_batch_norm()?)))
}
