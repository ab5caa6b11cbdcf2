//! The hardware that was typed.

use crate::args::hardware::{CellArgs, HardwareArgs, WireArgs};
use anyhow::{Context, Result, anyhow};
use std::fs;
use std::path::Path;
use std::sync::Arc;
use tilewright::circuit::Wiring;
use tilewright::circuit::device::{self, Device, Generic, Programming};
use tilewright::simulate::{Adc, Compensation, Hardware, Refresh};

/// The device whose settings are options.
const GENERIC: &str = "generic";

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
