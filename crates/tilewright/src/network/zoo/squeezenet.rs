//! SqueezeNet 1.1 (Iandola, Han, Moskewicz, Ashraf, Dally, Keutzer 2016; release 1.1 of the authors).
//!
//! Pooling counts a last, partial window, as in the authors' Caffe model and in torchvision.

use super::block::pointwise;
use crate::network::{Conv, Network, NetworkError, NodeId, Op, Pool};

pub(super) fn build(network: &mut Network) -> Result<(), NetworkError> {
    let pool = Pool { ceil: true, ..Pool::max(3, 2) };
    let mut x = network.conv_relu("conv1", network.input(), Conv::same(64, 3).stride(2).padding(0))?;
    x = network.pool(x, pool)?;
    for (index, squeezed, expanded) in
        [(2, 16, 64), (3, 16, 64), (4, 32, 128), (5, 32, 128), (6, 48, 192), (7, 48, 192), (8, 64, 256), (9, 64, 256)]
    {
        x = fire(network, &format!("fire{index}"), x, squeezed, expanded)?;
        if matches!(index, 3 | 5) {
            x = network.pool(x, pool)?;
        }
    }
    let x = network.conv_relu("conv10", x, pointwise(1000))?;
    network.global_average(x)?;
    Ok(())
}

/// A pointwise convolution to `squeezed` channels, then a pointwise and a 3×3 one to `expanded` channels each, joined.
fn fire(
    network: &mut Network,
    name: &str,
    input: NodeId,
    squeezed: usize,
    expanded: usize,
) -> Result<NodeId, NetworkError> {
    let x = network.conv_relu(&format!("{name}.squeeze"), input, pointwise(squeezed))?;
    let small = network.conv_relu(&format!("{name}.expand1x1"), x, pointwise(expanded))?;
    let large = network.conv_relu(&format!("{name}.expand3x3"), x, Conv::same(expanded, 3))?;
    network.push(format!("{name}.concat"), Op::Concat { axis: 0 }, &[small, large])
}
