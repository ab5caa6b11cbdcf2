//! Which pixels drive the rows of a load, and which outputs its columns yield.

use crate::mapping::Tiles;
use crate::mapping::placement::{ColumnOutput, RowInput};
use crate::network::executor::padded_sides;
use crate::partition::AxisPartition;

/// The windows of a layer over its padded input.
pub(super) struct Windows {
    axes: [AxisPartition; 2],
    /// Windows that share a load.
    slots: usize,
    stride: [usize; 2],
    padded: [usize; 2],
    output: [usize; 2],
}

/// Where one window lies.
#[derive(Clone, Copy)]
pub(super) struct Place {
    /// Its first pixel of channel 0 in the padded input.
    pub(super) input: usize,
    /// Its first output pixel `[y, x]`.
    output: [usize; 2],
    /// First output on each axis, counted from the window's, that no earlier window yields.
    owned_from: [usize; 2],
}

/// The input of a row.
#[derive(Clone, Copy)]
pub(super) struct Row {
    /// The slot of its window.
    pub(super) slot: usize,
    /// Its pixel in the padded input, counted from the window's first.
    pub(super) offset: usize,
}

/// The output of a weight column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Column {
    slot: usize,
    pixel: [usize; 2],
    /// Output channel.
    pub(super) channel: usize,
}

impl Windows {
    pub(super) fn new(tiles: &Tiles) -> Self {
        Self {
            axes: tiles.partition.axes,
            slots: tiles.tiling.packing.windows,
            stride: tiles.shape.stride,
            padded: padded_sides(&tiles.shape),
            output: tiles.shape.output(),
        }
    }

    pub(super) fn row(&self, input: &RowInput) -> Row {
        let [height, width] = self.padded;
        let [y, x] = input.pixel;
        Row { slot: input.window, offset: (input.channel * height + y) * width + x }
    }

    pub(super) fn column(&self, output: &ColumnOutput) -> Column {
        Column { slot: output.window, pixel: output.pixel, channel: output.channel }
    }

    /// The windows of one load, slot by slot; the last load may have fewer.
    pub(super) fn of_load(&self, load: u64, places: &mut Vec<Option<Place>>) {
        places.clear();
        let [down, across] = self.axes.map(|axis| axis.windows());
        for slot in 0..self.slots {
            let index = load as usize * self.slots + slot;
            places.push((index < down * across).then(|| self.place([index / across, index % across])));
        }
    }

    fn place(&self, window: [usize; 2]) -> Place {
        let output = [0, 1].map(|axis| self.axes[axis].start(window[axis]));
        let owned_from = [0, 1].map(|axis| self.axes[axis].owned(window[axis]).start);
        let [y, x] = [0, 1].map(|axis| output[axis] * self.stride[axis]);
        Place { input: y * self.padded[1] + x, output, owned_from }
    }

    /// The place in the output `[out_channels, height, width]` a column yields, unless its window is missing or an earlier
    /// one has yielded it.
    #[inline(always)]
    pub(super) fn output(&self, column: &Column, places: &[Option<Place>]) -> Option<usize> {
        let place = places[column.slot]?;
        let [y, x] = column.pixel;
        let owned = y >= place.owned_from[0] && x >= place.owned_from[1];
        let [height, width] = self.output;
        owned.then(|| (column.channel * height + place.output[0] + y) * width + place.output[1] + x)
    }
}
