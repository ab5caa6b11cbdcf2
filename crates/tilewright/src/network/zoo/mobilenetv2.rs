//! MobileNetV2 (Sandler, Howard, Zhu, Zhmoginov, Chen 2018, table 2), width 1.0, resolution 224: inverted residuals with
//! linear bottlenecks.
//!
//! Choice: stride 2 pads by 1 on all sides, as in torchvision.

use super::block::{depthwise, pointwise};
use crate::network::{Conv, Network, NetworkError, NodeId};

/// Expansion t, output channels c, blocks n, stride s of the first block: the columns of table 2.
const STAGES: [(usize, usize, usize, usize); 7] =
    [(1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1)];

pub(super) fn build(network: &mut Network) -> Result<(), NetworkError> {
    let mut x = network.conv_norm_relu6("conv1", network.input(), Conv::same(32, 3).stride(2))?;
    let mut block = 0;
    for (expansion, channels, blocks, first_stride) in STAGES {
        for index in 0..blocks {
            block += 1;
            let stride = if index == 0 { first_stride } else { 1 };
            x = inverted_residual(network, &format!("block{block}"), x, [expansion, channels, stride])?;
        }
    }
    let x = network.conv_norm_relu6("conv2", x, pointwise(1280))?;
    network.classify(x, 1000)
}

fn inverted_residual(
    network: &mut Network,
    name: &str,
    input: NodeId,
    [expansion, channels, stride]: [usize; 3],
) -> Result<NodeId, NetworkError> {
    let expanded = expansion * network.shape(input)[0];
    let mut x = input;
    if expansion > 1 {
        x = network.conv_norm_relu6(&format!("{name}.expand"), x, pointwise(expanded))?;
    }
    x = network.conv_norm_relu6(&format!("{name}.depthwise"), x, depthwise(expanded).stride(stride))?;
    x = network.conv_norm(&format!("{name}.project"), x, pointwise(channels))?;
    if network.shape(input) == network.shape(x) { network.join(name, x, input) } else { Ok(x) }
}
