//! Inputs onto rows: in integers, some bits a pulse.

use super::driven_rows::Driven;
use super::loaded::is_switched;
use super::switched::Bytes;
use super::{Access, AnalogLayer, crossbars_of};
use crate::network::IntegerLayer;
use crate::network::executor::{Images, Lanes, padded, recycle, room, rounded};
use fearless_simd::{Level, Simd, dispatch, f32x16, i32x16, prelude::*};
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

/// How the rows of a layer are driven.
pub(crate) struct Driving {
    /// The pulses of an input.
    pub(crate) pulses: Pulses,
    /// What a linear cell would be driven with by each integer of a pulse, where cells bend.
    pub(crate) bent: Option<Vec<f32>>,
    /// Whether inputs are what neurons pass on, which nothing rounds to integers.
    pub(crate) by_neurons: bool,
}

impl Driving {
    /// Least and greatest value that rows are driven with.
    pub(crate) fn ends(&self, integer: &IntegerLayer) -> [f64; 2] {
        if self.by_neurons { [f64::NEG_INFINITY, f64::INFINITY] } else { self.pulses.driven(integer) }
    }
}

/// What drives the rows of a layer.
pub(super) enum Inputs {
    /// Integers, pulse by pulse.
    Integers(Vec<Driven>),
    /// One bit a pulse, which switches rows on or off.
    Bits(Bytes),
}

impl Inputs {
    /// Gives their memory back.
    pub(super) fn recycle(self) {
        if let Self::Integers(pulses) = self {
            let maps = |Driven { bent, squares, known }| [Some(bent), squares, known].into_iter().flatten();
            pulses.into_iter().flat_map(maps).for_each(recycle);
        }
    }
}

impl AnalogLayer {
    /// What drives the rows, by pixel of the padded input.
    pub(super) fn drive(&self, level: Level, input: &Images) -> Inputs {
        let integers = self.integers(level, input);
        if is_switched(self.driving.ends(&self.integer)) {
            let bytes = Bytes::new(level, &integers, self.driving.pulses.count);
            recycle(integers);
            return Inputs::Bits(bytes);
        }
        let of_pulse = |integers: Vec<Lanes>| {
            let (bent, known) = match &self.driving.bent {
                None => (integers, None),
                Some(table) => {
                    let bend = |x: f32| table[x.abs() as usize].copysign(x);
                    let bent = integers.iter().map(|lanes| lanes.map(bend)).collect();
                    (bent, (self.digits.driven != 0.0).then_some(integers))
                }
            };
            Driven { squares: self.is_noisy.then(|| squares(level, &bent)), bent, known }
        };
        Inputs::Integers(self.in_pulses(level, integers).into_iter().map(of_pulse).collect())
    }

    /// The padded input in integers; what neurons pass on, by the value of input 1.
    fn integers(&self, level: Level, input: &Images) -> Vec<Lanes> {
        let mut integers = if self.driving.by_neurons {
            scaled(level, self.integer.input.scale, input.values())
        } else {
            rounded(level, self.integer.input, input.values())
        };
        if let Cow::Owned(padded) = padded(&self.shape, &integers) {
            recycle(std::mem::replace(&mut integers, padded));
        }
        integers
    }

    /// Integers by as many bits of them as each pulse drives, the least first.
    fn in_pulses(&self, level: Level, integers: Vec<Lanes>) -> Vec<Vec<Lanes>> {
        let Pulses { bits, count } = self.driving.pulses;
        if count == 1 {
            return vec![integers];
        }
        let of_pulse = |pulse: usize| {
            let mut driven = room(integers.len());
            dispatch!(level, simd => {
                for (driven, lanes) in driven.iter_mut().zip(&integers) {
                    *driven = digits(simd, lanes, (pulse, bits));
                }
            });
            driven
        };
        let pulses = (0..count).map(of_pulse).collect();
        recycle(integers);
        pulses
    }

    /// What each used row of a crossbar is driven with, for the image in lane 0, by the greatest integer that a pulse can drive.
    ///
    /// # Panics
    /// If there is no such crossbar, load or pulse.
    pub(crate) fn row_inputs(&self, level: Level, input: &Images, access: &Access) -> Vec<f64> {
        let mut places = vec![];
        self.windows.of_load(access.load, &mut places);
        let mut crossbars = crossbars_of(&self.groups);
        let crossbar = crossbars.find(|crossbar| crossbar.index == access.crossbar).expect("one of the layer's");
        let mut driven = vec![];
        let pulses = self.in_pulses(level, self.integers(level, input));
        crossbar.rows.gather(&pulses[access.pulse], &places, &mut driven);
        driven.iter().map(|lanes| f64::from(lanes.0[0]) / self.driving.pulses.greatest()).collect()
    }
}

/// Values by a scale.
fn scaled(level: Level, scale: f32, values: &[Lanes]) -> Vec<Lanes> {
    let mut by_scale = room(values.len());
    dispatch!(level, simd => {
        for (by_scale, value) in by_scale.iter_mut().zip(values) {
            *by_scale = Lanes((f32x16::simd_from(simd, value.0) / scale).into());
        }
    });
    by_scale
}

/// So many bits of the magnitudes of integers, those of a pulse, with their signs.
#[inline(always)]
fn digits<S: Simd>(simd: S, integers: &Lanes, (pulse, bits): (usize, u32)) -> Lanes {
    let integers = f32x16::simd_from(simd, integers.0);
    let magnitudes: i32x16<S> = integers.abs().to_int();
    let digits = (magnitudes >> (pulse as u32 * bits)) & ((1 << bits) - 1);
    Lanes(digits.to_float::<f32x16<S>>().copysign(integers).into())
}

/// The squares of values.
fn squares(level: Level, values: &[Lanes]) -> Vec<Lanes> {
    let mut squares = room(values.len());
    dispatch!(level, simd => {
        for (square, lanes) in squares.iter_mut().zip(values) {
            let value = f32x16::simd_from(simd, lanes.0);
            *square = Lanes((value * value).into());
        }
    });
    squares
}
