//! A network programmed onto the crossbars of one chip.

use super::analog::{AnalogLayer, Converters, Loaded, Pulses, Sums};
use super::channels::{channels, digits, in_cells};
use super::converter_errors::{ConverterErrors, Flaws};
use super::hardware::Hardware;
use super::importance::Importance;
use super::noise::ReadNoise;
use super::program::{Programmer, Sampled, Solved};
use super::unused_cells::UnusedCells;
use super::{SimulateError, Watch, off_by, ranges, refresh};
use crate::hardware::{DriftCompensation, FaultAware, LineOrder, RangeScope};
use crate::mapping::placement::{Crossbars, PlacedCrossbar};
use crate::mapping::{Encoding, LayerMapping, Mapping, SignRule, Step, Tiles, lossless_bits};
use crate::network::executor::Executor;
use crate::network::{IntegerLayer, Network, NetworkError, NodeId, Tensor};
use crate::workers;
use std::ops::ControlFlow;
use std::sync::Arc;

/// Greatest residual that a crossbar may have: 1e-11 of the matrix, and as much of the solver that it is held against.
const RESIDUAL_BOUND: f64 = 2e-11;

/// What a chip is made of, and the images its converters are set by.
#[derive(Clone, Copy)]
pub struct Plan<'a> {
    /// The network.
    pub network: &'a Network,
    /// How it is mapped.
    pub mapping: &'a Mapping,
    /// Its layers in integers, as [`integer_layers`](crate::network::integer_layers) yields them.
    pub layers: &'a [IntegerLayer],
    /// The hardware.
    pub hardware: &'a Hardware,
    /// Normalised images that converters and digital corrections are calibrated on.
    pub calibration: &'a [Tensor<f32>],
    /// Threads that program and calibrate; the result does not depend on it.
    pub threads: usize,
}

/// A programmed chip, ready to classify images.
pub struct Chip {
    pub(super) executor: Executor<AnalogLayer>,
    /// Crossbars that were programmed.
    pub crossbars: u64,
    /// Bytes of what the crossbars compute.
    pub bytes: usize,
    /// Greatest difference between the column currents of a crossbar's matrix, all rows at 1 V, and those of an independent solve of
    /// the same circuit, relative to its largest column current. None where wires are ideal.
    pub residual: Option<f64>,
    /// Greatest difference between the column currents of cells whose current bends with the voltage, between their wires, and those of the
    /// matrix that stands for them, relative to the largest, on sampled reads: of at most 64 crossbars, evenly chosen, one with all
    /// rows of the longest step at the greatest input and one with inputs drawn evenly. None where the matrix is exact: linear cells, or ideal wires.
    pub linearisation: Option<f64>,
}

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
        let placed = tiles.iter().enumerate().map(|(layer, tiles)| Placed {
            tiles,
            crossbars: Crossbars::new(tiles),
            copies: plan.copies(layer),
        });
        let placed: Vec<Placed<'_>> = placed.collect();
        let jobs: Vec<[usize; 3]> = placed.iter().enumerate().flat_map(|(layer, placed)| placed.jobs(layer)).collect();
        let loaded = workers::run(&vec![1; jobs.len()], plan.threads, watch, |job| -> Result<_, SimulateError> {
            let [layer, crossbar, copy] = jobs[job];
            let number = (copy * placed[layer].crossbars.count() + crossbar) as u32;
            let integer = &plan.layers[layer];
            let place = placed[layer].crossbars.place(crossbar);
            let pulses = plan.pulses(layer);
            let steps = plan.steps_of_channels(&placed[layer].crossbars, (layer, crossbar));
            let longest =
                steps.iter().map(|step| &step.rows).max_by_key(|rows| rows.len()).cloned().unwrap_or_default();
            let sampled = Sampled { rows: longest, most: pulses.greatest() };
            let sampled = Some(&sampled).filter(|_| job.is_multiple_of(jobs.len().div_ceil(SAMPLED)));
            let solved = programmers[layer].currents(&place, &integer.weights, (layer as u16, number), sampled);
            let name = &integer.layer.name;
            let Solved { currents, residual, linearisation } =
                solved.map_err(|error| error.of_crossbar(name, crossbar, copy))?;
            check_residual(residual, name, crossbar, copy)?;
            Ok((Loaded::new(&currents, pulses.driven(integer), plan.sums(layer), &steps), [residual, linearisation]))
        })?;
        let (loaded, off): (Vec<Loaded>, Vec<[Option<f64>; 2]>) =
            loaded.ok_or(SimulateError::Interrupted)?.into_iter().unzip();
        let [residual, linearisation] = [0, 1].map(|kind| off.iter().filter_map(|off| off[kind]).reduce(f64::max));
        let bytes = loaded.iter().map(Loaded::bytes).sum();
        let mut loaded = loaded.into_iter();
        let layers = plan.layers.iter().zip(&placed).enumerate();
        let mut made =
            layers.map(|(number, (layer, placed))| placed.made_ready(plan, layer, number, seed, &mut loaded));
        let executor = Executor::with_layers(plan.network, |_| {
            Ok::<_, NetworkError>(made.next().expect("a mapping of every layer"))
        })?;
        drop(made);
        let crossbars = placed.iter().map(|placed| placed.tiles.load().crossbars as u64 * placed.copies as u64).sum();
        let mut chip = Self { executor, crossbars, bytes, residual, linearisation };
        chip.calibrate(plan)?;
        Ok(chip)
    }

    /// The network's scores of each image, the first of which has the number `first` in its data set.
    ///
    /// # Errors
    /// If an image has another shape than the network's input.
    pub fn scores(&self, first: u64, images: &[Tensor<f32>]) -> Result<Vec<Tensor<f32>>, NetworkError> {
        self.executor.run_from(first, images, &mut |_, _| {})
    }

    fn calibrate(&mut self, plan: &Plan<'_>) -> Result<(), SimulateError> {
        for (node, adc, lines) in ranges::calibrate(&self.executor, plan)? {
            let layer = self.layer_mut(node);
            let noise = layer.read.noise;
            let flawed =
                |errors: &ConverterErrors| Flaws::drawn(errors, adc.bits, noise, &layer.channels(), layer.copies());
            let flaws = adc.errors.as_ref().map(flawed);
            layer.read.converters = Some(Arc::new(Converters { lines, flaws }));
        }
        if plan.hardware.compensation.refresh {
            refresh::refresh(self, plan)?;
        }
        Ok(())
    }

    pub(super) fn layer_mut(&mut self, node: NodeId) -> &mut AnalogLayer {
        self.executor.layer_mut(node).expect("a layer of the network")
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

impl Plan<'_> {
    /// The same network and mapping on hardware that does nothing wrong: the integer network.
    ///
    /// # Errors
    /// As [`Chip::program`].
    pub fn ideal(&self) -> Result<Chip, SimulateError> {
        let hardware = Hardware::ideal();
        Chip::program(&Plan { hardware: &hardware, ..*self }, 0, &|_, _| ControlFlow::Continue(()))
    }

    /// Checks the hardware's settings, and that network, mapping and encoding go together.
    ///
    /// # Errors
    /// As [`Chip::program`].
    pub fn verify(&self) -> Result<(), SimulateError> {
        self.hardware.verify()?;
        let names = self.mapping.layers.iter().map(|layer| &layer.name);
        if !names.eq(self.layers.iter().map(|layer| &layer.layer.name)) {
            return Err(SimulateError::Setting {
                what: "the mapping".into(),
                found: format!("one of {}", self.mapping.network),
                allowed: format!("one of {}", self.network.name),
            });
        }
        for (place, (layer, mapped)) in self.layers.iter().zip(&self.mapping.layers).enumerate() {
            let (active, rows) = (self.rows_at_once(place), mapped.crossbar.rows);
            let allowed = format!("1 to {rows}, the rows of the crossbar");
            SimulateError::check("word lines driven at a time", &active, active <= rows, &allowed)?;
            self.verify_cells(place)?;
            self.verify_turns(place)?;
            mapped.encoding.check_range(&layer.layer.name, layer.weight_range())?;
        }
        self.faults()?;
        let needed = self.hardware.is_calibrated();
        SimulateError::check("calibration images", &0, !needed || !self.calibration.is_empty(), "1 or more")
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

    /// The hardware of a layer by its place.
    pub(super) fn hardware_of(&self, layer: usize) -> &Hardware {
        self.hardware.of_layer(&self.mapping.layers[layer].name)
    }

    /// Checks that what is asked of a layer's cells goes with its encoding.
    fn verify_cells(&self, layer: usize) -> Result<(), SimulateError> {
        let (encoding, hardware) = (self.encoding(layer), self.hardware_of(layer));
        let differential = encoding.sign == SignRule::Differential;
        // With an offset a cell without a weight holds half of the range, which the digital side subtracts.
        let unformed = matches!(hardware.unused, UnusedCells::Unformed(_));
        SimulateError::check(
            "unused cells",
            &"unformed",
            !unformed || differential,
            "programmed with the offset encoding, whose unused cells hold the offset; unformed with the differential one",
        )?;
        let taken_over = match hardware.compensation.fault_aware {
            FaultAware::No => true,
            FaultAware::Pairs => differential,
            FaultAware::Slices => differential || encoding.slices() > 1,
        };
        SimulateError::check(
            "cells that take over for stuck ones",
            &"asked for",
            taken_over,
            "the other cell of a pair with the differential encoding, those of other slices where a weight has several cells",
        )?;
        SimulateError::check(
            "order of the lines",
            &"by-faults",
            differential || hardware.compensation.order != LineOrder::ByFaults,
            "mapped or by-current with the offset encoding, by-faults with the differential one",
        )
    }

    /// Checks that nothing is asked for that packs which take turns in a crossbar have in common: each is programmed and read by itself,
    /// and that is what it does in a crossbar with others only where rows that are not driven carry nothing.
    fn verify_turns(&self, layer: usize) -> Result<(), SimulateError> {
        let (layer, hardware) = (&self.mapping.layers[layer], self.hardware_of(layer));
        if layer.tiling.turns == 1 {
            return Ok(());
        }
        let Hardware { adc, compensation, .. } = hardware;
        let scope = adc.as_ref().map(|adc| adc.scope);
        let shared = [
            (!hardware.is_wired_ideally(), "wires or terminals with resistance"),
            (layer.encoding.sign == SignRule::Offset, "an offset column"),
            (hardware.faults.is_some(), "the stuck cells of a map"),
            (hardware.converters_vary(), "converters with errors of their own"),
            (matches!(scope, Some(RangeScope::Columns(_))), "converters with a range for some columns"),
            (compensation.drift_compensation == DriftCompensation::PerCrossbar, "one drift factor a crossbar"),
            (compensation.order == LineOrder::ByFaults, "an order of the lines by faults"),
        ];
        let Some((_, what)) = shared.into_iter().find(|(asked, _)| *asked) else { return Ok(()) };
        let problem = format!(
            "has groups that take turns in a crossbar, whose packs would have {what} in common, which is not modelled; take the groups \
             packed or separate, or leave that out"
        );
        Err(SimulateError::Layer { layer: layer.name.clone(), problem })
    }

    /// For each layer, in execution order, the bits of a converter that would lose nothing of ideal currents: those of its weights
    /// in its cells, pairs read as the hardware reads them, for every input that a pulse can drive, in any step.
    ///
    /// # Errors
    /// As [`Plan::verify`].
    pub fn lossless_bits(&self) -> Result<Vec<u32>, SimulateError> {
        self.verify()?;
        let tiles = self.tiles()?;
        let crossbars: Vec<Crossbars<'_>> = tiles.iter().map(Crossbars::new).collect();
        let places =
            |(layer, crossbars): (usize, &Crossbars<'_>)| (0..crossbars.count()).map(move |place| (layer, place));
        let jobs: Vec<(usize, usize)> = crossbars.iter().enumerate().flat_map(places).collect();
        let go_on = |_, _| ControlFlow::Continue(());
        let ends = workers::run(&vec![1; jobs.len()], self.threads, &go_on, |job| -> Result<_, SimulateError> {
            let (layer, place) = jobs[job];
            let steps = self.steps_of_channels(&crossbars[layer], (layer, place));
            Ok(self.sum_ends(layer, &crossbars[layer].place(place), &steps))
        })?;
        let mut of_layers = vec![[0, 0]; self.layers.len()];
        for ((layer, _), [least, greatest]) in jobs.iter().zip(ends.ok_or(SimulateError::Interrupted)?) {
            let of_layer: &mut [i64; 2] = &mut of_layers[*layer];
            *of_layer = [of_layer[0].min(least), of_layer[1].max(greatest)];
        }
        Ok(of_layers.into_iter().map(lossless_bits).collect())
    }

    /// Least and greatest ideal current of any channel of a crossbar in any step, in levels, for inputs that one pulse can drive.
    fn sum_ends(&self, layer: usize, placed: &PlacedCrossbar, steps: &[Step]) -> [i64; 2] {
        let (encoding, integer) = (self.encoding(layer), &self.layers[layer]);
        let channels = channels(&encoding, self.hardware_of(layer).pairs, placed.columns.len());
        let programmed = placed.program(&integer.weights, &encoding);
        let [low, high] = self.pulses(layer).driven(integer).map(|end| end as i64);
        let of_step = |step: &Step| {
            let channels = &channels[step.columns.clone()];
            let mut ends = vec![[0i64; 2]; channels.len()];
            for row in programmed.levels.chunks_exact(programmed.columns).skip(step.rows.start).take(step.rows.len()) {
                for (ends, channel) in ends.iter_mut().zip(channels) {
                    let level = channel.level(row);
                    let [a, b] = [low * level, high * level];
                    *ends = [ends[0] + a.min(b), ends[1] + a.max(b)];
                }
            }
            ends
        };
        steps.iter().flat_map(of_step).fold([0, 0], |[a, b], [c, d]| [a.min(c), b.max(d)])
    }

    /// Word lines of a layer's crossbar that are driven at a time.
    pub(super) fn rows_at_once(&self, layer: usize) -> usize {
        self.hardware_of(layer).active_rows.unwrap_or(self.mapping.layers[layer].crossbar.rows)
    }

    /// The steps of a layer's crossbar, in channels.
    fn steps_of_channels(&self, crossbars: &Crossbars<'_>, (layer, number): (usize, usize)) -> Vec<Step> {
        let each = digits(&self.encoding(layer), self.hardware_of(layer).pairs).factors.len();
        let of_channels = |Step { rows, columns }| Step { rows, columns: columns.start * each..columns.end * each };
        crossbars.steps(number, self.rows_at_once(layer)).into_iter().map(of_channels).collect()
    }

    /// The encoding of a layer as cells hold it.
    pub(super) fn encoding(&self, layer: usize) -> Encoding {
        in_cells(self.mapping.layers[layer].encoding)
    }

    pub(super) fn tiles(&self) -> Result<Vec<Tiles>, SimulateError> {
        Ok(self.mapping.layers.iter().map(LayerMapping::tiles).collect::<Result<_, _>>()?)
    }

    pub(super) fn pulses(&self, layer: usize) -> Pulses {
        Pulses::new(self.layers[layer].driven_bits, self.hardware_of(layer).dac_bits)
    }

    fn sums(&self, layer: usize) -> Sums {
        if self.hardware_of(layer).adc.is_some() { Sums::Whole } else { Sums::InParts }
    }

    /// Copies of a layer that are solved.
    pub(super) fn copies(&self, layer: usize) -> usize {
        // Copies whose cells come out alike compute the same, and are solved once.
        let copies = self.mapping.layers[layer].tiling.replication as usize;
        if self.hardware_of(layer).copies_differ() { copies } else { 1 }
    }
}

/// A layer's crossbars before they are programmed.
struct Placed<'a> {
    tiles: &'a Tiles,
    crossbars: Crossbars<'a>,
    /// Copies with cells of their own.
    copies: usize,
}

impl Placed<'_> {
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
        number: usize,
        seed: u64,
        loaded: &mut impl Iterator<Item = Loaded>,
    ) -> AnalogLayer {
        let pulses = plan.pulses(number);
        let noise = ReadNoise { seed, layer: number as u16, pulses: pulses.count };
        let placed = (0..self.crossbars.count()).map(|crossbar| self.crossbars.place(crossbar));
        let crossbars = placed.map(|placed| (placed, loaded.by_ref().take(self.copies).collect()));
        let digits = digits(&plan.encoding(number), plan.hardware_of(number).pairs);
        let bent = plan.hardware_of(number).read_curve().bent(pulses.greatest() as u32);
        AnalogLayer::new(layer.clone(), self.tiles, crossbars, digits, (pulses, bent), noise)
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
