//! Elementary functions with the same bits on every processor.
//!
//! The standard library hands `ln`, `exp`, `sin` and `cos` to the platform's mathematical library, whose last bits differ.
//! These use additions, products, quotients and square roots only, which IEEE 754 fixes, in a fixed order and never fused, so
//! that a seed means the same device everywhere. Errors are of the order of the last place; the tests state them.

use std::f64::consts::{FRAC_2_SQRT_PI, FRAC_PI_4, LN_2, SQRT_2};

/// ln 2, rounded to 32 bits, so that its product with an exponent is exact.
const LN_2_HIGH: f64 = 6.931_471_803_691_238e-1;
/// What `LN_2_HIGH` leaves of ln 2 (Cody, Waite 1980, "Software Manual for the Elementary Functions").
const LN_2_LOW: f64 = 1.908_214_929_270_587_7e-10;

/// Bits of a 64-bit number's fraction.
const FRACTION_BITS: u32 = f64::MANTISSA_DIGITS - 1;

/// Natural logarithm of a positive normal number, by ln x = e ln 2 + 2 artanh((m − 1) / (m + 1)), x = 2^e m.
pub(crate) fn ln(x: f64) -> f64 {
    debug_assert!(x.is_normal() && x > 0.0, "the logarithm of {x}");
    let bits = x.to_bits();
    let exponent = (bits >> FRACTION_BITS) as i64 - i64::from(f64::MAX_EXP - 1);
    let mantissa = f64::from_bits(bits & ((1 << FRACTION_BITS) - 1) | 1.0f64.to_bits());
    let (mantissa, exponent) = if mantissa > SQRT_2 { (mantissa / 2.0, exponent + 1) } else { (mantissa, exponent) };
    let ratio = (mantissa - 1.0) / (mantissa + 1.0);
    let square = ratio * ratio;
    // |ratio| ≤ 0.172: the first term left out is below 1e-17 of the sum.
    let series = (0..11).rev().fold(0.0, |sum, term| sum * square + 1.0 / f64::from(2 * term + 1));
    exponent as f64 * LN_2 + 2.0 * ratio * series
}

/// Natural exponential of a number in ±700.
pub(crate) fn exp(x: f64) -> f64 {
    debug_assert!(x.abs() <= 700.0, "the exponential of {x}");
    let doublings = (x / LN_2).round();
    let rest = (x - doublings * LN_2_HIGH) - doublings * LN_2_LOW;
    // |rest| ≤ 0.347: the first term left out is below 1e-17 of the sum.
    let series = (1..=14).rev().fold(1.0, |sum, term| 1.0 + sum * rest / f64::from(term));
    series * f64::from_bits(((doublings as i64 + i64::from(f64::MAX_EXP - 1)) as u64) << FRACTION_BITS)
}

/// Sine and cosine of an angle in ±π/4, by their series.
pub(crate) fn sin_cos(angle: f64) -> (f64, f64) {
    debug_assert!(angle.abs() <= FRAC_PI_4 + 1e-9, "the sine of {angle}");
    let square = angle * angle;
    let series = |first: u32| {
        (0..9).rev().fold(1.0, |sum, term| {
            let next = first + 2 * term + 2;
            1.0 - sum * square / f64::from(next * (next - 1))
        })
    };
    (angle * series(1), series(0))
}

/// Complementary error function, 1 − erf x, to about 1e-15 of itself: Maclaurin's series near 0, Lentz's continued fraction beyond
/// (Abramowitz, Stegun 1964, 7.1.6 and 7.1.14).
pub(crate) fn erfc(x: f64) -> f64 {
    let square = x * x;
    if x.abs() < 2.5 {
        // erf x = 2 / √π · e^−x² · Σ 2ⁿ x^(2n+1) / (1 · 3 · … · (2n + 1)), all terms of one sign.
        let (mut term, mut sum) = (x, x);
        for n in 1..60 {
            term *= 2.0 * square / f64::from(2 * n + 1);
            sum += term;
        }
        return 1.0 - FRAC_2_SQRT_PI * exp(-square) * sum;
    }
    if square > 700.0 {
        return if x > 0.0 { 0.0 } else { 2.0 };
    }
    // √π · e^x² · erfc x = 1 / (x + (1/2) / (x + 1 / (x + (3/2) / (x + …)))) for x > 0.
    let positive = x.abs();
    let fraction = (1..80).rev().fold(positive, |tail, n| positive + f64::from(n) / 2.0 / tail);
    let tail = exp(-square) / fraction * FRAC_2_SQRT_PI / 2.0;
    if x > 0.0 { tail } else { 2.0 - tail }
}

#[cfg(test)]
mod tests {
    use super::{erfc, exp, ln, sin_cos};

    /// Relative error against the platform's library, itself right to about 1e-16.
    fn check(name: &str, x: f64, found: f64, expected: f64) {
        let error = (found - expected).abs() / expected.abs().max(f64::MIN_POSITIVE);
        assert!(error < 1e-15, "{name}({x}) = {found:e}, expected {expected:e}, error {error:e}");
    }

    #[test]
    fn logarithms_and_exponentials_are_those_of_the_platform() {
        for step in 1..20_000 {
            let x = f64::from(step) * 1.37e-3;
            check("ln", x, ln(x), x.ln());
            check("ln", 1.0 / (x * x * x), ln(1.0 / (x * x * x)), (1.0 / (x * x * x)).ln());
            check("exp", x, exp(x), x.exp());
            check("exp", -10.0 * x, exp(-10.0 * x), (-10.0 * x).exp());
        }
        assert_eq!((ln(1.0), exp(0.0), exp(-0.0)), (0.0, 1.0, 1.0));
        check("ln", 2f64.powi(-53), ln(2f64.powi(-53)), 2f64.powi(-53).ln());
    }

    #[test]
    fn sines_and_cosines_are_those_of_the_platform() {
        for step in -1000..=1000 {
            let angle = f64::from(step) / 1000.0 * std::f64::consts::FRAC_PI_4;
            let (sine, cosine) = sin_cos(angle);
            check("sin", angle, sine, angle.sin());
            check("cos", angle, cosine, angle.cos());
        }
        assert_eq!(sin_cos(0.0), (0.0, 1.0));
    }

    /// Values of mpmath with 30 digits.
    #[test]
    fn complementary_error_function() {
        for (x, expected) in [
            (-3.0, 1.999_977_909_503_001_4),
            (-0.5, 1.520_499_877_813_046_5),
            (0.0, 1.0),
            (0.5, 0.479_500_122_186_953_5),
            (1.0, 0.157_299_207_050_285_13),
            (2.0, 4.677_734_981_047_266e-3),
            (2.6, 2.360_344_165_293_492e-4),
            (4.0, 1.541_725_790_028_002e-8),
            (10.0, 2.088_487_583_762_545e-45),
        ] {
            let error = (erfc(x) - expected).abs() / expected;
            assert!(error < 1e-11, "erfc({x}): {} instead of {expected}", erfc(x));
        }
        assert_eq!([erfc(40.0), erfc(-40.0)], [0.0, 2.0]);
    }
}
