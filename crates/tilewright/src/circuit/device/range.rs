//! The conductances that a device can have.

use super::DeviceError;
use serde::Serialize;

/// How far beyond the range a target may be for the rounding of whoever computed it, relative to the range's upper end.
const ROUNDING: f64 = 1e-12;

/// Conductances from `off` to `on`, in siemens.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ConductanceRange {
    /// The least; zero or more.
    pub off: f64,
    /// The greatest.
    pub on: f64,
}

/// Which conductances within the range can be programmed.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub enum Levels<'a> {
    /// Any.
    Continuous,
    /// So many, at least two, equally far apart, both ends included.
    Equidistant(u32),
    /// These, at least two, rising, in siemens; the ends of the range are the first and the last.
    Listed(&'a [f64]),
}

impl ConductanceRange {
    /// The conductance of a level, in siemens: level 0 is `off`, level `count` − 1 is `on`, both exactly.
    ///
    /// # Panics
    /// If there are fewer than two levels, or fewer than `index` + 1.
    pub fn level(&self, index: u32, count: u32) -> f64 {
        assert!(count >= 2 && index < count, "level {index} of {count}");
        if index + 1 == count {
            return self.on;
        }
        self.off + (self.on - self.off) * (f64::from(index) / f64::from(count - 1))
    }

    /// The level nearest to a conductance within the range.
    #[inline]
    pub fn nearest(&self, conductance: f64, levels: Levels<'_>) -> f64 {
        match levels {
            Levels::Continuous => conductance,
            Levels::Equidistant(count) => {
                let place = (conductance - self.off) / (self.on - self.off) * f64::from(count - 1);
                self.level(place.round() as u32, count)
            }
            Levels::Listed(levels) => {
                let above = levels.partition_point(|&level| level < conductance).clamp(1, levels.len() - 1);
                let [below, above] = [levels[above - 1], levels[above]];
                if above - conductance <= conductance - below { above } else { below }
            }
        }
    }

    /// What is attempted for a target.
    #[inline]
    pub(super) fn target(&self, device: &str, target: f64, levels: Levels<'_>) -> Result<f64, DeviceError> {
        let slack = self.on * ROUNDING;
        if !(self.off - slack..=self.on + slack).contains(&target) {
            return Err(DeviceError::Target { device: device.into(), found: target, range: *self });
        }
        Ok(self.nearest(target.clamp(self.off, self.on), levels))
    }
}

impl ConductanceRange {
    /// Checks that the range is one.
    pub(super) fn verify(&self, place: &str) -> Result<(), DeviceError> {
        if self.off >= 0.0 && self.off < self.on && self.on.is_finite() {
            return Ok(());
        }
        Err(DeviceError::Value {
            place: place.into(),
            key: "conductance range".into(),
            found: format!("{:e} to {:e} S", self.off, self.on),
            allowed: "from 0 or more up to more than that".into(),
        })
    }
}

impl Levels<'_> {
    /// Checks that there are at least two.
    pub(super) fn verify(self, place: &str) -> Result<(), DeviceError> {
        match self {
            Self::Equidistant(count @ ..2) => Err(DeviceError::Value {
                place: place.into(),
                key: "levels".into(),
                found: count.to_string(),
                allowed: "2 or more; leave it out for any conductance".into(),
            }),
            Self::Continuous | Self::Equidistant(_) | Self::Listed(_) => Ok(()),
        }
    }
}
