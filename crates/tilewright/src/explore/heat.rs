//! Some images shown to one chip.

use serde::Serialize;
use std::ops::Range;

/// Some images shown to one chip.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Heat<'a> {
    /// The network, by the name that the space has for it.
    pub network: &'a str,
    /// All that the chip follows from but the network, the images and the seed.
    pub simulation: &'a str,
    /// The seed that it is programmed from.
    pub seed: u64,
    /// The images, by their numbers.
    pub images: Range<usize>,
}
