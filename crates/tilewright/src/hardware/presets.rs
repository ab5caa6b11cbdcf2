//! The designs that are built in, and those of files.

use super::{Design, HardwareError};
use crate::network::nearest;

/// A preset: its name and its file.
pub type Preset = (&'static str, &'static str);

/// The built-in designs.
pub const PRESETS: [Preset; 7] = [
    ("generic-22nm", include_str!("../../data/hardware/designs/generic-22nm.toml")),
    ("generic-65nm", include_str!("../../data/hardware/designs/generic-65nm.toml")),
    ("isaac", include_str!("../../data/hardware/designs/isaac.toml")),
    ("puma", include_str!("../../data/hardware/designs/puma.toml")),
    ("neurram", include_str!("../../data/hardware/designs/neurram.toml")),
    ("seed", include_str!("../../data/hardware/designs/seed.toml")),
    ("analog-22nm", include_str!("../../data/hardware/designs/analog-22nm.toml")),
];

/// Those of them that can be priced as they are.
pub const PRICED: &[Preset] = PRESETS.split_at(6).0;

/// The design that networks are mapped onto and simulated on unless another is asked for.
pub const DEFAULT: &str = "analog-22nm";

/// The design that networks are priced on unless another is asked for.
pub const PRICED_DEFAULT: &str = "generic-22nm";

/// The file of a preset.
///
/// # Errors
/// [`HardwareError::Unknown`] with the names there are and the nearest one.
pub fn preset_text(name: &str) -> Result<&'static str, HardwareError> {
    let found = PRESETS.into_iter().find(|(known, _)| *known == name);
    found.map(|(_, text)| text).ok_or_else(|| HardwareError::Unknown {
        name: name.into(),
        known: PRESETS.map(|(name, _)| name).join(", "),
        suggestion: nearest(name, PRESETS.iter().map(|(name, _)| *name)),
    })
}

impl Design {
    /// A built-in design.
    ///
    /// # Errors
    /// [`HardwareError::Unknown`] with the names there are and the nearest one.
    pub fn preset(name: &str) -> Result<Self, HardwareError> {
        Self::parse(name, preset_text(name)?)
    }

    /// A built-in design, or else that of a TOML file, whose text `read` yields: `NAME.toml`, or any name with a `/` or `\`.
    ///
    /// # Errors
    /// [`HardwareError::Unknown`] with the names there are, what `read` fails with, or as [`Design::parse`].
    pub fn named<E: From<HardwareError>>(name: &str, read: impl FnOnce(&str) -> Result<String, E>) -> Result<Self, E> {
        if name.ends_with(".toml") || name.contains(['/', '\\']) {
            return Ok(Self::parse(name, &read(name)?)?);
        }
        Ok(Self::preset(name)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Stands for a folder with one file.
    fn read(file: &str) -> Result<String, HardwareError> {
        match file {
            "chips/mine.toml" | "chips/mine" => Ok(preset_text("isaac")?.replacen("\"isaac\"", "\"mine\"", 1)),
            other => Err(HardwareError::Syntax { file: other.into(), problem: "there is none".into() }),
        }
    }

    #[test]
    fn paths_are_files_and_other_names_presets() {
        let name = |name: &str| Design::named(name, read).map(|design| (design.name, design.file));
        assert_eq!(name("isaac"), Ok(("isaac".into(), "isaac".into())));
        for file in ["chips/mine.toml", "chips/mine"] {
            assert_eq!(name(file), Ok(("mine".into(), file.into())));
        }
        assert!(matches!(name("isaac.toml"), Err(HardwareError::Syntax { .. })));
        assert!(matches!(name("isac"), Err(HardwareError::Unknown { .. })));
    }

    #[test]
    fn what_is_written_is_read_again() {
        for (name, _) in PRESETS {
            let design = Design::preset(name).expect("it is built in");
            let again = Design::parse(name, &design.to_toml()).expect("what was written");
            assert_eq!(again, design);
        }
    }
}
