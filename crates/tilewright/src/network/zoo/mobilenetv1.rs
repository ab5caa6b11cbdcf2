//! MobileNet (Howard et al. 2017, table 1), resolution 224: the depthwise–pointwise pair after which 2D+1D
//! kernels are modelled, here with a normalisation and an activation between the two.
//!
//! Choices: the last depthwise layer has stride 1 (the table's "s2" there contradicts its own output size), and stride 2
//! pads below and on the right only, as in the authors' TensorFlow release. Its stages are the blocks of one image size;
//! `conv1` has the width of the first, so that one factor for all is the paper's width multiplier.

use super::block::{BELOW_AND_RIGHT, depthwise, pointwise};
use super::width::Widths;
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

/// Stages: the blocks from one halving of the image to the next.
pub(super) const STAGES: usize = 5;

pub(super) fn build(network: &mut Network, widths: &Widths) -> Result<(), NetworkError> {
    let mut x = network.conv_norm_relu("conv1", network.input(), strided(Conv::same(widths.channels(1, 32), 3), 2))?;
    let mut stage = 1;
    for (block, (stride, channels)) in (1..).zip(BLOCKS) {
        stage += stride - 1;
        let (inputs, channels) = (network.shape(x)[0], widths.channels(stage, channels));
        x = network.conv_norm_relu(&format!("block{block}.depthwise"), x, strided(depthwise(inputs), stride))?;
        x = network.conv_norm_relu(&format!("block{block}.pointwise"), x, pointwise(channels))?;
    }
    network.classify(x, 1000)
}

fn strided(conv: Conv, stride: usize) -> Conv {
    if stride == 1 { conv } else { Conv { padding: BELOW_AND_RIGHT, ..conv.stride(stride) } }
}
