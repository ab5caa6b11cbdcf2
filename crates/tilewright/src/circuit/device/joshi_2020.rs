//! Phase-change memory.

use super::data::{Constant, File, Head, MICRO};
use super::fit::{normal, polynomial};
use super::{Device, DeviceError, Identity};
use crate::circuit::CellCurve;
use crate::elementary::{exp, ln};
use crate::random::Draws;
use serde::{Deserialize, Serialize};

/// Doped Ge₂Sb₂Te₅ phase-change memory in 90 nm, programmed by iterated write and verify.
///
/// - **Paper:** Joshi et al. 2020, "Accurate deep neural network inference using computational phase-change memory", Nature
///   Communications 11:2473; the statistical model is that of Nandakumar et al. 2019, "Phase-change memory models for deep
///   learning training and inference", ICECS, as the documentation of AIHWKIT gives it ("Inference and PCM statistical model").
/// - **Fit:** with x = g / 25 µS: programming error σ = 0.26348 + 1.9650 x − 1.1731 x² µS (Fig. 3b); drift g (1 + t / t₀)^−ν
///   with t₀ = 20 s, ν normal of mean −0.0155 ln x + 0.0244 within 0.049 to 0.1 and deviation −0.0125 ln x − 0.0059 within
///   0.008 to 0.045, never negative; read noise g Q √ln((t + t₀ + t_r) / 2 t_r), Q = 0.0088 / x^0.65 of at most 0.2, t_r = 250 ns.
///   The programming error is within 0.03 µS of an independent reading of the same figure by CrossSim.
/// - **Range:** 0 to 25 µS; times are counted from the first read, 20 s after programming, and not bounded by the source
///   (the paper shows one day).
/// - **Not modelled:** that ν follows the target and Q what was programmed. ν is taken of what was programmed: a cell meant for 0
///   has 0.052 ± 0.086 µS after a day instead of 0.048 ± 0.078 µS. Q is taken of what has drifted, so that reads are noisier than in the
///   source: after an hour by 18 % at 25 µS, after a day by 30 % there, at 0 µS by a third. Further, that 1/f noise of two reads
///   soon after one another is nearly the same (the setting `reads` can make it the same); temperature; cells that fail.
#[derive(Clone, Debug, Serialize)]
pub struct Joshi2020 {
    #[serde(skip)]
    identity: Identity,
    /// µS, by powers of g / g_on.
    programming: [f64; 3],
    drift: Exponent,
    drift_deviation: Exponent,
    drift_start: f64,
    noise: Noise,
}

/// slope · ln(g / g_on) + constant within bounds.
#[derive(Clone, Copy, Debug, Serialize)]
struct Exponent {
    slope: f64,
    constant: f64,
    least: f64,
    most: f64,
}

/// Q = factor · (g / g_on)^−power of at most `most`, over pulses of `width` seconds.
#[derive(Clone, Copy, Debug, Serialize)]
struct Noise {
    factor: f64,
    power: f64,
    most: f64,
    width: f64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Data {
    device: Head,
    off: Constant<f64>,
    on: Constant<f64>,
    programming_error: Constant<[f64; 3]>,
    drift_mean: Constant<[f64; 4]>,
    drift_deviation: Constant<[f64; 4]>,
    drift_start: Constant<f64>,
    read_noise: Constant<[f64; 3]>,
    read_width: Constant<f64>,
}

/// Least g / g_on of a logarithm, so that a conductance of 0 has one.
const LEAST: f64 = 1e-7;

impl Joshi2020 {
    pub(super) fn read(file: File<'_>) -> Result<Self, DeviceError> {
        let data: Data = file.read()?;
        let exponent = |key: &str, constant: &Constant<[f64; 4]>| {
            let [slope, constant, least, most] = file.coefficients(key, constant, "1")?;
            if !(0.0..=most).contains(&least) {
                return Err(file.wrong(key, &format!("{least} to {most}"), "bounds from 0 or more upward"));
            }
            Ok(Exponent { slope, constant, least, most })
        };
        let [factor, power, most] = file.coefficients("read_noise", &data.read_noise, "1")?;
        if factor < 0.0 || most < 0.0 {
            return Err(file.wrong("read_noise", &format!("{factor}, {power}, {most}"), "no negative factor or bound"));
        }
        Ok(Self {
            identity: file.identity(data.device, &data.off, &data.on)?,
            programming: file.coefficients("programming_error", &data.programming_error, "uS")?,
            drift: exponent("drift_mean", &data.drift_mean)?,
            drift_deviation: exponent("drift_deviation", &data.drift_deviation)?,
            drift_start: file.positive("drift_start", &data.drift_start, "s")?,
            noise: Noise { factor, power, most, width: file.positive("read_width", &data.read_width, "s")? },
        })
    }

    /// ln(g / g_on)
    fn logarithm(&self, conductance: f64) -> f64 {
        ln((conductance / self.identity.range.on).max(LEAST))
    }
}

impl Exponent {
    fn at(self, logarithm: f64) -> f64 {
        (self.slope * logarithm + self.constant).clamp(self.least, self.most)
    }
}

impl Device for Joshi2020 {
    fn identity(&self) -> &Identity {
        &self.identity
    }

    fn attempt(&self, target: f64, draws: &mut Draws) -> f64 {
        normal(target, MICRO * polynomial(&self.programming, target / self.identity.range.on), draws)
    }

    fn drift(&self, conductance: f64, seconds: f64, draws: &mut Draws) -> f64 {
        let logarithm = self.logarithm(conductance);
        let exponent = normal(self.drift.at(logarithm), self.drift_deviation.at(logarithm), draws);
        conductance * exp((-exponent * ln(1.0 + seconds / self.drift_start)).max(-700.0))
    }

    fn read_noise(&self, conductance: f64, seconds: f64) -> f64 {
        let Noise { factor, power, most, width } = self.noise;
        let relative = (factor * exp((-power * self.logarithm(conductance)).clamp(-700.0, 700.0))).min(most);
        let elapsed = seconds + self.drift_start;
        conductance * relative * ln((elapsed + width) / (2.0 * width)).max(0.0).sqrt()
    }

    fn curve(&self) -> CellCurve {
        CellCurve::Linear
    }
}
