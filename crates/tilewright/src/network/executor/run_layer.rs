//! What layers are to the executor.

use super::lanes::Images;
use fearless_simd::Level;

/// A convolution or dense layer made ready to run on sixteen images at once, in whatever arithmetic.
pub trait RunLayer {
    /// `[in_channels, height, width]` → `[out_channels, height, width]`, or the same values under the shape of a vector.
    ///
    /// `first` is the number of the image in lane 0; the other lanes have the images after it.
    fn run(&self, level: Level, input: &Images, first: u64) -> Images;
}
