//! The residual networks for ImageNet (He, Zhang, Ren, Sun 2016, table 1), with normalised pointwise convolutions as
//! shortcuts where the shape changes (the paper's option B).
//!
//! Choices: ResNet-50 halves the map in the 3×3 convolution of a bottleneck, as torchvision does ("v1.5"), where the paper
//! halves it in the 1×1 before. `resnet18-cifar` is ResNet-18 with a 3×3 stem of stride 1 and no pooling, as in Liu's
//! pytorch-cifar. `conv1` is as wide as the first stage.

use super::block::pointwise;
use super::width::Widths;
use crate::network::{Conv, Network, NetworkError, NodeId, Pool};

/// The branch of a residual block besides its shortcut.
#[derive(Clone, Copy)]
enum Branch {
    /// Two 3×3 convolutions.
    Basic,
    /// 1×1, 3×3, 1×1, the last with four times the channels.
    Bottleneck,
}

pub(super) fn resnet18(network: &mut Network, widths: &Widths) -> Result<(), NetworkError> {
    imagenet(network, widths, Branch::Basic, [2, 2, 2, 2])
}

pub(super) fn resnet34(network: &mut Network, widths: &Widths) -> Result<(), NetworkError> {
    imagenet(network, widths, Branch::Basic, [3, 4, 6, 3])
}

pub(super) fn resnet50(network: &mut Network, widths: &Widths) -> Result<(), NetworkError> {
    imagenet(network, widths, Branch::Bottleneck, [3, 4, 6, 3])
}

pub(super) fn resnet18_cifar(network: &mut Network, widths: &Widths) -> Result<(), NetworkError> {
    let x = network.conv_norm_relu("conv1", network.input(), Conv::same(widths.channels(1, 64), 3))?;
    let x = stages(network, widths, x, Branch::Basic, [2, 2, 2, 2])?;
    network.classify(x, 10)
}

fn imagenet(network: &mut Network, widths: &Widths, branch: Branch, blocks: [usize; 4]) -> Result<(), NetworkError> {
    let x = network.conv_norm_relu("conv1", network.input(), Conv::same(widths.channels(1, 64), 7).stride(2))?;
    let x = network.pool(x, Pool::max(3, 2).padding(1))?;
    let x = stages(network, widths, x, branch, blocks)?;
    network.classify(x, 1000)
}

/// Four stages with these many blocks; from the second on, a stage halves the map and, at width 1, doubles the channels.
fn stages(
    network: &mut Network,
    widths: &Widths,
    input: NodeId,
    branch: Branch,
    blocks: [usize; 4],
) -> Result<NodeId, NetworkError> {
    let mut x = input;
    for (stage, blocks) in (1..).zip(blocks) {
        let channels = widths.channels(stage, 32 << stage);
        for index in 1..=blocks {
            let name = format!("stage{stage}.block{index}");
            let middle = Conv::same(channels, 3).stride(if stage > 1 && index == 1 { 2 } else { 1 });
            x = residual_block(network, &name, x, branch, middle)?;
        }
    }
    Ok(x)
}

/// A residual block around `middle`, its convolution that may have a stride.
fn residual_block(
    network: &mut Network,
    name: &str,
    input: NodeId,
    branch: Branch,
    middle: Conv,
) -> Result<NodeId, NetworkError> {
    let layer = |index: usize| format!("{name}.conv{index}");
    let (width, stride) = (middle.out_channels, middle.stride[0]);
    let x = match branch {
        Branch::Basic => {
            let x = network.conv_norm_relu(&layer(1), input, middle)?;
            network.conv_norm(&layer(2), x, Conv::same(width, 3))?
        }
        Branch::Bottleneck => {
            let x = network.conv_norm_relu(&layer(1), input, pointwise(width))?;
            let x = network.conv_norm_relu(&layer(2), x, middle)?;
            network.conv_norm(&layer(3), x, pointwise(4 * width))?
        }
    };
    let shortcut = if network.shape(input) == network.shape(x) {
        input
    } else {
        let channels = network.shape(x)[0];
        network.conv_norm(&format!("{name}.shortcut"), input, pointwise(channels).stride(stride))?
    };
    let x = network.join(name, x, shortcut)?;
    network.relu(x)
}
