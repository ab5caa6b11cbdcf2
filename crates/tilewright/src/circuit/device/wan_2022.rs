//! HfOₓ RRAM that relaxes.

use super::data::{Constant, File, Head, MICRO};
use super::fit::{growth, normal, polynomial};
use super::{Device, DeviceError, Identity};
use crate::circuit::CellCurve;
use crate::elementary::ln;
use crate::random::Draws;
use serde::{Deserialize, Serialize};

/// Oxide RRAM of the chip NeuRRAM, programmed by incremental pulses with verify, whose conductances relax afterwards.
///
/// - **Paper:** Wan et al. 2022, "A compute-in-memory chip based on resistive random-access memory", Nature 608:504,
///   Extended Data Fig. 3d.
/// - **Fit:** standard deviation from the target 1 s, 1 day and 2 days after programming, each a polynomial of the fourth
///   degree of g / 40 µS: AIHWKIT's, read off the figure. CrossSim's own reading of 1 s is up to 0.6 µS higher: that is how
///   well the figure can be read.
/// - **Time:** what a cell has 1 s after programming is what programming makes of it; later it gets an independent normal
///   change that makes the deviations those of the figure where they grow. Between the times, the change's variance is linear in ln t
///   (an assumption, since the paper has no times between).
/// - **Range:** 1 to 40 µS; up to 2 days. Times are counted from 1 s after programming.
/// - **Not modelled:** that deviations follow the target, not what was programmed 1 s before the change: the least level, 1 µS, is 7 %
///   too wide after a day and 6 % after two, 5 µS 2 and 4 %, from 10 µS on within 1 %; read noise (the paper's figure does not separate it), cells that fail, means that move.
#[derive(Clone, Debug, Serialize)]
pub struct Wan2022 {
    #[serde(skip)]
    identity: Identity,
    /// µS, by powers of g / g_on, at each of the times.
    deviations: [[f64; 5]; 3],
    /// Seconds after programming, rising.
    times: [f64; 3],
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Data {
    device: Head,
    off: Constant<f64>,
    on: Constant<f64>,
    times: Constant<[f64; 3]>,
    deviation_first: Constant<[f64; 5]>,
    deviation_second: Constant<[f64; 5]>,
    deviation_third: Constant<[f64; 5]>,
}

impl Wan2022 {
    pub(super) fn read(file: File<'_>) -> Result<Self, DeviceError> {
        let data: Data = file.read()?;
        let times = file.coefficients("times", &data.times, "s")?;
        if !(0.0 < times[0] && times.is_sorted_by(|a, b| a < b)) {
            return Err(file.wrong("times", &format!("{times:?}"), "positive seconds that rise"));
        }
        Ok(Self {
            identity: file.identity(data.device, &data.off, &data.on)?,
            deviations: [
                file.coefficients("deviation_first", &data.deviation_first, "uS")?,
                file.coefficients("deviation_second", &data.deviation_second, "uS")?,
                file.coefficients("deviation_third", &data.deviation_third, "uS")?,
            ],
            times,
        })
    }

    /// Standard deviation at one of the times, in siemens.
    fn deviation(&self, time: usize, conductance: f64) -> f64 {
        let x = (conductance / self.identity.range.on).clamp(0.0, 1.0);
        (MICRO * polynomial(&self.deviations[time], x)).max(0.0)
    }

    /// Standard deviation of the change since the first time, in siemens.
    fn change(&self, conductance: f64, time: f64) -> f64 {
        let [first, second, third] = [0, 1, 2].map(|time| self.deviation(time, conductance));
        let (from, to) = (growth(first, second), growth(first, third));
        let [t1, t2, t3] = self.times.map(ln);
        // A cell's change never shrinks, even where the readings of the figure do.
        let [variance_from, variance_to] = [from * from, (to * to).max(from * from)];
        match ln(time) {
            at if at <= t2 => (variance_from * (at - t1) / (t2 - t1)).sqrt(),
            at => (variance_from + (variance_to - variance_from) * (at - t2) / (t3 - t2)).sqrt(),
        }
    }
}

impl Device for Wan2022 {
    fn identity(&self) -> &Identity {
        &self.identity
    }

    fn attempt(&self, target: f64, draws: &mut Draws) -> f64 {
        normal(target, self.deviation(0, target), draws)
    }

    fn drift(&self, conductance: f64, seconds: f64, draws: &mut Draws) -> f64 {
        normal(conductance, self.change(conductance, self.times[0] + seconds), draws)
    }

    fn longest(&self) -> f64 {
        self.times[2] - self.times[0]
    }

    fn read_noise(&self, _conductance: f64, _seconds: f64) -> f64 {
        0.0
    }

    fn curve(&self) -> CellCurve {
        CellCurve::Linear
    }
}
