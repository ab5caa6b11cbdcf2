//! How often the layers of a network take each integer.

use super::integer::IntegerConvolution;
use super::{BATCH, Executor, Images};
use crate::network::{IntegerLayer, Network, NetworkError, Tensor};
use crate::workers::{self, Watch};
use std::sync::{Mutex, PoisonError};

/// How often one layer takes each integer, over some images.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InputCounts {
    /// The layer's name.
    pub layer: String,
    /// How often the magnitudes 0, 1, …, 2^bits − 1 are taken, bits being those that tell its integers apart; each value of the input
    /// map counts once an image, and padding does not.
    pub counts: Vec<u64>,
}

/// How often each layer takes each integer, for `count` images that `image` makes by their number, on several threads; `None` if
/// `watch` ended the work. All layers compute in integers, as on crossbars that do nothing wrong. The result does not depend on the
/// threads.
///
/// # Errors
/// If an operation is known by name only, or an image has another shape than the network's input.
///
/// # Panics
/// If `layers` are not those of the network, as [`integer_layers`](crate::network::integer_layers) yields them.
pub fn input_counts(
    network: &Network,
    layers: &[IntegerLayer],
    (count, threads): (usize, usize),
    watch: Watch<'_>,
    image: impl Fn(usize) -> Tensor<f32> + Sync,
) -> Result<Option<Vec<InputCounts>>, NetworkError> {
    let mut integers = layers.iter();
    let executor = Executor::with_layers(network, |_| {
        let integer = integers.next().expect("every layer in integers").clone();
        Ok::<_, NetworkError>(IntegerConvolution::new(integer))
    })?;
    let blank = |layer: &IntegerLayer| InputCounts {
        layer: layer.layer.name.clone(),
        counts: vec![0; 1 << layer.input.count_bits()],
    };
    let total = Mutex::new(layers.iter().map(blank).collect::<Vec<_>>());
    let done = workers::in_batches((count, BATCH), threads, watch, |batch| {
        let images: Vec<Tensor<f32>> = batch.map(&image).collect();
        executor.run_from(0, &images, &mut |node, map: &Images| {
            for (place, layer) in layers.iter().enumerate() {
                if network.node(layer.layer.node).inputs[0] == node {
                    let counts = &mut total.lock().unwrap_or_else(PoisonError::into_inner)[place].counts;
                    // Lanes without an image hold a blank one.
                    for value in map.values().iter().flat_map(|lanes| &lanes.0[..images.len()]) {
                        counts[layer.input.round(*value).abs() as usize] += 1;
                    }
                }
            }
        })
    })?;
    Ok(done.map(|_| total.into_inner().unwrap_or_else(PoisonError::into_inner)))
}
