//! How a crossbar is driven and read, and when layers are.

use serde::{Deserialize, Serialize};

/// How inputs become pulses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum InputCoding {
    /// Unsigned, `dac_bits` a pulse, least significant first: ⌈input bits / dac bits⌉ pulses.
    BitSerial,
    /// Sign and magnitude, a pulse of either sign for each bit of the magnitude: max(1, input bits − 1) pulses.
    SignMagnitude,
    /// One analog level for the whole value: one pulse.
    Analog,
}

/// Where the pulses of an input are added up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Accumulation {
    /// After conversion, by shift-and-add: a conversion a pulse.
    Digital,
    /// In the analog part, before the one conversion.
    Analog,
}

/// Where the two columns of a differential pair are subtracted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Subtraction {
    /// After conversion: both columns are converted.
    Digital,
    /// Before it: a pair is converted once.
    Analog,
}

/// Whether columns are converted while the next pulse is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Conversion {
    /// Held by sample-and-hold while the next pulse is read.
    Sampled,
    /// Within the pulse, after the read.
    Serial,
}

/// Where a layer of 1×1 kernels takes its input from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Chains {
    /// From a stored feature map, as every other layer.
    #[default]
    Stored,
    /// From the layer before it, window by window, while that runs.
    Streamed,
}

impl Chains {
    /// Whether every map is stored.
    pub(super) const fn is_default(&self) -> bool {
        matches!(self, Self::Stored)
    }
}

/// How the layers of a network take turns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Order {
    /// One layer at a time, one image at a time.
    LayerByLayer,
    /// All layers at once, each as soon as the rows it needs are there; a new image whenever the slowest layer is done.
    Pipelined,
}
