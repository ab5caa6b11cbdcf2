//! What the cells on a crossbar's lines are before anything is programmed.

use super::hardware::Hardware;
use crate::circuit::device::{ConductanceRange, Stuck};
use crate::hardware::{Cells, StuckAt};
use crate::random::{Draws, Effect, Stream};

/// The cells of a crossbar, by index `[word line][bit line]`.
pub(super) struct CellStates<'a> {
    hardware: &'a Hardware,
    seed: u64,
    /// Layer and crossbar.
    place: (u16, u32),
    /// Lines that the mapping uses.
    used: [usize; 2],
    /// All lines that are looked at.
    lines: [usize; 2],
    /// The stuck ones, where they are known.
    map: Option<Vec<Option<StuckAt>>>,
    /// Where they are not, what is drawn. Where no cell is stuck nothing is drawn: a network has millions of cells.
    stuck: Option<Stuck>,
}

impl<'a> CellStates<'a> {
    pub(super) fn new(
        hardware: &'a Hardware,
        seed: u64,
        place: (u16, u32),
        [used, lines]: [[usize; 2]; 2],
        map: Option<Vec<Option<StuckAt>>>,
    ) -> Self {
        let stuck = Some(hardware.device.stuck()).filter(Stuck::occurs);
        Self { hardware, seed, place, used, lines, map, stuck }
    }

    /// The conductance of a cell that is stuck once it is formed, in siemens.
    pub(super) fn stuck(&self, cell: usize) -> Option<f64> {
        let ConductanceRange { off, on } = self.hardware.device.range();
        match &self.map {
            Some(map) => map[cell].map(|state| if state == StuckAt::On { on } else { off }),
            None => self.stuck.as_ref().and_then(|stuck| stuck.draw(&mut self.draws(cell))),
        }
    }

    /// The conductance of a cell that is never formed, in siemens; none where all are.
    pub(super) fn unformed(&self, cell: usize) -> Option<f64> {
        let Cells { g_unformed, shorts, .. } = self.hardware.cells;
        let known = || self.map.as_ref().is_some_and(|map| map[cell] == Some(StuckAt::On));
        let drawn = || shorts > 0.0 && self.draws(cell).uniform() < shorts;
        let siemens = || if known() || drawn() { self.hardware.device.range().on } else { g_unformed };
        self.hardware.has_unformed_cells().then(siemens)
    }

    /// Whether a cell that is never formed conducts like one that is on.
    pub(super) fn is_short(&self, cell: usize) -> bool {
        self.unformed(cell).is_some_and(|siemens| siemens == self.hardware.device.range().on)
    }

    fn draws(&self, cell: usize) -> Draws {
        let ((layer, crossbar), effect) = (self.place, Effect::Stuck);
        Draws::new(Stream { seed: self.seed, layer, crossbar, effect, sample: self.sample(cell) as u32 })
    }

    /// Cells on lines in use are counted first, so that they are the same whether others are looked at or not.
    fn sample(&self, cell: usize) -> usize {
        let [[rows, columns], [_, width]] = [self.used, self.lines];
        match (cell / width, cell % width) {
            (row, column) if row < rows && column < columns => row * columns + column,
            (row, column) if row < rows => rows * columns + row * (width - columns) + column - columns,
            (row, column) => row * width + column,
        }
    }
}
