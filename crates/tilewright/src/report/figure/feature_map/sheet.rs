//! A feature map on the drawing: pixels to SVG units.

use super::region::Region;
use crate::report::figure::{Anchor, Element, line, rect, text, text_width};

/// Where the pixels of a map lie.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sheet {
    pub left: f64,
    pub top: f64,
    pub scale: f64,
}

impl Sheet {
    /// `[x, y, width, height]` in SVG units.
    pub(super) fn place(&self, Region { corner: [y, x], size: [height, width] }: Region) -> [f64; 4] {
        let [x, y, width, height] = [x, y, width, height].map(|pixels| pixels as f64 * self.scale);
        [self.left + x, self.top + y, width, height]
    }

    pub(super) fn region(&self, class: &str, region: Region) -> Element {
        let [x, y, width, height] = self.place(region);
        rect(class, x, y, width, height)
    }

    /// A name in the middle of a region, if there is room.
    pub(super) fn name(&self, region: Region, name: String) -> Option<Element> {
        let [x, y, width, height] = self.place(region);
        let fits = width > text_width(&name) + 6.0 && height > 20.0;
        fits.then(|| text(x + width / 2.0, y + height / 2.0 + 4.5, Anchor::Middle, name).class("inside"))
    }

    pub(super) fn grid(&self, [rows, columns]: &[Vec<usize>; 2], within: Region) -> Vec<Element> {
        let [left, top, width, height] = self.place(within);
        let rows = rows.iter().map(|&row| {
            let y = self.top + row as f64 * self.scale;
            line("cell-grid", [left, y], [left + width, y])
        });
        let columns = columns.iter().map(|&column| {
            let x = self.left + column as f64 * self.scale;
            line("cell-grid", [x, top], [x, top + height])
        });
        rows.chain(columns).collect()
    }
}
