//! Rectangles of pixels.

/// A rectangle of pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Region {
    /// Upper left pixel `[y, x]`.
    pub corner: [usize; 2],
    /// Height and width in pixels.
    pub size: [usize; 2],
}

impl Region {
    /// Number of pixels.
    pub const fn area(&self) -> usize {
        self.size[0] * self.size[1]
    }
}
