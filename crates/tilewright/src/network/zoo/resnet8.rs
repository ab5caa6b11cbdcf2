//! ResNet-8 for CIFAR-10, the image classifier of MLPerf Tiny (Banbury et al. 2021, section 4.3).
//!
//! Three residual blocks of 16, 32 and 64 channels; the last two have a pointwise convolution of stride 2, without
//! normalisation, as shortcut. The reference is a TensorFlow model, so stride 2 pads below and on the right only.
//! `conv1` is as wide as the first stage.

use super::block::{BELOW_AND_RIGHT, pointwise};
use super::width::Widths;
use crate::network::{Conv, Network, NetworkError};

pub(super) fn build(network: &mut Network, widths: &Widths) -> Result<(), NetworkError> {
    let mut x = network.conv_norm_relu("conv1", network.input(), Conv::same(widths.channels(1, 16), 3))?;
    for (stage, channels) in [(1, 16), (2, 32), (3, 64)] {
        let channels = widths.channels(stage, channels);
        let name = format!("stage{stage}.block1");
        let (first, shortcut) = if stage == 1 {
            (Conv::same(channels, 3), x)
        } else {
            let halving = Conv { padding: BELOW_AND_RIGHT, ..Conv::same(channels, 3).stride(2) };
            (halving, network.conv(&format!("{name}.shortcut"), x, pointwise(channels).stride(2))?)
        };
        let branch = network.conv_norm_relu(&format!("{name}.conv1"), x, first)?;
        let branch = network.conv_norm(&format!("{name}.conv2"), branch, Conv::same(channels, 3))?;
        x = network.join(&name, branch, shortcut)?;
        x = network.relu(x)?;
    }
    network.classify(x, 10)
}
