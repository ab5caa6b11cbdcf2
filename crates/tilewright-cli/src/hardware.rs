//! The hardware that was typed, and a network made ready for it.

use crate::args::hardware::{CellArgs, HardwareArgs, Unused, WireArgs};
use crate::settings::combine;
use crate::{input, threads};
use anyhow::Result;
use std::path::Path;
use std::sync::Arc;
use tilewright::circuit::Wiring;
use tilewright::circuit::device::{self, ByHand, Device, Programming};
use tilewright::mapping::{FloatBits, Mapping, NetworkBits, map_network, scheme};
use tilewright::network::{IntegerLayer, Network, Rounding, Tensor, integer_layers};
use tilewright::simulate::{Adc, Compensation, Hardware, Plan, Refresh, Unformed, UnusedCells};

/// A network mapped and rounded, ready to be programmed.
pub(crate) struct Programmable<'a> {
    pub(crate) network: &'a Network,
    /// Training images that converters are calibrated on.
    calibration: &'a [Tensor<f32>],
    pub(crate) hardware: Hardware,
    pub(crate) mapping: Mapping,
    /// Bits of weights and inputs, and where they come from.
    pub(crate) bits: NetworkBits,
    pub(crate) layers: Vec<IntegerLayer>,
    pub(crate) threads: usize,
}

impl<'a> Programmable<'a> {
    /// Maps and rounds as typed, and finds what is wrong with it.
    pub(crate) fn new(
        network: &'a Network,
        calibration: &'a [Tensor<f32>],
        hardware: Hardware,
        args: &HardwareArgs,
        threads: Option<u32>,
    ) -> Result<Self> {
        let input_bits = args.converters.input_bits;
        let (target, bits) = combine(network, (&args.target, &args.rules), input_bits, FloatBits::default())?;
        let mapping = map_network(network, scheme::find(&args.scheme)?, &target, None)?;
        let rounding = Rounding { weight_bits: bits.weights.bits, input_bits: bits.inputs.bits };
        let layers = integer_layers(network, calibration, rounding)?.into_iter();
        let layers = layers.map(|layer| input_bits.map_or(layer.clone(), |bits| layer.driven_by(bits))).collect();
        let threads = threads::asked(threads);
        let ready = Self { network, calibration, hardware, mapping, bits, layers, threads };
        ready.plan().verify()?;
        Ok(ready)
    }

    /// What a chip of it is made of.
    pub(crate) fn plan(&self) -> Plan<'_> {
        let Self { network, calibration, hardware, mapping, layers, threads, .. } = self;
        Plan { network, mapping, layers, hardware, calibration, threads: *threads }
    }
}

/// Cells, wires, converters and compensation.
pub(crate) fn hardware(args: &HardwareArgs) -> Result<Hardware> {
    let HardwareArgs { cells, wires, converters, compensation, .. } = args;
    let adc = converters.adc_bits.0.map(|bits| Adc { bits, range: converters.adc_range, scope: converters.adc_scope });
    let hardware = Hardware {
        programming: programming(cells),
        unused: unused(cells),
        age: cells.age,
        copies: cells.copies,
        wiring: wiring(wires, 0.0),
        adc,
        dac_bits: converters.dac_bits.0,
        pairs: converters.pairs,
        compensation: Compensation {
            order: compensation.order,
            fault_aware: compensation.fault_aware,
            predistortion: compensation.predistort,
            drift: compensation.drift_compensation,
            refresh: if compensation.refresh { Refresh::PerChannel } else { Refresh::Off },
        },
        ..Hardware::new(device(cells)?)
    };
    hardware.verify()?;
    Ok(hardware)
}

fn device(args: &CellArgs) -> Result<Arc<dyn Device>> {
    let CellArgs { on_off, g_on, levels, programming_error, read_noise, stuck, drift, .. } = *args;
    let by_hand = ByHand { on_off, g_on, levels, programming_error, read_noise, stuck, drift };
    let read = |file: &str| input::text("the device file", Path::new(file), input::SETTINGS);
    Ok(Arc::from(device::named(&args.device, &by_hand, read)?))
}

fn unused(args: &CellArgs) -> UnusedCells {
    let unformed = Unformed { siemens: args.g_unformed.unwrap_or(0.0), shorts: args.shorts.unwrap_or(0.0) };
    match args.unused_cells {
        Unused::Programmed => UnusedCells::Programmed,
        Unused::Unformed => UnusedCells::Unformed(unformed),
    }
}

fn programming(args: &CellArgs) -> Programming {
    match args.verify_within {
        Some(tolerance) => Programming::WriteVerify { tolerance, max_pulses: args.max_pulses },
        None => Programming::OneShot,
    }
}

/// Wires and terminals; wires of `ohm` per segment unless typed.
pub(crate) fn wiring(args: &WireArgs, ohm: f64) -> Wiring {
    let r_word = args.wire.unwrap_or(ohm);
    Wiring {
        r_word,
        r_bit: args.bit_wire.unwrap_or(r_word),
        r_source: args.source,
        r_sink: args.sink,
        drive: args.drive,
        collect: args.collect,
    }
}
