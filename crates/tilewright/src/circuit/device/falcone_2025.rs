//! Analog filamentary RRAM with a conductive metal oxide.

use super::data::{Constant, File, Head, MICRO};
use super::fit::{normal, polynomial};
use super::{Device, DeviceError, Identity};
use crate::circuit::CellCurve;
use crate::elementary::ln;
use crate::random::Draws;
use serde::{Deserialize, Serialize};
use std::f64::consts::LN_10;

/// Conductive-metal-oxide / HfOₓ RRAM, 1T1R, programmed in a closed loop to within 0.2 % of the target.
///
/// - **Paper:** Falcone et al. 2025, "All-in-One Analog AI Hardware: On-Chip Training and Inference with
///   Conductive-Metal-Oxide/HfOx ReRAM Devices", arXiv:2502.04524.
/// - **Fit:** programming error σ = 0.00081107 + 0.00106879 g µS, g in µS (10 nS at 9 µS, as the abstract says); from 1 s on,
///   the mean moves by −0.08900206 ln t µS and the deviation of the change is 0.41183342 + 0.04201137 ln t µS, t in seconds,
///   independent of the conductance; read noise K log₁₀(g / µS) √ln((t + t_r) / 2 t_r), K = 0.0277316483 µS, t_r = 1 µs. The
///   coefficients are AIHWKIT's.
/// - **Time:** a change that takes less than 1 s is taken as that of 1 s; at 0 s there is none.
/// - **Range:** 9 to 88.2 µS; up to ten years, to which the paper extrapolates.
/// - **Not modelled:** AIHWKIT's cut of what has relaxed to the range, which is not the paper's: at 9 µS, where most cells fall below
///   it, a mean change of +0.06 ± 0.20 µS after a day instead of −1.01 ± 0.89 µS, at 88.2 µS −1.07 ± 0.80 µS instead of −1.01 ± 0.89 µS,
///   in between none; the loop's other acceptance range, 2 %; noise of two reads soon after one another that is nearly the
///   same; cells that fail.
#[derive(Clone, Debug, Serialize)]
pub struct Falcone2025 {
    #[serde(skip)]
    identity: Identity,
    /// µS, by powers of g in µS.
    programming: [f64; 2],
    /// µS, by powers of ln t.
    shift: [f64; 2],
    /// µS, by powers of ln t.
    spread: [f64; 2],
    longest: f64,
    noise: f64,
    read_width: f64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Data {
    device: Head,
    off: Constant<f64>,
    on: Constant<f64>,
    programming_error: Constant<[f64; 2]>,
    relaxation_mean: Constant<[f64; 2]>,
    relaxation_deviation: Constant<[f64; 2]>,
    longest: Constant<f64>,
    read_noise: Constant<f64>,
    read_width: Constant<f64>,
}

impl Falcone2025 {
    pub(super) fn read(file: File<'_>) -> Result<Self, DeviceError> {
        let data: Data = file.read()?;
        Ok(Self {
            identity: file.identity(data.device, &data.off, &data.on)?,
            programming: file.coefficients("programming_error", &data.programming_error, "uS")?,
            shift: file.coefficients("relaxation_mean", &data.relaxation_mean, "uS")?,
            spread: file.coefficients("relaxation_deviation", &data.relaxation_deviation, "uS")?,
            longest: file.positive("longest", &data.longest, "s")?,
            noise: file.number("read_noise", &data.read_noise, "uS")?,
            read_width: file.positive("read_width", &data.read_width, "s")?,
        })
    }
}

impl Device for Falcone2025 {
    fn identity(&self) -> &Identity {
        &self.identity
    }

    fn attempt(&self, target: f64, draws: &mut Draws) -> f64 {
        normal(target, MICRO * polynomial(&self.programming, target / MICRO), draws)
    }

    fn drift(&self, conductance: f64, seconds: f64, draws: &mut Draws) -> f64 {
        if seconds == 0.0 {
            return conductance;
        }
        let logarithm = ln(seconds.max(1.0));
        let mean = conductance + MICRO * polynomial(&self.shift, logarithm);
        normal(mean, MICRO * polynomial(&self.spread, logarithm), draws)
    }

    fn longest(&self) -> f64 {
        self.longest
    }

    fn read_noise(&self, conductance: f64, seconds: f64) -> f64 {
        let state = ln((conductance / MICRO).max(1.0)) / LN_10;
        let bandwidth = ln((seconds.max(1.0) + self.read_width) / (2.0 * self.read_width));
        (MICRO * self.noise * state * bandwidth.max(0.0).sqrt()).max(0.0)
    }

    fn curve(&self) -> CellCurve {
        CellCurve::Linear
    }
}
