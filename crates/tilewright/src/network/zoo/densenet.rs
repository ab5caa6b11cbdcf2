//! DenseNet without bottlenecks for CIFAR-10 (Huang, Liu, van der Maaten, Weinberger 2017, section 3): every layer sees the
//! outputs of all earlier layers of its block.
//!
//! Normalisation and activation come before each convolution, those of the transitions included, as in the authors' release.

use super::block::pointwise;
use crate::network::{Conv, Network, NetworkError, NodeId, Op, Pool};

/// Three blocks that together with the first convolution, two transitions and `fc` make `depth` layers; every layer of a
/// block adds `growth` channels.
pub(super) fn build(network: &mut Network, depth: usize, growth: usize) -> Result<(), NetworkError> {
    let layers = (depth - 4) / 3;
    let mut x = network.conv("conv1", network.input(), Conv::same(16, 3))?;
    for block in 1..=3 {
        for layer in 1..=layers {
            x = dense_layer(network, &format!("block{block}.layer{layer}"), x, growth)?;
        }
        x = network.norm_relu(x)?;
        if block < 3 {
            let channels = network.shape(x)[0];
            x = network.conv(&format!("transition{block}.conv"), x, pointwise(channels))?;
            x = network.pool(x, Pool::average(2, 2))?;
        }
    }
    network.classify(x, 10)
}

fn dense_layer(network: &mut Network, name: &str, input: NodeId, growth: usize) -> Result<NodeId, NetworkError> {
    let x = network.norm_relu(input)?;
    let x = network.conv(&format!("{name}.conv"), x, Conv::same(growth, 3))?;
    network.push(format!("{name}.concat"), Op::Concat { axis: 0 }, &[input, x])
}
