//! A share of images with its confidence interval.

use serde::Serialize;

/// 97.5 % quantile of the normal distribution: 95 % lie between minus and plus this many standard deviations.
const Z: f64 = 1.959_963_984_540_054;

/// How many of how many images were recognised.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Rate {
    /// Images recognised.
    pub correct: u64,
    /// All images, at least one.
    pub images: u64,
    /// The share, 0 to 1.
    pub rate: f64,
    /// Ends of the 95 % interval of the share, within 0 to 1 (Wilson 1927, "Probable inference, the law of succession, and
    /// statistical inference", eq. 1): what the rate on endlessly many such images may be.
    pub interval: [f64; 2],
}

impl Rate {
    /// The rate of `correct` among `images`.
    ///
    /// # Panics
    /// If there are no images, or fewer than are correct.
    pub fn new(correct: u64, images: u64) -> Self {
        assert!(correct <= images && images > 0, "{correct} of {images} images is not a rate");
        let rate = correct as f64 / images as f64;
        Self { correct, images, rate, interval: interval(rate, images as f64, Z) }
    }
}

/// Ends of the interval of a share of `n` images, within so many standard deviations (Wilson 1927, eq. 1).
pub(crate) fn interval(share: f64, n: f64, deviations: f64) -> [f64; 2] {
    let squared = deviations * deviations;
    let centre = (share + squared / (2.0 * n)) / (1.0 + squared / n);
    let half = deviations / (1.0 + squared / n) * (share * (1.0 - share) / n + squared / (4.0 * n * n)).sqrt();
    [(centre - half).max(0.0), (centre + half).min(1.0)]
}
