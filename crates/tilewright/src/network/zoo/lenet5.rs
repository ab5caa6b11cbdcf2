//! LeNet-5 (LeCun, Bottou, Bengio, Haffner 1998, figure 2), as it is rebuilt today.
//!
//! Choices: the paper pads 28×28 digits to 32×32; here `conv1` pads by 2. Every map of `conv2` sees all six input maps
//! (the paper's table I connects 60 of the 96 pairs). C5 covers its whole 5×5 input and is the dense layer `fc1`.
//! Subsampling is a plain average, without the paper's trainable factor, and the output is dense, not radial basis.

use crate::network::{Activation, Conv, Network, NetworkError, NodeId, Op, Pool};

const TANH: Op = Op::Activation(Activation::Tanh);

pub(super) fn build(network: &mut Network) -> Result<(), NetworkError> {
    let x = feature_maps(network, "conv1", network.input(), Conv::same(6, 5))?;
    let x = feature_maps(network, "conv2", x, Conv::same(16, 5).padding(0))?;
    let mut x = network.flatten(x)?;
    for (name, features) in [("fc1", 120), ("fc2", 84)] {
        x = network.dense(name, x, features)?;
        x = network.then(x, TANH)?;
    }
    network.dense("fc3", x, 10)?;
    Ok(())
}

fn feature_maps(network: &mut Network, name: &str, input: NodeId, conv: Conv) -> Result<NodeId, NetworkError> {
    let x = network.conv(name, input, conv)?;
    let x = network.then(x, TANH)?;
    network.pool(x, Pool::average(2, 2))
}
