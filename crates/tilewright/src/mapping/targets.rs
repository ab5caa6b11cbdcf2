//! What each layer of a network is mapped onto, and by which scheme.

use super::scheme::Scheme;
use super::{CrossbarSize, Encoding, MappingError, Target};
use crate::network::{Network, nearest};
use std::collections::BTreeMap;

/// What the layers of a network are mapped onto: all of them alike, but for those that have a target of their own.
#[derive(Clone)]
pub struct Targets {
    /// That of every layer without one of its own.
    pub common: Target,
    own: BTreeMap<String, OwnTarget>,
}

/// What one layer is mapped onto; rules are those of all layers.
#[derive(Clone, Copy)]
pub struct OwnTarget {
    /// Its unit crossbar.
    pub crossbar: CrossbarSize,
    /// How its weights become cells.
    pub encoding: Encoding,
    /// Its scheme, if it has one of its own.
    pub scheme: Option<&'static dyn Scheme>,
    /// Whether somebody asked for it by the layer's name, so that the network must have the layer.
    pub asked: bool,
}

impl From<&Target> for Targets {
    fn from(target: &Target) -> Self {
        Self { common: *target, own: BTreeMap::new() }
    }
}

impl From<&Self> for Targets {
    fn from(targets: &Self) -> Self {
        targets.clone()
    }
}

impl Targets {
    /// Gives a layer a target of its own.
    pub fn insert(&mut self, layer: &str, own: OwnTarget) {
        self.own.insert(layer.into(), own);
    }

    /// What a layer is mapped onto.
    pub fn of(&self, layer: &str) -> Target {
        match self.own.get(layer) {
            Some(&OwnTarget { crossbar, encoding, .. }) => Target { crossbar, encoding, ..self.common },
            None => self.common,
        }
    }

    /// The scheme of a layer where `asked` is asked for: its own comes first.
    pub fn scheme<'a>(&self, layer: &str, asked: &'a dyn Scheme) -> &'a dyn Scheme {
        self.own.get(layer).and_then(|own| own.scheme).unwrap_or(asked)
    }

    /// What tells a layer from another of its shape: crossbar, encoding and scheme, if it has a target of its own.
    pub(crate) fn own(&self, layer: &str) -> Option<(CrossbarSize, Encoding, Option<&'static str>)> {
        self.own.get(layer).map(|own| (own.crossbar, own.encoding, own.scheme.map(Scheme::name)))
    }

    /// The same with a layer on macros with another crossbar and encoding; its scheme stays.
    pub(crate) fn put(&mut self, layer: &str, (crossbar, encoding): (CrossbarSize, Encoding)) {
        let scheme = self.own.get(layer).and_then(|own| own.scheme);
        self.insert(layer, OwnTarget { crossbar, encoding, scheme, asked: true });
    }

    /// The target of all layers, for what asks for one only: of a model that mixes bits the greatest.
    ///
    /// # Errors
    /// [`MappingError::Setting`] naming `what` and a layer with a target of its own.
    pub fn alike(&self, what: &str) -> Result<&Target, MappingError> {
        match self.own.iter().find(|(_, own)| own.asked) {
            Some((layer, _)) => Err(not_alike(layer, what)),
            None => Ok(&self.common),
        }
    }

    /// Checks every encoding, and that each layer with a target of its own is one of the network.
    ///
    /// # Errors
    /// [`MappingError::Setting`] with the nearest name.
    pub fn verify(&self, network: &Network) -> Result<(), MappingError> {
        self.common.encoding.verify()?;
        let layers = network.layers();
        for (layer, own) in &self.own {
            own.encoding.verify().map_err(|error| setting_of(layer, &error))?;
            if own.asked && !layers.iter().any(|known| known.name == *layer) {
                return Err(no_layer(layer, layers.iter().map(|layer| layer.name.as_str()), &network.name));
            }
        }
        Ok(())
    }
}

/// Why a layer cannot have settings of its own: the network has none of this name.
pub(crate) fn no_layer<'a>(layer: &str, known: impl Iterator<Item = &'a str> + Clone, network: &str) -> MappingError {
    let suggestion = match nearest(layer, known.clone()) {
        Some(near) => format!("did you mean {near:?}?"),
        None => format!("there are {}", known.take(8).map(|name| format!("{name:?}")).collect::<Vec<_>>().join(", ")),
    };
    MappingError::Setting {
        problem: format!("settings of layer {layer:?}: {network} has no layer of this name on crossbars; {suggestion}"),
    }
}

/// Why `what` cannot be done where a layer has settings of its own.
pub(super) fn not_alike(layer: &str, what: &str) -> MappingError {
    let problem = format!(
        "layer {layer:?} has settings of its own, and {what} takes crossbars and an encoding that all layers have in common; leave the \
         settings of layers out"
    );
    MappingError::Setting { problem }
}

/// An error of what one layer is mapped onto.
fn setting_of(layer: &str, error: &MappingError) -> MappingError {
    MappingError::Setting { problem: format!("layer {layer:?}: {error}") }
}
