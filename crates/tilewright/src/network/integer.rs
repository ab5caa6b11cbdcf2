//! A network whose layers work on integers: what crossbars compute when nothing goes wrong.
//!
//! A model that came quantised says itself which integers its layers take; of any other, weights are rounded per output
//! channel or per layer and inputs to the range they have on some images. Whatever computes the exact sums of these integers
//! yields the same network bit for bit: the fast executor, the oracle ([`reference::quantized`](super::reference::quantized)), a
//! mapping and crossbars that do nothing wrong.

use super::executor::{BATCH, Executor, Images};
use super::integer_layer::{InputGrid, IntegerLayer, Rounding, grid_of};
use super::{Layer, Network, NetworkError, NodeId, Tensor};

/// The layers of a network in integers, in execution order.
///
/// `images` are needed for layers whose inputs are not rounded by the model itself; their greatest values set the range.
///
/// # Errors
/// [`NetworkError`] if a layer has no weights or one that is not a number, bits are out of range, or images are needed and there
/// are none.
pub fn integer_layers(
    network: &Network,
    images: &[Tensor<f32>],
    rounding: Rounding,
) -> Result<Vec<IntegerLayer>, NetworkError> {
    integer_layers_by(network, images, |_| rounding)
}

/// The same where each layer, by its name, has a rounding of its own.
///
/// # Errors
/// As [`integer_layers`].
pub fn integer_layers_by(
    network: &Network,
    images: &[Tensor<f32>],
    rounding: impl Fn(&str) -> Rounding,
) -> Result<Vec<IntegerLayer>, NetworkError> {
    network.verify_finite()?;
    let layers = network.layers();
    let roundings: Vec<Rounding> = layers.iter().map(|layer| rounding(&layer.name)).collect();
    roundings.iter().try_for_each(|rounding| rounding.verify())?;
    let sources: Vec<NodeId> = layers.iter().map(|layer| network.node(layer.node).inputs[0]).collect();
    let mut grids: Vec<Option<InputGrid>> = sources.iter().map(|&source| grid_of(network, source)).collect();
    if grids.iter().any(Option::is_none) {
        let ends = ends(network, images)?;
        for ((grid, source), rounding) in grids.iter_mut().zip(&sources).zip(&roundings) {
            let [least, most] = ends[source.0];
            grid.get_or_insert_with(|| InputGrid::covering(least, most, rounding.input_bits));
        }
    }
    let grids = grids.into_iter().map(|grid| grid.expect("found or measured"));
    let rounded = layers.into_iter().zip(grids).zip(roundings);
    rounded.map(|((layer, input), rounding)| IntegerLayer::new(network, layer, input, rounding)).collect()
}

/// Whether a network says itself which integers the weights of all its layers are, so that no range of theirs is to be chosen.
pub fn holds_integer_weights(network: &Network) -> bool {
    let scaled = |layer: &Layer| network.node(layer.node).op.weights().is_some_and(|weights| weights.scale.is_some());
    network.layers().iter().all(scaled)
}

/// Whether a network says itself which integers its layers take, so that [`integer_layers`] needs no images.
pub fn is_rounded(network: &Network) -> bool {
    network.layers().iter().all(|layer| grid_of(network, network.node(layer.node).inputs[0]).is_some())
}

/// Least and greatest value of every node's output.
fn ends(network: &Network, images: &[Tensor<f32>]) -> Result<Vec<[f32; 2]>, NetworkError> {
    if images.is_empty() {
        let problem =
            format!("0 calibration images: give 1 or more, since {} does not say what its layers take", network.name);
        return Err(NetworkError::Setting { problem });
    }
    let mut ends = vec![[f32::INFINITY, f32::NEG_INFINITY]; network.nodes().len()];
    let executor = Executor::new(network)?;
    // Lanes without an image hold the outputs of a blank one, so every lane gets an image.
    let filled = images.iter().cycle().take(images.len().next_multiple_of(BATCH)).cloned();
    executor.run_from(0, &filled.collect::<Vec<_>>(), &mut |node, outputs: &Images| {
        for value in outputs.values().iter().flat_map(|lanes| lanes.0) {
            let [least, most] = &mut ends[node.0];
            (*least, *most) = (least.min(value), most.max(value));
        }
    })?;
    Ok(ends)
}
