//! Inputs onto rows: in integers, some bits a pulse.

use super::windows::Place;
use super::{Access, AnalogLayer, Held};
use crate::network::IntegerLayer;
use crate::network::executor::{Images, Lanes, padded, recycle, room};
use fearless_simd::{Level, dispatch};
use std::borrow::Cow;

/// The bits of an input that one pulse drives, and how many pulses an input takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Pulses {
    pub(crate) bits: u32,
    pub(crate) count: usize,
}

impl Pulses {
    /// Inputs of `bits`, driven `dac_bits` at a time, or all at once.
    pub(crate) fn new(bits: u32, dac_bits: Option<u32>) -> Self {
        let at_once = dac_bits.unwrap_or(bits).min(bits);
        Self { bits: at_once, count: bits.div_ceil(at_once) as usize }
    }

    /// Least and greatest integer that is driven.
    pub(crate) fn driven(self, integer: &IntegerLayer) -> [f64; 2] {
        let most = self.greatest();
        integer.input.range.map(|end| f64::from(end).clamp(-most, most))
    }

    /// The greatest integer that a pulse can drive.
    pub(crate) fn greatest(self) -> f64 {
        ((1u64 << self.bits) - 1) as f64
    }
}

/// What one pulse drives.
pub(super) struct Driven {
    /// What a linear cell would be driven with for the same current, by pixel.
    pub(super) bent: Vec<Lanes>,
    /// The integers that digital logic knows, where they are others and it needs them.
    pub(super) known: Option<Vec<Lanes>>,
}

impl AnalogLayer {
    /// What each pulse drives of the padded input.
    pub(super) fn drive(&self, level: Level, input: &Images) -> Vec<Driven> {
        let of_pulse = |integers: Vec<Lanes>| match &self.bent {
            None => Driven { bent: integers, known: None },
            Some(table) => {
                let bend = |x: f32| table[x.abs() as usize].copysign(x);
                let bent = integers.iter().map(|lanes| lanes.map(bend)).collect();
                Driven { bent, known: (self.digits.driven != 0.0).then_some(integers) }
            }
        };
        self.integers(level, input).into_iter().map(of_pulse).collect()
    }

    /// The padded input in integers, as many bits of it as each pulse drives.
    fn integers(&self, level: Level, input: &Images) -> Vec<Vec<Lanes>> {
        let grid = self.integer.input;
        let mut integers = room(input.values().len());
        let values = integers.iter_mut().zip(input.values());
        dispatch!(level, _simd => values.for_each(|(integer, lanes)| *integer = lanes.map(|x| grid.round(x))));
        if let Cow::Owned(padded) = padded(&self.shape, &integers) {
            recycle(std::mem::replace(&mut integers, padded));
        }
        if self.pulses.count == 1 {
            return vec![integers];
        }
        let digit = |pulse: usize, x: f32| {
            let magnitude = x.abs() as u32 >> (pulse as u32 * self.pulses.bits) & ((1 << self.pulses.bits) - 1);
            (magnitude as f32).copysign(x)
        };
        let driven = |pulse| integers.iter().map(|lanes| lanes.map(|x| digit(pulse, x))).collect();
        (0..self.pulses.count).map(driven).collect()
    }

    /// What each used row of a crossbar is driven with, for the image in lane 0, by the greatest integer that a pulse can drive.
    ///
    /// # Panics
    /// If there is no such crossbar, load or pulse.
    pub(crate) fn row_inputs(&self, level: Level, input: &Images, access: &Access) -> Vec<f64> {
        let mut places = vec![];
        self.windows.of_load(access.load, &mut places);
        let mut crossbars = self.groups.iter().flat_map(|group| &group.crossbars);
        let crossbar = crossbars.find(|crossbar| crossbar.index == access.crossbar).expect("one of the layer's");
        let mut driven = vec![];
        crossbar.drive(&self.integers(level, input)[access.pulse], &places, &mut driven);
        driven.iter().map(|lanes| f64::from(lanes.0[0]) / self.pulses.greatest()).collect()
    }
}

impl Held {
    /// Puts the inputs of a pulse onto the rows; those of missing windows are not driven.
    #[inline(always)]
    pub(super) fn drive(&self, inputs: &[Lanes], places: &[Option<Place>], driven: &mut Vec<Lanes>) {
        driven.resize(self.rows.len(), Lanes::splat(0.0));
        for (driven, row) in driven.iter_mut().zip(&self.rows) {
            *driven = match row.pixel(places) {
                Some(pixel) => inputs[pixel],
                None => Lanes::splat(0.0),
            };
        }
    }
}
