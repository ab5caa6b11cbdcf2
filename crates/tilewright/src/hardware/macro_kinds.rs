//! Kinds of macros that a chip may have beside the design's own, for a search to choose from layer by layer.
//!
//! ```text
//! crossbar=64 active-rows=9; crossbar=256 adc-bits=8
//! ```

use super::layer_settings::LayerValue;
use super::settings::setting;
use super::{Design, Group, HardwareError, LayerSettings, SETTINGS, Setting, Stage};
use crate::network::nearest;
use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

/// Kinds of macros, none of them twice.
#[derive(Clone, Debug, PartialEq)]
pub struct MacroKinds(Vec<MacroKind>);

/// What a kind of macro has of its own: settings by their names.
#[derive(Clone, Debug, PartialEq)]
pub struct MacroKind(BTreeMap<String, LayerValue>);

impl MacroKinds {
    /// The kinds, in the order that they were given in.
    pub fn iter(&self) -> impl Iterator<Item = &MacroKind> {
        self.0.iter()
    }
}

impl MacroKind {
    /// Settings that a kind can have: what a price knows and no result of the network depends on, as long as converters tell every sum
    /// apart. Of cells and of bits of a weight a search for a price would take the worst.
    fn settings() -> impl Iterator<Item = &'static Setting> {
        let is_of_macro = |setting: &&Setting| {
            let grouped = matches!(setting.group, Group::Crossbar | Group::Converters);
            let priced = setting.is_heeded_by(&[Stage::Map, Stage::Cost]);
            setting.of_layers && grouped && priced && setting.name != "weight-bits"
        };
        SETTINGS.iter().filter(is_of_macro)
    }

    fn setting(name: &str) -> Result<&'static Setting, String> {
        let name = name.replace('_', "-");
        let known = || Self::settings().map(|setting| setting.name);
        Self::settings().find(|setting| setting.name == name).ok_or_else(|| {
            let list = known().collect::<Vec<_>>().join(", ");
            let near = nearest(&name, known()).map(|near| format!("; did you mean {near:?}?")).unwrap_or_default();
            match setting(&name) {
                Ok(_) => format!("{name} is not of a kind of macro; a kind can have {list}"),
                Err(_) => format!("there is no setting {name:?}; a kind can have {list}{near}"),
            }
        })
    }
}

/// Settings joined by spaces or commas.
impl FromStr for MacroKind {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut kind = BTreeMap::new();
        let words = text.split(|char: char| char == ',' || char.is_whitespace()).filter(|word| !word.is_empty());
        for word in words {
            let (name, value) = word
                .split_once('=')
                .ok_or_else(|| format!("{word:?} is no setting with a value, as crossbar=64 is"))?;
            let setting = Self::setting(name)?;
            setting.check(value).map_err(|allowed| format!("{name}={value}: {allowed}"))?;
            if kind.insert(setting.name.to_owned(), LayerValue::typed(value)).is_some() {
                return Err(format!("{name} is there twice in one kind; give it once"));
            }
        }
        if kind.is_empty() {
            return Err("a kind without settings; give some, as in \"crossbar=64 active-rows=9; crossbar=256\"".into());
        }
        Ok(Self(kind))
    }
}

/// Kinds joined by semicolons.
impl FromStr for MacroKinds {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let kinds: Vec<MacroKind> = text.split(';').map(str::parse).collect::<Result<_, _>>()?;
        for (place, kind) in kinds.iter().enumerate() {
            if kinds[..place].contains(kind) {
                return Err(format!("the kind {kind} is there twice; give it once"));
            }
        }
        Ok(Self(kinds))
    }
}

impl fmt::Display for MacroKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let settings: Vec<String> = self.0.iter().map(|(name, value)| format!("{name}={value}")).collect();
        f.write_str(&settings.join(" "))
    }
}

impl fmt::Display for MacroKinds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kinds: Vec<String> = self.0.iter().map(ToString::to_string).collect();
        f.write_str(&kinds.join("; "))
    }
}

impl LayerSettings {
    /// Puts a layer on a macro of this kind.
    pub fn insert(&mut self, layer: &str, kind: &MacroKind) {
        self.0.insert(layer.into(), kind.0.clone());
    }
}

impl Design {
    /// The design with macros of one kind throughout, and no layers with settings of their own.
    ///
    /// # Errors
    /// [`HardwareError::Value`] naming the kind, for settings that do not go together or that change nothing beside the others.
    pub fn of_kind(&self, kind: &MacroKind) -> Result<Self, HardwareError> {
        self.with_own(&format!("macro kind \"{kind}\""), &kind.0, |key| format!("macro kind \"{kind}\", {key}"))
    }
}
