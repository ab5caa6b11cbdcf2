//! `simulate`: how many test images a network recognises on analog crossbars.

mod hardware;
mod outcome;
mod run;
mod store;
mod variations;

use crate::args::simulate::SimulateArgs;
use crate::images::Images;
use crate::{Outcome, output, progress};
use anyhow::Result;
use run::Bench;
use std::time::Instant;
use store::Store;
use tilewright::report::simulation::SimulationReport;

/// Programs, classifies and counts, for what was typed and for every variation.
pub(crate) fn run(args: &SimulateArgs) -> Result<Outcome> {
    let variations = variations::of(args)?;
    let network = tilewright_onnx::resolve(&args.model)?;
    let images = Images::find(&args.model, &args.images)?;
    let set = images.test()?;
    let bench = Bench {
        network: &network,
        trial: images.trial(&set),
        calibration: images.training(args.compensation.calibration as usize)?,
        probes: images.training(args.run.layer_images as usize)?,
    };
    let store = Store::open(args.run.store.as_deref(), &network, &bench.trial)?;
    let start = Instant::now();
    let bar = progress::bar("images");
    let total = variations.len() as u64;
    let mut runs = Vec::with_capacity(variations.len());
    for (number, (varied, args)) in variations.into_iter().enumerate() {
        bar.set_message(format!("run {} of {total}", number + 1));
        runs.push(bench.run(&args, varied, &store, &bar)?);
    }
    bar.finish_and_clear();
    let report = SimulationReport::new(network.name.clone(), set.name().into(), runs);
    output::write(&args.output.output, |to| outcome::write(&report, to, args.output.format, start.elapsed()))?;
    Ok(Outcome::Done)
}
