//! The design a user means by a preset's name or a file.

use crate::input;
use anyhow::Result;
use std::path::Path;
use tilewright::hardware::Design;

/// A preset, or the design of a file.
pub(crate) fn load(name: &str) -> Result<Design> {
    Design::named(name, read_file)
}

/// A design that is built in.
pub(crate) fn preset(name: &str) -> Design {
    Design::preset(name).expect("the tests read all presets")
}

/// The text of a file of settings by its name.
pub(crate) fn read_file(file: &str) -> Result<String> {
    read(Path::new(file))
}

/// The text of a file a user named.
pub(crate) fn read(path: &Path) -> Result<String> {
    input::text("the file", path, input::SETTINGS)
}

/// The text of a device's file.
pub(crate) fn device_text(file: &str) -> Result<String> {
    input::text("the device file", Path::new(file), input::SETTINGS)
}
