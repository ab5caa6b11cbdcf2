//! Only what is recognised, of one network on several hardwares: for tables of many.

use super::key;
use super::run::{self, Bench, Job};
use super::store::Store;
use crate::args::hardware::HardwareArgs;
use crate::args::simulate::SimulateArgs;
use anyhow::{Context, Result};
use indicatif::ProgressBar;
use std::path::Path;
use tilewright::accuracy::Rate;
use tilewright::report::simulation::ChipRate;

/// What a hardware's chips recognise.
pub(in crate::commands) struct Recognised {
    /// Crossbars of a chip.
    pub(in crate::commands) crossbars: u64,
    /// The integer network.
    pub(in crate::commands) digital: Rate,
    /// Each chip.
    pub(in crate::commands) chips: Vec<ChipRate>,
}

/// What it is of.
pub(in crate::commands) struct Of {
    /// The data set and its split.
    pub(in crate::commands) images: String,
    /// Images that something was calibrated on.
    pub(in crate::commands) calibration_images: usize,
}

/// Counts for every command, all of one network and of the same images; what the store knows is not done again.
pub(in crate::commands) fn rates(
    commands: Vec<SimulateArgs>,
    store: Option<&Path>,
    bar: &ProgressBar,
) -> Result<(Of, Vec<Recognised>)> {
    let first = commands.first().context("nothing to simulate")?.clone();
    let network = first.input.resolve(&first.model)?;
    let images = run::images(&first, &network)?;
    let hardware: Vec<&HardwareArgs> = commands.iter().map(|args| &args.hardware).collect();
    let bench = Bench::new(&network, &images, &first, &hardware)?;
    let of = Of { images: images.test.name().into(), calibration_images: bench.calibration.len() };
    let store = Store::open(store, &key::subject(&network, &bench.trial)?)?;
    let recognised = commands.into_iter().map(|args| {
        let job: Job<'_> = bench.prepare(vec![], args)?;
        let (digital, chips) = bench.rates(&job, &store, bar)?;
        Ok(Recognised { crossbars: job.ready.mapping.total()?.crossbars, digital, chips })
    });
    Ok((of, recognised.collect::<Result<_>>()?))
}
