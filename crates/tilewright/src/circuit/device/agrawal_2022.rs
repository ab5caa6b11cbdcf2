//! SONOS charge-trap memory.

use super::data::{Constant, File, Head};
use super::fit::{growth, normal, polynomial, saturation};
use super::{Device, DeviceError, Identity};
use crate::circuit::CellCurve;
use crate::random::Draws;
use serde::{Deserialize, Serialize};

/// SONOS charge-trap memory in 40 nm below threshold.
///
/// - **Paper:** Agrawal et al. 2022, "Subthreshold operation of SONOS analog memory to enable accurate low-power neural network
///   inference", IEDM, 21.7.1.
/// - **Fit:** CrossSim's, in currents i in nA. Deviation among 128 k cells A (1 − exp(−i / B)), with A and B for 0 to 5 days
///   (Fig. 10a); shift of the mean, a polynomial of the tenth degree of i, for 1 to 5 days (Fig. 10b), as CrossSim 3.2.0 has
///   them, which withdrew the polynomials of before (−34 nA at 1200 nA after a day, now −7 nA); read noise of the same form as
///   the deviation, constant in time (Fig. 11b).
/// - **Conductance:** the cell is a current source at its one read voltage; the source puts 1600 nA at 16 µS, so a current is
///   taken as a conductance at 0.1 V.
/// - **Time:** a cell's change since programming has the mean of the figure and the deviation that makes the deviations those
///   of the figure; between the days all are linear, as in CrossSim.
/// - **Range:** 1.6 pS (on/off ratio 10⁷) to 16 µS; up to 5 days.
/// - **Not modelled:** the voltage's effect on the current (it is a transistor's); that the shift follows the target, not what
///   was programmed (this takes the conductance there is, at most 16 µS); cells that fail.
#[derive(Clone, Debug, Serialize)]
pub struct Agrawal2022 {
    #[serde(skip)]
    identity: Identity,
    /// Siemens by nanoampere.
    unit: f64,
    /// Seconds after programming, rising from 0.
    times: [f64; TIMES],
    /// A of the deviation at each time, in nA.
    limits: [f64; TIMES],
    /// B of the deviation at each time, in nA.
    scales: [f64; TIMES],
    /// nA, by powers of i, at each time.
    shifts: [[f64; 11]; TIMES],
    /// The current in nA, the greatest, from which on the shift stays what it is there.
    shift_end: f64,
    /// A and B of read noise, in nA.
    noise: [f64; 2],
}

/// Times at which the device was measured.
const TIMES: usize = 6;
const SECONDS_A_DAY: f64 = 86_400.0;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Data {
    device: Head,
    off: Constant<f64>,
    on: Constant<f64>,
    read_voltage: Constant<f64>,
    times: Constant<[f64; TIMES]>,
    deviation_limit: Constant<[f64; TIMES]>,
    deviation_scale: Constant<[f64; TIMES]>,
    shift_end: Constant<f64>,
    /// At each time but the first, which has none.
    shift: [Constant<[f64; 11]>; TIMES - 1],
    read_noise: Constant<[f64; 2]>,
}

impl Agrawal2022 {
    pub(super) fn read(file: File<'_>) -> Result<Self, DeviceError> {
        let data: Data = file.read()?;
        let times = file.coefficients("times", &data.times, "d")?;
        if !(times[0] == 0.0 && times.is_sorted_by(|a, b| a < b)) {
            return Err(file.wrong("times", &format!("{times:?}"), "days that rise from 0"));
        }
        let scales = file.coefficients("deviation_scale", &data.deviation_scale, "nA")?;
        let noise = file.coefficients("read_noise", &data.read_noise, "nA")?;
        if let Some(scale) = scales.iter().chain(&noise[1..]).find(|&&scale| scale <= 0.0) {
            return Err(file.wrong("deviation_scale, read_noise", &scale.to_string(), "positive scales"));
        }
        let mut shifts = [[0.0; 11]; TIMES];
        for (time, constant) in data.shift.iter().enumerate() {
            shifts[time + 1] = file.coefficients(&format!("shift {}", time + 1), constant, "nA")?;
        }
        Ok(Self {
            identity: file.identity(data.device, &data.off, &data.on)?,
            unit: 1e-9 / file.positive("read_voltage", &data.read_voltage, "V")?,
            times: times.map(|days| days * SECONDS_A_DAY),
            limits: file.coefficients("deviation_limit", &data.deviation_limit, "nA")?,
            scales,
            shifts,
            shift_end: file.positive("shift_end", &data.shift_end, "nA")?,
            noise,
        })
    }

    /// The measured time before this one, at most the last but one, and how far it is to the next, 0 to 1.
    fn between(&self, seconds: f64) -> (usize, f64) {
        let before = self.times.iter().rposition(|&time| time <= seconds).unwrap_or(0).min(TIMES - 2);
        (before, (seconds - self.times[before]) / (self.times[before + 1] - self.times[before]))
    }

    /// Deviation among cells from their target, in nA.
    fn deviation(&self, current: f64, seconds: f64) -> f64 {
        let (before, share) = self.between(seconds);
        let at = |values: &[f64; TIMES]| values[before] + share * (values[before + 1] - values[before]);
        saturation(at(&self.limits), at(&self.scales), current)
    }

    /// Shift of the mean since programming, in nA.
    fn shift(&self, current: f64, seconds: f64) -> f64 {
        let (before, share) = self.between(seconds);
        let [from, to] = [before, before + 1].map(|time| polynomial(&self.shifts[time], current.min(self.shift_end)));
        from + share * (to - from)
    }
}

impl Device for Agrawal2022 {
    fn identity(&self) -> &Identity {
        &self.identity
    }

    fn attempt(&self, target: f64, draws: &mut Draws) -> f64 {
        normal(target, self.unit * self.deviation(target / self.unit, 0.0), draws)
    }

    fn drift(&self, conductance: f64, seconds: f64, draws: &mut Draws) -> f64 {
        let current = conductance.min(self.identity.range.on) / self.unit;
        let mean = conductance + self.unit * self.shift(current, seconds);
        let change = growth(self.deviation(current, 0.0), self.deviation(current, seconds));
        normal(mean, self.unit * change, draws)
    }

    fn longest(&self) -> f64 {
        self.times[TIMES - 1]
    }

    fn read_noise(&self, conductance: f64, _seconds: f64) -> f64 {
        let [limit, scale] = self.noise;
        self.unit * saturation(limit, scale, conductance / self.unit).max(0.0)
    }

    fn curve(&self) -> CellCurve {
        CellCurve::Linear
    }
}
