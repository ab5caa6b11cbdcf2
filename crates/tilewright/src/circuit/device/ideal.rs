//! A device with nothing wrong.

use super::data::{File, Head};
use super::{ConductanceRange, Device, DeviceError, Identity, Levels};
use crate::circuit::CellCurve;
use crate::random::Draws;
use serde::{Deserialize, Serialize};

/// Programmed exactly, constant for ever, read without noise.
///
/// - **Source:** none; what other devices are held against.
/// - **Range:** any.
/// - **Not modelled:** everything.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Ideal {
    #[serde(skip)]
    identity: Identity,
    levels: Levels<'static>,
}

impl Ideal {
    /// A device of a range, in siemens, and of these levels.
    ///
    /// # Errors
    /// [`DeviceError::Value`] if the range is empty or negative, or there are fewer than two levels.
    pub fn new(range: ConductanceRange, levels: Levels<'static>) -> Result<Self, DeviceError> {
        range.verify("device ideal")?;
        levels.verify("device ideal")?;
        Ok(Self::called("ideal".into(), range, levels))
    }

    pub(super) fn read(file: File<'_>) -> Result<Self, DeviceError> {
        let Data { device, ideal } = file.read()?;
        let range = ConductanceRange { off: ideal.off, on: ideal.on };
        let levels = ideal.levels.map_or(Levels::Continuous, Levels::Equidistant);
        range.verify(file.name)?;
        levels.verify(file.name)?;
        Ok(Self::called(device.name, range, levels))
    }

    fn called(name: String, range: ConductanceRange, levels: Levels<'static>) -> Self {
        let source = "none: nothing is wrong with this device".into();
        Self { identity: Identity { name, source, range }, levels }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Data {
    device: Head,
    ideal: Settings,
}

/// Conductances in siemens.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    off: f64,
    on: f64,
    levels: Option<u32>,
}

impl Device for Ideal {
    fn identity(&self) -> &Identity {
        &self.identity
    }

    fn levels(&self) -> Levels<'_> {
        self.levels
    }

    fn attempt(&self, target: f64, _draws: &mut Draws) -> f64 {
        target
    }

    fn drift(&self, conductance: f64, _seconds: f64, _draws: &mut Draws) -> f64 {
        conductance
    }

    fn read_noise(&self, _conductance: f64, _seconds: f64) -> f64 {
        0.0
    }

    fn curve(&self) -> CellCurve {
        CellCurve::Linear
    }

    fn varies(&self) -> bool {
        false
    }
}
