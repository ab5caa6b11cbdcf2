//! The residual networks of 6n + 2 layers for CIFAR-10 (He, Zhang, Ren, Sun 2016, section 4.2).
//!
//! Shortcuts have no weights (the paper's option A): where a stage halves the map and doubles the channels, the shortcut
//! takes every second row and column and adds zero channels. Choice: half of those channels come before and half after
//! the others, as in Idelbayev's implementation; the paper does not say. Such a shortcut cannot drop channels, so widths may
//! not make a stage narrower than the one before it. `conv1` is as wide as the first stage.

use super::width::Widths;
use crate::network::{Conv, Network, NetworkError, NodeId, Op};

/// Three stages of `blocks` blocks.
pub(super) fn build(network: &mut Network, widths: &Widths, blocks: usize) -> Result<(), NetworkError> {
    let mut x = network.conv_norm_relu("conv1", network.input(), Conv::same(widths.channels(1, 16), 3))?;
    for (stage, channels) in [(1, 16), (2, 32), (3, 64)] {
        let channels = widths.channels(stage, channels);
        for block in 1..=blocks {
            let stride = if stage > 1 && block == 1 { 2 } else { 1 };
            x = residual_block(network, &format!("stage{stage}.block{block}"), x, channels, stride)?;
        }
    }
    network.classify(x, 10)
}

fn residual_block(
    network: &mut Network,
    name: &str,
    input: NodeId,
    channels: usize,
    stride: usize,
) -> Result<NodeId, NetworkError> {
    let x = network.conv_norm_relu(&format!("{name}.conv1"), input, Conv::same(channels, 3).stride(stride))?;
    let x = network.conv_norm(&format!("{name}.conv2"), x, Conv::same(channels, 3))?;
    let shortcut = if stride == 1 { input } else { subsample(network, name, input, channels)? };
    let x = network.join(name, x, shortcut)?;
    network.relu(x)
}

/// Every second row and column of `input`, with zero channels around it up to `channels`.
fn subsample(network: &mut Network, name: &str, input: NodeId, channels: usize) -> Result<NodeId, NetworkError> {
    let [inputs, height, width] = *network.shape(input) else { unreachable!("a convolution yields a feature map") };
    let every_second = |axis, end| Op::Slice { axis, start: 0, end, step: 2 };
    let x = network.push(format!("{name}.shortcut.rows"), every_second(1, height), &[input])?;
    let x = network.push(format!("{name}.shortcut.columns"), every_second(2, width), &[x])?;
    let Some(missing) = channels.checked_sub(inputs) else {
        return Err(NetworkError::Width {
            network: network.name.clone(),
            problem: format!(
                "has a stage of {channels} channels after one of {inputs}, and a shortcut without weights cannot drop \
                 channels; give widths with which no stage is narrower than the one before it"
            ),
        });
    };
    let (before, after) = (vec![missing / 2, 0, 0], vec![missing.div_ceil(2), 0, 0]);
    network.push(format!("{name}.shortcut.channels"), Op::Pad { before, after, value: 0.0 }, &[x])
}
