//! The bits of a network's weights and inputs, and where they come from: the one place that says so.
//!
//! What is asked for comes first, then what the model holds, then what the chip or the program takes for a network in floating
//! point. The number of a model that mixes them is the greatest of its layers'; each layer's weights and inputs keep their own.

use super::{Encoding, MappingError, SignRule};
use crate::network::HeldIntegers;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;

/// Where a number of bits comes from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum BitsFrom {
    /// The integers that the model holds.
    Model,
    /// A setting.
    Set,
    /// The chip, since the model is in floating point.
    Chip,
    /// The program, since the model is in floating point.
    #[default]
    Default,
}

/// Where the bits of a network come from, and what its layers have.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct BitsOrigin {
    /// Where they come from.
    pub from: BitsFrom,
    /// Least and greatest bits of a layer, where they differ; the number is the greatest.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub of_layers: Option<[u32; 2]>,
}

/// A number of bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Bits {
    /// The bits.
    pub bits: u32,
    /// Where they come from.
    #[serde(flatten)]
    pub origin: BitsOrigin,
}

/// The bits of a network.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct NetworkBits {
    /// Of a signed weight.
    pub weights: Bits,
    /// Of a layer's input; the greatest where layers differ.
    pub inputs: Bits,
    /// Of each layer's weights.
    #[serde(skip)]
    pub layer_weights: LayerBits,
    /// Of each layer's input.
    #[serde(skip)]
    pub layer_inputs: LayerBits,
}

/// The bits of the weights, or the inputs, of those layers that have a number of their own.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LayerBits(BTreeMap<String, u32>);

impl LayerBits {
    /// Of a layer by its name; `of_others` for one that has no number of its own, as the layers that a kernel plan makes.
    pub fn of(&self, layer: &str, of_others: u32) -> u32 {
        self.0.get(layer).copied().unwrap_or(of_others)
    }

    /// Layers with their numbers, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, u32)> {
        self.0.iter().map(|(layer, &bits)| (layer.as_str(), bits))
    }
}

impl FromIterator<(String, u32)> for LayerBits {
    fn from_iter<T: IntoIterator<Item = (String, u32)>>(layers: T) -> Self {
        Self(layers.into_iter().collect())
    }
}

/// What is asked for; what is not follows from the network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AskedBits {
    /// How the sign of a weight is stored.
    pub sign: SignRule,
    /// Bits of a signed weight.
    pub weights: Option<u32>,
    /// Bits of a cell; without them a weight is whole in one cell, or one pair.
    pub cell: Option<u32>,
    /// Bits of an input.
    pub inputs: Option<u32>,
}

/// The bits of a network in floating point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FloatBits {
    /// Of a signed weight.
    pub weights: u32,
    /// Of an input.
    pub inputs: u32,
    /// [`BitsFrom::Chip`] or [`BitsFrom::Default`].
    pub from: BitsFrom,
}

impl Default for FloatBits {
    fn default() -> Self {
        Self { weights: 8, inputs: 8, from: BitsFrom::Default }
    }
}

impl AskedBits {
    /// The encoding of the weights of a network that holds these integers, and its bits.
    ///
    /// # Errors
    /// [`MappingError::Setting`]: bits out of range, or fewer than hold an integer of the model.
    pub fn of(&self, held: &HeldIntegers, float: FloatBits) -> Result<(Encoding, NetworkBits), MappingError> {
        let (weights, layer_weights) = self.weights(held, float)?;
        let encoding = self.encoding(weights.bits);
        encoding.verify()?;
        let (inputs, layer_inputs) = self.inputs(held, float)?;
        Ok((encoding, NetworkBits { weights, inputs, layer_weights, layer_inputs }))
    }

    fn encoding(&self, weight_bits: u32) -> Encoding {
        Encoding { sign: self.sign, weight_bits, cell_bits: self.cell.unwrap_or(weight_bits) }
    }

    fn weights(&self, held: &HeldIntegers, float: FloatBits) -> Result<(Bits, LayerBits), MappingError> {
        let mut layers = Vec::new();
        let mut by_name: LayerBits = held.layers.iter().map(|layer| (layer.clone(), float.weights)).collect();
        for (layer, range) in held.layers.iter().zip(&held.weights) {
            let Some(range) = *range else { continue };
            if let Some(bits) = self.weights.filter(|bits| (2..=16).contains(bits)) {
                self.encoding(bits).check_range(layer, range)?;
            }
            let needed = (2..=16).find(|&bits| self.encoding(bits).holds(range));
            let needed = needed.ok_or_else(|| {
                let [least, greatest] = range;
                let problem = format!("layer {layer:?} holds weights of {least} to {greatest}; 16 bits are the most");
                MappingError::Setting { problem }
            })?;
            layers.push(needed);
            by_name.0.insert(layer.clone(), needed);
        }
        let bits = chosen(self.weights, &layers, held.layers.len(), float.weights, float.from);
        Ok((bits, if self.weights.is_some() { LayerBits::default() } else { by_name }))
    }

    fn inputs(&self, held: &HeldIntegers, float: FloatBits) -> Result<(Bits, LayerBits), MappingError> {
        let mut layers = Vec::new();
        let mut by_name: LayerBits = held.layers.iter().map(|layer| (layer.clone(), float.inputs)).collect();
        for (layer, grid) in held.layers.iter().zip(&held.inputs) {
            let Some(grid) = grid else { continue };
            let needed = grid.count_bits();
            if let Some(bits) = self.inputs.filter(|&bits| bits < needed) {
                let [least, greatest] = grid.range;
                return Err(MappingError::Setting {
                    problem: format!(
                        "{bits} bits an input: the model rounds the inputs of layer {layer:?} to {least} to {greatest}; give \
                         {needed} or more, or none to take the model's"
                    ),
                });
            }
            layers.push(needed);
            by_name.0.insert(layer.clone(), needed);
        }
        let bits = chosen(self.inputs, &layers, held.layers.len(), float.inputs, float.from);
        Ok((bits, if self.inputs.is_some() { LayerBits::default() } else { by_name }))
    }
}

/// What was asked for, or the greatest bits of the layers; layers in floating point take `float`.
fn chosen(asked: Option<u32>, held: &[u32], layers: usize, float: u32, from: BitsFrom) -> Bits {
    if let Some(bits) = asked {
        return Bits { bits, origin: BitsOrigin { from: BitsFrom::Set, of_layers: None } };
    }
    let all_held = held.len() == layers;
    let bits = || held.iter().copied().chain((!all_held || held.is_empty()).then_some(float));
    let (least, greatest) = (bits().min().unwrap_or(float), bits().max().unwrap_or(float));
    let from = if held.contains(&greatest) { BitsFrom::Model } else { from };
    let of_layers = (least != greatest).then_some([least, greatest]);
    Bits { bits: greatest, origin: BitsOrigin { from, of_layers } }
}

impl BitsFrom {
    /// As in JSON and CSV.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Model => "model",
            Self::Set => "set",
            Self::Chip => "chip",
            Self::Default => "default",
        }
    }

    /// In words, as in "8 bits, from the model".
    pub const fn words(self) -> &'static str {
        match self {
            Self::Model => "from the model",
            Self::Set => "as set",
            Self::Chip => "from the design, since the model is in floating point",
            Self::Default => "by default, since the model is in floating point",
        }
    }
}

/// `from the model`, or `from the model: the greatest of its layers' 4 to 8`
impl fmt::Display for BitsOrigin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.from.words())?;
        match self.of_layers {
            Some([least, greatest]) => write!(f, ": the greatest of its layers' {least} to {greatest}"),
            None => Ok(()),
        }
    }
}

/// `4 bits, from the model`
impl fmt::Display for Bits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bits, {}", self.bits, self.origin)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_asked_for_then_the_model_then_the_default() {
        let of = |asked, held: &[u32], layers| chosen(asked, held, layers, 8, BitsFrom::Default);
        let bits = |bits, from, of_layers| Bits { bits, origin: BitsOrigin { from, of_layers } };
        assert_eq!(of(None, &[], 0), bits(8, BitsFrom::Default, None));
        assert_eq!(of(None, &[], 3), bits(8, BitsFrom::Default, None));
        assert_eq!(of(None, &[4, 4], 2), bits(4, BitsFrom::Model, None));
        assert_eq!(of(None, &[4, 8], 2), bits(8, BitsFrom::Model, Some([4, 8])));
        assert_eq!(of(None, &[4], 2), bits(8, BitsFrom::Default, Some([4, 8])));
        assert_eq!(of(None, &[10], 2), bits(10, BitsFrom::Model, Some([8, 10])));
        assert_eq!(of(Some(6), &[4], 1), bits(6, BitsFrom::Set, None));
        assert_eq!(of(None, &[4, 8], 2).to_string(), "8 bits, from the model: the greatest of its layers' 4 to 8");
    }
}
