//! A device of one's own measurements: what each level becomes, and what time makes of it.

mod curves;
mod distribution;
mod fit;
mod goodness;
mod measurements;

pub use curves::{CurvePoint, LevelCurve};
pub use distribution::{Distribution, Shape};
pub use fit::{DeviceFit, Exponent, LevelFit, Times};
pub use goodness::Goodness;
pub use measurements::{ConductanceUnit, Measurements};

use super::data::{File, Head};
use super::voltage_curve::{measured_curve, verify_curve};
use super::{ConductanceRange, Device, DeviceError, Identity, Levels};
use crate::circuit::CellCurve;
use crate::elementary::exp;
use crate::random::Draws;
use distribution::Quantiles;
use serde::{Deserialize, Serialize};

/// Cells as they were measured, level by level; [`DeviceFit`] makes the file of one.
///
/// - **Source:** the measurements; there is no built-in device of this model.
/// - **Fit:** one attempt gives a normal or lognormal conductance with the mean and the deviation of its level. Between two levels every quantile
///   lies on the line between theirs; with `levels = "measured"` nothing is programmed between them. From the first time of the measurements on, a
///   cell drifts by ((t + τ) / (t₁ + τ))^−ν, ν normal with the mean and the deviation of its level, on a line between the levels' means. τ is
///   0 s, or 1 s where the first time is 0.
/// - **Range:** the least to the greatest target; up to the last time measured, or as programmed only where no time was.
/// - **Not modelled:** read noise apart from programming, since a measurement holds both; stuck cells apart from the others; wear. Cells are
///   linear unless the file has `measured.curve`, points of voltage and current.
#[derive(Clone, Debug, Serialize)]
pub struct Measured {
    #[serde(skip)]
    identity: Identity,
    between: Between,
    drift: Option<Times>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    curve: Vec<[f64; 2]>,
    levels: Vec<Level>,
    /// The levels' targets, rising.
    #[serde(skip)]
    targets: Vec<f64>,
    /// The levels' means, rising where there is drift.
    #[serde(skip)]
    means: Vec<f64>,
    #[serde(skip)]
    quantiles: Vec<Quantiles>,
}

/// What can be programmed between two levels.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Between {
    /// Any conductance; what becomes of it lies between what becomes of the levels.
    #[default]
    Interpolated,
    /// Nothing: the nearest level is programmed.
    Measured,
}

/// What a level becomes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Level {
    /// In siemens.
    target: f64,
    distribution: Shape,
    /// In siemens.
    mean: f64,
    /// In siemens.
    deviation: f64,
    /// Mean of ν.
    #[serde(default)]
    drift: f64,
    /// Standard deviation of ν among cells.
    #[serde(default)]
    drift_deviation: f64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Data {
    device: Head,
    #[serde(default)]
    measured: Settings,
    level: Vec<Level>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Settings {
    levels: Between,
    drift: Option<Times>,
    /// `[volt, ampere]` of a cell, from small to large voltages.
    curve: Vec<[f64; 2]>,
}

/// Greatest conductance of a measured device, in siemens; far above any cell's, and below what a table in microsiemens would be taken for.
const MOST_SIEMENS: f64 = 1.0;

impl Measured {
    pub(super) fn read(file: File<'_>) -> Result<Self, DeviceError> {
        let Data { device, measured: Settings { levels: between, drift, curve }, level: levels } = file.read()?;
        if levels.len() < 2 {
            return Err(file.wrong("[[level]]", &format!("there {} times", levels.len()), "twice or more"));
        }
        levels.iter().try_for_each(|level| level.verify(file, drift))?;
        verify_curve(file.name, &curve)?;
        rising(file, "target", levels.iter().map(|level| level.target))?;
        if let Some(times) = drift {
            times.verify(file)?;
            rising(file, "mean", levels.iter().map(|level| level.mean))?;
        }
        let targets: Vec<f64> = levels.iter().map(|level| level.target).collect();
        let range = ConductanceRange { off: targets[0], on: targets[targets.len() - 1] };
        Ok(Self {
            identity: Identity { name: device.name, source: device.source, range },
            between,
            drift,
            curve,
            means: levels.iter().map(|level| level.mean).collect(),
            quantiles: levels.iter().map(|level| Quantiles::new(&level.distribution())).collect(),
            targets,
            levels,
        })
    }

    /// The exponent of a cell that has `conductance`, `deviations` of its standard deviations above the mean.
    fn exponent(&self, conductance: f64, deviations: f64) -> f64 {
        let (below, share) = place(&self.means, conductance);
        let of = |level: &Level| level.drift + level.drift_deviation * deviations;
        of(&self.levels[below]) + share * (of(&self.levels[below + 1]) - of(&self.levels[below]))
    }
}

/// The level below a conductance, at most the last but one, and how far it is to the next, 0 to 1.
fn place(levels: &[f64], conductance: f64) -> (usize, f64) {
    let below = levels.partition_point(|&level| level <= conductance).clamp(1, levels.len() - 1) - 1;
    let share = (conductance - levels[below]) / (levels[below + 1] - levels[below]);
    (below, share.clamp(0.0, 1.0))
}

/// Checks that a number of the levels rises from each to the next.
fn rising(file: File<'_>, key: &str, numbers: impl Iterator<Item = f64>) -> Result<(), DeviceError> {
    let numbers: Vec<f64> = numbers.collect();
    match numbers.windows(2).find(|pair| pair[0] >= pair[1]) {
        Some(pair) => Err(file.wrong(
            &format!("level.{key}"),
            &format!("{:e} S after {:e} S", pair[1], pair[0]),
            "rising from level to level",
        )),
        None => Ok(()),
    }
}

impl Level {
    fn distribution(&self) -> Distribution {
        Distribution { shape: self.distribution, mean: self.mean, deviation: self.deviation }
    }

    fn verify(&self, file: File<'_>, times: Option<Times>) -> Result<(), DeviceError> {
        let check = |key: &str, found: f64, right: bool, allowed: &str| match right {
            true => Ok(()),
            false => Err(file.wrong(&format!("level.{key}"), &found.to_string(), allowed)),
        };
        let Self { target, mean, deviation, drift, drift_deviation, .. } = *self;
        check("target", target, (0.0..=MOST_SIEMENS).contains(&target), "0 to 1 S")?;
        check("mean", mean, (0.0..=MOST_SIEMENS).contains(&mean), "0 to 1 S")?;
        check("mean", mean, mean > 0.0 || self.distribution == Shape::Normal, "more than 0 S of a lognormal level")?;
        check("deviation", deviation, (0.0..=MOST_SIEMENS).contains(&deviation), "0 to 1 S")?;
        if times.is_none() {
            let allowed = "left out, or given with the times of [measured.drift]";
            check("drift", drift, drift == 0.0, allowed)?;
            return check("drift_deviation", drift_deviation, drift_deviation == 0.0, allowed);
        }
        check("drift", drift, (-1.0..=1.0).contains(&drift), "-1 to 1, an exponent of time")?;
        check(
            "drift_deviation",
            drift_deviation,
            (0.0..=1.0).contains(&drift_deviation),
            "0 to 1, of an exponent of time",
        )
    }
}

impl Device for Measured {
    fn identity(&self) -> &Identity {
        &self.identity
    }

    fn levels(&self) -> Levels<'_> {
        match self.between {
            Between::Interpolated => Levels::Continuous,
            Between::Measured => Levels::Listed(&self.targets),
        }
    }

    fn attempt(&self, target: f64, draws: &mut Draws) -> f64 {
        let (below, share) = place(&self.targets, target);
        let ends = [below, below + 1].map(|level| (self.targets[level], self.quantiles[level]));
        let spreads = ends.iter().any(|(_, quantiles)| quantiles.spread());
        let deviations = if spreads { draws.normal() } else { 0.0 };
        // At a level exactly what was measured of it, without the rounding of a difference.
        let [from, to] = ends.map(|(level, quantiles)| (level, quantiles.at(deviations)));
        let value = match share {
            0.0 => from.1,
            1.0 => to.1,
            _ => target + (1.0 - share) * (from.1 - from.0) + share * (to.1 - to.0),
        };
        value.max(0.0)
    }

    fn drift(&self, conductance: f64, seconds: f64, draws: &mut Draws) -> f64 {
        let Some(times) = self.drift.filter(|times| seconds > times.first) else { return conductance };
        let spreads = self.levels.iter().any(|level| level.drift_deviation > 0.0);
        let deviations = if spreads { draws.normal() } else { 0.0 };
        conductance * exp(-self.exponent(conductance, deviations) * times.logarithm(seconds))
    }

    fn longest(&self) -> f64 {
        self.drift.map_or(0.0, |times| times.longest)
    }

    fn read_noise(&self, _conductance: f64, _seconds: f64) -> f64 {
        0.0
    }

    fn varies(&self) -> bool {
        let off_target = |level: &Level| level.mean != level.target;
        self.levels.iter().any(|level| level.deviation > 0.0 || level.drift_deviation > 0.0 || off_target(level))
    }

    fn curve(&self) -> CellCurve {
        measured_curve(&self.curve)
    }
}
