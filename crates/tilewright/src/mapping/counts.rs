//! What a mapped layer costs, counted in closed form from its tiling.

use super::CrossbarSize;
use serde::{Deserialize, Serialize};

/// What one mapped layer, or a whole network, takes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// Unit crossbars held, all copies.
    pub crossbars: u64,
    /// Times one copy is loaded with inputs for an image; packed windows share a load.
    pub windows: u64,
    /// Into how many crossbars the rows are cut, all channel groups together. The crossbars of a Toeplitz band, of stacks, and of a
    /// dense block some of whose tiles hold no weight are no grid; they all count here.
    pub row_blocks: u64,
    /// Into how many crossbars the columns of one row block are cut; 1 where crossbars are no grid.
    pub column_blocks: u64,
    /// windows × row blocks × column blocks: the literature's computing cycles of one physical array. Where packs take turns, a
    /// crossbar is activated once for each.
    pub array_activations: u64,
    /// Steps in series with all crossbars held and working in parallel: ⌈windows / copies⌉ × turns.
    pub cycles: u64,
    /// Cells that hold a weight, all copies.
    pub weight_cells: u64,
    /// Values driven onto rows for one image.
    pub input_loads: u64,
}

impl Counts {
    /// Cells that hold a weight per cell of the crossbars held; 0 if there are none.
    pub fn utilization(&self, crossbar: CrossbarSize) -> f64 {
        if self.crossbars == 0 {
            return 0.0;
        }
        self.weight_cells as f64 / (self.crossbars as f64 * crossbar.cells() as f64)
    }
}
