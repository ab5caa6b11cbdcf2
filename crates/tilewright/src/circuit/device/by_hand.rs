//! The device that is meant by a name, and by settings given one by one.

use super::generic::Generic;
use super::{Device, DeviceError, find, from_toml, share};

/// The device whose settings are given one by one.
pub const GENERIC: &str = "generic";

/// Settings of the generic device; `None` leaves its own.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ByHand {
    /// Greatest by least conductance; infinite for cells that are off.
    pub on_off: Option<f64>,
    /// Greatest conductance in siemens.
    pub g_on: Option<f64>,
    /// How many conductances.
    pub levels: Option<u32>,
    /// Standard deviation of programming, by the greatest conductance.
    pub programming_error: Option<f64>,
    /// Standard deviation of one read, by the greatest conductance.
    pub read_noise: Option<f64>,
    /// Share of stuck cells, half of them on and half off.
    pub stuck: Option<f64>,
    /// Mean exponent of drift.
    pub drift: Option<f64>,
    /// V₀ of a current of G V₀ sinh(V / V₀), in volts.
    pub sinh_volts: Option<f64>,
}

/// The device of this name: the generic one set by hand, that of a file `*.toml`, whose text `read` yields, or a built-in one.
///
/// # Errors
/// [`DeviceError`]: settings out of range, or for another device than the generic one; an unknown name; a file that is no device.
/// Or what `read` fails with.
pub fn named<E: From<DeviceError>>(
    name: &str,
    settings: &ByHand,
    read: impl FnOnce(&str) -> Result<String, E>,
) -> Result<Box<dyn Device>, E> {
    if name == GENERIC {
        share::verify("device generic", "stuck", settings.stuck.unwrap_or(0.0), "the cells")?;
        return Ok(settings.generic().device()?);
    }
    if let Some(setting) = settings.first() {
        return Err(DeviceError::SetByHand { setting, device: name.into() }.into());
    }
    if name.ends_with(".toml") {
        return Ok(from_toml(&read(name)?, name)?);
    }
    Ok(find(name)?)
}

impl ByHand {
    fn generic(&self) -> Generic {
        let plain = Generic::default();
        let error = |share: Option<f64>| share.filter(|&share| share != 0.0).map_or_else(Vec::new, |share| vec![share]);
        let stuck = self.stuck.unwrap_or(0.0) / 2.0;
        Generic {
            on: self.g_on.unwrap_or(plain.on),
            on_off_ratio: self.on_off.unwrap_or(plain.on_off_ratio),
            levels: self.levels,
            programming_error: error(self.programming_error),
            read_noise: error(self.read_noise),
            stuck_on: stuck,
            stuck_off: stuck,
            drift: self.drift.unwrap_or(plain.drift),
            sinh_volts: self.sinh_volts,
            ..plain
        }
    }

    /// A setting that was given.
    fn first(&self) -> Option<&'static str> {
        let settings = [
            ("on/off ratio", self.on_off.is_some()),
            ("greatest conductance", self.g_on.is_some()),
            ("number of levels", self.levels.is_some()),
            ("programming error", self.programming_error.is_some()),
            ("read noise", self.read_noise.is_some()),
            ("share of stuck cells", self.stuck.is_some()),
            ("drift", self.drift.is_some()),
            ("bend of the current", self.sinh_volts.is_some()),
        ];
        settings.into_iter().find(|(_, given)| *given).map(|(setting, _)| setting)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(file: &str) -> Result<String, DeviceError> {
        assert_eq!(file, "mine.toml", "nothing else is read");
        Ok("[device]\nname = \"mine\"\nmodel = \"generic\"\nsource = \"me\"\n[generic]\non = 5e-5\n".into())
    }

    #[test]
    fn names_settings_and_files() {
        let name = |name: &str, settings: &ByHand| named(name, settings, read).map(|device| device.name().to_owned());
        let plain = ByHand::default();
        for device in ["generic", "ideal", "joshi_2020"] {
            assert_eq!(name(device, &plain), Ok(device.into()));
        }
        assert_eq!(name("mine.toml", &plain), Ok("mine".into()));
        assert!(matches!(name("memristor", &plain), Err(DeviceError::Unknown { .. })));
        let stuck = ByHand { stuck: Some(0.1), ..plain };
        assert_eq!(named("generic", &stuck, read).map(|device| device.stuck().on_rate), Ok(0.05));
        for device in ["ideal", "mine.toml"] {
            let refused = DeviceError::SetByHand { setting: "share of stuck cells", device: device.into() };
            assert_eq!(name(device, &stuck), Err(refused));
        }
        assert!(matches!(name("generic", &ByHand { g_on: Some(-1.0), ..stuck }), Err(DeviceError::Value { .. })));
    }
}
