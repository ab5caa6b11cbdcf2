//! How samples and their distributions add up, for figures.

use super::distribution::Quantiles;
use super::{DeviceFit, Measurements};

/// Points of a curve.
const POINTS: usize = 48;

/// The cumulative distribution of one level at the first time, as measured and as fitted.
#[derive(Clone, Debug, PartialEq)]
pub struct LevelCurve {
    /// In siemens.
    pub target: f64,
    /// By rising conductance.
    pub points: Vec<CurvePoint>,
}

/// The shares of cells with at most a conductance.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CurvePoint {
    /// In siemens.
    pub siemens: f64,
    /// Of the sample; the measurement itself counts half.
    pub measured: f64,
    /// Of the distribution; of one without spread the same as of the sample.
    pub fitted: f64,
}

impl DeviceFit {
    /// The curves of all levels, at most 48 measurements each, evenly by rank, for the measurements that it was fitted to.
    pub fn curves(&self, measurements: &Measurements) -> Vec<LevelCurve> {
        let levels = self.levels.iter().zip(&measurements.levels);
        let curve = levels.map(|(fit, level)| {
            let (quantiles, sample) = (Quantiles::new(&fit.distribution), &level.samples[0].siemens);
            let count = sample.len().min(POINTS);
            let point = |place: usize| {
                // The middle of each of as many parts; between the outermost and its neighbour a curve would be a straight line.
                let index = (2 * place + 1) * sample.len() / (2 * count);
                let measured = (index as f64 + 0.5) / sample.len() as f64;
                let siemens = sample[index];
                let fitted = if quantiles.spread() { quantiles.share_below(siemens) } else { measured };
                CurvePoint { siemens, measured, fitted }
            };
            LevelCurve { target: fit.target, points: (0..count).map(point).collect() }
        });
        curve.collect()
    }
}
