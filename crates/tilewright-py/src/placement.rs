//! What every cell of a layer holds, as the arrays of `docs/placement.md`.

use crate::array::bytes;
use crate::error::{Failure, Outcome};
use crate::mapping::PyMapping;
use crate::watched;
use pyo3::prelude::*;
use pyo3::types::PyDict;
use tilewright::mapping::LayerMapping;
use tilewright::mapping::placement::{PlacedCrossbar, crossbars};

/// The arrays, row-major, all crossbars of a copy one after the other.
#[derive(Default)]
struct Arrays {
    crossbar_block: Vec<u32>,
    crossbar_turn: Vec<u32>,
    row_offset: Vec<u64>,
    row_input: Vec<u32>,
    column_offset: Vec<u64>,
    column_output: Vec<u32>,
    cell_offset: Vec<u64>,
    cell_row: Vec<u32>,
    cell_column: Vec<u32>,
    cell_weight: Vec<u64>,
}

/// The arrays of one copy of a layer by name: offsets and `cell_weight` as `uint64`, the others as `uint32`.
#[pyfunction]
pub(crate) fn placement<'py>(
    py: Python<'py>,
    mapping: &PyMapping,
    layer: usize,
    limit: u64,
) -> Outcome<Bound<'py, PyDict>> {
    let tiles = mapping.tiles(layer)?;
    let LayerMapping { name, counts, .. } = &mapping.mapped.mapping.layers[layer];
    let placed = counts.weight_cells / tiles.encoding.columns_per_weight() as u64 / tiles.tiling.replication;
    if placed > limit {
        return Err(Failure::new(format!(
            "layer {name:?} by {} places {placed} weights in one copy, the limit is {limit}; raise limit, or take a \
             scheme that copies less",
            mapping.mapped.mapping.scheme
        )));
    }
    let arrays = watched::run(py, None, move |watch| {
        let mut arrays = Arrays::new();
        crossbars(&tiles).take_while(|_| !watch.stopped()).for_each(|crossbar| arrays.add(&crossbar));
        arrays
    })?;
    Ok(arrays.named(py)?)
}

impl Arrays {
    fn new() -> Self {
        Self { row_offset: vec![0], column_offset: vec![0], cell_offset: vec![0], ..Self::default() }
    }

    fn add(&mut self, crossbar: &PlacedCrossbar) {
        let PlacedCrossbar { group_pack, turn, corner, row_block, column_block, rows, columns, weights } = crossbar;
        self.crossbar_block.extend([group_pack, row_block, column_block].map(|&block| block as u32));
        self.crossbar_turn.extend([*turn, corner[0], corner[1]].map(|place| place as u32));
        for row in rows {
            self.row_input.extend([row.window, row.pixel[0], row.pixel[1], row.channel].map(|x| x as u32));
        }
        for column in columns {
            let output = [column.window, column.pixel[0], column.pixel[1], column.channel];
            self.column_output.extend(output.map(|x| x as u32));
        }
        for cell in weights {
            self.cell_row.push(cell.row as u32);
            self.cell_column.push(cell.column as u32);
            self.cell_weight.push(cell.weight as u64);
        }
        self.row_offset.push(self.row_input.len() as u64 / 4);
        self.column_offset.push(self.column_output.len() as u64 / 4);
        self.cell_offset.push(self.cell_weight.len() as u64);
    }

    fn named<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let arrays = PyDict::new(py);
        arrays.set_item("crossbar_block", bytes(py, &self.crossbar_block)?)?;
        arrays.set_item("crossbar_turn", bytes(py, &self.crossbar_turn)?)?;
        arrays.set_item("row_offset", bytes(py, &self.row_offset)?)?;
        arrays.set_item("row_input", bytes(py, &self.row_input)?)?;
        arrays.set_item("column_offset", bytes(py, &self.column_offset)?)?;
        arrays.set_item("column_output", bytes(py, &self.column_output)?)?;
        arrays.set_item("cell_offset", bytes(py, &self.cell_offset)?)?;
        arrays.set_item("cell_row", bytes(py, &self.cell_row)?)?;
        arrays.set_item("cell_column", bytes(py, &self.cell_column)?)?;
        arrays.set_item("cell_weight", bytes(py, &self.cell_weight)?)?;
        Ok(arrays)
    }
}
