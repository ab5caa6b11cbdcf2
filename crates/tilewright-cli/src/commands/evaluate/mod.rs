//! `evaluate`: how many test images a network with weights recognises, in floating point.

mod outcome;
mod outputs;

use crate::args::evaluate::EvaluateArgs;
use crate::images::Images;
use crate::{Outcome, output, progress, threads};
use anyhow::{Result, bail};
use outcome::Evaluated;
use outputs::Outputs;
use std::path::Path;
use std::time::Instant;
use tilewright::accuracy::{Trial, measure};
use tilewright::network::executor::Executor;

/// Classifies and counts.
pub(crate) fn run(args: &EvaluateArgs) -> Result<Outcome> {
    if let Some(file) = &args.outputs {
        output::check(file)?;
        if file == &args.output.output || file == Path::new("-") {
            bail!("--outputs {} is an NPZ file of its own; give another name", file.display());
        }
    }
    let network = args.input.resolve(&args.model)?;
    tilewright_onnx::check_weights(&network)?;
    let needed = args.images.limit.map_or(usize::MAX, |limit| limit as usize);
    let images = Images::find(&args.model, &network, &args.images.set, needed)?;
    let threads = threads::asked(None);
    let trial = Trial { threads, top: args.top, ..images.trial(args.images.limit) };
    let bar = progress::bar("images");
    let start = Instant::now();
    let (executor, outputs) = (Executor::new(&network)?, Outputs::default());
    let accuracy = measure(&trial, &progress::on(&bar), |first, images| {
        let found = executor.run(images)?;
        if args.outputs.is_some() {
            outputs.keep(first, &found);
        }
        Ok(found)
    });
    let took = start.elapsed();
    bar.finish_and_clear();
    let evaluated = Evaluated::new(&network, &trial, accuracy?, args.confusion);
    if let Some(file) = &args.outputs {
        outputs.write(file, network.shape(network.output()), trial.set.labels())?;
    }
    output::result(&args.output, &evaluated.document(took))?;
    Ok(Outcome::Done)
}
