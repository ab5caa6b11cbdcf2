//! The chip a user means by a preset's name or a file.

use crate::input;
use anyhow::Result;
use std::path::Path;
use tilewright::cost::chip::Chip;

/// The default chip.
pub(crate) const DEFAULT: &str = "generic-22nm";

/// A preset, or the chip of a file.
pub(crate) fn load(name: &str) -> Result<Chip> {
    Chip::named(name, |file| read(Path::new(file)))
}

/// The text of a file a user named.
pub(crate) fn read(path: &Path) -> Result<String> {
    input::text("the file", path, input::SETTINGS)
}
