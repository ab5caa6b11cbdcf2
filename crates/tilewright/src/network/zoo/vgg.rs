//! The VGG family (Simonyan, Zisserman 2015, table 1): 3×3 convolutions, the channels doubled after each pooling.
//!
//! On ImageNet as in the paper, without batch normalisation. On CIFAR-10 with batch normalisation and one dense layer, as
//! in Liu's pytorch-cifar; but VGG-8, the benchmark of DNN+NeuroSim (Peng, Huang, Jiang, Lu, Yu 2019), has no
//! normalisation and two dense layers. Widths leave the outputs of the dense layers as they are.

use super::width::Widths;
use crate::network::{Conv, Network, NetworkError, NodeId, Pool};

/// Output channels of each convolution, a list for each stage; every stage ends in 2×2 maximum pooling.
type Stages = &'static [&'static [usize]];

/// The 11-layer configuration.
pub(super) const A: Stages = &[&[64], &[128], &[256, 256], &[512, 512], &[512, 512]];
/// The 13-layer configuration.
pub(super) const B: Stages = &[&[64, 64], &[128, 128], &[256, 256], &[512, 512], &[512, 512]];
/// The 16-layer configuration.
pub(super) const D: Stages = &[&[64, 64], &[128, 128], &[256; 3], &[512; 3], &[512; 3]];

/// A way to append a convolution and what follows it.
type Append = fn(&mut Network, &str, NodeId, Conv) -> Result<NodeId, NetworkError>;

pub(super) fn imagenet(network: &mut Network, widths: &Widths, stages: Stages) -> Result<(), NetworkError> {
    let x = features(network, widths, stages, Network::conv_relu)?;
    let x = network.dense_relu("fc1", x, 4096)?;
    let x = network.dense_relu("fc2", x, 4096)?;
    network.dense("fc3", x, 1000)?;
    Ok(())
}

pub(super) fn cifar(network: &mut Network, widths: &Widths, stages: Stages) -> Result<(), NetworkError> {
    let x = features(network, widths, stages, Network::conv_norm_relu)?;
    network.dense("fc", x, 10)?;
    Ok(())
}

pub(super) fn vgg8_cifar(network: &mut Network, widths: &Widths) -> Result<(), NetworkError> {
    let x = features(network, widths, &[&[128, 128], &[256, 256], &[512, 512]], Network::conv_relu)?;
    let x = network.dense_relu("fc1", x, 1024)?;
    network.dense("fc2", x, 10)?;
    Ok(())
}

/// The convolutions `stage1.conv1`, `stage1.conv2`, … and the flattened last map.
fn features(network: &mut Network, widths: &Widths, stages: Stages, append: Append) -> Result<NodeId, NetworkError> {
    let mut x = network.input();
    for (stage, channels) in (1..).zip(stages) {
        for (index, &channels) in (1..).zip(*channels) {
            let conv = Conv::same(widths.channels(stage, channels), 3);
            x = append(network, &format!("stage{stage}.conv{index}"), x, conv)?;
        }
        x = network.pool(x, Pool::max(2, 2))?;
    }
    network.flatten(x)
}
