//! HfO₂ RRAM, programmed by gate voltage.

use super::data::{Constant, File, Head, MICRO};
use super::fit::{normal, polynomial};
use super::{Device, DeviceError, Identity};
use crate::circuit::CellCurve;
use crate::random::Draws;
use serde::{Deserialize, Serialize};

/// 1T1R HfO₂ RRAM of a 4-kbit array, programmed by increments of the gate voltage with verify (IGVVA-100).
///
/// - **Paper:** Milo et al. 2021, "Optimized programming algorithms for multilevel RRAM in hardware neural networks", IRPS.
/// - **Fit:** programming error σ = 4.782321 − 0.009107 g µS, g in µS, never negative: CrossSim's line through Fig. 4.
/// - **Range:** 50 to 225 µS, as programmed only: the paper's figure has no later time, so any is an error.
/// - **Not modelled:** relaxation, read noise, cells that fail, the nine levels that the paper's network uses.
#[derive(Clone, Debug, Serialize)]
pub struct Milo2021 {
    #[serde(skip)]
    identity: Identity,
    /// µS, by powers of g in µS.
    programming: [f64; 2],
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Data {
    device: Head,
    off: Constant<f64>,
    on: Constant<f64>,
    programming_error: Constant<[f64; 2]>,
}

impl Milo2021 {
    pub(super) fn read(file: File<'_>) -> Result<Self, DeviceError> {
        let data: Data = file.read()?;
        Ok(Self {
            identity: file.identity(data.device, &data.off, &data.on)?,
            programming: file.coefficients("programming_error", &data.programming_error, "uS")?,
        })
    }
}

impl Device for Milo2021 {
    fn identity(&self) -> &Identity {
        &self.identity
    }

    fn attempt(&self, target: f64, draws: &mut Draws) -> f64 {
        normal(target, MICRO * polynomial(&self.programming, target / MICRO), draws)
    }

    fn drift(&self, conductance: f64, _seconds: f64, _draws: &mut Draws) -> f64 {
        conductance
    }

    fn longest(&self) -> f64 {
        0.0
    }

    fn read_noise(&self, _conductance: f64, _seconds: f64) -> f64 {
        0.0
    }

    fn curve(&self) -> CellCurve {
        CellCurve::Linear
    }
}
