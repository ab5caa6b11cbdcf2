//! What is wrong with converters as they are built: each has an offset and a gain of its own, steps that are not even, and noise.
//!
//! A converter of b bits sees a current as v codes, v = (1 + gain) x / step + offset + noise, and yields the greatest code whose threshold v reaches.
//! Thresholds of even steps lie half way between codes. Those of the others start as far below code 1 and end as far below the last one, gain and
//! offset being errors of their own, and lie in between where mismatch puts them:
//!
//! - **SAR:** the bits are capacitors of 2^i units, which differ from that by √(2^i) times the deviation of a unit. The code's threshold is the sum of its
//!   bits' capacitors, by the total. The step at half scale is off by about √(2^b − 1) times that deviation.
//! - **Ramp:** the steps of one generator for all columns of a crossbar differ by the deviation of a unit each, so that half way the ramp is off by
//!   √((2^b − 1) / 4) times that (a Brownian bridge).
//!
//! Reference: Pelgrom 2017, "Analog-to-Digital Conversion", chapters 7 and 8.

use super::SimulateError;
use super::analog::Access;
use super::converter_line::Line;
use super::noise::ReadNoise;
use crate::hardware::{AdcErrors, AdcSteps};
use crate::network::executor::Lanes;
use crate::random::{Draws, Effect, Stream};
use fearless_simd::{Simd, f32x16, prelude::*};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Most bits of a ramp: a step of it takes a number.
const RAMP_BITS: u32 = 12;

/// Errors of converters, and which channels share one.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct ConverterErrors {
    /// How large they are.
    #[serde(flatten)]
    pub errors: AdcErrors,
    /// Neighbouring channels of a crossbar that share a converter; at least 1.
    pub columns: u32,
}

impl ConverterErrors {
    /// Checks every number for converters of so many bits.
    ///
    /// # Errors
    /// [`SimulateError::Setting`] with what was found and what is allowed.
    pub(super) fn verify(&self, bits: u32) -> Result<(), SimulateError> {
        let AdcErrors { offset, gain, noise, mismatch, steps } = self.errors;
        for (what, codes) in [("offset of a converter", offset), ("noise of a converter", noise)] {
            SimulateError::check(what, &codes, (0.0..=65536.0).contains(&codes), "0 to 65536 codes")?;
        }
        for (what, share) in [("gain error of a converter", gain), ("mismatch of a converter", mismatch)] {
            SimulateError::check(what, &share, (0.0..=1.0).contains(&share), "0 to 1")?;
        }
        SimulateError::check("columns that share a converter", &self.columns, self.columns > 0, "1 or more")?;
        let stored = mismatch == 0.0 || steps == AdcSteps::Sar || bits <= RAMP_BITS;
        SimulateError::check("ADC bits of a ramp with mismatch", &bits, stored, "1 to 12, or the steps of a SAR")
    }
}

/// The converters of a layer.
#[derive(Clone, Debug)]
pub(crate) struct Flaws {
    /// Those of each channel, by copy and crossbar.
    crossbars: Vec<Vec<Flaw>>,
    /// Crossbars of a copy.
    per_copy: usize,
    /// Deviation of the noise in codes, and where it comes from.
    noise: Option<(f32, ReadNoise)>,
}

/// What is wrong with one converter.
#[derive(Clone, Debug)]
struct Flaw {
    gain: f32,
    /// In codes.
    offset: f32,
    steps: Steps,
}

/// The thresholds of codes, counted from the least one.
#[derive(Clone, Debug)]
enum Steps {
    Even,
    /// What each bit adds, the least significant first.
    Sar(Arc<[f32]>),
    /// That of each code but the least.
    Ramp(Arc<[f32]>),
}

impl Flaws {
    /// The converters of a layer whose crossbars have so many `channels`, in so many `copies`; `noise` says the seed and the layer.
    pub(super) fn drawn(of: &ConverterErrors, bits: u32, noise: ReadNoise, channels: &[usize], copies: usize) -> Self {
        let of_crossbar = |number: usize| {
            let place = (noise.seed, noise.cells, number as u32);
            of.of_crossbar(bits, place, channels[number % channels.len()])
        };
        let crossbars = (0..copies * channels.len()).map(of_crossbar).collect();
        let deviation = of.errors.noise as f32;
        Self { crossbars, per_copy: channels.len(), noise: (deviation > 0.0).then_some((deviation, noise)) }
    }

    /// Converts as [`convert`](super::converter::convert) does, each channel by its own converter.
    #[inline(always)]
    pub(super) fn convert<S: Simd>(&self, simd: S, access: &Access, lines: &[Line], currents: &mut [Lanes]) {
        if let Some((deviation, noise)) = &self.noise {
            let variance = |line: &Line| Lanes::splat((deviation * line.step).powi(2));
            let variances: Vec<Lanes> = lines.iter().map(variance).collect();
            noise.add_of(Effect::Converter, simd, access, &variances, currents);
        }
        let flaws = &self.crossbars[access.copy * self.per_copy + access.crossbar][access.reading.channel..];
        for ((current, line), flaw) in currents.iter_mut().zip(lines).zip(flaws) {
            let seen = f32x16::simd_from(simd, current.0) * line.inverse * flaw.gain + flaw.offset;
            let code = match &flaw.steps {
                Steps::Even => seen.round_ties_even(),
                // Half a code more than the distance from the least code's middle.
                Steps::Sar(bits) => sar(simd, seen - (line.least - 0.5), bits) + line.least,
                Steps::Ramp(thresholds) => ramp(simd, seen - (line.least - 0.5), thresholds) + line.least,
            };
            let code = code.max(f32x16::splat(simd, line.least)).min(f32x16::splat(simd, line.most));
            *current = Lanes((code * line.step).into());
        }
    }
}

/// Successive approximation: each bit stays where the sum with it is not above the current.
#[inline(always)]
fn sar<S: Simd>(simd: S, current: f32x16<S>, bits: &[f32]) -> f32x16<S> {
    let (mut sum, mut code) = (f32x16::splat(simd, 0.0), f32x16::splat(simd, 0.0));
    for (place, &bit) in bits.iter().enumerate().rev() {
        let trial = sum + bit;
        let stays = current.simd_ge(trial);
        sum = stays.select(trial, sum);
        code = stays.select(code + (1u32 << place) as f32, code);
    }
    code
}

/// How many thresholds the ramp has passed when it reaches the current.
#[inline(always)]
fn ramp<S: Simd>(simd: S, current: f32x16<S>, thresholds: &[f32]) -> f32x16<S> {
    let currents: [f32; 16] = current.into();
    let code = |current: f32| thresholds.partition_point(|&threshold| threshold <= current) as f32;
    f32x16::simd_from(simd, currents.map(code))
}

impl ConverterErrors {
    /// The converter of each channel of a crossbar, drawn from its place.
    fn of_crossbar(&self, bits: u32, (seed, layer, crossbar): (u64, u16, u32), channels: usize) -> Vec<Flaw> {
        let draws =
            |sample: u32| Draws::new(Stream { seed, layer, crossbar, effect: Effect::ConverterMismatch, sample });
        let AdcErrors { offset, gain, mismatch, steps, .. } = self.errors;
        let converters = channels.div_ceil(self.columns as usize);
        // The generator of a ramp is the crossbar's, and comes before its converters.
        let generator = (mismatch > 0.0 && steps == AdcSteps::Ramp)
            .then(|| Steps::Ramp(thresholds_of_ramp(bits, mismatch, &mut draws(0))));
        let flaw = |converter: usize| {
            let mut draws = draws(converter as u32 + 1);
            let (offset, gain) = (offset * draws.normal(), 1.0 + gain * draws.normal());
            let steps = match &generator {
                Some(generator) => generator.clone(),
                None if mismatch > 0.0 => Steps::Sar(bits_of_sar(bits, mismatch, &mut draws)),
                None => Steps::Even,
            };
            Flaw { gain: gain as f32, offset: offset as f32, steps }
        };
        let drawn: Vec<Flaw> = (0..converters).map(flaw).collect();
        (0..channels).map(|channel| drawn[channel / self.columns as usize].clone()).collect()
    }
}

/// What each bit of a SAR adds, in codes.
fn bits_of_sar(bits: u32, mismatch: f64, draws: &mut Draws) -> Arc<[f32]> {
    let of = |bit: u32| {
        let units = (1u32 << bit) as f64;
        (units + mismatch * units.sqrt() * draws.normal()).max(0.0)
    };
    scaled((0..bits).map(of).collect(), bits)
}

/// The thresholds of a ramp, in codes.
fn thresholds_of_ramp(bits: u32, mismatch: f64, draws: &mut Draws) -> Arc<[f32]> {
    let mut sum = 0.0;
    let of = |_| {
        sum += (1.0 + mismatch * draws.normal()).max(0.0);
        sum
    };
    let thresholds: Vec<f64> = (1..1u32 << bits).map(of).collect();
    let last = f64::from((1u32 << bits) - 1);
    let unit = if sum > 0.0 { last / sum } else { 1.0 };
    thresholds.into_iter().map(|threshold| (threshold * unit) as f32).collect()
}

/// Parts whose sum is the greatest code.
fn scaled(parts: Vec<f64>, bits: u32) -> Arc<[f32]> {
    let sum: f64 = parts.iter().sum();
    let unit = if sum > 0.0 { f64::from((1u32 << bits) - 1) / sum } else { 1.0 };
    parts.into_iter().map(|part| (part * unit) as f32).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use fearless_simd::{Level, dispatch};

    fn draws(sample: u32) -> Draws {
        Draws::new(Stream { seed: 3, layer: 0, crossbar: 0, effect: Effect::ConverterMismatch, sample })
    }

    fn codes(currents: [f32; 16], bits: &[f32], thresholds: &[f32]) -> [[f32; 16]; 2] {
        #[inline(always)]
        fn both<S: Simd>(simd: S, currents: [f32; 16], bits: &[f32], thresholds: &[f32]) -> [[f32; 16]; 2] {
            let currents = f32x16::simd_from(simd, currents);
            [sar(simd, currents, bits).into(), ramp(simd, currents, thresholds).into()]
        }
        let level = Level::new();
        dispatch!(level, simd => both(simd, currents, bits, thresholds))
    }

    /// Even steps: the code is the whole part, from the least to the greatest.
    #[test]
    fn without_mismatch_the_code_is_the_whole_part() {
        let (bits, thresholds) = (bits_of_sar(5, 0.0, &mut draws(0)), thresholds_of_ramp(5, 0.0, &mut draws(0)));
        for start in -2..35 {
            let currents = std::array::from_fn(|lane| start as f32 + lane as f32 / 16.0);
            let whole = currents.map(|current: f32| current.floor().clamp(0.0, 31.0));
            assert_eq!(codes(currents, &bits, &thresholds), [whole, whole]);
        }
    }

    /// Any code's threshold is the sum of its bits, found here by trying all of them.
    #[test]
    fn successive_approximation_is_that_of_all_codes() {
        for sample in 0..200 {
            let bits = bits_of_sar(6, 0.05, &mut draws(sample));
            let sum = |code: usize| (0..6).rev().filter(|bit| code >> bit & 1 == 1).map(|bit| bits[bit]).sum::<f32>();
            let mut currents = draws(1000 + sample);
            let currents: [f32; 16] = std::array::from_fn(|_| (currents.uniform() * 66.0 - 1.0) as f32);
            let [found, _] = codes(currents, &bits, &[]);
            for (&current, &code) in currents.iter().zip(&found) {
                // A bit that stays or falls on the way down decides for all codes with the same bits above it.
                let mut expected = 0;
                for bit in (0..6).rev() {
                    expected += if current >= sum(expected + (1 << bit)) { 1 << bit } else { 0 };
                }
                assert_eq!(code, expected as f32);
            }
        }
    }

    /// The step at half scale of a SAR is off by σ √(2^b − 1), the middle of a ramp by σ √((2^b − 1) / 4) and each of its steps by σ.
    #[test]
    fn nonlinearity_has_the_deviations_of_the_closed_forms() {
        const CONVERTERS: u32 = 4000;
        let sigma = 0.01;
        let spread = |of: &dyn Fn(u32) -> f64| {
            let squares: f64 = (0..CONVERTERS).map(|sample| of(sample).powi(2)).sum();
            (squares / f64::from(CONVERTERS)).sqrt()
        };
        let half_step = |sample: u32| {
            let bits = bits_of_sar(8, sigma, &mut draws(sample));
            f64::from(bits[7]) - bits[..7].iter().map(|&bit| f64::from(bit)).sum::<f64>() - 1.0
        };
        let middle = |sample: u32| f64::from(thresholds_of_ramp(8, sigma, &mut draws(sample))[127]) - 128.0;
        let step = |sample: u32| {
            let ramp = thresholds_of_ramp(8, sigma, &mut draws(sample));
            f64::from(ramp[100]) - f64::from(ramp[99]) - 1.0
        };
        for (what, found, expected) in [
            ("half scale of a SAR", spread(&half_step), sigma * 255f64.sqrt()),
            ("middle of a ramp", spread(&middle), sigma * (128.0 * 127.0 / 255.0f64).sqrt()),
            ("step of a ramp", spread(&step), sigma * (1.0 - 1.0 / 255.0f64).sqrt()),
        ] {
            let error = 4.0 / (2.0 * f64::from(CONVERTERS)).sqrt();
            assert!((found / expected - 1.0).abs() < error, "{what}: {found}, expected {expected}");
        }
        let last = thresholds_of_ramp(8, sigma, &mut draws(1))[254];
        assert!((last - 255.0).abs() < 1e-4, "{last}");
    }
}
