//! What becomes of maps between two nodes.

use super::lanes::Images;
use fearless_simd::Level;

/// Whatever changes the output of a node on its way to all that take it.
pub trait OnTheWay: Send + Sync {
    /// `first` is the number of the image in lane 0; the other lanes have the images after it.
    fn change(&self, level: Level, output: &mut Images, first: u64);
}
