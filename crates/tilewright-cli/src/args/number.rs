//! Numbers within a range; what is beyond it is refused with the range.

use clap::builder::{StringValueParser, TypedValueParser};
use std::fmt::Display;
use std::ops::RangeInclusive;

/// A parser of whole numbers.
pub(super) fn whole<T>(allowed: RangeInclusive<T>) -> impl TypedValueParser<Value = T>
where
    T: Copy + Display + PartialOrd + TryFrom<i128> + Send + Sync + 'static,
{
    StringValueParser::new().try_map(move |text| {
        let number = text.parse().ok().and_then(|number: i128| T::try_from(number).ok());
        let within = number.filter(|number| allowed.contains(number));
        within.ok_or_else(|| format!("give a whole number of {} to {}", allowed.start(), allowed.end()))
    })
}

/// A parser of numbers of a quantity with its unit, such as "volts".
pub(super) fn number<T>(quantity: &'static str, allowed: RangeInclusive<T>) -> impl TypedValueParser<Value = T>
where
    T: Copy + Display + PartialOrd + std::str::FromStr + Send + Sync + 'static,
{
    StringValueParser::new().try_map(move |text| {
        let within = text.parse().ok().filter(|number| allowed.contains(number));
        within.ok_or_else(|| format!("give {quantity} of {} to {}", allowed.start(), allowed.end()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::{Arg, Command};

    fn parsed<T: Clone + Send + Sync + 'static>(
        parser: impl TypedValueParser<Value = T>,
        text: &str,
    ) -> Result<T, String> {
        let command = Command::new("test").arg(Arg::new("number").long("number").value_parser(parser));
        let matches = command.try_get_matches_from(["test", &format!("--number={text}")]);
        matches
            .map(|mut matches| matches.remove_one("number").expect("it was given"))
            .map_err(|error| error.to_string())
    }

    #[test]
    fn whole_numbers_within_their_range() {
        assert_eq!(parsed(whole(1..=1000u32), "1000"), Ok(1000));
        assert_eq!(parsed(whole(0..=u64::MAX), &u64::MAX.to_string()), Ok(u64::MAX));
        for text in ["-1", "0", "1001", "1.5", "", "99999999999999999999999999999999999999999", "NaN"] {
            let error = parsed(whole(1..=1000u32), text).expect_err(text);
            assert!(error.contains("give a whole number of 1 to 1000"), "{text}: {error}");
        }
    }

    #[test]
    fn numbers_within_their_range() {
        let volts = || number("a voltage", -10.0..=10.0f64);
        assert_eq!(parsed(volts(), "-0.2"), Ok(-0.2));
        for text in ["NaN", "inf", "10.1", "x"] {
            assert!(parsed(volts(), text).expect_err(text).contains("give a voltage of -10 to 10"), "{text}");
        }
    }
}
