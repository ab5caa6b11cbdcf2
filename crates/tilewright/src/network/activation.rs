//! Functions of one value and of two.

use crate::elementary::{
    acos, acosh, asin, asinh, atan, atanh, cosh, erfc, exp, exp_m1, ln, ln_1p, pow, sin_cos_of, sinh, tanh,
};
use serde::{Deserialize, Serialize};

/// A function of each value.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub enum Activation {
    /// max(0, x)
    Relu,
    /// x within the two limits; ReLU6 is `Clip { min: 0, max: 6 }`.
    Clip {
        /// Least output.
        min: f32,
        /// Greatest output.
        max: f32,
    },
    /// x for x ≥ 0, else `slope` · x.
    LeakyRelu {
        /// Slope below zero.
        slope: f32,
    },
    /// 1 / (1 + e^−x)
    Sigmoid,
    /// clip(`slope` · x + `offset`, 0, 1)
    HardSigmoid {
        /// Slope between the limits.
        slope: f32,
        /// Value at 0.
        offset: f32,
    },
    /// x · clip(x / 6 + 1/2, 0, 1)
    HardSwish,
    /// Hyperbolic tangent.
    Tanh,
    /// x for x ≥ 0, else `alpha` · (e^x − 1) (Clevert, Unterthiner, Hochreiter 2016).
    Elu {
        /// Depth of the negative part.
        alpha: f32,
    },
    /// `gamma` · ELU of `alpha` (Klambauer et al. 2017).
    Selu {
        /// Depth of the negative part.
        alpha: f32,
        /// Factor of both parts.
        gamma: f32,
    },
    /// max(0, x) + min(0, `alpha` · (e^(x / `alpha`) − 1)) (Barron 2017).
    Celu {
        /// Depth of the negative part.
        alpha: f32,
    },
    /// x · Φ(x), Φ being the normal distribution's cumulative function (Hendrycks, Gimpel 2016).
    Gelu,
    /// x / 2 · (1 + tanh(√(2 / π) · (x + 0.044715 x³))), the usual approximation of [`Activation::Gelu`].
    GeluTanh,
    /// x / (1 + e^(−`slope` · x)): SiLU for a slope of 1.
    Swish {
        /// Factor in the exponent.
        slope: f32,
    },
    /// x · tanh(ln(1 + e^x)) (Misra 2019).
    Mish,
    /// ln(1 + e^x)
    Softplus,
    /// x / (1 + |x|)
    Softsign,
    /// x above `threshold`, else 0.
    ThresholdedRelu {
        /// Where it begins.
        threshold: f32,
    },
    /// x + `bias` below −`threshold`, x − `bias` above `threshold`, else 0.
    Shrink {
        /// What is taken off the magnitude.
        bias: f32,
        /// Half the width of the interval that becomes 0.
        threshold: f32,
    },
    /// The error function.
    Erf,
    /// e^x
    Exp,
    /// Natural logarithm.
    Log,
    /// Square root.
    Sqrt,
    /// 1 / x
    Reciprocal,
    /// |x|
    Abs,
    /// −x
    Neg,
    /// The greatest integer not above x.
    Floor,
    /// The least integer not below x.
    Ceil,
    /// The nearest integer, halves to the even one.
    Round,
    /// −1, 0 or 1.
    Sign,
    /// Sine of an angle in radians.
    Sin,
    /// Cosine of an angle in radians.
    Cos,
    /// Tangent of an angle in radians.
    Tan,
    /// Angle in radians whose sine is x.
    Asin,
    /// Angle in radians whose cosine is x.
    Acos,
    /// Angle in radians whose tangent is x.
    Atan,
    /// Hyperbolic sine.
    Sinh,
    /// Hyperbolic cosine.
    Cosh,
    /// Inverse hyperbolic sine.
    Asinh,
    /// Inverse hyperbolic cosine.
    Acosh,
    /// Inverse hyperbolic tangent.
    Atanh,
    /// The whole number towards 0.
    Truncate,
    /// The nearest number of 16 bits that IEEE 754 calls binary16, halves to the even one.
    ToFloat16,
    /// The nearest number of 16 bits whose exponent is that of 32, halves to the even one.
    ToBfloat16,
    /// 1 if x is not a number, else 0.
    IsNan,
    /// 1 if x is infinite and of a sign that counts, else 0.
    IsInfinite {
        /// Whether infinity counts.
        positive: bool,
        /// Whether minus infinity counts.
        negative: bool,
    },
    /// 1 if x is not 0, else 0: the truth value of a number.
    NonZero,
    /// 1 if x is 0, else 0: the opposite of a truth value.
    Not,
    /// `scale` if x ≥ 0, else −`scale`: rounding to one bit.
    Bipolar {
        /// Magnitude of the two values.
        scale: f32,
    },
}

impl Activation {
    /// The function's name.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Relu => "relu",
            Self::Clip { .. } => "clip",
            Self::LeakyRelu { .. } => "leaky_relu",
            Self::Sigmoid => "sigmoid",
            Self::HardSigmoid { .. } => "hard_sigmoid",
            Self::HardSwish => "hard_swish",
            Self::Tanh => "tanh",
            Self::Elu { .. } => "elu",
            Self::Selu { .. } => "selu",
            Self::Celu { .. } => "celu",
            Self::Gelu => "gelu",
            Self::GeluTanh => "gelu_tanh",
            Self::Swish { .. } => "swish",
            Self::Mish => "mish",
            Self::Softplus => "softplus",
            Self::Softsign => "softsign",
            Self::ThresholdedRelu { .. } => "thresholded_relu",
            Self::Shrink { .. } => "shrink",
            Self::Erf => "erf",
            Self::Exp => "exp",
            Self::Log => "log",
            Self::Sqrt => "sqrt",
            Self::Reciprocal => "reciprocal",
            Self::Abs => "abs",
            Self::Neg => "neg",
            Self::Floor => "floor",
            Self::Ceil => "ceil",
            Self::Round => "round",
            Self::Sign => "sign",
            Self::Sin => "sin",
            Self::Cos => "cos",
            Self::Tan => "tan",
            Self::Asin => "asin",
            Self::Acos => "acos",
            Self::Atan => "atan",
            Self::Sinh => "sinh",
            Self::Cosh => "cosh",
            Self::Asinh => "asinh",
            Self::Acosh => "acosh",
            Self::Atanh => "atanh",
            Self::Truncate => "truncate",
            Self::ToFloat16 => "to_float16",
            Self::ToBfloat16 => "to_bfloat16",
            Self::IsNan => "is_nan",
            Self::IsInfinite { .. } => "is_infinite",
            Self::NonZero => "non_zero",
            Self::Not => "not",
            Self::Bipolar { .. } => "bipolar",
        }
    }

    /// The function's value at `x`.
    pub fn of(&self, x: f32) -> f32 {
        match *self {
            Self::Relu => relu(x),
            Self::Clip { min, max } => clip(x, min, max),
            Self::LeakyRelu { slope } if x < 0.0 => slope * x,
            Self::HardSigmoid { slope, offset } => (slope * x + offset).clamp(0.0, 1.0),
            Self::HardSwish => x * (x / 6.0 + 0.5).clamp(0.0, 1.0),
            Self::Reciprocal => 1.0 / x,
            Self::Abs => x.abs(),
            Self::Neg => -x,
            Self::Floor => x.floor(),
            Self::Ceil => x.ceil(),
            Self::Round => x.round_ties_even(),
            Self::Truncate => x.trunc(),
            Self::ToFloat16 => float16(x),
            Self::ToBfloat16 => bfloat16(x),
            Self::IsNan => f32::from(x.is_nan()),
            Self::IsInfinite { positive, negative } => {
                f32::from(x.is_infinite() && if x > 0.0 { positive } else { negative })
            }
            Self::Sqrt => x.sqrt(),
            Self::Sign if x == 0.0 || x.is_nan() => x,
            Self::Sign => x.signum(),
            Self::NonZero => f32::from(x != 0.0),
            Self::Not => f32::from(x == 0.0),
            Self::Bipolar { scale } if x < 0.0 => -scale,
            Self::Bipolar { scale } => scale,
            Self::ThresholdedRelu { threshold } if x <= threshold => 0.0,
            Self::Shrink { bias, threshold } if x < -threshold => x + bias,
            Self::Shrink { bias, threshold } if x > threshold => x - bias,
            Self::Shrink { .. } => 0.0,
            Self::LeakyRelu { .. } | Self::ThresholdedRelu { .. } => x,
            Self::Elu { .. }
            | Self::Selu { .. }
            | Self::Celu { .. }
            | Self::Gelu
            | Self::GeluTanh
            | Self::Swish { .. }
            | Self::Mish
            | Self::Softplus
            | Self::Softsign
            | Self::Erf
            | Self::Exp
            | Self::Log
            | Self::Sigmoid
            | Self::Tanh
            | Self::Sin
            | Self::Cos
            | Self::Tan
            | Self::Asin
            | Self::Acos
            | Self::Atan
            | Self::Sinh
            | Self::Cosh
            | Self::Asinh
            | Self::Acosh
            | Self::Atanh => self.in_64_bits(x.into()) as f32,
        }
    }

    /// The functions whose rounding errors would show in 32 bits, with the same bits on every processor.
    fn in_64_bits(self, x: f64) -> f64 {
        let elu = |alpha: f64, x: f64| if x < 0.0 { alpha * exp_m1(x) } else { x };
        let softplus = |x: f64| x.max(0.0) + ln_1p(exp(-x.abs()));
        match self {
            Self::Elu { alpha } => elu(alpha.into(), x),
            Self::Selu { alpha, gamma } => f64::from(gamma) * elu(alpha.into(), x),
            Self::Celu { alpha } => {
                let alpha = f64::from(alpha);
                x.max(0.0) + (alpha * exp_m1(x / alpha)).min(0.0)
            }
            Self::Gelu => x / 2.0 * erfc(-x * std::f64::consts::FRAC_1_SQRT_2),
            Self::GeluTanh => {
                let inner = (2.0 / std::f64::consts::PI).sqrt() * (x + 0.044_715 * x * x * x);
                x / 2.0 * (1.0 + tanh(inner))
            }
            Self::Swish { slope } => swish(x, slope),
            Self::Mish => x * tanh(softplus(x)),
            Self::Softplus => softplus(x),
            Self::Softsign => x / (1.0 + x.abs()),
            Self::Erf => 1.0 - erfc(x),
            Self::Exp => exp(x),
            Self::Log => ln(x),
            Self::Sigmoid => sigmoid(x),
            Self::Tanh => tanh(x),
            Self::Sin => sin_cos_of(x as f32).0,
            Self::Cos => sin_cos_of(x as f32).1,
            Self::Tan => {
                let (sine, cosine) = sin_cos_of(x as f32);
                sine / cosine
            }
            Self::Asin => asin(x),
            Self::Acos => acos(x),
            Self::Atan => atan(x),
            Self::Sinh => sinh(x),
            Self::Cosh => cosh(x),
            Self::Asinh => asinh(x),
            Self::Acosh => acosh(x),
            Self::Atanh => atanh(x),
            _ => unreachable!("{self:?} is computed in 32 bits"),
        }
    }
}

/// max(0, x)
#[inline(always)]
pub(super) fn relu(x: f32) -> f32 {
    // What is not a number stays one: max would drop it.
    if x < 0.0 { 0.0 } else { x }
}

/// x within two limits.
#[inline(always)]
pub(super) fn clip(x: f32, min: f32, max: f32) -> f32 {
    // What is not a number stays one: max and min would drop it.
    if x.is_nan() { x } else { x.max(min).min(max) }
}

/// 1 / (1 + e^−x)
#[inline(always)]
pub(super) fn sigmoid(x: f64) -> f64 {
    1.0 / (1.0 + exp(-x))
}

/// x / (1 + e^(−`slope` · x))
#[inline(always)]
pub(super) fn swish(x: f64, slope: f32) -> f64 {
    x / (1.0 + exp(-f64::from(slope) * x))
}

/// The nearest binary16: 11 bits of mantissa down to 2^−14, multiples of 2^−24 below, infinity from 65520 on.
fn float16(x: f32) -> f32 {
    if x.abs() >= 65_520.0 {
        return f32::INFINITY.copysign(x);
    }
    let place =
        if x.abs() < 2f32.powi(-14) { 2f32.powi(-24) } else { f32::from_bits(x.to_bits() & 0x7f80_0000) / 1024.0 };
    (x / place).round_ties_even() * place
}

/// The nearest bfloat16: the upper half of a float of 32 bits.
fn bfloat16(x: f32) -> f32 {
    if x.is_nan() {
        return x;
    }
    let bits = x.to_bits();
    let upwards = 0x7fff + (bits >> 16 & 1);
    f32::from_bits(bits.wrapping_add(upwards) & 0xffff_0000)
}

/// A function of two values; truth values are 1 and 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Pairwise {
    /// a / b
    Div,
    /// a to the power of b
    Pow,
    /// The lesser.
    Min,
    /// The greater.
    Max,
    /// a for a ≥ 0, else b · a: a leaky ReLU whose slopes are weights.
    PRelu,
    /// The rest of a / b with the sign of b.
    Mod,
    /// The rest of a / b with the sign of a.
    Fmod,
    /// a < b
    Less,
    /// a ≤ b
    LessOrEqual,
    /// a > b
    Greater,
    /// a ≥ b
    GreaterOrEqual,
    /// a = b
    Equal,
    /// Both are not 0.
    And,
    /// One is not 0.
    Or,
    /// One is not 0 and the other is.
    Xor,
}

impl Pairwise {
    /// The function's name.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Div => "div",
            Self::Pow => "pow",
            Self::Min => "min",
            Self::Max => "max",
            Self::PRelu => "prelu",
            Self::Mod => "mod",
            Self::Fmod => "fmod",
            Self::Less => "less",
            Self::LessOrEqual => "less_or_equal",
            Self::Greater => "greater",
            Self::GreaterOrEqual => "greater_or_equal",
            Self::Equal => "equal",
            Self::And => "and",
            Self::Or => "or",
            Self::Xor => "xor",
        }
    }

    /// The function's value at `a` and `b`.
    pub fn of(&self, a: f32, b: f32) -> f32 {
        match self {
            Self::Div => a / b,
            Self::Pow => pow(a.into(), b.into()) as f32,
            Self::Min => a.min(b),
            Self::Max => a.max(b),
            Self::PRelu if a < 0.0 => b * a,
            Self::PRelu => a,
            Self::Mod => a - (a / b).floor() * b,
            Self::Fmod => a % b,
            Self::Less => f32::from(a < b),
            Self::LessOrEqual => f32::from(a <= b),
            Self::Greater => f32::from(a > b),
            Self::GreaterOrEqual => f32::from(a >= b),
            Self::Equal => f32::from(a == b),
            Self::And => f32::from(a != 0.0 && b != 0.0),
            Self::Or => f32::from(a != 0.0 || b != 0.0),
            Self::Xor => f32::from((a != 0.0) != (b != 0.0)),
        }
    }
}

/// What a reduction makes of the values along its axes. Sums are taken in the order of the values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Reduction {
    /// Their sum.
    Sum,
    /// Their product.
    Product,
    /// The least.
    Min,
    /// The greatest.
    Max,
    /// Sum of magnitudes.
    L1,
    /// Root of the sum of squares.
    L2,
    /// Sum of squares.
    SumOfSquares,
    /// Logarithm of the sum.
    LogSum,
    /// Logarithm of the sum of exponentials.
    LogSumExp,
}

impl Reduction {
    /// The reduction's name.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Sum => "reduce_sum",
            Self::Product => "reduce_product",
            Self::Min => "reduce_min",
            Self::Max => "reduce_max",
            Self::L1 => "reduce_l1",
            Self::L2 => "reduce_l2",
            Self::SumOfSquares => "reduce_sum_of_squares",
            Self::LogSum => "reduce_log_sum",
            Self::LogSumExp => "reduce_log_sum_exp",
        }
    }

    /// The reduction of `values`, in 64 bits.
    pub fn of(&self, values: impl Iterator<Item = f32> + Clone) -> f32 {
        let values = values.map(f64::from);
        let reduced = match self {
            Self::Sum => values.sum(),
            Self::Product => values.product(),
            Self::Min => values.fold(f64::INFINITY, f64::min),
            Self::Max => values.fold(f64::NEG_INFINITY, f64::max),
            Self::L1 => values.map(f64::abs).sum(),
            Self::L2 => values.map(|x| x * x).sum::<f64>().sqrt(),
            Self::SumOfSquares => values.map(|x| x * x).sum(),
            Self::LogSum => ln(values.sum::<f64>()),
            Self::LogSumExp => {
                // Without the greatest value taken off, exponentials overflow.
                let greatest = values.clone().fold(f64::NEG_INFINITY, f64::max);
                greatest + ln(values.map(|x| exp(x - greatest)).sum::<f64>())
            }
        };
        reduced as f32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Values of ONNX's reference implementation and of `math.erf`, to eight digits.
    #[test]
    fn activations_at_known_points() {
        for (activation, x, expected) in [
            (Activation::Gelu, 1.0, 0.841_344_8),
            (Activation::Gelu, -2.0, -0.045_500_264),
            (Activation::GeluTanh, 1.0, 0.841_192),
            (Activation::Erf, 0.5, 0.520_499_9),
            (Activation::Erf, -3.0, -0.999_977_9),
            (Activation::Elu { alpha: 1.0 }, -1.0, -0.632_120_55),
            (Activation::Selu { alpha: 1.673_263_2, gamma: 1.050_701 }, -1.0, -1.111_330_7),
            (Activation::Celu { alpha: 2.0 }, -1.0, -0.786_938_7),
            (Activation::Mish, 1.0, 0.865_098_4),
            (Activation::Softplus, 100.0, 100.0),
            (Activation::Softplus, -1.0, 0.313_261_7),
            (Activation::Swish { slope: 1.0 }, 2.0, 1.761_594_2),
            (Activation::Softsign, -3.0, -0.75),
            (Activation::Shrink { bias: 0.5, threshold: 1.0 }, 2.0, 1.5),
            (Activation::ThresholdedRelu { threshold: 1.0 }, 1.0, 0.0),
            (Activation::Round, 2.5, 2.0),
            (Activation::Bipolar { scale: 0.5 }, 0.0, 0.5),
            (Activation::Truncate, -2.7, -2.0),
            (Activation::ToFloat16, 1.000_488_3, 1.0),
            (Activation::ToFloat16, 1.001_464_9, 1.001_953_1),
            (Activation::ToFloat16, 65_519.0, 65_504.0),
            (Activation::ToFloat16, -1e-7, -1.192_092_9e-7),
            (Activation::ToBfloat16, 1.003_906_3, 1.0),
            (Activation::ToBfloat16, 3.140_625, 3.140_625),
            (Activation::Tan, 1.0, 1.557_407_7),
        ] {
            let found = activation.of(x);
            assert!(
                (found - expected).abs() <= 2e-7 * expected.abs(),
                "{} of {x}: {found}, not {expected}",
                activation.name()
            );
        }
    }

    #[test]
    fn reductions_of_known_values() {
        let of = |reduction: Reduction| reduction.of([3.0f32, -4.0, 1.0].into_iter());
        assert_eq!([of(Reduction::Sum), of(Reduction::Product), of(Reduction::Min)], [0.0, -12.0, -4.0]);
        assert_eq!([of(Reduction::Max), of(Reduction::L1), of(Reduction::SumOfSquares)], [3.0, 8.0, 26.0]);
        let found = Reduction::LogSumExp.of([1000.0f32, 1000.0].into_iter());
        assert!((f64::from(found) - 1_000.693_147_18).abs() < 1e-4, "{found}");
    }
}
