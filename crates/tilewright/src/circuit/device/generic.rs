//! A device whose every fault is set by hand.

use super::data::{File, Head};
use super::fit::{normal, polynomial};
use super::share;
use super::voltage_curve::{measured_curve, verify_curve};
use super::{ConductanceRange, Device, DeviceError, Identity, Levels, Stuck};
use crate::circuit::CellCurve;
use crate::elementary::{exp, ln};
use crate::random::Draws;
use serde::{Deserialize, Serialize};

/// Any levels, on/off ratio, programming error, stuck cells, read noise and drift.
///
/// - **Model:** one attempt gives target + σ_p z, with z standard normal; drift is g (1 + t / t₀)^−ν, ν normal of its own
///   mean and deviation for each cell and never negative; a read has a standard deviation σ_r. σ_p and σ_r are polynomials of
///   g / g_on in units of g_on: `[0.05]` is 5 % of g_on in every state, `[0, 0.05]` is 5 % of the conductance. Where a
///   polynomial is negative, there is no error; where a conductance would be, it is 0.
/// - **Source:** the forms are the usual ones; the numbers are yours.
/// - **Neutral:** the default has no fault and equals [`super::Ideal`] bit for bit.
/// - **Not modelled:** what the forms above leave out, such as errors that are not normal.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Generic {
    /// Greatest conductance in siemens, positive, at most 1000; 100 µS by default.
    pub on: f64,
    /// Greatest by least conductance, more than 1; 100 by default, infinite (`inf`) for a least conductance of 0.
    pub on_off_ratio: f64,
    /// How many conductances, equally far apart, at least 2; any by default.
    pub levels: Option<u32>,
    /// Standard deviation of one attempt by g_on, as coefficients of powers of g / g_on; in every state at most 1, in some not negative; none by
    /// default.
    pub programming_error: Vec<f64>,
    /// Standard deviation of one read by g_on, likewise.
    pub read_noise: Vec<f64>,
    /// Mean exponent ν of drift, 0 to 1; 0 by default.
    pub drift: f64,
    /// Standard deviation of ν among cells, 0 to 1; 0 by default.
    pub drift_deviation: f64,
    /// t₀ in seconds, positive; 1 by default.
    pub drift_start: f64,
    /// Share of cells stuck at g_on, 0 to 1; 0 by default.
    pub stuck_on: f64,
    /// Share of cells stuck at g_off, 0 to 1 − `stuck_on`; 0 by default.
    pub stuck_off: f64,
    /// V₀ of a current of I = G V₀ sinh(V / V₀), 0.001 to 1000 volts: G at small voltages, more at large ones; linear by default.
    pub sinh_volts: Option<f64>,
    /// The current of a cell as measured, `[volt, ampere]` from small to large voltages ([`CellCurve::Measured`]); linear by default.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub curve: Vec<[f64; 2]>,
}

impl Default for Generic {
    fn default() -> Self {
        Self {
            on: 1e-4,
            on_off_ratio: 100.0,
            levels: None,
            programming_error: vec![],
            read_noise: vec![],
            drift: 0.0,
            drift_deviation: 0.0,
            drift_start: 1.0,
            stuck_on: 0.0,
            stuck_off: 0.0,
            sinh_volts: None,
            curve: vec![],
        }
    }
}

/// Greatest conductance of a device, in siemens; a millionth of what a circuit's cell can have.
const MOST_SIEMENS: f64 = 1e3;

impl Generic {
    /// The device, its settings checked.
    ///
    /// # Errors
    /// [`DeviceError::Value`] that names the field.
    pub fn device(self) -> Result<Box<dyn Device>, DeviceError> {
        self.verify("device generic")?;
        Ok(Box::new(GenericDevice::called("generic".into(), "set by hand".into(), self)))
    }

    /// Checks every field.
    fn verify(&self, place: &str) -> Result<(), DeviceError> {
        let check = |key: &str, found: f64, right: bool, allowed: &str| match right {
            true => Ok(()),
            false => Err(DeviceError::Value {
                place: place.into(),
                key: key.into(),
                found: found.to_string(),
                allowed: allowed.into(),
            }),
        };
        let positive = |x: f64| x > 0.0 && x.is_finite();
        check("on", self.on, self.on > 0.0 && self.on <= MOST_SIEMENS, "a positive number of siemens, at most 1000")?;
        check(
            "on_off_ratio",
            self.on_off_ratio,
            self.on_off_ratio > 1.0,
            "more than 1; inf for a least conductance of 0",
        )?;
        self.allowed_levels().verify(place)?;
        for (key, coefficients) in [("programming_error", &self.programming_error), ("read_noise", &self.read_noise)] {
            for &coefficient in coefficients {
                check(key, coefficient, coefficient.is_finite(), "finite coefficients")?;
            }
            share::verify(place, key, self.most(coefficients), "the greatest conductance")?;
        }
        let exponent = |x: f64| (0.0..=1.0).contains(&x);
        check("drift", self.drift, exponent(self.drift), "0 to 1, an exponent of time")?;
        let deviation = self.drift_deviation;
        check("drift_deviation", deviation, exponent(deviation), "0 to 1, of an exponent of time")?;
        check("drift_start", self.drift_start, positive(self.drift_start), "a positive number of seconds")?;
        share::verify(place, "stuck_on", self.stuck_on, "the cells")?;
        share::verify(place, "stuck_off", self.stuck_off, "the cells")?;
        let rest = 0.0..=1.0 - self.stuck_on;
        check("stuck_off", self.stuck_off, rest.contains(&self.stuck_off), "0 to 1 - stuck_on")?;
        let volts = self.sinh_volts.unwrap_or(1.0);
        let bends = (1e-3..=1e3).contains(&volts);
        check("sinh_volts", volts, bends, "0.001 to 1000 volts; leave it out for a linear cell")?;
        check("sinh_volts", volts, self.sinh_volts.is_none() || self.curve.is_empty(), "left out beside `curve`")?;
        verify_curve(place, &self.curve)
    }

    /// Greatest standard deviation of any state by the greatest conductance; less than 0 where a polynomial is negative in all of them.
    fn most(&self, coefficients: &[f64]) -> f64 {
        const STATES: u32 = 64;
        let off = self.on_off_ratio.recip();
        let states = (0..=STATES).map(|state| off + (1.0 - off) * f64::from(state) / f64::from(STATES));
        states.map(|state| polynomial(coefficients, state)).fold(f64::NEG_INFINITY, f64::max)
    }

    fn allowed_levels(&self) -> Levels<'static> {
        self.levels.map_or(Levels::Continuous, Levels::Equidistant)
    }
}

/// Settings under a name.
#[derive(Clone, Debug, Serialize)]
pub(super) struct GenericDevice {
    #[serde(skip)]
    identity: Identity,
    #[serde(flatten)]
    settings: Generic,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Data {
    device: Head,
    #[serde(default)]
    generic: Generic,
}

impl GenericDevice {
    pub(super) fn read(file: File<'_>) -> Result<Self, DeviceError> {
        let Data { device, generic } = file.read()?;
        generic.verify(file.name)?;
        Ok(Self::called(device.name, device.source, generic))
    }

    fn called(name: String, source: String, settings: Generic) -> Self {
        let range = ConductanceRange { off: settings.on / settings.on_off_ratio, on: settings.on };
        Self { identity: Identity { name, source, range }, settings }
    }

    /// A standard deviation in siemens, of coefficients relative to g_on.
    fn deviation(&self, coefficients: &[f64], conductance: f64) -> f64 {
        (self.settings.on * polynomial(coefficients, conductance / self.settings.on)).max(0.0)
    }
}

impl Device for GenericDevice {
    fn identity(&self) -> &Identity {
        &self.identity
    }

    fn levels(&self) -> Levels<'_> {
        self.settings.allowed_levels()
    }

    fn attempt(&self, target: f64, draws: &mut Draws) -> f64 {
        normal(target, self.deviation(&self.settings.programming_error, target), draws)
    }

    fn drift(&self, conductance: f64, seconds: f64, draws: &mut Draws) -> f64 {
        let Generic { drift, drift_deviation, drift_start, .. } = self.settings;
        if drift == 0.0 && drift_deviation == 0.0 {
            return conductance;
        }
        let exponent = (drift + drift_deviation * draws.normal()).max(0.0);
        conductance * exp((-exponent * ln(1.0 + seconds / drift_start)).max(-700.0))
    }

    fn read_noise(&self, conductance: f64, _seconds: f64) -> f64 {
        self.deviation(&self.settings.read_noise, conductance)
    }

    fn stuck(&self) -> Stuck {
        let ConductanceRange { off, on } = self.range();
        let Generic { stuck_on, stuck_off, .. } = self.settings;
        Stuck { on_rate: stuck_on, off_rate: stuck_off, on_conductance: on, off_conductance: off }
    }

    fn varies(&self) -> bool {
        let Generic { programming_error, drift_deviation, stuck_on, stuck_off, .. } = &self.settings;
        programming_error.iter().any(|&coefficient| coefficient != 0.0)
            || [drift_deviation, stuck_on, stuck_off].into_iter().any(|&magnitude| magnitude != 0.0)
    }

    fn curve(&self) -> CellCurve {
        let of_points = || measured_curve(&self.settings.curve);
        self.settings.sinh_volts.map_or_else(of_points, |volts| CellCurve::Sinh { k: volts.recip() })
    }
}
