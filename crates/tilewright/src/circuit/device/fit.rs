//! The forms that papers fit their data with.

use crate::elementary::exp;
use crate::random::Draws;

/// A polynomial's value, the constant coefficient first; 0 without coefficients.
pub(super) fn polynomial(coefficients: &[f64], x: f64) -> f64 {
    coefficients.iter().rev().fold(0.0, |sum, coefficient| sum * x + coefficient)
}

/// `limit` (1 − exp(−x / scale)) for an x that is not negative.
pub(super) fn saturation(limit: f64, scale: f64, x: f64) -> f64 {
    limit * (1.0 - exp((-x / scale).max(-700.0)))
}

/// A normal number of this mean and standard deviation, or 0 if it is negative; the mean itself, and no number drawn, if the
/// deviation is not positive.
pub(super) fn normal(mean: f64, deviation: f64, draws: &mut Draws) -> f64 {
    let spread = if deviation > 0.0 { deviation * draws.normal() } else { 0.0 };
    (mean + spread).max(0.0)
}

/// What a standard deviation grows by: what must be added, independently, to `from` to give `to`; 0 if it does not grow.
pub(super) fn growth(from: f64, to: f64) -> f64 {
    (to * to - from * from).max(0.0).sqrt()
}
