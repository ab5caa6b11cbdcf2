//! The placement of one layer as flat arrays.

use crate::npz::Npz;
use anyhow::Result;
use std::io::Write;
use tilewright::mapping::Tiles;
use tilewright::mapping::placement::{PlacedCrossbar, crossbars};

/// The crossbars of one copy of a layer, pack by pack where packs take turns. `…_offset[i]..…_offset[i + 1]` are the entries of crossbar i.
#[derive(Default)]
pub(super) struct LayerArrays {
    /// `[crossbars, 3]`: group pack, row block, column block.
    block: Vec<u32>,
    /// `[crossbars, 3]`: turn, first row, first weight column.
    turn: Vec<u32>,
    row_offset: Vec<u64>,
    /// `[rows, 4]`: packed window, y, x, input channel.
    row_input: Vec<u32>,
    column_offset: Vec<u64>,
    /// `[columns, 4]`: packed window, y, x, output channel.
    column_output: Vec<u32>,
    cell_offset: Vec<u64>,
    cell_row: Vec<u16>,
    cell_column: Vec<u16>,
    cell_weight: Vec<u32>,
}

impl LayerArrays {
    /// Places a layer.
    pub(super) fn place(tiles: &Tiles) -> Self {
        let zero = || vec![0];
        let mut arrays = Self { row_offset: zero(), column_offset: zero(), cell_offset: zero(), ..Self::default() };
        crossbars(tiles).for_each(|crossbar| arrays.push(&crossbar));
        arrays
    }

    /// Crossbars of the copy, or packs that take turns in them.
    pub(super) const fn crossbars(&self) -> usize {
        self.row_offset.len() - 1
    }

    /// Weights placed.
    pub(super) const fn weights(&self) -> usize {
        self.cell_weight.len()
    }

    /// The limits on layers, crossbars and placed weights keep every number within its type.
    fn push(&mut self, crossbar: &PlacedCrossbar) {
        let PlacedCrossbar { group_pack, turn, corner, row_block, column_block, rows, columns, weights } = crossbar;
        self.block.extend([group_pack, row_block, column_block].map(|&block| block as u32));
        self.turn.extend([*turn, corner[0], corner[1]].map(|place| place as u32));
        for row in rows {
            self.row_input.extend([row.window, row.pixel[0], row.pixel[1], row.channel].map(|value| value as u32));
        }
        for column in columns {
            let [y, x] = column.pixel;
            self.column_output.extend([column.window, y, x, column.channel].map(|value| value as u32));
        }
        for cell in weights {
            self.cell_row.push(cell.row as u16);
            self.cell_column.push(cell.column as u16);
            self.cell_weight.push(cell.weight as u32);
        }
        self.row_offset.push(self.row_input.len() as u64 / 4);
        self.column_offset.push(self.column_output.len() as u64 / 4);
        self.cell_offset.push(self.cell_weight.len() as u64);
    }

    /// Writes all arrays as `<prefix>/<name>`.
    pub(super) fn write<W: Write>(&self, npz: &mut Npz<W>, prefix: &str) -> Result<()> {
        let name = |array: &str| format!("{prefix}/{array}");
        npz.array(&name("crossbar_block"), 3, &self.block)?;
        npz.array(&name("crossbar_turn"), 3, &self.turn)?;
        npz.array(&name("row_offset"), 1, &self.row_offset)?;
        npz.array(&name("row_input"), 4, &self.row_input)?;
        npz.array(&name("column_offset"), 1, &self.column_offset)?;
        npz.array(&name("column_output"), 4, &self.column_output)?;
        npz.array(&name("cell_offset"), 1, &self.cell_offset)?;
        npz.array(&name("cell_row"), 1, &self.cell_row)?;
        npz.array(&name("cell_column"), 1, &self.cell_column)?;
        npz.array(&name("cell_weight"), 1, &self.cell_weight)
    }
}
