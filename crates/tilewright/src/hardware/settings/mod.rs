//! What can be set of a design one by one: the only list.
//!
//! The command's options with their help and ranges, the arguments of Python, the values of sweeps and of a search space, and
//! `docs/settings.md` are made of [`SETTINGS`]. To add a setting, add an entry to the list, and what it does where it does it.

mod list;
mod value;

pub use list::SETTINGS;
pub use value::{WordError, word};

use super::{Design, HardwareError};
use crate::network::nearest;
use std::fmt;

/// One thing that can be set.
#[derive(Clone, Copy)]
pub struct Setting {
    /// Its name, words joined by `-`.
    pub name: &'static str,
    /// What it is, in a sentence or two.
    pub sentence: &'static str,
    /// What it is called on an axis of a figure, with its unit.
    pub axis: &'static str,
    /// What it belongs to.
    pub group: Group,
    /// What its values are.
    pub kind: Kind,
    /// Who heeds it.
    pub stages: &'static [Stage],
    /// Whether a layer can have one of its own ([`LayerSettings`](super::LayerSettings)).
    pub of_layers: bool,
    get: fn(&Design) -> Option<String>,
    set: fn(&mut Design, &str) -> Result<(), String>,
    idle: fn(&Design) -> Option<&'static str>,
}

/// What a setting belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Group {
    /// The unit crossbar and how weights become its cells.
    Crossbar,
    /// The cells.
    Cells,
    /// Wires and terminals.
    Wires,
    /// Drivers and converters.
    Converters,
    /// Analog neurons.
    Neurons,
    /// What is done about errors.
    Compensation,
    /// The chip around the crossbars.
    Chip,
}

/// What the values of a setting are.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kind {
    /// Whole numbers between two ends.
    Whole {
        /// What they count.
        unit: &'static str,
        /// The least and the greatest.
        range: [u32; 2],
    },
    /// Numbers.
    Number {
        /// Their unit.
        unit: &'static str,
        /// Which are allowed, in words.
        allowed: &'static str,
    },
    /// One of some words, each with its meaning.
    Words(&'static [Choice]),
    /// `true` or `false`.
    Switch,
    /// A text with a form of its own.
    Text {
        /// What it is called in help.
        unit: &'static str,
        /// Which are allowed, in words.
        allowed: &'static str,
    },
}

/// A word and its meaning.
pub type Choice = (&'static str, &'static str);

/// What heeds a setting.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// Mapping.
    Map,
    /// The circuit of one crossbar.
    Circuit,
    /// Simulation.
    Simulate,
    /// Prices.
    Cost,
}

impl Stage {
    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Map => "map",
            Self::Circuit => "circuit",
            Self::Simulate => "simulate",
            Self::Cost => "cost",
        }
    }
}

impl fmt::Debug for Setting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

impl PartialEq for Setting {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Setting {
    /// Its value in a design, as [`Design::set`] reads it; nothing where the design leaves it open.
    pub fn of(&self, design: &Design) -> Option<String> {
        (self.get)(design)
    }

    /// Why it changes nothing in a design, if so. Names of settings stand between back quotes, so that each front can spell them its way.
    pub fn idle(&self, design: &Design) -> Option<&'static str> {
        (self.idle)(design)
    }

    /// Whether a text can be a value at all.
    ///
    /// # Errors
    /// What is allowed.
    pub fn check(&self, value: &str) -> Result<(), String> {
        let number = value.parse().ok().filter(|number: &f64| !number.is_nan());
        match self.kind {
            Kind::Whole { range: [least, greatest], .. } => match value.parse() {
                Ok(number) if (least..=greatest).contains(&number) => Ok(()),
                _ => Err(format!("give a whole number of {least} to {greatest}")),
            },
            Kind::Number { allowed, .. } if number.is_none() => Err(format!("give {allowed}")),
            Kind::Words(words) if !words.iter().any(|(word, _)| *word == value) => {
                Err(format!("give {}", words.iter().map(|(word, _)| *word).collect::<Vec<_>>().join(", ")))
            }
            Kind::Switch if !["true", "false"].contains(&value) => Err("give true or false".into()),
            Kind::Number { .. } | Kind::Words(_) | Kind::Switch | Kind::Text { .. } => Ok(()),
        }
    }

    /// Whether a stage heeds it.
    pub fn is_heeded_by(&self, stages: &[Stage]) -> bool {
        self.stages.iter().any(|stage| stages.contains(stage))
    }
}

/// The setting of a name; `_` may stand for `-`.
///
/// # Errors
/// [`HardwareError::NoSetting`] with the nearest one.
pub fn setting(name: &str) -> Result<&'static Setting, HardwareError> {
    let name = name.replace('_', "-");
    SETTINGS.iter().find(|setting| setting.name == name).ok_or_else(|| HardwareError::NoSetting {
        known: SETTINGS.iter().map(|setting| setting.name).collect::<Vec<_>>().join(", "),
        suggestion: nearest(&name, SETTINGS.iter().map(|setting| setting.name)),
        name,
    })
}

/// A text of the core in the words of a front: names of settings between back quotes become what `spell` makes of them.
///
/// ```
/// use tilewright::hardware::spelled;
///
/// assert_eq!(spelled("give `adc-bits` 8, not `this`", str::to_uppercase), "give ADC-BITS 8, not `this`");
/// ```
pub fn spelled(text: &str, spell: impl Fn(&str) -> String) -> String {
    let word = |(place, part): (usize, &str)| match place % 2 {
        0 => part.to_owned(),
        _ if setting(part).is_ok() => spell(part),
        _ => format!("`{part}`"),
    };
    text.split('`').enumerate().map(word).collect()
}

impl Design {
    /// Sets one thing; [`Design::verify`] checks whether all of them go together.
    ///
    /// # Errors
    /// [`HardwareError::Setting`] for a value that the setting cannot have, or a setting of a part that the design has not.
    pub fn set(&mut self, setting: &'static Setting, value: &str) -> Result<(), HardwareError> {
        let problem = setting.check(value).and_then(|()| (setting.set)(self, value));
        problem.map_err(|problem| HardwareError::Setting { setting: setting.name, value: value.into(), problem })?;
        self.given.insert(setting.name);
        Ok(())
    }

    /// Settings that were given and change nothing, each with the reason.
    pub fn idle(&self) -> impl Iterator<Item = (&'static Setting, &'static str)> {
        let given = SETTINGS.iter().filter(|setting| self.given.contains(setting.name));
        given.filter_map(|setting| Some((setting, setting.idle(self)?)))
    }
}
