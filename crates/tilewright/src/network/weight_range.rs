//! The range of real weights that integers, and so conductances, stand for.

use super::NetworkError;
use crate::range_rule::RangeRule;
use serde::{Deserialize, Serialize};

/// The range of the weights that stands for the whole range of conductances. It is symmetric: the greatest integer, and so the greatest
/// conductance, is its end; weights beyond it are clipped.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct WeightRange {
    /// How it follows from the weights, those that are 0 left out.
    pub rule: RangeRule,
    /// Which weights share it.
    pub scope: WeightScope,
}

/// Which weights share a range.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum WeightScope {
    /// Those of an output channel: the columns of a crossbar have factors of their own, which digital logic applies.
    #[default]
    Channel,
    /// All of a layer.
    Layer,
}

impl WeightRange {
    /// Whether it is the default one.
    pub fn is_default(&self) -> bool {
        *self == Self::default()
    }

    /// Checks the percentile.
    ///
    /// # Errors
    /// [`NetworkError::Setting`] for one that is not 50 to 100.
    pub fn verify(&self) -> Result<(), NetworkError> {
        let wrong =
            |part| NetworkError::Setting { problem: format!("percentile {part} of the weights: give 50 to 100") };
        self.rule.wrong_percentile().map_or(Ok(()), |part| Err(wrong(part)))
    }

    /// Real value of weight 1 of each output channel, for `weights` `[channel][weight]`, `kernel` of them a channel, whose greatest
    /// integer is `limit`.
    pub(super) fn scales(&self, weights: &[f32], kernel: usize, limit: f32) -> Vec<f32> {
        let of = |weights: &[f32]| self.rule.scale(weights, limit);
        match self.scope {
            WeightScope::Channel => weights.chunks(kernel).map(of).collect(),
            WeightScope::Layer => vec![of(weights); weights.len() / kernel],
        }
    }
}

impl RangeRule {
    /// The scale that puts the end of the range at the greatest integer; 1 where all weights are 0.
    fn scale(self, weights: &[f32], limit: f32) -> f32 {
        let greatest = weights.iter().fold(0f32, |most, weight| most.max(weight.abs()));
        let end = match self {
            Self::Max => greatest,
            Self::Percentile(part) => percentile(weights, part / 100.0),
            Self::LeastSquares => least_squares(weights, greatest, limit),
        };
        if end > 0.0 { end / limit } else { 1.0 }
    }
}

/// The least magnitude that this part of the magnitudes does not exceed, of weights that are not 0 (nearest rank).
fn percentile(weights: &[f32], part: f64) -> f32 {
    let mut magnitudes: Vec<f32> = weights.iter().map(|weight| weight.abs()).filter(|&weight| weight > 0.0).collect();
    magnitudes.sort_unstable_by(f32::total_cmp);
    let rank = (part * magnitudes.len() as f64).ceil() as usize;
    magnitudes.get(rank.max(1) - 1).copied().unwrap_or(0.0)
}

/// The end of the range at which clipping and rounding cost least.
fn least_squares(weights: &[f32], greatest: f32, limit: f32) -> f32 {
    let end = |part: f64| (part * f64::from(greatest)) as f32;
    let cost = |part: f64| {
        let scale = end(part) / limit;
        let error = |&weight: &f32| f64::from(nearest(weight, scale, limit) * scale - weight).powi(2);
        weights.iter().map(error).sum()
    };
    if greatest > 0.0 { end(RangeRule::least(cost)) } else { 0.0 }
}

/// The integer nearest to a weight, within the range.
pub(super) fn nearest(weight: f32, scale: f32, limit: f32) -> f32 {
    (weight / scale).round_ties_even().clamp(-limit, limit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ends_by_hand() {
        // Two channels of five weights, the second a tenth of the first.
        let weights = [4.0, -1.0, 0.0, 2.0, 3.0, 0.4, -0.1, 0.0, 0.2, 0.3];
        let of = |rule, scope| WeightRange { rule, scope }.scales(&weights, 5, 1.0);
        assert_eq!(of(RangeRule::Max, WeightScope::Channel), [4.0, 0.4]);
        assert_eq!(of(RangeRule::Max, WeightScope::Layer), [4.0, 4.0]);
        // Of 1, 2, 3 and 4 half are at most 2, three quarters at most 3, and more only at most 4.
        for (part, end) in [(50.0, 2.0), (75.0, 3.0), (76.0, 4.0), (100.0, 4.0)] {
            assert_eq!(of(RangeRule::Percentile(part), WeightScope::Channel), [end, end / 10.0], "{part}");
        }
        assert_eq!(of(RangeRule::Percentile(50.0), WeightScope::Layer), [0.4, 0.4]);
        assert_eq!(WeightRange::default().scales(&[0.0; 4], 2, 127.0), [1.0, 1.0]);
    }

    /// No other of the ends that are compared leaves less, and an outlier is clipped if many weights are rounded better for it.
    #[test]
    fn least_squares_leaves_least() {
        let mut weights: Vec<f32> = (0..2000).map(|place| (place as f32 * 0.77).sin()).collect();
        weights.push(2.0);
        let limit = 3.0;
        let left = |end: f32| {
            let scale = end / limit;
            let error =
                |&weight: &f32| f64::from((weight / scale).round().clamp(-limit, limit) * scale - weight).powi(2);
            weights.iter().map(error).sum::<f64>()
        };
        let found = RangeRule::LeastSquares.scale(&weights, limit) * limit;
        assert!((0.9..1.2).contains(&found), "{found}");
        for step in 0..128 {
            assert!(left(found) <= left(2.0 - 2.0 * step as f32 / 128.0) * (1.0 + 1e-6), "{step}");
        }
    }
}
