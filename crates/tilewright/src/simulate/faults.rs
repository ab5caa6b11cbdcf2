//! Which cells of a chip are stuck, where a map says it.

use super::SimulateError;
use super::held::Held;
use super::plan::Plan;
use crate::hardware::{FaultMap, FaultyCell, LineOrder, StuckAt};
use crate::mapping::placement::Crossbars;

/// The stuck cells of a map, layer by layer.
pub(super) struct ChipFaults<'a> {
    map: &'a FaultMap,
    /// Number of the first crossbar of each layer.
    first: Vec<u32>,
}

impl ChipFaults<'_> {
    /// Where the cells `[row][column]` of a crossbar of a layer are stuck.
    pub(super) fn of_crossbar(
        &self,
        (layer, crossbar): (u16, u32),
        [rows, columns]: [usize; 2],
    ) -> Vec<Option<StuckAt>> {
        let mut stuck = vec![None; rows * columns];
        for cell in self.map.of_crossbar(self.first[usize::from(layer)] + crossbar) {
            let (row, column) = (cell.row as usize, cell.column as usize);
            // Lines that the mapping leaves unused carry nothing.
            if row < rows && column < columns {
                stuck[row * columns + column] = Some(cell.state);
            }
        }
        stuck
    }
}

impl Plan<'_> {
    /// The stuck cells of the hardware's map, checked against the chip; none without a map.
    pub(super) fn faults(&self) -> Result<Option<ChipFaults<'_>>, SimulateError> {
        let Some(map) = self.hardware.cells.known_faults.as_deref() else { return Ok(None) };
        self.mapping.alike("a map of stuck cells")?;
        let layers = self.crossbars_of_layers()?;
        let size = self.mapping.target.crossbar;
        map.verify(&layers, [size.rows, size.columns])?;
        let mut next = 0;
        let first = layers.iter().map(|(_, count)| {
            next += count;
            next - count
        });
        Ok(Some(ChipFaults { map, first: first.collect() }))
    }

    /// Names of the layers with their numbers of crossbars, all copies that have cells of their own; none where those of an earlier layer hold
    /// the weights.
    fn crossbars_of_layers(&self) -> Result<Vec<(&str, u32)>, SimulateError> {
        let tiles = self.tiles()?;
        let layers = tiles.iter().zip(&self.mapping.layers).enumerate().map(|(layer, (tiles, mapped))| {
            let is_held = mapped.held_by.is_some();
            let count = if is_held { 0 } else { Crossbars::new(tiles).count() * self.copies(layer) };
            (mapped.name.as_str(), count as u32)
        });
        Ok(layers.collect())
    }

    /// The map of the stuck cells of a seed's chip, as [`FaultMap::to_csv`] writes it with the names of layers: of the cells on lines in use.
    ///
    /// # Errors
    /// As [`Chip::program`](super::Chip::program).
    pub fn drawn_faults(&self, seed: u64) -> Result<(FaultMap, String), SimulateError> {
        self.verify()?;
        // The cells of lines are what they are, whatever is put onto them; but which of them are formed follows the order.
        SimulateError::check(
            "order of the lines",
            &"by-faults",
            self.hardware.compensation.order != LineOrder::ByFaults || !self.hardware.has_unformed_cells(),
            "mapped or by-current where a map is written and unused cells are unformed, since it has those of formed cells only",
        )?;
        let programmers = self.programmers(seed)?;
        let layers = self.crossbars_of_layers()?;
        let (mut cells, mut names, mut first) = (vec![], vec![], 0);
        for (layer, tiles) in self.tiles()?.iter().enumerate() {
            let crossbars = Crossbars::new(tiles);
            let on = self.hardware_of(layer).device.stuck().on_conductance;
            for number in 0..layers[layer].1 {
                let placed = crossbars.place(number as usize % crossbars.count());
                let columns = placed.program(&self.layers[layer].weights, &self.encoding(layer)).columns;
                let held = programmers[layer].held(&placed, columns, (self.cells_of(layer), number), None);
                cells.extend(held.iter().enumerate().filter_map(|(place, held)| {
                    let Held::Stuck(siemens) = *held else { return None };
                    let [row, column] = [place / columns, place % columns].map(|line| line as u32);
                    let state = if siemens == on { StuckAt::On } else { StuckAt::Off };
                    Some(FaultyCell { crossbar: first + number, row, column, state })
                }));
                names.push(layers[layer].0);
            }
            first += layers[layer].1;
        }
        let map = FaultMap::new("drawn", cells)?;
        let text = map.to_csv(Some(&|crossbar| names[crossbar as usize].to_owned()));
        Ok((map, text))
    }
}
