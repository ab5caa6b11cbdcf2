//! A network programmed onto the crossbars of one chip.

use super::analog::{AnalogLayer, Driving, Loaded};
use super::chip::Chip;
use super::importance::Importance;
use super::noise::ReadNoise;
use super::plan::Plan;
use super::program::{Programmer, Sampled, Solved};
use super::{SimulateError, Watch, neurons, off_by, ranges, refresh};
use crate::hardware::LineOrder;
use crate::mapping::placement::{Crossbars, PlacedCrossbar};
use crate::mapping::{LayerMapping, Tiles};
use crate::network::executor::Executor;
use crate::network::{IntegerLayer, NetworkError};
use crate::workers;
use std::ops::ControlFlow;
use std::sync::Arc;

/// Greatest residual that a crossbar may have: 1e-11 of the matrix, and as much of the solver that it is held against.
const RESIDUAL_BOUND: f64 = 2e-11;

/// Most crossbars whose linearisation is held against Newton's method.
const SAMPLED: usize = 64;

impl Chip {
    /// Programs the chip of a seed, solves its crossbars and sets its converters. `watch` is told of crossbars.
    ///
    /// # Errors
    /// [`SimulateError`]: settings out of range, a mapping of another network, a converter without
    /// calibration images, a crossbar whose residual is above 2e-11, or the watch ending the work.
    pub fn program(plan: &Plan<'_>, seed: u64, watch: Watch<'_>) -> Result<Self, SimulateError> {
        plan.verify()?;
        let programmers = plan.programmers(seed)?;
        let tiles = plan.tiles()?;
        let (placed, jobs) = plan.placed(&tiles);
        let path = plan.analog_path()?;
        let by_neurons = |layer: usize| path.as_ref().is_some_and(|path| path.driven_by_neurons[layer]);
        let loaded = workers::run(&vec![1; jobs.len()], plan.threads, watch, |job| -> Result<_, SimulateError> {
            let [layer, crossbar, copy] = jobs[job];
            let integer = &plan.layers[layer];
            let (number, place) = placed[layer].crossbar(crossbar, copy);
            let pulses = plan.pulses(layer);
            let steps = plan.steps_of_channels(&placed[layer].crossbars, (layer, crossbar));
            let longest =
                steps.iter().map(|step| &step.rows).max_by_key(|rows| rows.len()).cloned().unwrap_or_default();
            let sampled = Sampled { rows: longest, most: pulses.greatest() };
            let sampled = Some(&sampled).filter(|_| job.is_multiple_of(jobs.len().div_ceil(SAMPLED)));
            let solved = programmers[layer].currents(&place, &integer.weights, (plan.cells_of(layer), number), sampled);
            let name = &integer.layer.name;
            let Solved { currents, residual, linearisation } =
                solved.map_err(|error| error.of_crossbar(name, crossbar, copy))?;
            check_residual(residual, name, crossbar, copy)?;
            let ends = plan.driving(layer, by_neurons(layer)).ends(integer);
            let loaded = Loaded::new(&currents, ends, plan.sums(layer), &steps, &place.columns);
            Ok((loaded, [residual, linearisation]))
        })?;
        let (loaded, off): (Vec<Loaded>, Vec<[Option<f64>; 2]>) =
            loaded.ok_or(SimulateError::Interrupted)?.into_iter().unzip();
        let [residual, linearisation] = [0, 1].map(|kind| off.iter().filter_map(|off| off[kind]).reduce(f64::max));
        let bytes = loaded.iter().map(Loaded::bytes).sum();
        let mut loaded = loaded.into_iter();
        let layers = plan.layers.iter().zip(&placed).enumerate();
        let mut made = layers.map(|(number, (layer, placed))| {
            let driving = plan.driving(number, by_neurons(number));
            placed.made_ready(plan, layer, (number, driving), seed, &mut loaded)
        });
        let executor = Executor::with_layers(&plan.run_network(), |_| {
            Ok::<_, NetworkError>(made.next().expect("a mapping of every layer"))
        })?;
        drop(made);
        let held = placed.iter().zip(&plan.mapping.layers).filter(|(_, layer)| layer.held_by.is_none());
        let crossbars = held.map(|(placed, _)| placed.tiles.load().crossbars as u64 * placed.copies as u64).sum();
        let mut chip = Self { executor, crossbars, bytes, residual, linearisation };
        chip.calibrate(plan)?;
        if let Some(path) = path {
            neurons::set(&mut chip, plan, &path, seed)?;
        }
        Ok(chip)
    }

    fn calibrate(&mut self, plan: &Plan<'_>) -> Result<(), SimulateError> {
        if plan.hardware.compensation.refresh {
            return refresh::refresh(self, plan);
        }
        for (node, adc, lines) in ranges::calibrate(&self.executor, plan)? {
            self.layer_mut(node).set_converters(&adc, lines);
        }
        Ok(())
    }
}

impl Plan<'_> {
    /// What a layer's noise is drawn by.
    pub(super) fn noise(&self, layer: usize, seed: u64) -> ReadNoise {
        ReadNoise { seed, layer: layer as u16, cells: self.cells_of(layer), pulses: self.pulses(layer).count }
    }

    /// How the rows of a layer are driven.
    fn driving(&self, layer: usize, by_neurons: bool) -> Driving {
        let pulses = self.pulses(layer);
        let bent = self.hardware_of(layer).read_curve().bent(pulses.greatest() as u32);
        Driving { pulses, bent, by_neurons }
    }

    /// The same network and mapping on hardware that does nothing wrong: the integer network, or where neurons pass values on, the one
    /// without rounding between layers.
    ///
    /// # Errors
    /// As [`Chip::program`].
    pub fn ideal(&self) -> Result<Chip, SimulateError> {
        let hardware = self.hardware.without_errors();
        Chip::program(&Plan { hardware: &hardware, ..*self }, 0, &|_, _| ControlFlow::Continue(()))
    }

    /// The crossbars of every layer, and layer, crossbar and copy of each that is to be programmed.
    pub(super) fn placed<'a>(&self, tiles: &'a [Tiles]) -> (Vec<Placed<'a>>, Vec<[usize; 3]>) {
        let of_layer = |(layer, tiles)| Placed { tiles, crossbars: Crossbars::new(tiles), copies: self.copies(layer) };
        let placed: Vec<Placed<'a>> = tiles.iter().enumerate().map(of_layer).collect();
        let jobs = placed.iter().enumerate().flat_map(|(layer, placed)| placed.jobs(layer)).collect();
        (placed, jobs)
    }

    /// What programs each layer of the chip of a seed.
    pub(super) fn programmers(&self, seed: u64) -> Result<Vec<Programmer<'_>>, SimulateError> {
        let by_faults = self.hardware.compensation.order == LineOrder::ByFaults;
        let importance = by_faults.then(|| Importance::of(self)).transpose()?.map(Arc::new);
        let faults = self.faults()?.map(Arc::new);
        let of_layer = |(layer, mapped): (usize, &LayerMapping)| Programmer {
            hardware: self.hardware_of(layer),
            encoding: self.encoding(layer),
            seed,
            faults: faults.clone(),
            importance: importance.clone(),
            crossbar: mapped.crossbar,
        };
        Ok(self.mapping.layers.iter().enumerate().map(of_layer).collect())
    }
}

/// Checks that a crossbar computes what its circuit does; a residual that is not a number is above the bound.
fn check_residual(residual: Option<f64>, layer: &str, crossbar: usize, copy: usize) -> Result<(), SimulateError> {
    match residual {
        Some(residual) if residual.is_nan() || residual > RESIDUAL_BOUND => Err(SimulateError::Crossbar {
            layer: layer.into(),
            crossbar,
            copy,
            problem: off_by(residual, RESIDUAL_BOUND),
        }),
        _ => Ok(()),
    }
}

/// A layer's crossbars before they are programmed.
pub(super) struct Placed<'a> {
    tiles: &'a Tiles,
    crossbars: Crossbars<'a>,
    /// Copies with cells of their own.
    copies: usize,
}

impl Placed<'_> {
    /// A crossbar of a copy, and its number among those of all copies.
    pub(super) fn crossbar(&self, crossbar: usize, copy: usize) -> (u32, PlacedCrossbar) {
        ((copy * self.crossbars.count() + crossbar) as u32, self.crossbars.place(crossbar))
    }

    /// Layer, crossbar and copy of everything to be programmed.
    fn jobs(&self, layer: usize) -> impl Iterator<Item = [usize; 3]> + '_ {
        let crossbars = 0..self.crossbars.count();
        crossbars.flat_map(move |crossbar| (0..self.copies).map(move |copy| [layer, crossbar, copy]))
    }

    /// The layer with the next loaded crossbars as its own.
    fn made_ready(
        &self,
        plan: &Plan<'_>,
        layer: &IntegerLayer,
        (number, driving): (usize, Driving),
        seed: u64,
        loaded: &mut impl Iterator<Item = Loaded>,
    ) -> AnalogLayer {
        let noise = plan.noise(number, seed);
        let placed = (0..self.crossbars.count()).map(|crossbar| self.crossbars.place(crossbar));
        let crossbars = placed.map(|placed| (placed, loaded.by_ref().take(self.copies).collect()));
        let digits = plan.digits(number);
        AnalogLayer::new(layer.clone(), self.tiles, crossbars, digits, driving, noise)
    }
}

#[cfg(test)]
mod tests {
    use super::check_residual;

    #[test]
    fn a_residual_above_the_bound_names_layer_crossbar_and_copy() {
        let check = |residual| check_residual(residual, "conv1", 4, 2);
        assert_eq!((check(None), check(Some(1e-11))), (Ok(()), Ok(())));
        for residual in [3e-11, f64::NAN] {
            let message = check(Some(residual)).expect_err("above the bound").to_string();
            assert!(
                message.starts_with("layer \"conv1\", crossbar 4 of copy 2: its currents are off by up to"),
                "{message}"
            );
        }
    }
}
