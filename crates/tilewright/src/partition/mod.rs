//! Stage 2: feature maps cut into sub-images.
//!
//! A layer's output is tiled by equal *output windows* of `ph × pw` pixels; the *sub-image* (VW-SDK's parallel window) is the
//! patch of padded input that yields one window. Neighbouring sub-images share a *halo*.
//!
//! ```text
//!   padded input, one axis (K = 3, stride 1, window 4)          output, one axis
//!   ┌─────────── sub-image 0 ───────────┐                       ┌─ window 0 ─┐┌─ window 1 ─┐
//!   0   1   2   3   4   5   6   7   8   9                       0  1  2  3    4  5  6  7
//!                   └─────────── sub-image 1 ───────────┘
//!                   └ halo ┘
//! ```
//!
//! Input type: [`ConvShape`]; output type: [`Partition`]. Guaranteed: every output pixel is owned by exactly one window, all
//! windows of a layer have the same size (the last one on an axis is shifted inward, not cut), and a pixel no kernel tap
//! ever touches is not part of a sub-image's rows. Zeros of the padding are part of it, as in the published schemes.

mod axis;

pub use axis::AxisPartition;
pub(crate) use axis::greatest_common_divisor;

use crate::network::ConvShape;
use serde::{Deserialize, Serialize};

/// A layer's output cut into equal windows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Partition {
    /// How the height (0) and the width (1) are cut.
    pub axes: [AxisPartition; 2],
}

impl Partition {
    /// Cuts the output of `shape` into windows of `window` = `[height, width]` outputs.
    ///
    /// # Panics
    /// If the window is empty or larger than the output.
    pub fn new(shape: &ConvShape, window: [usize; 2]) -> Self {
        Self { axes: [0, 1].map(|axis| AxisPartition::new(shape, axis, window[axis])) }
    }

    /// Number of windows, edge windows included.
    pub fn windows(&self) -> u64 {
        self.axes[0].windows() as u64 * self.axes[1].windows() as u64
    }

    /// Output pixels of one window.
    pub const fn window_pixels(&self) -> usize {
        self.axes[0].window * self.axes[1].window
    }

    /// Height and width of a sub-image in pixels, untouched ones included.
    pub const fn sub_image(&self) -> [usize; 2] {
        [self.axes[0].sub_image(), self.axes[1].sub_image()]
    }

    /// Input pixels of one channel that at least one tap touches: the word lines one channel of a sub-image needs.
    pub fn touched_pixels(&self) -> usize {
        self.axes[0].touched() * self.axes[1].touched()
    }

    /// What repeating the halos costs: touched pixels of a sub-image per pixel it advances by, minus one.
    ///
    /// For stride 1 this is ((m+K−1)² − m²) / m² (Oh, An, Min 2023); 0 where sub-images share nothing.
    pub fn overlap_overhead(&self) -> f64 {
        let advance = self.axes.map(|axis| (axis.window * axis.stride) as f64);
        (self.touched_pixels() as f64 / (advance[0] * advance[1]) - 1.0).max(0.0)
    }
}
