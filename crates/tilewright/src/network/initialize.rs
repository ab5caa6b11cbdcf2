//! Seeded random weights for networks that come without trained ones.

use super::{Network, NetworkError, ParametersMut, Tensor, Weights};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use std::sync::Arc;

impl Network {
    /// The same network with uniform random weights in ±√(6 / inputs) wherever a layer has none
    /// (He, Zhang, Ren, Sun 2015, eq. 10), and no other change.
    ///
    /// Each layer draws from its own stream, so its weights depend on `seed` and its place only.
    ///
    /// # Errors
    /// If rebuilding the network fails, which [`Network::verify`] would have said too.
    pub fn initialize(&self, seed: u64) -> Result<Self, NetworkError> {
        let mut network = self.like();
        for (id, node) in self.iter().skip(1) {
            let mut op = node.op.clone();
            if let (Some(axes), Some(ParametersMut { weights, .. })) = (self.weight_axes(id), op.parameters_mut()) {
                weights.get_or_insert_with(|| {
                    let inputs: usize = axes[1..].iter().product();
                    let bound = (6.0 / inputs as f32).sqrt();
                    Weights { values: Arc::new(uniform(axes, bound, seed, id.0 as u64)), scale: None }
                });
            }
            network.push(node.name.clone(), op, &node.inputs)?;
        }
        Ok(network)
    }

    /// A random image in ±1 of the network's input shape.
    pub fn random_image(&self, seed: u64) -> Tensor<f32> {
        uniform(self.shape(self.input()).to_vec(), 1.0, seed, 0)
    }
}

/// Values uniform in ±`bound`, the `stream`-th sequence of `seed`.
fn uniform(shape: Vec<usize>, bound: f32, seed: u64, stream: u64) -> Tensor<f32> {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    random.set_stream(stream);
    let count = shape.iter().product();
    let fraction = |bits: u32| (bits >> 8) as f32 / (1u32 << 24) as f32;
    let values = (0..count).map(|_| (2.0 * fraction(random.next_u32()) - 1.0) * bound);
    Tensor::new(shape, values.collect())
}
