//! The hardware that was typed, and a network made ready for it.

use crate::args::hardware::{CellArgs, HardwareArgs, WireArgs};
use crate::settings::combine;
use anyhow::{Context, Result, anyhow};
use std::path::Path;
use std::sync::Arc;
use std::{fs, thread};
use tilewright::circuit::Wiring;
use tilewright::circuit::device::{self, Device, Generic, Programming};
use tilewright::mapping::{Mapping, Target, map_network, scheme};
use tilewright::network::{Network, Tensor};
use tilewright::simulate::{Adc, Compensation, Hardware, IntegerLayer, Plan, Refresh, Rounding, integer_layers};

/// The device whose settings are options.
const GENERIC: &str = "generic";

/// A network mapped and rounded, ready to be programmed.
pub(crate) struct Programmable<'a> {
    network: &'a Network,
    /// Training images that converters are calibrated on.
    calibration: &'a [Tensor<f32>],
    pub(crate) hardware: Hardware,
    pub(crate) target: Target,
    pub(crate) mapping: Mapping,
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
        let target = combine(&args.target, &args.rules)?;
        let mapping = map_network(network, scheme::find(&args.scheme)?, &target, None)?;
        let rounding = Rounding { weight_bits: target.encoding.weight_bits, input_bits: args.converters.input_bits };
        let layers = integer_layers(network, calibration, rounding)?;
        let threads = threads.map_or_else(available_threads, |threads| threads as usize);
        let ready = Self { network, calibration, hardware, target, mapping, layers, threads };
        ready.plan().verify()?;
        Ok(ready)
    }

    /// What a chip of it is made of.
    pub(crate) fn plan(&self) -> Plan<'_> {
        let Self { network, calibration, hardware, mapping, layers, threads, .. } = self;
        Plan { network, mapping, layers, hardware, calibration, threads: *threads }
    }
}

fn available_threads() -> usize {
    thread::available_parallelism().map_or(1, usize::from)
}

/// Cells, wires, converters and compensation.
pub(crate) fn hardware(args: &HardwareArgs) -> Result<Hardware> {
    let HardwareArgs { cells, wires, converters, compensation, .. } = args;
    let adc = converters.adc_bits.0.map(|bits| Adc { bits, range: converters.adc_range, scope: converters.adc_scope });
    let hardware = Hardware {
        programming: programming(cells),
        age: cells.age,
        copies: cells.copies,
        wiring: wiring(wires, 0.0),
        adc,
        dac_bits: converters.dac_bits.0,
        pairs: converters.pairs,
        compensation: Compensation {
            order: compensation.order,
            predistortion: compensation.predistort,
            refresh: if compensation.refresh { Refresh::PerChannel } else { Refresh::Off },
        },
        ..Hardware::new(device(cells)?)
    };
    hardware.verify()?;
    Ok(hardware)
}

fn device(args: &CellArgs) -> Result<Arc<dyn Device>> {
    if args.device == GENERIC {
        return Ok(Arc::from(generic(args).device()?));
    }
    if let Some(option) = set_by_hand(args) {
        return Err(anyhow!("{option} is a setting of --device {GENERIC}, not of {}; put it into a file", args.device));
    }
    let path = Path::new(&args.device);
    if path.extension().is_some_and(|extension| extension == "toml") {
        let text = fs::read_to_string(path).with_context(|| format!("cannot read the device file {}", args.device))?;
        return Ok(Arc::from(device::from_toml(&text, &args.device)?));
    }
    Ok(Arc::from(device::find(&args.device)?))
}

fn generic(args: &CellArgs) -> Generic {
    let plain = Generic::default();
    let error = |share: Option<f64>| share.filter(|&share| share != 0.0).map_or_else(Vec::new, |share| vec![share]);
    let stuck = args.stuck.unwrap_or(0.0) / 2.0;
    Generic {
        on: args.g_on.unwrap_or(plain.on),
        on_off_ratio: args.on_off.unwrap_or(plain.on_off_ratio),
        levels: args.levels,
        programming_error: error(args.programming_error),
        read_noise: error(args.read_noise),
        stuck_on: stuck,
        stuck_off: stuck,
        drift: args.drift.unwrap_or(0.0),
        ..plain
    }
}

/// An option of the generic device that was typed.
fn set_by_hand(args: &CellArgs) -> Option<&'static str> {
    let options = [
        ("--on-off", args.on_off.is_some()),
        ("--g-on", args.g_on.is_some()),
        ("--levels", args.levels.is_some()),
        ("--programming-error", args.programming_error.is_some()),
        ("--read-noise", args.read_noise.is_some()),
        ("--stuck", args.stuck.is_some()),
        ("--drift", args.drift.is_some()),
    ];
    options.iter().find(|(_, typed)| *typed).map(|(option, _)| *option)
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
