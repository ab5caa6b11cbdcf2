//! Programming a cell: once, or until it is near enough.

use super::{ConductanceRange, DeviceError, share};
use crate::random::Draws;
use serde::Serialize;

/// How cells are programmed.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Programming {
    /// One attempt, never checked.
    OneShot,
    /// Attempts until a read, with its noise, is near enough.
    WriteVerify {
        /// How far a read may be from the target, as a share of the device's range (`on` − `off`); greater than 0, at most 1.
        tolerance: f64,
        /// Most attempts, 1 to a million.
        max_pulses: u32,
    },
}

/// A cell after programming.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Programmed {
    /// In siemens.
    pub conductance: f64,
    /// Attempts.
    pub pulses: u32,
    /// Whether the last read was within the tolerance; true of [`Programming::OneShot`], which asks for none.
    pub verified: bool,
}

impl Programming {
    /// Checks the numbers.
    ///
    /// # Errors
    /// [`DeviceError::Value`] that names the number.
    pub fn verify(&self) -> Result<(), DeviceError> {
        let Self::WriteVerify { tolerance, max_pulses } = *self else { return Ok(()) };
        let wrong = |key: &str, found: String, allowed: &str| DeviceError::Value {
            place: "write and verify".into(),
            key: key.into(),
            found,
            allowed: allowed.into(),
        };
        share::verify("write and verify", "tolerance", tolerance, "the device's range")?;
        if tolerance == 0.0 {
            return Err(wrong("tolerance", "0".into(), "a positive share of the device's range"));
        }
        if !(1..=1_000_000).contains(&max_pulses) {
            return Err(wrong("max_pulses", max_pulses.to_string(), "1 to 1000000"));
        }
        Ok(())
    }

    /// Attempts as this way of programming asks for; a cell that never gets there keeps its last attempt.
    pub(super) fn run(
        self,
        range: ConductanceRange,
        target: f64,
        mut attempt: impl FnMut(&mut Draws) -> f64,
        read_noise: impl Fn(f64) -> f64,
        draws: &mut Draws,
    ) -> Result<Programmed, DeviceError> {
        let Self::WriteVerify { tolerance, max_pulses } = self else {
            return Ok(Programmed { conductance: attempt(draws), pulses: 1, verified: true });
        };
        self.verify()?;
        let mut programmed = Programmed { conductance: target, pulses: 0, verified: false };
        while !programmed.verified && programmed.pulses < max_pulses {
            let conductance = attempt(draws);
            let noise = read_noise(conductance);
            let read = if noise == 0.0 { conductance } else { conductance + noise * draws.normal() };
            programmed = Programmed {
                conductance,
                pulses: programmed.pulses + 1,
                verified: (read - target).abs() <= tolerance * (range.on - range.off),
            };
        }
        Ok(programmed)
    }
}
