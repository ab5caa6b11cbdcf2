//! Which hardware computes the integer network, bit for bit: a proof without a crossbar programmed.

use super::channels::channels;
use super::{LevelScale, Plan, SimulateError};
use crate::hardware::DriftCompensation;
use crate::mapping::placement::{Crossbars, PlacedCrossbar};
use crate::mapping::{Step, lossless_bits};
use crate::random::{Draws, Effect, Stream};
use crate::workers;
use std::ops::ControlFlow;

/// Least conductance by that of a level, up to which the difference of two cells in double precision rounds to that of their levels in single.
const MOST_OFF_LEVELS: f64 = (1u64 << 24) as f64;

/// By how much a cell may be off its level, by the conductance of a level, for the same reason.
const MOST_OFF: f64 = 1e-9;

impl Plan<'_> {
    /// Whether every chip is shown to compute the integer network bit for bit: nothing is drawn at random, cells hold their levels, wires
    /// are ideal, nothing is corrected afterwards, and converters tell all sums apart that any input makes. Chips that do so by chance,
    /// or whose converters only do so for the inputs there are, are not shown to.
    ///
    /// # Errors
    /// As [`Chip::program`](super::Chip::program).
    pub fn is_exact(&self) -> Result<bool, SimulateError> {
        self.verify()?;
        let layers = 0..self.layers.len();
        // What neurons pass on is not rounded to the integers.
        if self.hardware.neuron.is_some()
            || self.hardware.varies()
            || !layers.clone().all(|layer| self.holds_levels(layer))
        {
            return Ok(false);
        }
        if layers.clone().all(|layer| self.hardware_of(layer).adc.is_none()) {
            return Ok(true);
        }
        let ends = self.ends_of_layers()?;
        Ok(layers.zip(ends).all(|(layer, ends)| self.tells_apart(layer, ends)))
    }

    /// For each layer, in execution order, the bits of a converter that would lose nothing of ideal currents: those of its weights
    /// in its cells, pairs read as the hardware reads them, for every input that a pulse can drive, in any step.
    ///
    /// # Errors
    /// As [`Plan::verify`].
    pub fn lossless_bits(&self) -> Result<Vec<u32>, SimulateError> {
        self.verify()?;
        Ok(self.ends_of_layers()?.into_iter().map(lossless_bits).collect())
    }

    /// Whether the cells of a layer conduct what its weights say, and nothing is done about it.
    fn holds_levels(&self, layer: usize) -> bool {
        let hardware = self.hardware_of(layer);
        let compensation = &hardware.compensation;
        // Gains and offsets are fitted, which may be off by the last bit.
        let is_corrected = compensation.refresh || compensation.drift_compensation != DriftCompensation::Off;
        let are_all_programmed = !hardware.has_unformed_cells() && hardware.cells.known_faults.is_none();
        let is_linear = hardware.is_wired_ideally() && hardware.read_curve().is_linear();
        // The digital side subtracts sums of whole columns, which single precision holds where they are integers.
        let subtracts = self.digits(layer).subtracts || hardware.device.range().off == 0.0;
        !is_corrected && are_all_programmed && is_linear && subtracts && self.keeps_levels(layer)
    }

    /// Whether the device conducts at every level what that level says, once it is programmed and aged.
    fn keeps_levels(&self, layer: usize) -> bool {
        let (encoding, hardware) = (self.encoding(layer), self.hardware_of(layer));
        let range = hardware.device.range();
        let LevelScale { off, step } = LevelScale::new(&encoding, &self.layers[layer].weights, range);
        let top = ((range.on - off) / step).round() as u32;
        let keeps = |level: u32| {
            let wanted = off + f64::from(level) * step;
            let draws = |effect| Draws::new(Stream { seed: 0, layer: 0, crossbar: 0, effect, sample: level });
            let programmed =
                hardware.device.program(wanted, hardware.cells.programming(), &mut draws(Effect::Programming));
            let aged = programmed.and_then(|programmed| {
                hardware.device.drifted(programmed.conductance, hardware.cells.age, &mut draws(Effect::Drift))
            });
            let most_off = if level == 0 { 0.0 } else { MOST_OFF * step };
            aged.is_ok_and(|aged| (aged - wanted).abs() <= most_off)
        };
        off <= MOST_OFF_LEVELS * step && (0..=top).all(keeps)
    }

    /// Whether the converters of a layer, if it has some, have a code for every sum between these ends.
    fn tells_apart(&self, layer: usize, [least, greatest]: [i64; 2]) -> bool {
        let Some(adc) = &self.hardware_of(layer).adc else { return true };
        let certain = adc.certain(self.digits(layer).subtracts);
        // Whether a line has codes for negative currents follows from those seen, unless it is certain to.
        if adc.errors.is_some() || (least < 0 && certain == 0.0) {
            return false;
        }
        // Currents within narrower ends have steps no wider.
        let ends = [least as f64, greatest as f64];
        let line = adc.line([ends[0].min(certain), ends[1]]);
        line.step == 1.0 && f64::from(line.least) <= ends[0] && ends[1] <= f64::from(line.most)
    }

    /// Least and greatest ideal current of any channel of each layer, in any step, in levels, for inputs that one pulse can drive.
    fn ends_of_layers(&self) -> Result<Vec<[i64; 2]>, SimulateError> {
        let tiles = self.tiles()?;
        let crossbars: Vec<Crossbars<'_>> = tiles.iter().map(Crossbars::new).collect();
        let places =
            |(layer, crossbars): (usize, &Crossbars<'_>)| (0..crossbars.count()).map(move |place| (layer, place));
        let jobs: Vec<(usize, usize)> = crossbars.iter().enumerate().flat_map(places).collect();
        let go_on = |_, _| ControlFlow::Continue(());
        let ends = workers::run(&vec![1; jobs.len()], self.threads, &go_on, |job| -> Result<_, SimulateError> {
            let (layer, place) = jobs[job];
            let steps = self.steps_of_channels(&crossbars[layer], (layer, place));
            Ok(self.ends(layer, &crossbars[layer].place(place), &steps))
        })?;
        let mut of_layers = vec![[0, 0]; self.layers.len()];
        for ((layer, _), [least, greatest]) in jobs.iter().zip(ends.ok_or(SimulateError::Interrupted)?) {
            let of_layer: &mut [i64; 2] = &mut of_layers[*layer];
            *of_layer = [of_layer[0].min(least), of_layer[1].max(greatest)];
        }
        Ok(of_layers)
    }

    /// Those of a crossbar.
    fn ends(&self, layer: usize, placed: &PlacedCrossbar, steps: &[Step]) -> [i64; 2] {
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
}
