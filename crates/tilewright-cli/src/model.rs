//! The network a user means by MODEL or `--layer`.

use crate::args::{InputArgs, SourceArgs};
use anyhow::{Context, Result, anyhow};
use tilewright::network::Network;

/// The network as it is, before any kernel plan.
pub(crate) fn load(args: &SourceArgs, input: &InputArgs) -> Result<Network> {
    match (&args.layer, &args.model) {
        (Some(_), _) if input.input_shape.is_some() => {
            Err(anyhow!("--input-shape applies to a model; a layer gives its own input, as in=3x224x224"))
        }
        (Some(_), _) if input.model_output.is_some() => {
            Err(anyhow!("--model-output applies to a model; a layer has one output"))
        }
        (Some(layer), _) => layer.network().context("--layer"),
        (None, Some(model)) => Ok(input.resolve(model)?),
        (None, None) => Err(anyhow!("nothing to map; give MODEL or --layer")),
    }
}
