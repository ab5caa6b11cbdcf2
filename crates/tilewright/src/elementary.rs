//! Elementary functions with the same bits on every processor.
//!
//! The standard library hands `ln`, `exp`, `sin` and `cos` to the platform's mathematical library, whose last bits differ.
//! These use additions, products, quotients and square roots only, which IEEE 754 fixes, in a fixed order and never fused, so
//! that a seed means the same device everywhere. Errors are of the order of the last place; the tests state them.

use std::f64::consts::{FRAC_2_SQRT_PI, FRAC_PI_2, FRAC_PI_4, LN_2, SQRT_2, TAU};

/// ln 2, rounded to 32 bits, so that its product with an exponent is exact.
const LN_2_HIGH: f64 = 6.931_471_803_691_238e-1;
/// What `LN_2_HIGH` leaves of ln 2 (Cody, Waite 1980, "Software Manual for the Elementary Functions").
const LN_2_LOW: f64 = 1.908_214_929_270_587_7e-10;

/// Bits of a 64-bit number's fraction.
const FRACTION_BITS: u32 = f64::MANTISSA_DIGITS - 1;

/// Natural logarithm, by ln x = e ln 2 + 2 artanh((m − 1) / (m + 1)), x = 2^e m. That of a negative number is not a number.
pub(crate) fn ln(x: f64) -> f64 {
    if !(x > 0.0 && x.is_finite()) {
        return if x == 0.0 {
            f64::NEG_INFINITY
        } else if x > 0.0 {
            x
        } else {
            f64::NAN
        };
    }
    if !x.is_normal() {
        return ln(x * 2f64.powi(64)) - 64.0 * LN_2;
    }
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

/// Beyond this the exponential is zero or infinity, as it is in 32 bits.
const EXP_LIMIT: f64 = 700.0;

/// Natural exponential; beyond ±700, zero or infinity, as it is in 32 bits.
#[inline(always)]
pub(crate) fn exp(x: f64) -> f64 {
    // Nothing branches and nothing is called, so that a loop over this is one over vectors.
    let within = x.clamp(-EXP_LIMIT, EXP_LIMIT);
    let doublings = (within / LN_2).round();
    let rest = (within - doublings * LN_2_HIGH) - doublings * LN_2_LOW;
    // |rest| ≤ 0.347: the first term left out is below 1e-17 of the sum.
    let mut series = 1.0;
    let mut term = 14;
    while term > 0 {
        series = 1.0 + series * rest / f64::from(term);
        term -= 1;
    }
    let value = series * power_of_two(doublings);
    if x > EXP_LIMIT {
        f64::INFINITY
    } else if x < -EXP_LIMIT {
        0.0
    } else {
        value
    }
}

/// 2 to the power of a whole number in ±1022: the exponent's bits, at the end of the fraction of a sum from 2⁵² on.
#[inline(always)]
fn power_of_two(exponent: f64) -> f64 {
    const FIRST_WHOLE: f64 = (1u64 << FRACTION_BITS) as f64;
    let biased = exponent + f64::from(f64::MAX_EXP - 1);
    f64::from_bits((FIRST_WHOLE + biased).to_bits() << FRACTION_BITS)
}

/// 2 to the power of `x`, exact for whole numbers; beyond ±1000, zero or infinity.
pub(crate) fn exp2(x: f64) -> f64 {
    let doublings = x.round();
    if doublings.abs() <= 1000.0 { exp((x - doublings) * LN_2) * 2f64.powi(doublings as i32) } else { exp(x) }
}

/// Below this, three terms of a series are right to the last place.
const SMALL: f64 = 1e-4;

/// e^x − 1, to about 1e-12 of itself.
#[inline(always)]
pub(crate) fn exp_m1(x: f64) -> f64 {
    if x.abs() < SMALL { x + x * x / 2.0 + x * x * x / 6.0 } else { exp(x) - 1.0 }
}

/// ln(1 + x), to about 1e-12 of itself.
pub(crate) fn ln_1p(x: f64) -> f64 {
    if x.abs() < SMALL { x - x * x / 2.0 + x * x * x / 3.0 } else { ln(1.0 + x) }
}

/// Hyperbolic tangent, (1 − e^−2x) / (1 + e^−2x), to about 1e-12 of itself.
#[inline(always)]
pub(crate) fn tanh(x: f64) -> f64 {
    let decay = exp_m1(-2.0 * x.abs());
    (-decay / (2.0 + decay)).copysign(x)
}

/// Hyperbolic sine, to about 1e-12 of itself.
pub(crate) fn sinh(x: f64) -> f64 {
    let growth = exp_m1(x.abs());
    if growth == f64::INFINITY { x * growth } else { ((growth + growth / (growth + 1.0)) / 2.0).copysign(x) }
}

/// Hyperbolic cosine.
pub(crate) fn cosh(x: f64) -> f64 {
    (exp(x) + exp(-x)) / 2.0
}

/// Inverse hyperbolic sine, to about 1e-12 of itself.
pub(crate) fn asinh(x: f64) -> f64 {
    let positive = x.abs();
    ln_1p(positive + positive * positive / (1.0 + (positive * positive + 1.0).sqrt())).copysign(x)
}

/// Inverse hyperbolic cosine of a number of 1 or more.
pub(crate) fn acosh(x: f64) -> f64 {
    let beyond = x - 1.0;
    ln_1p(beyond + (2.0 * beyond + beyond * beyond).sqrt())
}

/// Inverse hyperbolic tangent of a number in ±1.
pub(crate) fn atanh(x: f64) -> f64 {
    let positive = x.abs();
    (ln_1p(2.0 * positive / (1.0 - positive)) / 2.0).copysign(x)
}

/// Inverse tangent: three times halved, atan x = 2 atan(x / (1 + √(1 + x²))), then by its series.
pub(crate) fn atan(x: f64) -> f64 {
    if x.abs() > 1.0 {
        return FRAC_PI_2.copysign(x) - atan(1.0 / x);
    }
    let half = (0..3).fold(x, |x, _| x / (1.0 + (1.0 + x * x).sqrt()));
    let square = half * half;
    // |half| ≤ 0.0985: the first term left out is below 1e-17 of the sum.
    8.0 * half * (0..8).rev().fold(0.0, |sum, term| 1.0 / f64::from(2 * term + 1) - sum * square)
}

/// Inverse sine of a number in ±1; of any other, not a number.
pub(crate) fn asin(x: f64) -> f64 {
    // Near ±1 the root is exact where that of 1 − x² is not.
    atan(x / ((1.0 - x) * (1.0 + x)).sqrt())
}

/// Inverse cosine of a number in ±1; of any other, not a number.
pub(crate) fn acos(x: f64) -> f64 {
    2.0 * atan(((1.0 - x) / (1.0 + x)).sqrt())
}

/// `base` to the power of `exponent`, by e^(exponent · ln base); of a negative base, for whole exponents.
pub(crate) fn pow(base: f64, exponent: f64) -> f64 {
    if exponent == 0.0 || base == 1.0 {
        return 1.0;
    }
    let odd = exponent % 2.0 != 0.0;
    if base < 0.0 && exponent.is_finite() {
        if exponent != exponent.trunc() {
            return f64::NAN;
        }
        let power = pow(-base, exponent);
        return if odd { -power } else { power };
    }
    if base == 0.0 && base.is_sign_negative() && odd && exponent == exponent.trunc() {
        return exp(exponent * ln(0.0)).copysign(base);
    }
    exp(exponent * ln(base.abs()))
}

/// Sine and cosine of any angle.
pub(crate) fn sin_cos_of(angle: f32) -> (f64, f64) {
    let (quarter, rest) = quarters(angle);
    let (sine, cosine) = sin_cos(rest);
    match quarter % 4 {
        0 => (sine, cosine),
        1 => (cosine, -sine),
        2 => (-sine, -cosine),
        _ => (-cosine, sine),
    }
}

/// The first 128 bits of 1 / 2π after the point, and 128 more (OEIS A086201 in base 16).
const TURN: [u128; 2] = [0x28be_60db_9391_054a_7f09_d5f4_7d4d_3770, 0x36d8_a566_4f10_e410_7f94_58ea_f7ae_f158];

/// How many quarter turns an angle is, modulo 4, and what is left of it, in ±π/4 (Payne, Hanek 1983).
fn quarters(angle: f32) -> (u32, f64) {
    let small = f64::from(angle);
    if small.abs() <= FRAC_PI_4 || !angle.is_finite() {
        return (0, if angle.is_finite() { small } else { f64::NAN });
    }
    // angle = mantissa · 2^exponent; turns before the point of 2^exponent / 2π do not count.
    let exponent = (angle.to_bits() >> 23 & 0xff) as i32 - 150;
    let mantissa = u128::from(angle.to_bits() & 0x7f_ffff | 0x80_0000);
    let window = match exponent {
        ..=0 => TURN[0] >> -exponent,
        1..128 => TURN[0] << exponent | TURN[1] >> (128 - exponent),
        _ => unreachable!("an exponent of 32 bits"),
    };
    let turns = mantissa.wrapping_mul(window >> 24) << 24;
    // To the nearest quarter.
    let nearest = turns.wrapping_add(1 << 125);
    let quarter = (nearest >> 126) as u32;
    let rest = (nearest << 2 >> 2) as i128 - (1 << 125);
    let rest = rest as f64 * 2f64.powi(-128) * TAU;
    if angle < 0.0 { ((4 - quarter) % 4, -rest) } else { (quarter, rest) }
}

/// Sine and cosine of an angle in ±π/4, by their series.
pub(crate) fn sin_cos(angle: f64) -> (f64, f64) {
    debug_assert!(angle.is_nan() || angle.abs() <= FRAC_PI_4 + 1e-9, "the sine of {angle}");
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
    use super::*;

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
        for step in -4_000..4_000 {
            let x = f64::from(step) / 16.0;
            check("exp2", x, exp2(x), x.exp2());
            assert_eq!(exp2(x.trunc()), 2f64.powi(x as i32));
        }
        assert_eq!([exp2(1e4), exp2(-1e4), exp2(f64::INFINITY)], [f64::INFINITY, 0.0, f64::INFINITY]);
        assert!(exp2(f64::NAN).is_nan());
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

    /// Those that are made of others: to 1e-11 of the platform's, far below the last place of 32 bits.
    #[test]
    fn other_functions_are_those_of_the_platform() {
        type Pair = (&'static str, fn(f64) -> f64, fn(f64) -> f64);
        let everywhere: [Pair; 7] = [
            ("exp_m1", exp_m1, f64::exp_m1),
            ("tanh", tanh, f64::tanh),
            ("sinh", sinh, f64::sinh),
            ("cosh", cosh, f64::cosh),
            ("asinh", asinh, f64::asinh),
            ("atan", atan, f64::atan),
            ("sin", |x| sin_cos_of(x as f32).0, |x| f64::from(x as f32).sin()),
        ];
        let within: [Pair; 3] = [("asin", asin, f64::asin), ("acos", acos, f64::acos), ("atanh", atanh, f64::atanh)];
        let beyond: [Pair; 2] = [("ln_1p", ln_1p, f64::ln_1p), ("acosh", |x| acosh(1.0 + x), |x| (1.0 + x).acosh())];
        let close = |(name, own, platform): Pair, x: f64| {
            let (found, expected) = (own(x), platform(x));
            let error = (found - expected).abs() / expected.abs().max(1e-300);
            assert!(
                error < 1e-11 || found == expected,
                "{name}({x}) = {found:e}, expected {expected:e}, error {error:e}"
            );
        };
        for step in 1..400 {
            let x = 1e-12 * 1.1f64.powi(step);
            everywhere.iter().flat_map(|&pair| [(pair, x), (pair, -x)]).for_each(|(pair, x)| {
                if x.abs() < 600.0 || matches!(pair.0, "tanh" | "asinh" | "atan" | "sin") {
                    close(pair, x);
                }
            });
            beyond.iter().for_each(|&pair| {
                if x > 1e-9 {
                    close(pair, x);
                }
            });
            if x < 1.0 {
                within.iter().flat_map(|&pair| [(pair, x), (pair, -x)]).for_each(|(pair, x)| close(pair, x));
            }
        }
        assert_eq!([tanh(1e3), tanh(-1e3), atan(f64::INFINITY), asin(1.0)], [1.0, -1.0, FRAC_PI_2, FRAC_PI_2]);
        assert!([asin(1.5), acos(-1.5), acosh(0.5), ln(-1.0), ln(f64::NAN), exp(f64::NAN)].iter().all(|x| x.is_nan()));
        assert_eq!(
            [exp(1e4), exp(-1e4), ln(0.0), ln(f64::INFINITY)],
            [f64::INFINITY, 0.0, f64::NEG_INFINITY, f64::INFINITY]
        );
        check("ln", 5e-324, ln(5e-324), 5e-324f64.ln());
    }

    /// The greatest angles of 32 bits, too; where the platform's own function is off, so would be this test.
    #[test]
    fn angles_of_many_turns() {
        for bits in (0x3f80_0000u32..0x7f80_0000).step_by(1_234_567) {
            let angle = f32::from_bits(bits);
            let (sine, cosine) = sin_cos_of(angle);
            let expected = f64::from(angle).sin_cos();
            assert!((sine - expected.0).abs() < 1e-13 && (cosine - expected.1).abs() < 1e-13, "{angle:e}");
            assert_eq!(sin_cos_of(-angle), (-sine, cosine));
        }
    }

    #[test]
    fn powers() {
        for (base, exponent) in
            [(2.0, 10.0), (0.3, -2.5), (-2.0, 3.0), (-2.0, 4.0), (1e-30, 0.5), (10.0, -30.0), (7.5, 1.0)]
        {
            let error = pow(base, exponent) / base.powf(exponent) - 1.0;
            assert!(error.abs() < 1e-13, "{base} to the power of {exponent}: off by {error:e}");
        }
        for (base, exponent) in [
            (0.0, 2.0),
            (0.0, -1.0),
            (-0.0, -1.0),
            (-0.0, 3.0),
            (2.0, 0.0),
            (0.0, 0.0),
            (1.0, f64::NAN),
            (0.5, f64::INFINITY),
        ] {
            assert_eq!(pow(base, exponent), base.powf(exponent), "{base} to the power of {exponent}");
        }
        assert!(pow(-2.0, 0.5).is_nan() && pow(f64::NAN, 2.0).is_nan());
    }
}
