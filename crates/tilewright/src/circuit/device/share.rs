//! Shares: numbers from 0 to 1 that people also write in percent.

use super::DeviceError;

/// Checks a share of `what`. A percentage gets the share it could be.
pub(super) fn verify(place: &str, key: &str, found: f64, what: &str) -> Result<(), DeviceError> {
    if (0.0..=1.0).contains(&found) {
        return Ok(());
    }
    let hint = if found > 1.0 && found <= 100.0 {
        format!("; did you mean {} for {found} %?", found / 100.0)
    } else {
        String::new()
    };
    Err(DeviceError::Value {
        place: place.into(),
        key: key.into(),
        found: found.to_string(),
        allowed: format!("0 to 1, a share of {what}{hint}"),
    })
}
