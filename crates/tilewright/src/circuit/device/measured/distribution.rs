//! Normal and lognormal conductances.

use crate::elementary::{erfc, exp, ln};
use serde::{Deserialize, Serialize};
use std::f64::consts::FRAC_1_SQRT_2;

/// The form of a distribution.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Shape {
    /// Of the conductance.
    Normal,
    /// Normal of the conductance's logarithm.
    Lognormal,
}

/// A distribution of conductances by its moments.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Distribution {
    /// Its form.
    #[serde(rename = "distribution")]
    pub shape: Shape,
    /// Mean conductance, in siemens; positive if lognormal.
    pub mean: f64,
    /// Standard deviation of the conductance, in siemens.
    pub deviation: f64,
}

/// A distribution by the numbers that its quantiles take.
#[derive(Clone, Copy, Debug)]
pub(super) struct Quantiles {
    shape: Shape,
    /// Of the conductance in siemens, or of its logarithm.
    centre: f64,
    scale: f64,
}

impl Distribution {
    /// Normal with the moments of a sample.
    pub(super) fn normal(sample: &[f64]) -> Self {
        let (mean, deviation) = moments(sample);
        Self { shape: Shape::Normal, mean, deviation }
    }

    /// Lognormal whose logarithm has the moments of a sample's logarithms; none if a conductance is 0.
    pub(super) fn lognormal(sample: &[f64]) -> Option<Self> {
        let logarithms: Vec<f64> = sample.iter().map(|&siemens| ln(siemens)).collect();
        let (centre, scale) = moments(&logarithms);
        let mean = exp(centre + scale * scale / 2.0);
        let deviation = mean * (exp(scale * scale) - 1.0).sqrt();
        let possible = centre.is_finite() && deviation.is_finite();
        possible.then_some(Self { shape: Shape::Lognormal, mean, deviation })
    }
}

impl Quantiles {
    pub(super) fn new(distribution: &Distribution) -> Self {
        let Distribution { shape, mean, deviation } = *distribution;
        match shape {
            Shape::Normal => Self { shape, centre: mean, scale: deviation },
            Shape::Lognormal => {
                let variance = ln(1.0 + (deviation / mean).powi(2));
                Self { shape, centre: ln(mean) - variance / 2.0, scale: variance.sqrt() }
            }
        }
    }

    /// Whether it is more than one conductance.
    pub(super) fn spread(&self) -> bool {
        self.scale > 0.0
    }

    /// The conductance so many standard deviations of a standard normal number above the median, in siemens; of a normal distribution it can be
    /// below 0.
    pub(super) fn at(&self, deviations: f64) -> f64 {
        match self.shape {
            Shape::Normal => self.centre + self.scale * deviations,
            Shape::Lognormal => exp(self.centre + self.scale * deviations),
        }
    }

    /// The share of conductances up to this one, of a distribution that spreads; what is drawn below 0 becomes 0.
    pub(super) fn share_below(&self, siemens: f64) -> f64 {
        let x = match self.shape {
            Shape::Normal => siemens,
            Shape::Lognormal => ln(siemens),
        };
        normal_share(x, self.centre, self.scale)
    }

    /// The spread by the median.
    pub(super) fn relative_spread(&self) -> f64 {
        match self.shape {
            Shape::Normal => self.scale / self.centre,
            Shape::Lognormal => self.scale,
        }
    }

    /// The lognormal distribution that these conductances times e^−(centre + scale z) have, z standard normal and independent; none if they are
    /// normal and spread.
    pub(super) fn drifted(&self, centre: f64, scale: f64) -> Option<Self> {
        let (start, spread) = match self.shape {
            Shape::Lognormal => (self.centre, self.scale),
            Shape::Normal if self.scale == 0.0 => (ln(self.centre), 0.0),
            Shape::Normal => return None,
        };
        Some(Self { shape: Shape::Lognormal, centre: start - centre, scale: (spread * spread + scale * scale).sqrt() })
    }
}

/// The share of a normal distribution below `x`.
pub(super) fn normal_share(x: f64, centre: f64, scale: f64) -> f64 {
    erfc((centre - x) / scale * FRAC_1_SQRT_2) / 2.0
}

/// Mean and standard deviation of two or more numbers, exactly those of numbers that are all the same.
pub(super) fn moments(numbers: &[f64]) -> (f64, f64) {
    let (first, count) = (numbers[0], numbers.len() as f64);
    let mean = first + numbers.iter().map(|number| number - first).sum::<f64>() / count;
    let squares = numbers.iter().map(|number| (number - mean).powi(2)).sum::<f64>();
    (mean, (squares / (count - 1.0)).sqrt())
}
