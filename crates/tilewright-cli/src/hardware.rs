//! A network made ready for the hardware that was typed.

use crate::args::design::spelled_simulated;
use crate::args::hardware::HardwareArgs;
use crate::settings::targets_of;
use crate::threads;
use anyhow::Result;
use tilewright::hardware::Design;
use tilewright::mapping::{map_network, scheme};
use tilewright::network::{Network, Tensor};
use tilewright::simulate::{Hardware, Programmable};

/// Maps and rounds as typed, and finds what is wrong with it. `read` says whether currents are read at all, or only flow.
pub(crate) fn programmable<'a>(
    network: &'a Network,
    calibration: &'a [Tensor<f32>],
    args: &HardwareArgs,
    read: bool,
    threads: Option<u32>,
) -> Result<Programmable<'a>> {
    let (design, bits) = args.design.design()?.for_network(network)?;
    let targets = targets_of(&design, &args.rules, &bits)?;
    let mut hardware = Hardware::of(&design).map_err(spelled_simulated)?;
    if !read {
        (hardware.adc, hardware.compensation.refresh) = (None, false);
    }
    let mapping = map_network(network, scheme_of(args, &design)?, &targets, None)?;
    Ok(Programmable::new(network, calibration, (design, bits), hardware, mapping, threads::asked(threads))?)
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
