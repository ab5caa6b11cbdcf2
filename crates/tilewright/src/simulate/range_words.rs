//! Ranges of converters as they are written.

use super::{RangeRule, RangeScope, SimulateError};
use std::str::FromStr;

/// Reads `max`, `least-squares`, or a percentile such as `99.9`.
impl FromStr for RangeRule {
    type Err = SimulateError;

    fn from_str(text: &str) -> Result<Self, SimulateError> {
        match (text, text.parse()) {
            ("max", _) => Ok(Self::Max),
            ("least-squares", _) => Ok(Self::LeastSquares),
            (_, Ok(part)) if (50.0..=100.0).contains(&part) => Ok(Self::Percentile(part)),
            _ => Err(wrong("the ADC range", text, "max, least-squares, or a percentile of 50 to 100 such as 99.9")),
        }
    }
}

/// Reads `layer`, or a number of columns.
impl FromStr for RangeScope {
    type Err = SimulateError;

    fn from_str(text: &str) -> Result<Self, SimulateError> {
        match (text, text.parse()) {
            ("layer", _) => Ok(Self::Layer),
            (_, Ok(columns @ 1..)) => Ok(Self::Columns(columns)),
            _ => Err(wrong("the scope of an ADC range", text, "layer, or a number of columns of at least 1")),
        }
    }
}

fn wrong(what: &str, found: &str, allowed: &str) -> SimulateError {
    SimulateError::Setting { what: what.into(), found: format!("{found:?}"), allowed: allowed.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_numbers() {
        assert_eq!("max".parse(), Ok(RangeRule::Max));
        assert_eq!("least-squares".parse(), Ok(RangeRule::LeastSquares));
        assert_eq!("99.9".parse(), Ok(RangeRule::Percentile(99.9)));
        assert_eq!("layer".parse(), Ok(RangeScope::Layer));
        assert_eq!("8".parse(), Ok(RangeScope::Columns(8)));
        for text in ["", "maximum", "49.9", "101", "NaN"] {
            assert!(text.parse::<RangeRule>().is_err(), "{text}");
        }
        for text in ["", "0", "-1", "1.5", "columns"] {
            assert!(text.parse::<RangeScope>().is_err(), "{text}");
        }
    }
}
