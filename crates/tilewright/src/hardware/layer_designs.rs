//! The designs of single layers: read from files, checked, and put over the design of all layers.

use super::layer_settings::{LayerSettings, LayerValue};
use super::settings::setting;
use super::{Design, HardwareError, SETTINGS, Setting, Stage, Weights};
use crate::mapping::scheme::{self, Scheme};
use crate::mapping::{LayerBits, MappingError, OwnTarget, Target, Targets, no_layer};
use crate::network::{HeldIntegers, Network, nearest, replaced_by};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

/// A file of layers' settings and nothing else.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct LayerFile<'a> {
    layer: Cow<'a, LayerSettings>,
}

/// What a layer's table can have besides settings.
const SCHEME: &str = "scheme";

impl LayerSettings {
    /// Reads the text of a file that has a table `[layer."NAME"]` for each layer.
    ///
    /// # Errors
    /// [`HardwareError`] naming the file, the layer and the setting.
    pub fn parse(file: &str, text: &str) -> Result<Self, HardwareError> {
        let read: LayerFile<'_> = toml::from_str(text).map_err(|error| HardwareError::Syntax {
            file: file.into(),
            problem: format!("{}\ngive a table such as [layer.\"conv1\"] for each layer", error.to_string().trim_end()),
        })?;
        read.layer.verify(file)?;
        Ok(read.layer.into_owned())
    }

    /// The text of a file that [`LayerSettings::parse`] reads them from.
    ///
    /// # Panics
    /// Never: tables of names and values have a form in TOML.
    pub fn to_toml(&self) -> String {
        toml::to_string(&LayerFile { layer: Cow::Borrowed(self) }).expect("tables of names and values")
    }

    /// Checks that any of it is heeded by some stages.
    ///
    /// # Errors
    /// What it has and which settings of layers are heeded there, names of settings between back quotes.
    pub fn heeded(&self, stages: &[Stage]) -> Result<(), String> {
        let is_heeded = |key: &str| key == SCHEME || setting(key).is_ok_and(|setting| setting.is_heeded_by(stages));
        let mut keys = self.0.values().flat_map(BTreeMap::keys);
        if self.is_empty() || keys.any(|key| is_heeded(key)) {
            return Ok(());
        }
        let heeded = SETTINGS.iter().filter(|setting| setting.of_layers && setting.is_heeded_by(stages));
        let heeded: Vec<&str> = heeded.map(|setting| setting.name).chain([SCHEME]).collect();
        Err(format!("it sets {self}; of layers, {} are heeded here", heeded.join(", ")))
    }

    /// Checks that each layer's table has settings that layers can have of their own, with values that they can have.
    ///
    /// # Errors
    /// [`HardwareError::Value`] naming file, layer and setting.
    pub(super) fn verify(&self, file: &str) -> Result<(), HardwareError> {
        for (layer, table) in &self.0 {
            for (key, value) in table {
                let wrong =
                    |problem: String| HardwareError::Value { file: file.into(), key: path(layer, key), problem };
                if key == SCHEME {
                    scheme::find(&value.to_string()).map_err(|error| wrong(error.to_string()))?;
                    continue;
                }
                let found = of_layers(key).map_err(wrong)?;
                found.check(&value.to_string()).map_err(|allowed| wrong(format!("{value}; {allowed}")))?;
            }
            if table.is_empty() {
                let problem = "has no settings; give some, or leave the table out".into();
                return Err(HardwareError::Value { file: file.into(), key: format!("layer.{layer:?}"), problem });
            }
        }
        Ok(())
    }

    /// The scheme of a layer, if it has one of its own.
    fn scheme(&self, layer: &str) -> Result<Option<&'static dyn Scheme>, MappingError> {
        let name = self.0.get(layer).and_then(|table| table.get(SCHEME));
        name.map(|name| scheme::find(&name.to_string())).transpose()
    }
}

/// The setting of a name, if layers can have one of their own.
fn of_layers(name: &str) -> Result<&'static Setting, String> {
    let can = || SETTINGS.iter().filter(|setting| setting.of_layers).map(|setting| setting.name);
    let list = || can().chain([SCHEME]).collect::<Vec<_>>().join(", ");
    match setting(name) {
        Ok(found) if found.of_layers => Ok(found),
        Ok(found) => Err(format!(
            "{} is of the whole chip, and no layer can have one of its own; a layer can have {}",
            found.name,
            list()
        )),
        Err(_) => {
            let near = nearest(name, can().chain([SCHEME])).map(|near| format!("; did you mean {near:?}?"));
            Err(format!("no such setting; a layer can have {}{}", list(), near.unwrap_or_default()))
        }
    }
}

fn unmapped(error: &HardwareError) -> MappingError {
    MappingError::Setting { problem: error.to_string() }
}

fn path(layer: &str, key: &str) -> String {
    format!("layer.{layer:?}.{key}")
}

impl Design {
    /// The designs of those layers that have settings of their own, by the layers' names.
    ///
    /// # Errors
    /// [`HardwareError`] naming the layer for settings that do not go together.
    pub fn of_layers(&self) -> Result<Vec<(String, Self)>, HardwareError> {
        let of = |(layer, table): (&String, &BTreeMap<String, LayerValue>)| {
            let design = self.with_own(&format!("layer {layer:?}"), table, |key| path(layer, key))?;
            Ok((layer.clone(), design))
        };
        self.layers.0.iter().map(of).collect()
    }

    /// The design with settings of its own for what `owner` names; `path` is where one of them stands.
    pub(super) fn with_own(
        &self,
        owner: &str,
        table: &BTreeMap<String, LayerValue>,
        path: impl Fn(&str) -> String,
    ) -> Result<Self, HardwareError> {
        let wrong =
            |key: &str, problem: String| HardwareError::Value { file: self.file.clone(), key: path(key), problem };
        let mut design = Self {
            file: format!("{}, {owner}", self.file),
            layers: LayerSettings::default(),
            layer_settings: None,
            given: BTreeSet::new(),
            ..self.clone()
        };
        for (key, value) in table.iter().filter(|(key, _)| *key != SCHEME) {
            design.set(setting(key)?, &value.to_string()).map_err(|error| match error {
                HardwareError::Setting { value, problem, .. } => wrong(key, format!("{value}; {problem}")),
                error => error,
            })?;
        }
        design.verify()?;
        if let Some((idle, because)) = design.idle().next() {
            return Err(wrong(idle.name, format!("changes nothing: {because}")));
        }
        Ok(design)
    }

    /// Reads the file of layers' settings, if one is named; `read` yields its text.
    ///
    /// # Errors
    /// What `read` fails with, or as [`LayerSettings::parse`].
    pub fn read_layer_settings<E: From<HardwareError>>(
        &mut self,
        read: impl FnOnce(&str) -> Result<String, E>,
    ) -> Result<(), E> {
        if let Some(file) = &self.layer_settings {
            self.layers = LayerSettings::parse(file, &read(file)?)?;
        }
        Ok(())
    }

    /// What a network is mapped onto on a design that is ready for it ([`Design::for_network`]): `target`, but for the layers that
    /// have fewer bits in the model or settings of their own.
    ///
    /// # Errors
    /// As [`Design::of_layers`].
    pub fn targets(&self, target: &Target, layer_weights: &LayerBits) -> Result<Targets, MappingError> {
        let mut targets = Targets::from(target);
        for (layer, weight_bits) in layer_weights.iter().filter(|&(_, bits)| bits != target.encoding.weight_bits) {
            let encoding = Weights { weight_bits, ..self.encoding }.encoding();
            targets.insert(layer, OwnTarget { crossbar: target.crossbar, encoding, scheme: None, asked: false });
        }
        for (layer, own) in self.of_layers().map_err(|error| unmapped(&error))? {
            let mut weights = own.encoding;
            if !own.given.contains("weight-bits") {
                weights.weight_bits = layer_weights.of(&layer, weights.weight_bits);
            }
            let (encoding, scheme) = (weights.encoding(), self.layers.scheme(&layer)?);
            targets.insert(&layer, OwnTarget { crossbar: own.crossbar, encoding, scheme, asked: true });
        }
        Ok(targets)
    }

    /// Calls layers what the network calls them, and checks that it has them and that they hold the model's integers.
    pub(super) fn layers_for(&mut self, network: &Network, held: &HeldIntegers) -> Result<(), MappingError> {
        let named = std::mem::take(&mut self.layers.0).into_iter();
        self.layers.0 = named.map(|(layer, table)| (network.name_of(&layer).to_owned(), table)).collect();
        if self.layers.is_empty() {
            return Ok(());
        }
        for (layer, own) in self.of_layers().map_err(|error| unmapped(&error))? {
            let Some(place) = held.layers.iter().position(|known| *known == layer) else {
                // Kernels are replaced after this; that they were, mapping checks.
                if replaced_by(&layer).is_some_and(|replaced| held.layers.iter().any(|known| known == replaced)) {
                    continue;
                }
                return Err(no_layer(&layer, held.layers.iter().map(String::as_str), &network.name));
            };
            let asked = own.given.contains("weight-bits");
            if let Some(range) = held.weights[place].filter(|_| asked) {
                own.encoding().check_range(&layer, range)?;
            }
        }
        Ok(())
    }
}
