//! How well a distribution fits a sample.

use super::distribution::{Quantiles, normal_share};
use crate::elementary::{exp, ln};
use serde::Serialize;

/// A sample held against its distribution, by the test of Kolmogorov and Smirnov.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Goodness {
    /// After programming; none where the table has no times.
    pub seconds: Option<f64>,
    /// How many conductances.
    pub measurements: usize,
    /// Greatest difference between the shares of sample and distribution below any conductance. Of a distribution without spread, the share of
    /// the sample that is off it by more than a billionth.
    pub ks: f64,
    /// What `ks` exceeds by chance in 1 % of samples of the distribution; none for fewer than five measurements. At the first time
    /// the distribution was fitted to this very sample (Lilliefors 1967 as approximated by Stephens 1974, case 3); at later times it is Kolmogorov's.
    pub critical: Option<f64>,
}

impl Goodness {
    /// Whether the sample can be one of the distribution; so is one that is too small to tell.
    pub fn holds(&self) -> bool {
        self.critical.is_none_or(|critical| self.ks <= critical)
    }
}

/// Stephens 1974, "EDF statistics for goodness of fit and some comparisons", Table 1A, upper tail of 1 %, case 3: mean and deviation estimated.
pub(super) fn critical_of_fitted(measurements: usize) -> Option<f64> {
    let root = (measurements as f64).sqrt();
    (measurements >= 5).then(|| 1.035 / (root - 0.01 + 0.85 / root))
}

/// The same source, case 0: nothing estimated.
pub(super) fn critical_of_known(measurements: usize) -> Option<f64> {
    let root = (measurements as f64).sqrt();
    (measurements >= 5).then(|| 1.628 / (root + 0.12 + 0.11 / root))
}

/// The statistic of Kolmogorov and Smirnov of a rising sample.
pub(super) fn ks(sample: &[f64], distribution: &Drifted) -> f64 {
    if !distribution.spreads() {
        let expected = distribution.median();
        let off = sample.iter().filter(|&&siemens| (siemens - expected).abs() > 1e-9 * expected).count();
        return off as f64 / sample.len() as f64;
    }
    let count = sample.len() as f64;
    let difference = |(place, &siemens): (usize, &f64)| {
        let below = distribution.share_below(siemens);
        // What a normal distribution has below 0 is at 0.
        let under = if siemens > 0.0 { below } else { 0.0 };
        ((place as f64 + 1.0) / count - below).max(under - place as f64 / count)
    };
    sample.iter().enumerate().map(difference).fold(0.0, f64::max)
}

/// A distribution after drift: its conductances times e^−(centre + scale z), z standard normal and independent of them.
pub(super) struct Drifted {
    pub(super) quantiles: Quantiles,
    pub(super) centre: f64,
    pub(super) scale: f64,
}

/// Half the width and the number of the places at which a standard normal number is integrated over.
const REACH: f64 = 7.0;
const PLACES: usize = 57;

impl Drifted {
    fn spreads(&self) -> bool {
        self.quantiles.spread() || self.scale > 0.0
    }

    fn median(&self) -> f64 {
        let undrifted = self.quantiles.at(0.0);
        // Without drift exactly the undrifted one.
        if self.centre == 0.0 { undrifted } else { undrifted * exp(-self.centre) }
    }

    /// The share of conductances up to this one.
    fn share_below(&self, siemens: f64) -> f64 {
        let Self { quantiles, centre, scale } = self;
        if *scale == 0.0 {
            return quantiles.share_below(siemens * exp(*centre));
        }
        if let Some(drifted) = quantiles.drifted(*centre, *scale) {
            return drifted.share_below(siemens);
        }
        // Of a sum over one number, the other's distribution is a step as wide as the other's spread by the first one's: the first is the narrower.
        let relative = quantiles.relative_spread();
        if relative > *scale {
            return over_normal(|z| quantiles.share_below(siemens * exp(centre + scale * z)));
        }
        over_normal(|z| {
            let start = quantiles.at(z);
            if start <= 0.0 { 1.0 } else { normal_share(ln(siemens), ln(start) - centre, *scale) }
        })
    }
}

/// The mean of a function of a standard normal number.
fn over_normal(of: impl Fn(f64) -> f64) -> f64 {
    let step = 2.0 * REACH / (PLACES - 1) as f64;
    let place = |index: usize| index as f64 * step - REACH;
    let weights = (0..PLACES).map(|index| (place(index), exp(-place(index).powi(2) / 2.0)));
    let (sum, weight) = weights.fold((0.0, 0.0), |(sum, all), (z, weight)| (sum + weight * of(z), all + weight));
    sum / weight
}
