//! MobileNet (Howard et al. 2017, table 1), width 1.0, resolution 224: the depthwise–pointwise pair after which 2D+1D
//! kernels are modelled, here with a normalisation and an activation between the two.
//!
//! Choices: the last depthwise layer has stride 1 (the table's "s2" there contradicts its own output size), and stride 2
//! pads below and on the right only, as in the authors' TensorFlow release.

use super::block::{BELOW_AND_RIGHT, depthwise, pointwise};
use crate::network::{Conv, Network, NetworkError};

/// Stride of the depthwise and output channels of the pointwise convolution of each block.
const BLOCKS: [(usize, usize); 13] = [
    (1, 64),
    (2, 128),
    (1, 128),
    (2, 256),
    (1, 256),
    (2, 512),
    (1, 512),
    (1, 512),
    (1, 512),
    (1, 512),
    (1, 512),
    (2, 1024),
    (1, 1024),
];

pub(super) fn build(network: &mut Network) -> Result<(), NetworkError> {
    let mut x = network.conv_norm_relu("conv1", network.input(), strided(Conv::same(32, 3), 2))?;
    for (block, (stride, channels)) in (1..).zip(BLOCKS) {
        let inputs = network.shape(x)[0];
        x = network.conv_norm_relu(&format!("block{block}.depthwise"), x, strided(depthwise(inputs), stride))?;
        x = network.conv_norm_relu(&format!("block{block}.pointwise"), x, pointwise(channels))?;
    }
    network.classify(x, 1000)
}

fn strided(conv: Conv, stride: usize) -> Conv {
    if stride == 1 { conv } else { Conv { padding: BELOW_AND_RIGHT, ..conv.stride(stride) } }
}
