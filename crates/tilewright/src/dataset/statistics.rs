//! What the normalisation of a data set is measured to be.

use super::{Dataset, Normalization};

impl Normalization {
    /// The mean and the standard deviation (of the population, over all values) of each channel of `set`.
    ///
    /// A channel that is the same everywhere gets the standard deviation 1.
    pub fn measure(set: &Dataset) -> Self {
        let mean = expected(set, |_, value| value);
        let variance = expected(set, |channel, value| (value - mean[channel]).powi(2));
        let deviation = |variance: &f64| if *variance > 0.0 { variance.sqrt() as f32 } else { 1.0 };
        Self { mean: mean.iter().map(|&mean| mean as f32).collect(), std: variance.iter().map(deviation).collect() }
    }
}

/// The mean of something of each value, channel by channel.
fn expected(set: &Dataset, of: impl Fn(usize, f64) -> f64) -> Vec<f64> {
    let identity = Normalization::identity(set.channels());
    let mut sums = vec![0.0; set.channels()];
    for image in 0..set.len() {
        for (place, &value) in set.image(image, &identity).values().iter().enumerate() {
            let channel = set.channel_at(place);
            sums[channel] += of(channel, value.into());
        }
    }
    let in_each = (set.values().len() / set.channels()) as f64;
    sums.into_iter().map(|sum| sum / in_each).collect()
}
