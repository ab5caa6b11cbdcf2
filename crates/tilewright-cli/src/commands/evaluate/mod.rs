//! `evaluate`: how many test images a network with weights recognises, in floating point.

mod outcome;

use crate::args::evaluate::EvaluateArgs;
use crate::images::Images;
use crate::{Outcome, output, progress};
use anyhow::Result;
use outcome::Evaluated;
use std::ops::ControlFlow;
use std::thread;
use std::time::Instant;
use tilewright::accuracy::{Trial, evaluate};

/// Classifies and counts.
pub(crate) fn run(args: &EvaluateArgs) -> Result<Outcome> {
    let network = args.input.resolve(&args.model)?;
    tilewright_onnx::check_weights(&network)?;
    let needed = args.images.limit.map_or(usize::MAX, |limit| limit as usize);
    let images = Images::find(&args.model, &network, &args.images.set, needed)?;
    let threads = thread::available_parallelism().map_or(1, usize::from);
    let trial = Trial { threads, top: args.top, ..images.trial(args.images.limit) };
    let bar = progress::bar("images");
    let start = Instant::now();
    let accuracy = evaluate(&network, &trial, &|done, total| {
        bar.set_length(total);
        bar.set_position(done);
        ControlFlow::Continue(())
    });
    let took = start.elapsed();
    bar.finish_and_clear();
    let evaluated = Evaluated::new(&network, &trial, accuracy?, args.confusion);
    output::result(&args.output, &evaluated.document(took))?;
    Ok(Outcome::Done)
}
