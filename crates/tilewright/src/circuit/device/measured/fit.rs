//! From measurements to a device file.

use super::distribution::{Distribution, Quantiles, moments};
use super::goodness::{Drifted, Goodness, critical_of_fitted, critical_of_known, ks};
use super::measurements::{MeasuredLevel, Measurements, Sample};
use super::{Between, Shape};
use crate::circuit::device::data::File;
use crate::circuit::device::{DeviceError, from_toml};
use crate::elementary::ln;
use serde::{Deserialize, Serialize};
use std::fmt::Write;

/// A device fitted to measurements, level by level.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct DeviceFit {
    /// How many conductances were measured.
    pub measurements: usize,
    /// What can be programmed between two levels.
    pub between: Between,
    /// When they were measured; none where the table does not say.
    pub times: Option<Times>,
    /// By rising target.
    pub levels: Vec<LevelFit>,
}

/// When a device was measured, in seconds after programming.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Times {
    /// t₁, from which on it drifts.
    pub first: f64,
    /// τ of ((t + τ) / (t₁ + τ))^−ν.
    pub offset: f64,
    /// To which the data reach.
    pub longest: f64,
}

/// A level fitted.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LevelFit {
    /// In siemens.
    pub target: f64,
    /// At the first time.
    #[serde(flatten)]
    pub distribution: Distribution,
    /// ν; none where the table has no times.
    pub drift: Option<Exponent>,
    /// Of the sample of each time.
    pub goodness: Vec<Goodness>,
}

/// The exponent ν of drift among cells.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Exponent {
    /// Its mean.
    pub mean: f64,
    /// Its standard deviation.
    pub deviation: f64,
}

impl DeviceFit {
    /// Fits a device. Of each level at the first time the sample's moments are taken, those of the logarithm for a lognormal distribution, and the form
    /// whose statistic of Kolmogorov and Smirnov is less; normal if they are equal, or of fewer than five measurements. The mean exponent of drift is that of least squares of the
    /// mean logarithms, its variance that of the variances of the logarithms, each time weighted by its measurements; none where they do not grow.
    ///
    /// # Errors
    /// [`DeviceError::Value`] for exponents of drift out of range, or, with times, levels whose means do not rise with their targets.
    pub fn new(measurements: &Measurements, between: Between) -> Result<Self, DeviceError> {
        let times = measurements.timed.then(|| Times::spanning(measurements.times()));
        let levels = measurements.levels.iter().map(|level| LevelFit::new(level, times)).collect();
        let fit = Self { measurements: measurements.count(), between, times, levels };
        from_toml(&fit.toml("fitted", "measurements"), &measurements.file).map(|_| fit)
    }

    /// Whether every sample can be one of its distribution.
    pub fn holds(&self) -> bool {
        self.levels.iter().flat_map(|level| &level.goodness).all(Goodness::holds)
    }

    /// The device file, which [`from_toml`] reads.
    pub fn toml(&self, name: &str, source: &str) -> String {
        let [name, source] = [name, source].map(|text| toml::Value::from(text).to_string());
        let between = toml::Value::try_from(self.between).expect("a word").to_string();
        let mut text = format!(
            "# Fitted to measurements; conductances in siemens, times in seconds.\n\n[device]\nname = {name}\nmodel = \"measured\"\nsource = \
             {source}\n\n[measured]\nlevels = {between}    # what is programmed between levels: \"interpolated\", or \"measured\" for the nearest level\n"
        );
        if let Some(Times { first, offset, longest }) = self.times {
            let _ = writeln!(
                text,
                "\n# Drift: ((t + offset) / (first + offset))^-nu from `first` on, up to `longest`.\n[measured.drift]\nfirst = {first:e}\noffset = \
                 {offset:e}\nlongest = {longest:e}"
            );
        }
        self.levels.iter().for_each(|level| level.write(&mut text));
        text
    }
}

impl Times {
    /// τ in seconds where a power of the time itself has no beginning.
    const OFFSET: f64 = 1.0;

    fn spanning([first, longest]: [f64; 2]) -> Self {
        Self { first, offset: if first == 0.0 { Self::OFFSET } else { 0.0 }, longest }
    }

    /// What the exponent of drift is multiplied by: ln((t + τ) / (t₁ + τ)).
    pub(super) fn logarithm(&self, seconds: f64) -> f64 {
        ln((seconds + self.offset) / (self.first + self.offset))
    }

    pub(super) fn verify(&self, file: File<'_>) -> Result<(), DeviceError> {
        let Self { first, offset, longest } = *self;
        let check = |key: &str, found: f64, right: bool, allowed: &str| match right {
            true => Ok(()),
            false => Err(file.wrong(&format!("measured.drift.{key}"), &found.to_string(), allowed)),
        };
        let time = |seconds: f64| seconds >= 0.0 && seconds.is_finite();
        check("first", first, time(first), "0 seconds or more")?;
        check("offset", offset, time(offset), "0 seconds or more")?;
        check("offset", offset, first + offset > 0.0, "more than 0 seconds where `first` is 0")?;
        check("longest", longest, time(longest) && longest > first, "more seconds than `first`")
    }
}

impl LevelFit {
    fn new(level: &MeasuredLevel, times: Option<Times>) -> Self {
        let first = &level.samples[0];
        let (distribution, statistic) = fitted(&first.siemens);
        let quantiles = Quantiles::new(&distribution);
        let measurements = first.siemens.len();
        let seconds = times.map(|_| first.seconds);
        let of_first = Goodness { seconds, measurements, ks: statistic, critical: critical_of_fitted(measurements) };
        let drift = times.map(|times| Exponent::of(&level.samples, times));
        let later = times.zip(drift).into_iter().flat_map(|(times, exponent)| {
            level.samples[1..].iter().map(move |sample| exponent.goodness(quantiles, times, sample))
        });
        Self { target: level.target, distribution, drift, goodness: [of_first].into_iter().chain(later).collect() }
    }

    /// Its table of a device file.
    fn write(&self, text: &mut String) {
        let Self { target, distribution: Distribution { shape, mean, deviation }, drift, goodness } = self;
        let Goodness { measurements, ks, critical, .. } = goodness[0];
        let critical = critical.map_or(String::new(), |critical| format!(" (1 % critical value {critical:.4})"));
        let shape = match shape {
            Shape::Normal => "normal",
            Shape::Lognormal => "lognormal",
        };
        let _ = writeln!(
            text,
            "\n[[level]]    # {measurements} measurements, Kolmogorov-Smirnov statistic {ks:.4}{critical}\ntarget = {target:e}\ndistribution = \
             \"{shape}\"\nmean = {mean:e}\ndeviation = {deviation:e}"
        );
        if let Some(Exponent { mean, deviation }) = drift {
            let _ = writeln!(text, "drift = {mean:e}\ndrift_deviation = {deviation:e}");
        }
    }
}

/// The better of the two forms, and its statistic.
fn fitted(sample: &[f64]) -> (Distribution, f64) {
    let with_statistic = |distribution: Distribution| {
        let undrifted = Drifted { quantiles: Quantiles::new(&distribution), centre: 0.0, scale: 0.0 };
        (distribution, ks(sample, &undrifted))
    };
    let normal = with_statistic(Distribution::normal(sample));
    // Too few to tell the forms apart, where rounding would.
    let told_apart = critical_of_fitted(sample.len()).is_some();
    let lognormal = told_apart.then(|| Distribution::lognormal(sample)).flatten().map(with_statistic);
    lognormal.filter(|lognormal| lognormal.1 < normal.1).unwrap_or(normal)
}

impl Exponent {
    /// Least squares through the first sample.
    fn of(samples: &[Sample], times: Times) -> Self {
        let logarithms = |sample: &Sample| sample.siemens.iter().map(|&siemens| ln(siemens)).collect::<Vec<_>>();
        let [first, later @ ..] = samples else { unreachable!("a level has a first time") };
        let (start, start_deviation) = moments(&logarithms(first));
        // Of x y and x², and of x² v and x⁴, v being the variance that was added.
        let mut sums = [0.0; 4];
        for sample in later {
            let (mean, deviation) = moments(&logarithms(sample));
            let (weight, x) = (sample.siemens.len() as f64, times.logarithm(sample.seconds));
            let added = deviation * deviation - start_deviation * start_deviation;
            let terms = [x * (start - mean), x * x, x * x * added, x.powi(4)];
            sums.iter_mut().zip(terms).for_each(|(sum, term)| *sum += weight * term);
        }
        Self { mean: sums[0] / sums[1], deviation: (sums[2] / sums[3]).max(0.0).sqrt() }
    }

    /// How well a later sample is what drift makes of the first one's distribution.
    fn goodness(self, quantiles: Quantiles, times: Times, sample: &Sample) -> Goodness {
        let x = times.logarithm(sample.seconds);
        let drifted = Drifted { quantiles, centre: self.mean * x, scale: self.deviation * x };
        let measurements = sample.siemens.len();
        let ks = ks(&sample.siemens, &drifted);
        Goodness { seconds: Some(sample.seconds), measurements, ks, critical: critical_of_known(measurements) }
    }
}
