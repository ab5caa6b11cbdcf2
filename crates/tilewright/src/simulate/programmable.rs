//! A network made ready for a hardware: all that its chips are made of.

use super::{Hardware, Plan, SimulateError};
use crate::hardware::Design;
use crate::mapping::{Mapping, NetworkBits};
use crate::network::{IntegerLayer, Network, Rounding, Tensor, WeightRange, holds_integer_weights, integer_layers_by};
use std::collections::BTreeMap;

/// A network mapped and rounded, ready to be programmed.
pub struct Programmable<'a> {
    /// The network.
    pub network: &'a Network,
    /// Normalised images that inputs are rounded and converters calibrated on.
    calibration: &'a [Tensor<f32>],
    /// The design, for the network.
    pub design: Design,
    /// What is analog of it.
    pub hardware: Hardware,
    /// How the network is mapped.
    pub mapping: Mapping,
    /// Bits of weights and inputs, and where they come from.
    pub bits: NetworkBits,
    /// The network's layers in integers.
    pub layers: Vec<IntegerLayer>,
    /// Threads that program and calibrate; the result does not depend on it.
    pub threads: usize,
}

impl<'a> Programmable<'a> {
    /// Rounds a mapped network for a design that is ready for it ([`Design::for_network`]) and checks that all of it goes together.
    ///
    /// # Errors
    /// [`SimulateError`] as [`integer_layers_by`] and [`Plan::verify`].
    pub fn new(
        network: &'a Network,
        calibration: &'a [Tensor<f32>],
        (design, bits): (Design, NetworkBits),
        hardware: Hardware,
        mapping: Mapping,
        threads: usize,
    ) -> Result<Self, SimulateError> {
        let layers = rounded(network, calibration, (&mapping, &bits), hardware.weight_range)?.into_iter();
        // More bits than the model's take more pulses.
        let driven = design.given.contains("input-bits").then_some(design.input_bits);
        let layers = layers.map(|layer| driven.map_or(layer.clone(), |bits| layer.driven_by(bits))).collect();
        let ready = Self { network, calibration, design, hardware, mapping, bits, layers, threads };
        ready.plan().verify()?;
        Ok(ready)
    }

    /// What a chip of it is made of.
    pub fn plan(&self) -> Plan<'_> {
        let Self { network, calibration, hardware, mapping, layers, threads, .. } = self;
        Plan { network, mapping, layers, hardware, calibration, threads: *threads }
    }
}

/// The layers of a mapped network in integers, the weights of this range.
///
/// # Errors
/// As [`integer_layers_by`]; a range to be chosen where the network says itself which integers its weights are.
pub(crate) fn rounded(
    network: &Network,
    calibration: &[Tensor<f32>],
    (mapping, bits): (&Mapping, &NetworkBits),
    weight_range: WeightRange,
) -> Result<Vec<IntegerLayer>, SimulateError> {
    SimulateError::check(
        "range of the weights",
        &"one to be chosen",
        weight_range.is_default() || !holds_integer_weights(network),
        "none, since the model says itself which integers its weights are, or take a model in floating point",
    )?;
    let own = mapping.layers.iter().map(|layer| (layer.name.as_str(), layer.encoding.weight_bits));
    let weight_bits: BTreeMap<&str, u32> = own.collect();
    let rounding = |layer: &str| Rounding {
        weight_bits: weight_bits.get(layer).copied().unwrap_or(bits.weights.bits),
        input_bits: bits.inputs.bits,
        weight_range,
    };
    Ok(integer_layers_by(network, calibration, rounding)?)
}
