//! `evaluate`: how many test images a network with weights recognises, in floating point.

mod outcome;

use crate::args::evaluate::EvaluateArgs;
use crate::{Outcome, output, progress};
use anyhow::{Context, Result, anyhow};
use outcome::Evaluated;
use std::ops::ControlFlow;
use std::thread;
use std::time::Instant;
use tilewright::accuracy::{Trial, evaluate};
use tilewright::dataset::Normalization;
use tilewright_data::Places;
use tilewright_data::catalog::{CATALOG, Entry};
use tilewright_onnx::trained::{self, Card};

/// Classifies and counts.
pub(crate) fn run(args: &EvaluateArgs) -> Result<Outcome> {
    let network = tilewright_onnx::resolve(&args.model)?;
    let card = trained::find(&args.model).map(|(trained, _)| trained.card()).transpose()?;
    let entry = data_set(args, card.as_ref())?;
    let normalization = normalization(args, card.as_ref(), entry)?;
    let folder = Places::new(args.place.data.as_deref()).require(entry)?;
    let set = tilewright_data::load(entry, &entry.test, &folder)?;
    let threads = thread::available_parallelism().map_or(1, usize::from);
    let limit = args.limit.map_or(usize::MAX, |limit| limit as usize);
    let trial = Trial { set: &set, first: 0, limit, normalization: &normalization, top: args.top, threads };
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
    output::write(&args.output.output, |to| evaluated.write(to, args.output.format, took))?;
    Ok(Outcome::Done)
}

/// The set that was named, or the one a trained network is for.
fn data_set(args: &EvaluateArgs, card: Option<&Card>) -> Result<&'static Entry> {
    if let Some(entry) = args.set {
        return Ok(entry);
    }
    let names = || CATALOG.iter().map(|entry| entry.name).collect::<Vec<_>>().join(", ");
    let card = card.with_context(|| format!("nothing says what {} classifies; give --set {}", args.model, names()))?;
    Entry::named(&card.data_set).with_context(|| format!("the data set {:?} is not one of {}", card.data_set, names()))
}

/// What was typed, or what the network was trained with, or what is usual for the set.
fn normalization(args: &EvaluateArgs, card: Option<&Card>, entry: &Entry) -> Result<Normalization> {
    if args.mean.len() != args.std.len() {
        return Err(anyhow!(
            "--mean has {} numbers and --std {}; give one of each a channel",
            args.mean.len(),
            args.std.len()
        ));
    }
    if !args.mean.is_empty() {
        return Ok(Normalization { mean: args.mean.clone().into(), std: args.std.clone().into() });
    }
    Ok(card.map_or_else(|| entry.normalization.clone(), Card::normalization))
}
