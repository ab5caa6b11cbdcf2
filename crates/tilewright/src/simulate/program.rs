//! Weights into cells, and what the wired crossbar then computes.

use super::SimulateError;
use super::analog::Currents;
use super::cell_states::CellStates;
use super::channels::{Channel, channels};
use super::drift_compensation::factor;
use super::faults::ChipFaults;
use super::hardware::Hardware;
use super::held::Held;
use super::importance::Importance;
use super::known_faults::WeightColumns;
use super::line_assignment::{Harm, LineAssignment};
use super::predistortion::predistort;
use super::read_curve::ReadCurve;
use super::target::{LevelScale, Target};
use super::unused_cells::formed;
use crate::circuit::{Crossbar, SolveOptions, solve, solve_nonlinear, transfer};
use crate::hardware::{DriftCompensation, FaultAware, LineOrder};
use crate::mapping::placement::PlacedCrossbar;
use crate::mapping::{CrossbarSize, Encoding};
use crate::network::Tensor;
use crate::random::{Draws, Effect, Stream};
use std::ops::Range;
use std::sync::Arc;

/// Reads that a linearisation is held against Newton's method on.
pub(super) struct Sampled {
    /// Rows that are driven at once.
    pub(super) rows: Range<usize>,
    /// The greatest integer that a pulse can drive.
    pub(super) most: f64,
}

/// What a crossbar computes, and how exactly.
pub(super) struct Solved {
    pub(super) currents: Currents,
    /// By how much an independent solve is off; none where wires are ideal.
    pub(super) residual: Option<f64>,
    /// By how much Newton's method is off on sampled reads; none where it was not asked, or nothing was linearised.
    pub(super) linearisation: Option<f64>,
}

/// Programs a layer's crossbars and finds what they compute.
pub(super) struct Programmer<'a> {
    pub(super) hardware: &'a Hardware,
    pub(super) encoding: Encoding,
    pub(super) seed: u64,
    /// The stuck cells, where they are known; else they are drawn.
    pub(super) faults: Option<Arc<ChipFaults<'a>>>,
    /// What inputs and outputs count, where lines are chosen by faults.
    pub(super) importance: Option<Arc<Importance>>,
    /// Size of a crossbar.
    pub(super) crossbar: CrossbarSize,
}

impl Programmer<'_> {
    /// What crossbar `crossbar` of layer `layer` computes once it is programmed and wired. `sampled` are the reads of a linearisation that are to be
    /// held against Newton's method, if any.
    pub(super) fn currents(
        &self,
        placed: &PlacedCrossbar,
        weights: &Tensor<i32>,
        (layer, crossbar): (u16, u32),
        sampled: Option<&Sampled>,
    ) -> Result<Solved, SimulateError> {
        let wired = self.wire(placed, weights, layer, crossbar)?;
        let Wired { target, order, held, programmed, matrix, unit } = &wired;
        let residual = self.residual(target, order, programmed, matrix)?;
        let channels = channels(&self.encoding, self.hardware.pairs, placed.columns.len());
        let variance = self.variance(programmed, held, matrix, *unit);
        let sum_of = |row: &[f64]| channels.iter().map(|channel| channel.sum(row) as f32).collect::<Vec<_>>();
        let yielded = wired.yielded(matrix, &channels);
        let currents = Currents {
            rows: target.rows,
            factor: self.drift_factor(&wired, &yielded, &channels, (layer, crossbar))?,
            matrix: yielded,
            variance: variance.chunks_exact(target.columns).flat_map(sum_of).collect(),
        };
        let linearisation = match sampled {
            Some(sampled) => self.linearisation(&wired, (layer, crossbar), sampled)?,
            None => None,
        };
        Ok(Solved { currents, residual, linearisation })
    }

    /// What the currents of a crossbar, `yielded` by its channels now, are multiplied by.
    fn drift_factor(
        &self,
        wired: &Wired,
        yielded: &[f32],
        channels: &[Channel],
        place: (u16, u32),
    ) -> Result<f64, SimulateError> {
        if self.hardware.compensation.drift_compensation == DriftCompensation::Off {
            return Ok(1.0);
        }
        let programmed = self.programmed(&wired.target, &wired.held, place, 0.0)?;
        let matrix = self.wired(&wired.target, &wired.order, &programmed)?;
        Ok(factor(&wired.yielded(&matrix, channels), yielded))
    }

    /// Programs crossbar `crossbar` of layer `layer` and solves it.
    pub(super) fn wire(
        &self,
        placed: &PlacedCrossbar,
        weights: &Tensor<i32>,
        layer: u16,
        crossbar: u32,
    ) -> Result<Wired, SimulateError> {
        let scale = LevelScale::new(&self.encoding, weights, self.hardware.device.range());
        let mut target = scale.target(placed, weights, &self.encoding);
        let lines = self.lines(placed, &target, scale.step, (layer, crossbar));
        let order = match &lines {
            Some(lines) => Order { rows: lines.rows_in_order(), columns: lines.columns_in_order() },
            None => Order::new(self.hardware.compensation.order, &target),
        };
        let held = self.held(placed, target.columns, (layer, crossbar), lines.as_ref());
        let known = self.known(&held);
        let mut signal = 1.0;
        let siemens = self.taken_over(&target, &known, scale.step);
        if self.hardware.compensation.predistort > 0 && !self.hardware.is_wired_ideally() {
            let channels = channels(&self.encoding, self.hardware.pairs, placed.columns.len());
            let wired = |siemens: &[f64]| self.wired(&target, &order, &overlaid(siemens, &known));
            (target.siemens, signal) = predistort(self.hardware, &channels, &target, (siemens, &known), wired)?;
        } else {
            target.siemens = siemens;
        }
        let programmed = self.programmed(&target, &held, (layer, crossbar), self.hardware.cells.age)?;
        let matrix = self.wired(&target, &order, &programmed)?;
        Ok(Wired { target, order, held, programmed, matrix, unit: scale.step * signal })
    }

    /// The conductance of every cell that programming does not move: unformed ones, and stuck ones of the others. Rows and columns are on
    /// `lines`; on those of the mapping where there are none.
    pub(super) fn held(
        &self,
        placed: &PlacedCrossbar,
        columns: usize,
        place: (u16, u32),
        lines: Option<&LineAssignment>,
    ) -> Vec<Held> {
        let used = [placed.rows.len(), columns];
        let states = self.states(used, lines.map_or(used, LineAssignment::size), place);
        let cell = |index: usize| lines.map_or(index, |lines| lines.cell(index));
        let of_formed = |index: usize| states.stuck(cell(index)).map_or(Held::No, Held::Stuck);
        if !self.hardware.has_unformed_cells() {
            return (0..used[0] * columns).map(of_formed).collect();
        }
        let of_unformed = |index: usize| states.unformed(cell(index)).map_or(Held::No, Held::Unformed);
        let formed = formed(placed, self.encoding.columns_per_weight(), columns);
        let of_cell = |(index, formed): (usize, bool)| if formed { of_formed(index) } else { of_unformed(index) };
        formed.into_iter().enumerate().map(of_cell).collect()
    }

    /// What the cells on the lines of a crossbar are, `used` of them by the mapping.
    fn states(&self, used: [usize; 2], lines: [usize; 2], place: (u16, u32)) -> CellStates<'_> {
        let map = self.faults.as_ref().map(|faults| faults.of_crossbar(place, lines));
        CellStates::new(self.hardware, self.seed, place, [used, lines], map)
    }

    /// The lines on which stuck cells do least harm, where that is asked for.
    fn lines(&self, placed: &PlacedCrossbar, target: &Target, step: f64, place: (u16, u32)) -> Option<LineAssignment> {
        let importance = self.importance.as_ref()?;
        let used = [target.rows, target.columns];
        let lines = if self.hardware.compensation.spare_lines { self.lines_of(placed) } else { used };
        let unformed = self.hardware.has_unformed_cells();
        let harm = Harm {
            weights: self.weight_columns(step),
            formed: unformed.then(|| formed(placed, self.encoding.columns_per_weight(), target.columns)),
            wanted: target.siemens.clone(),
            inputs: importance.of_rows(place.0, placed),
            outputs: importance.of_columns(place.0, placed),
        };
        Some(harm.least(lines, &self.states(used, lines, place)))
    }

    /// Word and bit lines for a crossbar or a pack in it, whole weights only.
    fn lines_of(&self, placed: &PlacedCrossbar) -> [usize; 2] {
        let cells = self.encoding.columns_per_weight();
        let columns = self.crossbar.columns / cells * cells;
        [self.crossbar.rows.max(placed.rows.len()), columns.max(placed.columns.len() * cells)]
    }

    fn weight_columns(&self, step: f64) -> WeightColumns {
        WeightColumns::new(&self.encoding, self.hardware.compensation.fault_aware, self.hardware.device.range(), step)
    }

    /// Of what is held, that which is known when the cells are programmed.
    fn known(&self, held: &[Held]) -> Vec<Option<f64>> {
        let tested = self.hardware.compensation.fault_aware != FaultAware::No;
        let of_cell = |held: &Held| match *held {
            Held::Unformed(siemens) => Some(siemens),
            Held::Stuck(siemens) if tested => Some(siemens),
            Held::Stuck(_) | Held::No => None,
        };
        held.iter().map(of_cell).collect()
    }

    /// The wanted conductances, errors of stuck cells taken over by others of their weights.
    fn taken_over(&self, target: &Target, known: &[Option<f64>], step: f64) -> Vec<f64> {
        let mut siemens = target.siemens.clone();
        if self.hardware.compensation.fault_aware == FaultAware::No {
            return siemens;
        }
        let columns = self.weight_columns(step);
        let cells = self.encoding.columns_per_weight();
        let weights = target.columns / cells;
        for (row, known) in siemens.chunks_exact_mut(target.columns).zip(known.chunks_exact(target.columns)) {
            for (weight, known) in row.chunks_exact_mut(cells).zip(known.chunks_exact(cells)).take(weights) {
                // Of an unformed weight no cell can take anything over, and none has to.
                if known.iter().any(Option::is_some) && known.iter().any(Option::is_none) {
                    columns.take_over(weight, known);
                }
            }
        }
        siemens
    }

    /// Conductances after programming and `age` seconds.
    fn programmed(
        &self,
        target: &Target,
        held: &[Held],
        (layer, crossbar): (u16, u32),
        age: f64,
    ) -> Result<Vec<f64>, SimulateError> {
        let Hardware { device, cells, .. } = self.hardware;
        let programming = cells.programming();
        let cell = |(sample, &wanted): (usize, &f64)| {
            let draws =
                |effect: Effect| Draws::new(Stream { seed: self.seed, layer, crossbar, effect, sample: sample as u32 });
            let siemens = match held[sample] {
                Held::Unformed(siemens) => return Ok(siemens),
                Held::Stuck(siemens) => siemens,
                Held::No => {
                    let programmed = device.program(wanted, programming, &mut draws(Effect::Programming))?;
                    device.drifted(programmed.conductance, age, &mut draws(Effect::Drift))?
                }
            };
            if !self.hardware.reads_are_alike() {
                return Ok(siemens);
            }
            let noise = device.read_noise(siemens, age) * draws(Effect::ReadNoise).normal();
            Ok((siemens + noise).max(0.0))
        };
        target.siemens.iter().enumerate().map(cell).collect()
    }

    /// The matrix `[row][column]` of a crossbar between its wires, in siemens.
    fn wired(&self, target: &Target, order: &Order, siemens: &[f64]) -> Result<Vec<f64>, SimulateError> {
        if self.hardware.is_wired_ideally() {
            return Ok(siemens.to_vec());
        }
        let gain = self.hardware.read_curve().gain();
        let circuit = self.circuit(target, order, siemens, gain)?;
        let matrix: Vec<f64> = transfer(&circuit)?.matrix().iter().map(|siemens| siemens / gain).collect();
        Ok(order.off_lines(&matrix))
    }

    /// The crossbar as it is wired, of cells that have `gain` times the conductances.
    fn circuit(&self, target: &Target, order: &Order, siemens: &[f64], gain: f64) -> Result<Crossbar, SimulateError> {
        let cells = order.onto_lines(siemens).into_iter().map(|siemens| siemens * gain).collect();
        Ok(Crossbar::new(target.rows, target.columns, cells, self.hardware.wiring)?)
    }

    /// How far the column currents of a crossbar whose cells bend are from those of its linearisation, relative to the largest; the greatest
    /// of the sampled reads: all rows of a step at the greatest input, and at inputs drawn evenly. None where the linearisation is exact.
    fn linearisation(
        &self,
        wired: &Wired,
        (layer, crossbar): (u16, u32),
        Sampled { rows, most }: &Sampled,
    ) -> Result<Option<f64>, SimulateError> {
        let read = self.hardware.read_curve();
        if self.hardware.is_wired_ideally() || read.is_linear() {
            return Ok(None);
        }
        let cells = self.circuit(&wired.target, &wired.order, &wired.programmed, 1.0)?;
        let mut draws = Draws::new(Stream { seed: self.seed, layer, crossbar, effect: Effect::Choice, sample: 0 });
        let mut drawn = vec![0.0; wired.target.rows];
        drawn[rows.clone()].fill_with(|| (draws.uniform() * (most + 1.0)).floor().min(*most) / most);
        let mut full = vec![0.0; wired.target.rows];
        full[rows.clone()].fill(1.0);
        let errors =
            [full, drawn].iter().map(|inputs| wired.off(&cells, &read, inputs)).collect::<Result<Vec<_>, _>>()?;
        Ok(errors.into_iter().reduce(f64::max))
    }

    /// How far the column currents of a matrix, all rows at 1 V, are from those that the circuit's own solver finds, relative to the
    /// largest. None where wires are ideal, and the matrix is the cells.
    fn residual(
        &self,
        target: &Target,
        order: &Order,
        programmed: &[f64],
        matrix: &[f64],
    ) -> Result<Option<f64>, SimulateError> {
        if self.hardware.is_wired_ideally() {
            return Ok(None);
        }
        let gain = self.hardware.read_curve().gain();
        let solved = solve(&self.circuit(target, order, programmed, gain)?, &vec![1.0; target.rows])?.currents;
        let mut sums = vec![0.0; target.columns];
        for row in matrix.chunks_exact(target.columns) {
            sums.iter_mut().zip(row).for_each(|(sum, siemens)| *sum += siemens * gain);
        }
        let largest = solved.iter().fold(0.0, |most: f64, current| most.max(current.abs()));
        let errors = order.columns.iter().zip(&solved).map(|(&column, current)| (sums[column] - current).abs());
        let greatest = errors.fold(0.0, f64::max);
        Ok(Some(if greatest == 0.0 { 0.0 } else { greatest / largest }))
    }

    /// Variance of one read of each cell per squared input, in squared levels; empty where there is none, or all reads have the same noise.
    ///
    /// What wires take from a cell's current they take from its noise.
    fn variance(&self, programmed: &[f64], held: &[Held], matrix: &[f64], unit: f64) -> Vec<f64> {
        if self.hardware.reads_are_alike() {
            return vec![];
        }
        let of_cell = |((&siemens, held), &reached): ((&f64, &Held), &f64)| {
            if let Held::Unformed(_) = held {
                return 0.0;
            }
            let reach = if siemens > 0.0 { reached / siemens } else { 1.0 };
            (self.hardware.device.read_noise(siemens, self.hardware.cells.age) * reach / unit).powi(2)
        };
        let cells: Vec<f64> = programmed.iter().zip(held).zip(matrix).map(of_cell).collect();
        if cells.iter().all(|&variance| variance == 0.0) { vec![] } else { cells }
    }
}

/// Conductances with those that are known to be held in place of the programmed ones.
fn overlaid(siemens: &[f64], known: &[Option<f64>]) -> Vec<f64> {
    siemens.iter().zip(known).map(|(siemens, known)| known.unwrap_or(*siemens)).collect()
}

/// A crossbar programmed and solved; cells are `[row][column]` as the mapping has them, in siemens.
pub(super) struct Wired {
    /// What the cells were to be, corrected for the wires if that was asked for.
    pub(super) target: Target,
    /// The line of each row and column.
    pub(super) order: Order,
    /// Which cells programming does not move.
    held: Vec<Held>,
    /// What the cells are.
    pub(super) programmed: Vec<f64>,
    /// Current into each column per volt on each row.
    pub(super) matrix: Vec<f64>,
    /// Current that counts as one level.
    unit: f64,
}

impl Wired {
    /// How far its linearisation is off under some inputs by the greatest, `[row]`; `cells` is the circuit of the cells as they are.
    fn off(&self, cells: &Crossbar, read: &ReadCurve, inputs: &[f64]) -> Result<f64, SimulateError> {
        let volts: Vec<f64> = self.order.rows.iter().map(|&row| inputs[row] * read.volts).collect();
        let exact = solve_nonlinear(cells, &read.curve, &volts, &SolveOptions::default())?.currents;
        let mut found = vec![0.0; self.target.columns];
        for (&input, row) in inputs.iter().zip(self.matrix.chunks_exact(self.target.columns)) {
            let volt = read.gain() * read.volts * read.shape_by_greatest(input);
            found.iter_mut().zip(row).for_each(|(current, siemens)| *current += volt * siemens);
        }
        let largest = exact.iter().fold(0.0, |most: f64, current| most.max(current.abs()));
        let off = self.order.columns.iter().zip(&exact).map(|(&column, exact)| (found[column] - exact).abs());
        let greatest = off.fold(0.0, f64::max);
        Ok(if greatest == 0.0 { 0.0 } else { greatest / largest })
    }

    /// Of a matrix in siemens what the channels yield, `[row][channel]`, in levels.
    fn yielded(&self, matrix: &[f64], channels: &[Channel]) -> Vec<f32> {
        let of_row = |row| channels.iter().map(move |channel: &Channel| (channel.of(row) / self.unit) as f32);
        matrix.chunks_exact(self.target.columns).flat_map(of_row).collect()
    }
}

/// Which line each row and column is put onto.
pub(super) struct Order {
    /// Row on each word line, from the one farthest from the sinks.
    pub(super) rows: Vec<usize>,
    /// Column on each bit line, from the one nearest to the sources.
    pub(super) columns: Vec<usize>,
}

impl Order {
    fn new(order: LineOrder, target: &Target) -> Self {
        let (mut rows, mut columns): (Vec<usize>, Vec<usize>) =
            ((0..target.rows).collect(), (0..target.columns).collect());
        if order == LineOrder::ByCurrent {
            let cells = target.siemens.chunks_exact(target.columns);
            let by_row: Vec<f64> = cells.clone().map(|row| row.iter().sum()).collect();
            let mut by_column = vec![0.0; target.columns];
            cells.for_each(|row| by_column.iter_mut().zip(row).for_each(|(sum, siemens)| *sum += siemens));
            rows.sort_by(|&a, &b| by_row[a].total_cmp(&by_row[b]));
            columns.sort_by(|&a, &b| by_column[b].total_cmp(&by_column[a]));
        }
        Self { rows, columns }
    }

    /// Cells `[row][column]` as they lie on the lines.
    pub(super) fn onto_lines(&self, cells: &[f64]) -> Vec<f64> {
        let columns = &self.columns;
        let row_of = |&row: &usize| columns.iter().map(move |&column| cells[row * columns.len() + column]);
        self.rows.iter().flat_map(row_of).collect()
    }

    /// What lies on the lines as `[row][column]`.
    fn off_lines(&self, lines: &[f64]) -> Vec<f64> {
        let mut cells = vec![0.0; lines.len()];
        let width = self.columns.len();
        for (&row, line) in self.rows.iter().zip(lines.chunks_exact(width)) {
            for (&column, &value) in self.columns.iter().zip(line) {
                cells[row * width + column] = value;
            }
        }
        cells
    }
}
