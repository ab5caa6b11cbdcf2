//! Curves of cells in device files: points that were measured.

use super::DeviceError;
use crate::circuit::{CellCurve, CircuitError};

/// The curve through points `[volt, ampere]`; linear without any.
pub(super) fn measured_curve(points: &[[f64; 2]]) -> CellCurve {
    if points.is_empty() { CellCurve::Linear } else { CellCurve::Measured { points: points.to_vec() } }
}

/// Checks the points of a file or a device, if it has any.
pub(super) fn verify_curve(place: &str, points: &[[f64; 2]]) -> Result<(), DeviceError> {
    match measured_curve(points).verify() {
        Err(CircuitError::Value { field, found, allowed }) => {
            Err(DeviceError::Value { place: place.into(), key: field, found, allowed: allowed.into() })
        }
        _ => Ok(()),
    }
}
