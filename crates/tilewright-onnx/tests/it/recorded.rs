//! Models with what ONNX Runtime computed for them, and the comparison with the float reference.
//!
//! A recorded model is a folder as `tests/onnxruntime/export.py` writes it.

use serde::Deserialize;
use std::path::{Path, PathBuf};
use tilewright::network::{NodeId, Tensor, reference::float};
use tilewright_onnx::{Imported, InputShape, load, load_shaped};

/// Name and ONNX shape of a recorded tensor.
#[derive(Deserialize)]
struct Entry {
    name: String,
    shape: Vec<usize>,
}

/// The greatest difference allowed, relative to the tensor's greatest magnitude.
pub(crate) const TOLERANCE: f32 = 1e-4;

/// How well one model agrees.
pub(crate) struct Agreement {
    /// Tensors compared.
    pub(crate) tensors: usize,
    /// Greatest difference of a tensor, relative to the tensor's greatest magnitude.
    pub(crate) worst: f32,
    /// Where it is.
    pub(crate) tensor: String,
    /// Values further than [`TOLERANCE`] off, in all tensors.
    pub(crate) beyond: usize,
    /// Values compared.
    pub(crate) values: usize,
}

/// The folders below `folder` that hold recorded values, sorted.
pub(crate) fn folders(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut folders: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    folders.retain(|folder| folder.join("index.json").is_file());
    folders.sort();
    folders
}

/// Tensors by name, in the order in which they are recorded.
pub(crate) type Recorded = Vec<(String, Tensor<f32>)>;

fn recorded(folder: &Path) -> Recorded {
    let entries: Vec<Entry> = serde_json::from_slice(&std::fs::read(folder.join("index.json")).unwrap()).unwrap();
    let bytes = std::fs::read(folder.join("values.bin")).unwrap();
    let mut values = bytes.as_chunks().0.iter().map(|&chunk| f32::from_le_bytes(chunk));
    let tensors = entries.into_iter().map(|Entry { name, shape }| {
        let count = shape.iter().product();
        (name, Tensor::new(shape, values.by_ref().take(count).collect()))
    });
    tensors.collect()
}

/// The model of a folder; `input` is the shape it was recorded with, which is given where the model leaves it open.
fn import(folder: &Path, input: &[usize]) -> Result<Imported, String> {
    let path = folder.join("model.onnx");
    match load(&path) {
        Err(error) if error.to_string().contains("open length") => {
            let shape = InputShape::new(input[1..].to_vec())?;
            load_shaped(&path, Some(&shape)).map_err(|error| error.to_string())
        }
        imported => imported.map_err(|error| error.to_string()),
    }
}

/// A recorded model, the image it was recorded with and all recorded tensors, of which that image is the first.
pub(crate) fn imported(folder: &Path) -> Result<(Imported, Tensor<f32>, Recorded), String> {
    let recorded = recorded(folder);
    let imported = import(folder, recorded[0].1.shape())?;
    let network = &imported.network;
    let image = recorded[0].1.clone().reshaped(network.shape(network.input()).to_vec());
    Ok((imported, image, recorded))
}

/// Imports a recorded model, runs the float reference on its image and compares every tensor both know.
pub(crate) fn compare(folder: &Path) -> Result<Agreement, String> {
    let (Imported { network, outputs }, image, recorded) = imported(folder)?;
    network.verify().map_err(|error| error.to_string())?;
    let computed = float::run(&network, &image).map_err(|error| error.to_string())?;
    let mut agreement = Agreement { tensors: 0, worst: 0.0, tensor: String::new(), beyond: 0, values: 0 };
    for (name, expected) in &recorded {
        let Some(&NodeId(node)) = outputs.get(name) else { continue };
        let found = &computed[node];
        // The network leaves out the batch axis, wherever the model has it.
        let lengths = |shape: &[usize]| shape.iter().copied().filter(|&length| length != 1).collect::<Vec<_>>();
        if lengths(expected.shape()) != lengths(found.shape()) {
            return Err(format!("{name}: shape {:?}, recorded {:?}", found.shape(), expected.shape()));
        }
        let finite = expected.values().iter().filter(|x| x.is_finite());
        let greatest = finite.fold(f32::MIN_POSITIVE, |most, x| most.max(x.abs()));
        agreement.tensors += 1;
        agreement.values += found.values().len();
        for (a, b) in found.values().iter().zip(expected.values()) {
            // Where a model has an infinity, the network has the greatest number there is.
            let same = a == b || (a.is_nan() && b.is_nan()) || (b.is_infinite() && *a == f32::MAX.copysign(*b));
            let error = if same { 0.0 } else { (a - b).abs() / greatest };
            agreement.beyond += usize::from(error.is_nan() || error > TOLERANCE);
            if error.is_nan() || error > agreement.worst {
                (agreement.worst, agreement.tensor) = (error, name.clone());
            }
        }
    }
    Ok(agreement)
}
