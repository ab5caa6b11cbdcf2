//! Where the crossbars of layers lie in shared ones.

use super::rectangles::{Place, Rectangle};
use crate::mapping::Tiling;
use std::collections::BTreeSet;

/// One crossbar of the mapping, or a pack that takes turns, inside a shared one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Member {
    /// Place of the layer in the mapping.
    pub layer: usize,
    /// Which copy of the layer.
    pub copy: u64,
    /// Its place in [`placement::crossbars`](crate::mapping::placement::crossbars) of the layer under its tiling in [`Sharing::tilings`].
    pub crossbar: usize,
    /// Rows and columns it uses.
    pub size: Rectangle,
    /// Where it lies.
    pub place: Place,
}

/// A mapping whose crossbars are shared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sharing {
    /// Shared crossbars.
    pub crossbars: u64,
    /// No packing of these rectangles takes fewer.
    pub lower_bound: u64,
    /// Steps in series for an image: each cycle of a layer counts as often as the shared crossbar that holds most of the layer's crossbars
    /// holds of them. Members without a row or column in common could be driven together; they are counted apart.
    pub cycles: u64,
    /// For each layer how often each of its cycles counts.
    pub turns: Vec<u64>,
    /// The tiling of each layer: the mapping's, with fewer groups at once where that saves crossbars.
    pub tilings: Vec<Tiling>,
    /// Every crossbar of the mapping, layer by layer, copy by copy; none of layers whose weights another one's crossbars hold.
    pub members: Vec<Member>,
}

impl Sharing {
    /// The shared crossbars that a layer lies on, by their places; none for a layer whose weights another one's crossbars hold.
    pub fn crossbars_of(&self, layer: usize) -> BTreeSet<usize> {
        self.members.iter().filter(|member| member.layer == layer).map(|member| member.place.bin).collect()
    }
}
