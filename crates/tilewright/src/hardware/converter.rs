//! Converters: how a current becomes a number.

use super::settings::WordError;
use crate::range_rule::RangeRule;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// The analog-to-digital converters.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AdcSettings {
    /// The model by its name in the registry.
    pub model: String,
    /// Analog sums one converter takes in turn.
    pub columns: u32,
    /// Conversions a second, in 10⁹.
    pub rate_gsps: f64,
    /// Bits of a conversion.
    #[serde(default, skip_serializing_if = "AdcBits::is_lossless")]
    pub bits: AdcBits,
    /// Bits by which a conversion exceeds those of the input, where the chip grows them so (instead of `bits`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bits_over_input: Option<u32>,
    /// How the range of a converter follows from the currents of calibration images.
    #[serde(default)]
    pub range: RangeRule,
    /// Which columns share a range.
    #[serde(default)]
    pub scope: RangeScope,
    /// What is wrong with each of them.
    #[serde(default, skip_serializing_if = "AdcErrors::is_default")]
    pub errors: AdcErrors,
}

/// How far converters are off, each by numbers of its own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AdcErrors {
    /// Standard deviation of the offset among converters, in codes.
    pub offset: f64,
    /// Standard deviation of the gain among converters, by the gain.
    pub gain: f64,
    /// Standard deviation of the noise of a conversion, in codes.
    pub noise: f64,
    /// Standard deviation of a unit among those that make the steps, by the unit.
    pub mismatch: f64,
    /// What makes the steps.
    pub steps: AdcSteps,
}

/// What makes the steps of a converter.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AdcSteps {
    /// Capacitors of 1, 2, 4, … units, one a bit.
    #[default]
    Sar,
    /// A ramp of a unit a code, one for all columns of a crossbar.
    Ramp,
}

impl AdcErrors {
    fn is_default(&self) -> bool {
        *self == Self::default()
    }

    /// Whether converters differ from each other, each by numbers of its own.
    pub fn differ(&self) -> bool {
        self.offset > 0.0 || self.gain > 0.0 || (self.mismatch > 0.0 && self.steps == AdcSteps::Sar)
    }

    /// Whether nothing is wrong.
    pub fn are_none(&self) -> bool {
        [self.offset, self.gain, self.noise, self.mismatch].iter().all(|&magnitude| magnitude == 0.0)
    }
}

/// Bits of a conversion.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "AdcBitsForm", try_from = "AdcBitsForm")]
pub enum AdcBits {
    /// As many as tell every sum of a crossbar apart.
    #[default]
    Lossless,
    /// So many, 1 to 16.
    Given(u32),
    /// Currents are read exactly, as no converter can.
    Exact,
}

/// Which columns share a range.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RangeScope {
    /// All of a layer.
    #[default]
    Layer,
    /// This many neighbouring channels of a crossbar, as those that share a converter.
    Columns(usize),
}

/// Bits as a file has them.
#[derive(Clone, Serialize, Deserialize)]
#[serde(untagged)]
enum AdcBitsForm {
    Number(u32),
    Word(String),
}

impl From<AdcBits> for AdcBitsForm {
    fn from(bits: AdcBits) -> Self {
        match bits {
            AdcBits::Given(bits) => Self::Number(bits),
            word => Self::Word(word.to_string()),
        }
    }
}

impl TryFrom<AdcBitsForm> for AdcBits {
    type Error = WordError;

    fn try_from(form: AdcBitsForm) -> Result<Self, WordError> {
        match form {
            AdcBitsForm::Number(bits) => bits.to_string().parse(),
            AdcBitsForm::Word(word) => word.parse(),
        }
    }
}

impl AdcBits {
    const fn is_lossless(&self) -> bool {
        matches!(self, Self::Lossless)
    }
}

/// `8`, `lossless` or `none`
impl fmt::Display for AdcBits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Lossless => f.write_str("lossless"),
            Self::Given(bits) => bits.fmt(f),
            Self::Exact => f.write_str("none"),
        }
    }
}

impl FromStr for AdcBits {
    type Err = WordError;

    fn from_str(text: &str) -> Result<Self, WordError> {
        match (text, text.parse()) {
            ("lossless", _) => Ok(Self::Lossless),
            ("none", _) => Ok(Self::Exact),
            (_, Ok(bits @ 1..=16)) => Ok(Self::Given(bits)),
            _ => Err(WordError::new("give 1 to 16, lossless, or none")),
        }
    }
}

/// `layer` or `8`
impl fmt::Display for RangeScope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Layer => f.write_str("layer"),
            Self::Columns(columns) => columns.fmt(f),
        }
    }
}

impl FromStr for RangeScope {
    type Err = WordError;

    fn from_str(text: &str) -> Result<Self, WordError> {
        match (text, text.parse()) {
            ("layer", _) => Ok(Self::Layer),
            (_, Ok(columns @ 1..)) => Ok(Self::Columns(columns)),
            _ => Err(WordError::new("give layer, or a number of columns of at least 1")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_numbers() {
        assert_eq!("layer".parse(), Ok(RangeScope::Layer));
        assert_eq!("8".parse(), Ok(RangeScope::Columns(8)));
        assert_eq!(
            ["8", "lossless", "none"].map(str::parse),
            [AdcBits::Given(8), AdcBits::Lossless, AdcBits::Exact].map(Ok)
        );
        for text in ["", "0", "-1", "1.5", "columns"] {
            assert!(text.parse::<RangeScope>().is_err(), "{text}");
            assert!(text.parse::<AdcBits>().is_err(), "{text}");
        }
    }
}
