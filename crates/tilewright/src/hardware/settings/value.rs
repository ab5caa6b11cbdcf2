//! Values as they are typed.

use serde::de::IntoDeserializer;
use serde::de::value::{Error, StrDeserializer};
use serde::{Deserialize, Serialize};

/// A word that is none of those allowed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct WordError(String);

impl WordError {
    pub(crate) fn new(allowed: impl Into<String>) -> Self {
        Self(allowed.into())
    }
}

/// A choice by its word.
///
/// # Errors
/// The words there are.
pub fn word<T: for<'a> Deserialize<'a>>(text: &str) -> Result<T, String> {
    let text: StrDeserializer<'_, Error> = text.into_deserializer();
    T::deserialize(text).map_err(|error| error.to_string())
}

/// The word of a choice.
pub(super) fn word_of(choice: &impl Serialize) -> Option<String> {
    serde_json::to_value(choice).ok()?.as_str().map(str::to_owned)
}

/// A number or a text as it is typed, small numbers by their power of ten.
pub(super) fn written(value: &impl ToString) -> String {
    let plain = value.to_string();
    match plain.parse::<f64>() {
        Ok(number) if number != 0.0 && number.abs() < 1e-3 => format!("{number:e}"),
        _ => plain,
    }
}

/// A text by its own form.
pub(super) fn parsed<T: std::str::FromStr<Err: std::fmt::Display>>(text: &str) -> Result<T, String> {
    text.parse().map_err(|error: T::Err| error.to_string())
}
