//! The devices there are.

use super::data::File;
use super::generic::GenericDevice;
use super::{Agrawal2022, Device, DeviceError, Falcone2025, Ideal, Joshi2020, Measured, Milo2021, Wan2022};

/// A model, with its built-in device if there is one.
struct Entry {
    /// Of the model and of the device.
    name: &'static str,
    /// The device's data file.
    text: Option<&'static str>,
    read: Read,
}

/// Turns a data file into a device.
type Read = fn(File<'_>) -> Result<Box<dyn Device>, DeviceError>;

/// A registry line: the name is that of the data file.
macro_rules! entry {
    ($name:literal, $device:ty) => {
        Entry {
            name: $name,
            text: Some(include_str!(concat!("../../../data/device/", $name, ".toml"))),
            read: |file| Ok(Box::new(<$device>::read(file)?)),
        }
    };
    ($name:literal, $device:ty, of files only) => {
        Entry { name: $name, text: None, read: |file| Ok(Box::new(<$device>::read(file)?)) }
    };
}

/// All models.
const MODELS: [Entry; 8] = [
    entry!("ideal", Ideal),
    entry!("generic", GenericDevice),
    entry!("agrawal_2022", Agrawal2022),
    entry!("falcone_2025", Falcone2025),
    entry!("joshi_2020", Joshi2020),
    entry!("measured", Measured, of files only),
    entry!("milo_2021", Milo2021),
    entry!("wan_2022", Wan2022),
];

/// The names that [`find`] knows.
pub fn names() -> impl Iterator<Item = &'static str> {
    built_in().map(|(name, ..)| name)
}

/// Names, files and models of the built-in devices.
fn built_in() -> impl Iterator<Item = (&'static str, &'static str, Read)> {
    MODELS.iter().filter_map(|entry| Some((entry.name, entry.text?, entry.read)))
}

/// A built-in device, by name.
///
/// # Errors
/// [`DeviceError::Unknown`] with the names there are.
pub fn find(name: &str) -> Result<Box<dyn Device>, DeviceError> {
    let (name, text, read) = device_of(name)?;
    read(File { name, text })
}

/// The file of a built-in device: a beginning for one of your own, which [`from_toml`] reads.
///
/// # Errors
/// As [`find`].
pub fn text(name: &str) -> Result<&'static str, DeviceError> {
    device_of(name).map(|(_, text, _)| text)
}

fn device_of(name: &str) -> Result<(&'static str, &'static str, Read), DeviceError> {
    built_in().find(|(known, ..)| *known == name).ok_or_else(|| DeviceError::Unknown {
        name: name.into(),
        known: names().collect::<Vec<_>>().join(", "),
        suggestion: crate::network::nearest(name, names()).map(Into::into),
    })
}

/// A device of a file of your own. Its `[device]` table has `name`, `source` and `model`, one of [`names`] or `"measured"`
/// ([`DeviceFit::toml`](super::DeviceFit::toml)); the rest is what the data file of that model has, under `data/device/`, with your numbers. `file_name` is for errors.
///
/// ```
/// let text = r#"
/// [device]
/// name = "mine"
/// model = "generic"
/// source = "measured on the probe station"
///
/// [generic]
/// on = 50e-6
/// on_off_ratio = 20
/// levels = 16
/// programming_error = [0.01, 0.03]
/// "#;
/// let device = tilewright::circuit::device::from_toml(text, "mine.toml")?;
/// assert_eq!((device.name(), device.range().on), ("mine", 50e-6));
/// # Ok::<(), tilewright::circuit::device::DeviceError>(())
/// ```
///
/// # Errors
/// [`DeviceError::File`] or [`DeviceError::Value`] with the file, the entry, what was found and what is allowed.
pub fn from_toml(text: &str, file_name: &str) -> Result<Box<dyn Device>, DeviceError> {
    let file = File { name: file_name, text };
    let model = file.model()?;
    let entry = MODELS.iter().find(|entry| entry.name == model).ok_or_else(|| {
        let known: Vec<&str> = MODELS.iter().map(|entry| entry.name).collect();
        file.wrong("device.model", &format!("{model:?}"), &format!("one of {}", known.join(", ")))
    })?;
    (entry.read)(file)
}
