//! One axis of a feature map: what of it is shown and where its windows lie.

use crate::partition::AxisPartition;

/// A side of this many windows or fewer is shown whole.
const FEW_WINDOWS: usize = 6;
/// So is one of this many windows or fewer and at most [`SHOWN_PIXELS`].
const SOME_WINDOWS: usize = 16;
/// About how many pixels of a longer side are shown, fewer where the windows are small.
pub(super) const SHOWN_PIXELS: usize = 44;

/// One axis of the drawing.
#[derive(Clone, Debug)]
pub(super) struct Axis {
    pub partition: AxisPartition,
    pub padding: [usize; 2],
    pub input: usize,
    /// Windows shown, from the first.
    shown: usize,
}

impl Axis {
    /// The axis, cut to about so many pixels if it is too long to show whole.
    pub(super) fn new(partition: AxisPartition, padding: [usize; 2], input: usize, pixels: usize) -> Self {
        let windows = partition.windows();
        let short = windows <= SOME_WINDOWS && input + padding[0] + padding[1] <= SHOWN_PIXELS;
        let whole = short || windows <= FEW_WINDOWS;
        let shown = if whole { windows } else { (pixels / (partition.window * partition.stride)).clamp(3, windows) };
        Self { partition, padding, input, shown }
    }

    pub(super) const fn is_cut(&self) -> bool {
        self.shown < self.partition.windows()
    }

    pub(super) const fn padded(&self) -> usize {
        self.padding[0] + self.input + self.padding[1]
    }

    /// Pixels of the padded input that are shown.
    pub(super) fn shown_input(&self) -> usize {
        if self.is_cut() {
            self.partition.start(self.shown - 1) * self.partition.stride + self.partition.sub_image()
        } else {
            self.padded()
        }
    }

    pub(super) const fn shown_output(&self) -> usize {
        if self.is_cut() { self.shown * self.partition.window } else { self.partition.output }
    }

    /// `[start, length]` of the image within what is shown.
    pub(super) fn shown_image(&self) -> [usize; 2] {
        let end = (self.padding[0] + self.input).min(self.shown_input());
        [self.padding[0].min(end), end.saturating_sub(self.padding[0])]
    }

    /// The window that is marked: the second, which has neighbours on both sides.
    pub(super) fn marked(&self) -> usize {
        1.min(self.partition.windows() - 1)
    }

    pub(super) fn sub_image(&self) -> [usize; 2] {
        [self.partition.start(self.marked()) * self.partition.stride, self.partition.sub_image()]
    }

    pub(super) fn own(&self) -> [usize; 2] {
        let [start, length] = self.sub_image();
        let own = self.own_length();
        [start + (length - own) / 2, own]
    }

    /// Pixels of a sub-image that are its own: as many as it advances by.
    pub(super) fn own_length(&self) -> usize {
        (self.partition.window * self.partition.stride).min(self.partition.sub_image())
    }

    pub(super) fn window(&self) -> [usize; 2] {
        [self.partition.start(self.marked()), self.partition.window]
    }

    pub(super) fn next_start(&self) -> Option<usize> {
        let next = self.marked() + 1;
        (next < self.shown).then(|| self.partition.start(next) * self.partition.stride)
    }

    pub(super) fn own_boundaries(&self) -> Vec<usize> {
        let inset = (self.partition.sub_image() - self.own_length()) / 2;
        let starts = (1..self.shown).map(|window| window * self.partition.window * self.partition.stride + inset);
        starts.filter(|&start| start < self.shown_input()).collect()
    }

    pub(super) fn window_boundaries(&self) -> Vec<usize> {
        (1..self.shown).map(|window| window * self.partition.window).collect()
    }

    /// Runs `(start, length, reads)` of pixels that equally many windows read.
    pub(super) fn reads(&self) -> Vec<(usize, usize, usize)> {
        let shown = self.shown_input();
        let mut reads = vec![0; shown];
        let places = self.partition.touched_places();
        let touched: Vec<usize> = (0..places.len()).filter(|&pixel| places[pixel].is_some()).collect();
        for window in 0..self.partition.windows() {
            let start = self.partition.start(window) * self.partition.stride;
            let pixels = touched.iter().map(|pixel| start + pixel);
            pixels.take_while(|&pixel| pixel < shown).for_each(|pixel| reads[pixel] += 1);
        }
        let mut runs: Vec<(usize, usize, usize)> = Vec::new();
        for (place, count) in reads.into_iter().enumerate() {
            match runs.last_mut() {
                Some((_, length, reads)) if *reads == count => *length += 1,
                _ => runs.push((place, 1, count)),
            }
        }
        runs
    }
}
