//! `simulate`: how many test images a network recognises on analog crossbars.

pub(super) mod key;
mod outcome;
pub(super) mod rates;
mod run;
mod store;

use crate::args::hardware::HardwareArgs;
use crate::args::parse::Typed;
use crate::args::simulate::SimulateArgs;
use crate::args::vary::Varies;
use crate::hardware::verify;
use crate::{Outcome, command_line, heed, interrupt, output, progress};
use anyhow::{Result, anyhow};
use outcome::Simulated;
use run::{Bench, Job};
use std::time::Instant;
use store::Store;
use tilewright::report::simulation::SimulationReport;

/// Programs, classifies and counts, for what was typed and for every variation.
pub(crate) fn run(args: &SimulateArgs, typed: &Typed) -> Result<Outcome> {
    if args.run.map.is_some() && args.output.format.name != "html" {
        return Err(anyhow!("--map chooses what a page shows; give --format html, or leave it out"));
    }
    let (result, outputs) = (&args.output.output, args.outputs.as_deref());
    output::check_beside(result, "--faults-to", "a CSV file", args.run.faults_to.as_deref())?;
    output::check_beside(result, "--outputs", "an NPZ file", outputs)?;
    for (option, is_given) in [("outputs", outputs.is_some()), ("faults-to", args.run.faults_to.is_some())] {
        if is_given && args.vary.is_given() {
            return Err(anyhow!("--{option} is of one run, and --vary makes several; give one of the two"));
        }
    }
    let variations = args.variations()?;
    let idle = variations.iter().map(|(varied, args)| Ok((varied.as_slice(), heed::of_simulation(args)?)));
    heed::refuse_in_all(typed, idle.collect::<Result<Vec<_>>>()?)?;
    variations.iter().try_for_each(|(_, args)| verify(&args.hardware))?;
    let network = args.input.resolve(&args.model)?;
    network.verify_kept_digital()?;
    tilewright_models::check_weights(&network)?;
    output::warn_of(&network.coverage());
    let images = run::images(args, &network)?;
    let hardware: Vec<&HardwareArgs> = variations.iter().map(|(_, args)| &args.hardware).collect();
    let bench = Bench::new(&network, &images, args, &hardware)?;
    let jobs = variations.into_iter().map(|(varied, args)| bench.prepare(varied, args));
    let jobs = jobs.collect::<Result<Vec<Job>>>()?;
    heed::refuse_in_all(typed, jobs.iter().map(|job| (job.varied.as_slice(), heed::of_ready(&job.ready))))?;
    if args.run.map.is_some() {
        jobs.iter().try_for_each(|job| bench.map(job, None).map(drop))?;
    }
    if let Some(file) = &args.run.faults_to {
        let (_, text) = jobs[0].ready.plan().drawn_faults(args.run.first_seed)?;
        output::write(file, |to| Ok(to.write_all(text.as_bytes())?))?;
    }
    let store = Store::open(args.run.store.as_deref(), &key::subject(&network, &bench.trial)?)?;
    interrupt::say_when_stopped(match &args.run.store {
        Some(file) => {
            format!("stopped; {} keeps what was done, and the same command resumes from there", file.display())
        }
        None => "stopped; nothing is kept: with --store FILE the same command resumes where it was stopped".into(),
    });
    let start = Instant::now();
    let bar = progress::bar("images");
    let mut runs = Vec::with_capacity(jobs.len());
    for (number, job) in jobs.iter().enumerate() {
        bar.set_message(format!("run {} of {}", number + 1, jobs.len()));
        runs.push(bench.run(job, &store, &bar)?);
    }
    bar.finish_and_clear();
    if let (Some(file), Some(kept)) = (outputs, &bench.outputs) {
        kept.take().write(file, network.shape(network.output()), images.test.labels())?;
    }
    let report =
        SimulationReport::new(network.name.clone(), images.test.name().into(), Some(command_line::typed()), runs);
    let map = (args.output.format.name == "html").then(|| {
        let shown = report.shown();
        let job = jobs.iter().find(|job| job.varied == shown.varied).unwrap_or(&jobs[0]);
        bench.map(job, shown.worst_layer())
    });
    let simulated = Simulated { report, map: map.transpose()?, took: start.elapsed(), classifying: bench.spent.get() };
    output::result(&args.output, &simulated.document())?;
    Ok(Outcome::Done)
}
