//! Whether a tiling fits its layer and its crossbar.

use super::{BlockScope, ColumnCut, CrossbarSize, Encoding, MappingError, Packing, RowCut, Tiles, Tiling, band};
use crate::network::ConvShape;
use crate::partition::Partition;

impl Tiles {
    /// Checks a tiling against a layer and a crossbar. What always holds afterwards:
    ///
    /// - the window is not empty and not larger than the output;
    /// - every tile, times the packed slots, fits the crossbar; so does every piece of a stack; the offset column, if any, too;
    /// - no more groups or windows are packed, and no more copies held, than there are;
    /// - no more packs take turns than there are, and as rectangles they fit the crossbar; where they do, a block is one group, and
    ///   nothing is stacked or a band;
    /// - [`RowCut::Position`] has 1×1 windows; [`RowCut::Band`] has one window, uncut columns and a band that can be counted;
    /// - rows or columns are stacked, not both, and never those of a dense block of a grouped layer; where the other axis is cut,
    ///   one window is packed.
    ///
    /// # Errors
    /// [`MappingError::DoesNotFit`] with what was needed and what there is.
    pub fn new(
        shape: &ConvShape,
        tiling: Tiling,
        crossbar: CrossbarSize,
        encoding: Encoding,
    ) -> Result<Self, MappingError> {
        let output = shape.output();
        if (0..2).any(|axis| !(1..=output[axis]).contains(&tiling.window[axis])) {
            return Err(MappingError::misfit(format!(
                "an output window of {:?} on an output of {output:?}",
                tiling.window
            )));
        }
        let partition = Partition::new(shape, tiling.window);
        let blocks = if tiling.scope == BlockScope::Group { shape.groups } else { 1 };
        let tiles = Self {
            shape: *shape,
            tiling,
            crossbar,
            encoding,
            partition,
            blocks,
            block_inputs: shape.in_channels / blocks,
            block_outputs: shape.out_channels / blocks,
            pixels: partition.touched_pixels(),
        };
        tiles.verify()?;
        Ok(tiles)
    }

    fn verify(&self) -> Result<(), MappingError> {
        let Self { tiling, crossbar, .. } = self;
        let Packing { groups, windows } = tiling.packing;
        let loads_possible = self.partition.windows();
        let weights_per_row = self.weights_per_row();
        if weights_per_row == 0 {
            return fail(format!(
                "a weight takes {} columns{}, the crossbar has {}",
                self.encoding.columns_per_weight(),
                if self.encoding.extra_columns() > 0 { " and the crossbar an offset column" } else { "" },
                crossbar.columns
            ));
        }
        if matches!(tiling.rows, RowCut::Rows(0) | RowCut::Channel(0) | RowCut::Stack(0))
            || matches!(tiling.columns, ColumnCut::Columns(0) | ColumnCut::Channel(0) | ColumnCut::Stack(0))
        {
            return fail(format!(
                "one channel of a {}×{} sub-image takes {} rows and {} weight columns, the crossbar has {} and {weights_per_row}",
                self.partition.sub_image()[0],
                self.partition.sub_image()[1],
                self.pixels,
                self.partition.window_pixels(),
                crossbar.rows
            ));
        }
        if groups == 0 || groups > self.blocks || windows == 0 || windows as u64 > loads_possible {
            return fail(format!(
                "packing {groups} groups and {windows} windows of {} and {loads_possible}",
                self.blocks
            ));
        }
        if tiling.replication == 0 || tiling.replication > self.loads() {
            return fail(format!("{} copies for {} windows", tiling.replication, self.loads()));
        }
        self.verify_cuts()?;
        self.verify_size()?;
        self.verify_turns()
    }

    /// Whether the cuts go together.
    fn verify_cuts(&self) -> Result<(), MappingError> {
        let Tiling { rows, columns, packing, .. } = self.tiling;
        let stacked = self.tiling.is_stacked();
        let columns_stacked = matches!(columns, ColumnCut::Stack(_));
        match rows {
            RowCut::Position if self.partition.window_pixels() != 1 => {
                fail("kernel positions apart, but a window of several outputs".into())
            }
            RowCut::Band if self.partition.windows() != 1 || columns != ColumnCut::Element => {
                fail("a Toeplitz band of more than one window, or with cut columns".into())
            }
            RowCut::Band if band::runs(self) > band::MOST_RUNS => fail(format!(
                "its Toeplitz band has {} runs of rows to count, at most {}",
                band::runs(self),
                band::MOST_RUNS
            )),
            RowCut::Stack(_) | RowCut::Position if columns_stacked => {
                fail("columns stacked whose rows are stacked or taken by kernel positions".into())
            }
            _ if stacked && self.lanes() > 1 && packing.windows > 1 => {
                fail("windows stacked that do not fit side by side".into())
            }
            _ if stacked && self.drops_tiles() => fail("a dense block of a grouped layer, stacked".into()),
            _ => Ok(()),
        }
    }

    /// Whether the largest crossbar is none too large.
    fn verify_size(&self) -> Result<(), MappingError> {
        let [rows, columns] = self.largest();
        let (rows_there, columns_there) = (self.crossbar.rows, self.weights_per_row());
        if rows > rows_there || columns > columns_there {
            return fail(format!(
                "a tile takes {rows} rows and {columns} weight columns, the crossbar has {rows_there} and {columns_there}"
            ));
        }
        Ok(())
    }

    /// Whether packs that take turns can do so.
    fn verify_turns(&self) -> Result<(), MappingError> {
        let turns = self.tiling.turns;
        match turns {
            1 => Ok(()),
            _ if !self.may_take_turns() => {
                fail("turns of what is no pack of groups: a dense block, a stack or a Toeplitz band".into())
            }
            _ if turns == 0 || turns > self.packs() || turns > self.most_turns() => fail(format!(
                "{turns} packs that take turns in a crossbar of {}, of which it holds {}",
                self.packs(),
                self.most_turns()
            )),
            _ => Ok(()),
        }
    }
}

const fn fail(problem: String) -> Result<(), MappingError> {
    Err(MappingError::misfit(problem))
}
