//! What results in a store are told apart by: two runs of one key and one seed have the same result.

use crate::digest::short;
use anyhow::Result;
use sha2::{Digest, Sha256};
use std::ops::Range;
use tilewright::accuracy::Trial;
use tilewright::dataset::Dataset;
use tilewright::mapping::Mapping;
use tilewright::network::{IntegerLayer, Network, Tensor};
use tilewright::simulate::{Hardware, RESULTS_VERSION};

/// What all of a store is about: the network with its weights, and the images as it is shown them.
pub(in crate::commands) fn subject(network: &Network, trial: &Trial<'_>) -> Result<String> {
    let digest = short(&Sha256::digest(serde_json::to_vec(network)?)[..8]);
    let normalization = trial.normalization;
    let shown = format!("{} normalised by {:?} and {:?}", trial.set.name(), normalization.mean, normalization.std);
    Ok(format!("{} ({digest}) on {shown}", network.name))
}

/// The run of the network that hardware without errors computes: in integers, whatever the hardware; where neurons pass values on, to the last bit of
/// sums whose order the crossbars say.
pub(super) fn of_digital(layers: &[IntegerLayer], mapping: &Mapping, hardware: &Hardware) -> Result<String> {
    let key = (RESULTS_VERSION, integers(layers));
    Ok(match hardware.neuron {
        None => serde_json::to_string(&key)?,
        Some(_) => serde_json::to_string(&(key, "inputs only", mapping))?,
    })
}

/// The run of chips of a hardware, calibrated on some images.
pub(super) fn of_chips(
    layers: &[IntegerLayer],
    mapping: &Mapping,
    hardware: &Hardware,
    calibration: &[Tensor<f32>],
) -> Result<String> {
    let key = (RESULTS_VERSION, integers(layers), mapping, hardware.record(), values(calibration));
    Ok(serde_json::to_string(&key)?)
}

/// The run of the same, of which images count whose label is among several best classes.
pub(super) fn among(classes: usize, key: &str) -> String {
    format!("among the best {classes}: {key}")
}

/// Some images of a set, with their labels.
pub(in crate::commands) fn of_images(set: &Dataset, images: Range<usize>) -> String {
    let mut hash = Sha256::new();
    images.clone().for_each(|image| hash.update(set.bytes(image)));
    hash.update(bytes(set.labels()[images].iter().map(|label| label.to_le_bytes())));
    short(&hash.finalize())
}

/// The integers that layers work on.
fn integers(layers: &[IntegerLayer]) -> String {
    let mut hash = Sha256::new();
    for IntegerLayer { weights, weight_scale, input, driven_bits, .. } in layers {
        hash.update(bytes(weights.values().iter().map(|weight| weight.to_le_bytes())));
        hash.update(bytes(weight_scale.iter().map(|scale| scale.to_le_bytes())));
        hash.update(input.scale.to_le_bytes());
        hash.update(driven_bits.to_le_bytes());
        hash.update(bytes(input.range.iter().map(|end| end.to_le_bytes())));
    }
    short(&hash.finalize())
}

/// Images as they are shown.
pub(in crate::commands) fn values(images: &[Tensor<f32>]) -> String {
    let mut hash = Sha256::new();
    images.iter().for_each(|image| hash.update(bytes(image.values().iter().map(|value| value.to_le_bytes()))));
    short(&hash.finalize())
}

fn bytes(numbers: impl Iterator<Item = [u8; 4]>) -> Vec<u8> {
    numbers.flatten().collect()
}
