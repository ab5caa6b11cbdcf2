//! Per-channel mean and standard deviation.

use std::borrow::Cow;

/// Mean and standard deviation of each channel, of pixels scaled to 0…1.
#[derive(Clone, Debug, PartialEq)]
pub struct Normalization {
    /// Mean of each channel.
    pub mean: Cow<'static, [f32]>,
    /// Standard deviation of each channel, greater than 0.
    pub std: Cow<'static, [f32]>,
}

impl Normalization {
    /// CIFAR-10: what [`Normalization::measure`] gives on its 50 000 training images, to four digits.
    pub const CIFAR10: Self = Self::published(&[0.4914, 0.4822, 0.4465], &[0.2470, 0.2435, 0.2616]);

    /// CIFAR-100, from github.com/weiaicunzai/pytorch-cifar100, `conf/global_settings.py`, to four digits.
    pub const CIFAR100: Self = Self::published(&[0.5071, 0.4865, 0.4409], &[0.2673, 0.2564, 0.2762]);

    /// MNIST, from github.com/pytorch/examples, `mnist/main.py`.
    pub const MNIST: Self = Self::published(&[0.1307], &[0.3081]);

    /// Fashion-MNIST: what [`Normalization::measure`] gives on its 60 000 training images, to four digits.
    pub const FASHION_MNIST: Self = Self::published(&[0.2860], &[0.3530]);

    const fn published(mean: &'static [f32], std: &'static [f32]) -> Self {
        Self { mean: Cow::Borrowed(mean), std: Cow::Borrowed(std) }
    }

    /// What leaves values as they are.
    pub fn identity(channels: usize) -> Self {
        Self { mean: vec![0.0; channels].into(), std: vec![1.0; channels].into() }
    }

    /// Number of channels.
    pub fn channels(&self) -> usize {
        self.mean.len()
    }

    /// A value of 0…1 of a channel, normalised.
    pub(super) fn apply(&self, channel: usize, value: f32) -> f32 {
        (value - self.mean[channel]) / self.std[channel]
    }
}
