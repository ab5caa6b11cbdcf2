//! A network made ready for the hardware that was typed.

use crate::args::design::spelled_simulated;
use crate::args::hardware::HardwareArgs;
use crate::settings::target_of;
use crate::threads;
use anyhow::Result;
use tilewright::hardware::Design;
use tilewright::mapping::{Mapping, NetworkBits, map_network, scheme};
use tilewright::network::{IntegerLayer, Network, Rounding, Tensor, integer_layers};
use tilewright::simulate::{Hardware, Plan};

/// A network mapped and rounded, ready to be programmed.
pub(crate) struct Programmable<'a> {
    pub(crate) network: &'a Network,
    /// Training images that converters are calibrated on.
    calibration: &'a [Tensor<f32>],
    /// The design, for the network.
    pub(crate) design: Design,
    pub(crate) hardware: Hardware,
    pub(crate) mapping: Mapping,
    /// Bits of weights and inputs, and where they come from.
    pub(crate) bits: NetworkBits,
    pub(crate) layers: Vec<IntegerLayer>,
    pub(crate) threads: usize,
}

impl<'a> Programmable<'a> {
    /// Maps and rounds as typed, and finds what is wrong with it. `read` says whether currents are read at all, or only flow.
    pub(crate) fn new(
        network: &'a Network,
        calibration: &'a [Tensor<f32>],
        args: &HardwareArgs,
        read: bool,
        threads: Option<u32>,
    ) -> Result<Self> {
        let (design, bits) = args.design.design()?.for_network(network)?;
        let target = target_of(&design, &args.rules, &bits);
        let mut hardware = Hardware::of(&design).map_err(spelled_simulated)?;
        if !read {
            (hardware.adc, hardware.compensation.refresh) = (None, false);
        }
        let mapping = map_network(network, scheme_of(args, &design)?, &target, None)?;
        let rounding = Rounding { weight_bits: bits.weights.bits, input_bits: bits.inputs.bits };
        let layers = integer_layers(network, calibration, rounding)?.into_iter();
        // More bits than the model's take more pulses.
        let driven = design.given.contains("input-bits").then_some(design.input_bits);
        let layers = layers.map(|layer| driven.map_or(layer.clone(), |bits| layer.driven_by(bits))).collect();
        let threads = threads::asked(threads);
        let ready = Self { network, calibration, design, hardware, mapping, bits, layers, threads };
        ready.plan().verify()?;
        Ok(ready)
    }

    /// What a chip of it is made of.
    pub(crate) fn plan(&self) -> Plan<'_> {
        let Self { network, calibration, hardware, mapping, layers, threads, .. } = self;
        Plan { network, mapping, layers, hardware, calibration, threads: *threads }
    }
}

/// Checks what can be checked of the hardware before a network and images are read.
pub(crate) fn verify(args: &HardwareArgs) -> Result<()> {
    Hardware::of(&args.design.design()?).map(drop).map_err(spelled_simulated)
}

/// The scheme that was typed, or the design's.
pub(crate) fn scheme_of(args: &HardwareArgs, design: &Design) -> Result<&'static dyn scheme::Scheme> {
    match &args.scheme {
        Some(name) => Ok(scheme::find(name)?),
        None => Ok(design.scheme_for(false)),
    }
}
