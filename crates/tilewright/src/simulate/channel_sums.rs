//! Sums over the values of each channel, from which moments and straight lines follow.

/// For each channel the sums of so many terms.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct ChannelSums<const N: usize>(Vec<[f64; N]>);

impl<const N: usize> ChannelSums<N> {
    /// Of the terms of every value, channel by channel.
    pub(super) fn of<T: Iterator<Item = [f64; N]>>(channels: impl Iterator<Item = T>) -> Self {
        let sums = channels.map(|terms| {
            let mut sums = [0.0; N];
            terms.for_each(|terms| add(&mut sums, &terms));
            sums
        });
        Self(sums.collect())
    }

    pub(super) fn plus(mut self, other: &Self) -> Self {
        self.0.iter_mut().zip(&other.0).for_each(|(sums, others)| add(sums, others));
        self
    }

    /// What follows from the sums of each channel.
    pub(super) fn each<T>(&self, of: impl Fn(&[f64; N]) -> T) -> Vec<T> {
        self.0.iter().map(of).collect()
    }
}

fn add<const N: usize>(sums: &mut [f64; N], terms: &[f64; N]) {
    sums.iter_mut().zip(terms).for_each(|(sum, term)| *sum += term);
}
