//! Shares: numbers from 0 to 1 that people also write in percent.

use super::DeviceError;
use crate::percent;

/// Checks a share of `what`. A percentage gets the share it could be.
pub(super) fn verify(place: &str, key: &str, found: f64, what: &str) -> Result<(), DeviceError> {
    if (0.0..=1.0).contains(&found) {
        return Ok(());
    }
    Err(DeviceError::Value {
        place: place.into(),
        key: key.into(),
        found: found.to_string(),
        allowed: format!("0 to 1, a share of {what}{}", percent::offer(found)),
    })
}
