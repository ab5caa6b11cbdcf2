//! One axis of a layer cut into windows.

use crate::network::ConvShape;
use serde::{Deserialize, Serialize};
use std::ops::Range;

/// One axis cut into windows of equal length.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AxisPartition {
    /// Outputs on the axis.
    pub output: usize,
    /// Outputs of one window.
    pub window: usize,
    /// Kernel taps on the axis.
    pub kernel: usize,
    /// Pixels between neighbouring outputs.
    pub stride: usize,
    /// Pixels between neighbouring taps.
    pub dilation: usize,
}

impl AxisPartition {
    pub(super) fn new(shape: &ConvShape, axis: usize, window: usize) -> Self {
        let output = shape.output()[axis];
        assert!((1..=output).contains(&window), "a window of {window} outputs on an axis of {output}");
        Self { output, window, kernel: shape.kernel[axis], stride: shape.stride[axis], dilation: shape.dilation[axis] }
    }

    /// Number of windows, the last one shifted inward where they do not divide the axis.
    pub const fn windows(&self) -> usize {
        self.output.div_ceil(self.window)
    }

    /// First output of a window.
    pub fn start(&self, window: usize) -> usize {
        (window * self.window).min(self.output - self.window)
    }

    /// The outputs of a window, counted from its start, that no earlier window yields.
    pub fn owned(&self, window: usize) -> Range<usize> {
        window * self.window - self.start(window)..self.window
    }

    /// Pixels a sub-image spans.
    pub const fn sub_image(&self) -> usize {
        (self.window - 1) * self.stride + (self.kernel - 1) * self.dilation + 1
    }

    /// Number of pixels of a sub-image that at least one tap touches.
    ///
    /// Tap k of output i meets tap k + s/g of output i − d/g (g the greatest common divisor of stride s and dilation d), so
    /// the first d/g outputs touch K new pixels each and the others min(K, s/g).
    pub fn touched(&self) -> usize {
        let divisor = greatest_common_divisor(self.stride, self.dilation);
        let fresh = self.window.min(self.dilation / divisor);
        fresh * self.kernel + (self.window - fresh) * self.kernel.min(self.stride / divisor)
    }

    /// For every pixel of a sub-image its place among the touched ones, or `None` if no tap touches it.
    pub fn touched_places(&self) -> Vec<Option<usize>> {
        let mut touched = vec![false; self.sub_image()];
        for output in 0..self.window {
            for tap in 0..self.kernel {
                touched[output * self.stride + tap * self.dilation] = true;
            }
        }
        let mut next = 0..;
        touched.into_iter().map(|touched| if touched { next.next() } else { None }).collect()
    }
}

/// The greatest number that divides both; `a` if `b` is 0.
pub(crate) const fn greatest_common_divisor(a: usize, b: usize) -> usize {
    if b == 0 { a } else { greatest_common_divisor(b, a % b) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn touched_counts_the_pixels_that_taps_touch() {
        for code in 0..6usize.pow(4) {
            let digit = |place: u32| code / 6usize.pow(place) % 6 + 1;
            let axis =
                AxisPartition { output: 6, window: digit(0), kernel: digit(1), stride: digit(2), dilation: digit(3) };
            assert_eq!(axis.touched(), axis.touched_places().iter().flatten().count(), "{axis:?}");
        }
    }

    #[test]
    fn every_output_is_owned_once() {
        for output in 1..20 {
            for window in 1..=output {
                let axis = AxisPartition { output, window, kernel: 3, stride: 1, dilation: 1 };
                let owned = (0..axis.windows()).flat_map(|i| axis.owned(i).map(move |offset| axis.start(i) + offset));
                assert!(owned.eq(0..output), "{axis:?}");
            }
        }
    }
}
