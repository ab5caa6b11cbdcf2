//! `export onnx`: a network as a file for other programs.

use crate::args::export::OnnxArgs;
use crate::{Outcome, output};
use anyhow::{Result, anyhow};
use std::path::Path;

pub(super) fn run(args: &OnnxArgs) -> Result<Outcome> {
    if args.output == Path::new("-") {
        return Err(anyhow!("--output: found \"-\"; a model is no text, give the name of a file"));
    }
    let network = args.chosen.resolve(&args.model)?;
    tilewright_models::check_weights(&network)?;
    let model = tilewright_onnx::to_bytes(&network.fold_batch_norm()?)?;
    output::write_bytes(&args.output, |to| Ok(to.write_all(&model)?))?;
    Ok(Outcome::Done)
}
