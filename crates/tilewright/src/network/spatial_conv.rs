//! Convolutions that are computed digitally: of any number of spatial axes, and transposed ones.

use super::Weights;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Which way a convolution goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Direction {
    /// Each output value is a sum over the kernel.
    Forward,
    /// Each input value adds the kernel to the output: a transposed ("up-") convolution.
    Transposed,
}

/// A convolution of any number of spatial axes. All lists have one entry a spatial axis.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SpatialConv {
    /// Which way it goes.
    pub direction: Direction,
    /// Elements between neighbouring outputs, or neighbouring inputs of a transposed one.
    pub stride: Vec<usize>,
    /// Elements between neighbouring taps.
    pub dilation: Vec<usize>,
    /// Zeros before and after the input; a transposed one leaves as much of its output out.
    pub padding: Vec<[usize; 2]>,
    /// Elements that a transposed one has beyond those its taps reach.
    pub output_padding: Vec<usize>,
    /// Channel groups that do not see each other.
    pub groups: usize,
    /// `[out_channels, in_channels / groups, kernel…]`; transposed `[in_channels, out_channels / groups, kernel…]`.
    pub weights: Weights,
    /// One bias per output channel.
    pub bias: Option<Arc<[f32]>>,
}

impl SpatialConv {
    /// The operation's name.
    pub const fn name(&self) -> &'static str {
        match self.direction {
            Direction::Forward => "spatial_conv",
            Direction::Transposed => "conv_transpose",
        }
    }

    /// Kernel size on each spatial axis.
    pub fn kernel(&self) -> &[usize] {
        self.weights.values.shape().get(2..).unwrap_or(&[])
    }

    /// Output channels.
    pub fn out_channels(&self) -> usize {
        let shape = self.weights.values.shape();
        match self.direction {
            Direction::Forward => shape[0],
            Direction::Transposed => shape[1] * self.groups,
        }
    }

    /// Input channels.
    pub fn in_channels(&self) -> usize {
        let shape = self.weights.values.shape();
        match self.direction {
            Direction::Forward => shape[1] * self.groups,
            Direction::Transposed => shape[0],
        }
    }

    /// Output length on a spatial axis for an input of `length`; `None` if nothing is left.
    pub fn output(&self, axis: usize, length: usize) -> Option<usize> {
        let extent = (self.kernel()[axis] - 1).checked_mul(self.dilation[axis])?.checked_add(1)?;
        let padding = self.padding[axis][0].checked_add(self.padding[axis][1])?;
        match self.direction {
            Direction::Forward => Some(length.checked_add(padding)?.checked_sub(extent)? / self.stride[axis] + 1),
            Direction::Transposed => {
                let reach = (length - 1).checked_mul(self.stride[axis])?.checked_add(extent)?;
                reach.checked_add(self.output_padding[axis])?.checked_sub(padding).filter(|&length| length > 0)
            }
        }
    }

    /// Multiply-accumulates per image for an input and output of these shapes, channels first; those on padding zeros count.
    pub fn macs(&self, input: &[usize], output: &[usize]) -> u64 {
        let positions = match self.direction {
            Direction::Forward => &output[1..],
            Direction::Transposed => &input[1..],
        };
        positions.iter().fold(self.weights.values.values().len() as u64, |macs, &length| macs * length as u64)
    }

    /// Where each tap meets the two maps: `visit(tap, coarse, fine)` for every tap and every pair of positions it joins, as flat
    /// indices within the kernel and within one channel. The coarse map is the output, or the input of a transposed convolution.
    pub fn for_each_tap(&self, coarse: &[usize], fine: &[usize], mut visit: impl FnMut(usize, usize, usize)) {
        let taps: usize = self.kernel().iter().product();
        let positions: usize = coarse.iter().product();
        for tap in 0..taps {
            for position in 0..positions {
                if let Some(at) = self.meet(tap, position, coarse, fine) {
                    visit(tap, position, at);
                }
            }
        }
    }

    /// The place in the fine map that a tap joins to a place in the coarse one, unless it is outside.
    fn meet(&self, mut tap: usize, mut position: usize, coarse: &[usize], fine: &[usize]) -> Option<usize> {
        let (mut at, mut step) = (0, 1);
        for axis in (0..coarse.len()).rev() {
            let kernel = self.kernel()[axis];
            let place = (position % coarse[axis]) * self.stride[axis] + (tap % kernel) * self.dilation[axis];
            let place = place.checked_sub(self.padding[axis][0]).filter(|&place| place < fine[axis])?;
            at += place * step;
            step *= fine[axis];
            (tap, position) = (tap / kernel, position / coarse[axis]);
        }
        Some(at)
    }
}
