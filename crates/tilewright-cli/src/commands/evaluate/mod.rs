//! `evaluate`: how many test images a network with weights recognises, in floating point; or how well it finds several labels an image,
//! or the numbers of a regression, whichever the labels are.

mod outcome;
mod subject;
mod targeted;

use crate::args::evaluate::EvaluateArgs;
use crate::images::Images;
use crate::{Outcome, output, outputs, progress, threads};
use anyhow::{Result, bail};
use outcome::Evaluated;
use std::time::Instant;
use tilewright::accuracy::{Outputs, Trial, measure};
use tilewright::network::Network;
use tilewright::network::executor::Executor;

/// Classifies and counts, or compares with what is right.
pub(crate) fn run(args: &EvaluateArgs) -> Result<Outcome> {
    output::check_beside(&args.output.output, "--outputs", "an NPZ file", args.outputs.as_deref())?;
    if !args.input.keep_digital.is_empty() {
        bail!("--keep-digital changes nothing here: every layer is computed digitally; leave it out");
    }
    let network = args.input.resolve(&args.model)?;
    tilewright_models::check_weights(&network)?;
    let needed = args.images.limit.map_or(usize::MAX, |limit| limit as usize);
    let scores = network.shape(network.output()).iter().product();
    let own = args.images.set.own.own();
    match own.map(|own| own.targets(scores, needed)).transpose()?.flatten() {
        Some(targets) => targeted::run(args, &network, &targets, needed),
        None => recognise(args, &network, needed),
    }
}

fn recognise(args: &EvaluateArgs, network: &Network, needed: usize) -> Result<Outcome> {
    targeted::refuse_threshold(args)?;
    let images = Images::find(&args.model, network, &args.images.set, needed)?;
    let threads = threads::asked(None);
    let top = args.top.unwrap_or_else(|| images.test.classes().min(5));
    let trial = Trial { threads, top, ..images.trial(args.images.limit) };
    let bar = progress::bar("images");
    let start = Instant::now();
    let (executor, kept) = (Executor::new(network)?, Outputs::default());
    let accuracy = measure(&trial, &progress::on(&bar), |first, images| {
        let found = executor.run(images)?;
        if args.outputs.is_some() {
            kept.keep(first, &found);
        }
        Ok(found)
    });
    let took = start.elapsed();
    bar.finish_and_clear();
    let evaluated = Evaluated::new(network, &trial, accuracy?, args.confusion);
    if let Some(file) = &args.outputs {
        outputs::write(file, &kept.values(), network.shape(network.output()), (&[], trial.set.labels()))?;
    }
    output::result(&args.output, &evaluated.document(took))?;
    Ok(Outcome::Done)
}
