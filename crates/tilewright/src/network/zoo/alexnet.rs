//! AlexNet as published (Krizhevsky, Sutskever, Hinton 2012, figure 2): its two halves, each on one graphics card, are two
//! groups in `conv2`, `conv4` and `conv5`.
//!
//! Choices: the paper says 224×224, but only 227×227 gives its 55×55 maps without padding.

use crate::network::{Conv, Network, NetworkError, Pool};

pub(super) fn build(network: &mut Network) -> Result<(), NetworkError> {
    let overlapping = Pool::max(3, 2);
    let x = network.conv_relu("conv1", network.input(), Conv::same(96, 11).stride(4).padding(0))?;
    let x = network.pool(x, overlapping)?;
    let x = network.conv_relu("conv2", x, Conv::same(256, 5).groups(2))?;
    let x = network.pool(x, overlapping)?;
    let x = network.conv_relu("conv3", x, Conv::same(384, 3))?;
    let x = network.conv_relu("conv4", x, Conv::same(384, 3).groups(2))?;
    let x = network.conv_relu("conv5", x, Conv::same(256, 3).groups(2))?;
    let x = network.pool(x, overlapping)?;
    let x = network.flatten(x)?;
    let x = network.dense_relu("fc6", x, 4096)?;
    let x = network.dense_relu("fc7", x, 4096)?;
    network.dense("fc8", x, 1000)?;
    Ok(())
}
