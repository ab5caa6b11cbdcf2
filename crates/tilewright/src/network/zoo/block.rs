//! What the networks of the zoo are built from: a convolution with the digital operations that follow it.

use crate::network::{Activation, Conv, Network, NetworkError, NodeId, Op, Padding};

/// What TensorFlow's "SAME" adds for a 3×3 kernel of stride 2 on an even image: one row below, one column on the right.
pub(super) const BELOW_AND_RIGHT: Padding = Padding { top: 0, left: 0, bottom: 1, right: 1 };

/// min(max(0, x), 6)
pub(super) const RELU6: Activation = Activation::Clip { min: 0.0, max: 6.0 };

/// A pointwise convolution.
pub(super) const fn pointwise(out_channels: usize) -> Conv {
    Conv::same(out_channels, 1)
}

/// A 3×3 depthwise convolution of `channels` channels.
pub(super) const fn depthwise(channels: usize) -> Conv {
    Conv::same(channels, 3).groups(channels)
}

impl Network {
    /// Appends a convolution and max(0, x).
    pub(super) fn conv_relu(&mut self, name: &str, input: NodeId, conv: Conv) -> Result<NodeId, NetworkError> {
        let x = self.conv(name, input, conv)?;
        self.relu(x)
    }

    /// Appends a convolution and its batch normalisation.
    pub(super) fn conv_norm(&mut self, name: &str, input: NodeId, conv: Conv) -> Result<NodeId, NetworkError> {
        let x = self.conv(name, input, conv)?;
        self.batch_norm(x)
    }

    /// Appends a convolution, its batch normalisation and max(0, x).
    pub(super) fn conv_norm_relu(&mut self, name: &str, input: NodeId, conv: Conv) -> Result<NodeId, NetworkError> {
        let x = self.conv_norm(name, input, conv)?;
        self.relu(x)
    }

    /// Appends a convolution, its batch normalisation and min(max(0, x), 6).
    pub(super) fn conv_norm_relu6(&mut self, name: &str, input: NodeId, conv: Conv) -> Result<NodeId, NetworkError> {
        let x = self.conv_norm(name, input, conv)?;
        self.then(x, Op::Activation(RELU6))
    }

    /// Appends batch normalisation and max(0, x), for layers that activate before they convolve.
    pub(super) fn norm_relu(&mut self, input: NodeId) -> Result<NodeId, NetworkError> {
        let x = self.batch_norm(input)?;
        self.relu(x)
    }

    /// Appends a dense layer and max(0, x).
    pub(super) fn dense_relu(&mut self, name: &str, input: NodeId, features: usize) -> Result<NodeId, NetworkError> {
        let x = self.dense(name, input, features)?;
        self.relu(x)
    }

    /// Appends `<block>.add`, the sum of a block's branch and its shortcut.
    pub(super) fn join(&mut self, block: &str, branch: NodeId, shortcut: NodeId) -> Result<NodeId, NetworkError> {
        self.push(format!("{block}.add"), Op::Add, &[branch, shortcut])
    }

    /// Appends the mean over height and width and the dense layer `fc`.
    pub(super) fn classify(&mut self, input: NodeId, classes: usize) -> Result<(), NetworkError> {
        let x = self.global_average(input)?;
        self.dense("fc", x, classes)?;
        Ok(())
    }
}
