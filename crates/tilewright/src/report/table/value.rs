//! What stands in a cell.

use super::{Kind, words};
use crate::report::number;
use std::fmt;

/// What stands in a cell.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Nothing, where something could be.
    Missing,
    /// Nothing, where nothing could be.
    Blank,
    /// Words, also in a column of numbers.
    Words(String),
    /// A count.
    Whole(u64),
    /// A number.
    Number(f64),
}

impl Value {
    /// What people read in a terminal.
    pub(super) fn in_text(kind: Kind, value: &Self) -> String {
        match (kind, value) {
            (Kind::Whole, &Self::Whole(count)) => words::thousands(count),
            (Kind::Quantity, &Self::Number(number)) => words::number(number),
            (Kind::Share, &Self::Number(part)) => words::percent(part),
            (Kind::Rate, &Self::Number(share)) => words::hundredths(share),
            _ => Self::plain(kind, value),
        }
    }

    /// What people read on a page, where groups of digits have narrow blanks between them.
    pub(super) fn on_page(kind: Kind, value: &Self) -> String {
        match (kind, value) {
            (Kind::Whole, &Self::Whole(count)) => number::grouped(count),
            (Kind::Quantity, &Self::Number(value)) => number::quantity(value),
            (Kind::Share, &Self::Number(part)) => number::percent(part),
            (Kind::Rate, &Self::Number(share)) => format!("{:.2}\u{202f}%", 100.0 * share),
            _ => Self::plain(kind, value),
        }
    }

    fn plain(kind: Kind, value: &Self) -> String {
        match (kind, value) {
            (_, Self::Missing) => "–".into(),
            (_, Self::Blank) => String::new(),
            (_, Self::Words(words)) => words.clone(),
            (_, Self::Whole(count)) => count.to_string(),
            (Kind::Fixed(decimals), Self::Number(number)) => format!("{number:.decimals$}"),
            (Kind::Power, Self::Number(number)) => format!("{number:.1e}"),
            (_, Self::Number(number)) => number.to_string(),
        }
    }
}

/// What programs read: all digits, and nothing where there is nothing.
impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing | Self::Blank => Ok(()),
            Self::Words(words) => f.write_str(words),
            Self::Whole(count) => write!(f, "{count}"),
            Self::Number(number) => write!(f, "{number}"),
        }
    }
}

impl From<&str> for Value {
    fn from(words: &str) -> Self {
        Self::Words(words.into())
    }
}

impl From<&String> for Value {
    fn from(words: &String) -> Self {
        Self::Words(words.clone())
    }
}

impl From<String> for Value {
    fn from(words: String) -> Self {
        Self::Words(words)
    }
}

impl From<u64> for Value {
    fn from(count: u64) -> Self {
        Self::Whole(count)
    }
}

impl From<u32> for Value {
    fn from(count: u32) -> Self {
        Self::Whole(count.into())
    }
}

impl From<usize> for Value {
    fn from(count: usize) -> Self {
        Self::Whole(count as u64)
    }
}

impl From<f64> for Value {
    fn from(number: f64) -> Self {
        Self::Number(number)
    }
}

impl<T: Into<Self>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Missing, Into::into)
    }
}
