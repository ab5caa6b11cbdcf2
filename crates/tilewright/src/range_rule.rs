//! How a range follows from the values that it is for.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// How a range follows from the values that it is for: currents of a converter, or weights of cells.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RangeRule {
    /// The greatest magnitude: nothing is clipped.
    #[default]
    Max,
    /// This percentile of the magnitudes, 50 to 100.
    Percentile(f64),
    /// What makes the sum of squared clipping and rounding errors least.
    LeastSquares,
}

impl RangeRule {
    /// Ranges that least squares compares, each this part of the greatest magnitude smaller than the one before.
    pub(crate) const STEPS: usize = 128;

    /// The percentile, if it is one that there is not.
    pub(crate) fn wrong_percentile(self) -> Option<f64> {
        match self {
            Self::Percentile(part) => (!(50.0..=100.0).contains(&part)).then_some(part),
            Self::Max | Self::LeastSquares => None,
        }
    }

    /// The part of the greatest magnitude that costs least, among [`Self::STEPS`].
    pub(crate) fn least(cost: impl Fn(f64) -> f64) -> f64 {
        let parts = (0..Self::STEPS).map(|step| 1.0 - step as f64 / Self::STEPS as f64);
        let costs = parts.map(|part| (part, cost(part)));
        costs.min_by(|a, b| a.1.total_cmp(&b.1)).map_or(1.0, |(part, _)| part)
    }
}

/// `max`, `least-squares` or `99.9`
impl fmt::Display for RangeRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Max => f.write_str("max"),
            Self::LeastSquares => f.write_str("least-squares"),
            Self::Percentile(part) => part.fmt(f),
        }
    }
}

impl FromStr for RangeRule {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, &'static str> {
        match (text, text.parse().map(Self::Percentile)) {
            ("max", _) => Ok(Self::Max),
            ("least-squares", _) => Ok(Self::LeastSquares),
            (_, Ok(rule)) if rule.wrong_percentile().is_none() => Ok(rule),
            _ => Err("give max, least-squares, or a percentile of 50 to 100 such as 99.9"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::RangeRule;

    #[test]
    fn words_and_numbers() {
        for (text, rule) in
            [("max", RangeRule::Max), ("least-squares", RangeRule::LeastSquares), ("99.9", RangeRule::Percentile(99.9))]
        {
            assert_eq!((text.parse(), rule.to_string()), (Ok(rule), text.to_owned()));
        }
        for text in ["", "maximum", "49.9", "101", "NaN"] {
            assert!(text.parse::<RangeRule>().is_err(), "{text}");
        }
    }
}
