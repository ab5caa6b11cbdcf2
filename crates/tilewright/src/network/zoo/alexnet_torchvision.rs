//! AlexNet in one column (Krizhevsky 2014, "One weird trick for parallelizing convolutional neural networks"), with the
//! channels and paddings of torchvision's `alexnet`.

use crate::network::{Conv, Network, NetworkError, Pool};

pub(super) fn build(network: &mut Network) -> Result<(), NetworkError> {
    let overlapping = Pool::max(3, 2);
    let x = network.conv_relu("conv1", network.input(), Conv::same(64, 11).stride(4).padding(2))?;
    let x = network.pool(x, overlapping)?;
    let x = network.conv_relu("conv2", x, Conv::same(192, 5))?;
    let x = network.pool(x, overlapping)?;
    let x = network.conv_relu("conv3", x, Conv::same(384, 3))?;
    let x = network.conv_relu("conv4", x, Conv::same(256, 3))?;
    let x = network.conv_relu("conv5", x, Conv::same(256, 3))?;
    let x = network.pool(x, overlapping)?;
    let x = network.flatten(x)?;
    let x = network.dense_relu("fc6", x, 4096)?;
    let x = network.dense_relu("fc7", x, 4096)?;
    network.dense("fc8", x, 1000)?;
    Ok(())
}
