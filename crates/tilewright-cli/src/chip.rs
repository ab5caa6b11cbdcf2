//! The chip a user means by a preset's name or a file.

use anyhow::{Context, Result};
use std::path::Path;
use tilewright::cost::chip::{Chip, PRESETS};

/// The chip of those who name none.
pub(crate) const DEFAULT: &str = "generic-22nm";

/// A preset, or the chip of a file.
pub(crate) fn load(name: &str) -> Result<Chip> {
    let is_preset = PRESETS.iter().any(|(known, _)| *known == name);
    if !is_preset && (name.ends_with(".toml") || Path::new(name).is_file()) {
        return Ok(Chip::parse(name, &read(Path::new(name))?)?);
    }
    Ok(Chip::preset(name)?)
}

/// The text of a file a user named.
pub(crate) fn read(path: &Path) -> Result<String> {
    std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))
}
