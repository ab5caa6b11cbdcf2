//! The network a user means by MODEL or `--layer`.

use crate::args::{InputArgs, SourceArgs};
use anyhow::{Context, Result, anyhow};
use tilewright::network::{Network, layer_table};

/// The network as it is, before any kernel plan.
pub(crate) fn load(args: &SourceArgs, input: &InputArgs) -> Result<Network> {
    match (args.layer.as_slice(), &args.model) {
        ([_, ..], _) if input.chosen.input_shape.is_some() => {
            Err(anyhow!("--input-shape applies to a model; a layer states its own input, as in=3x224x224"))
        }
        ([_, ..], _) if input.chosen.model_output.is_some() => {
            Err(anyhow!("--model-output applies to a model; a layer has only one output"))
        }
        (layers @ [_, ..], _) => {
            let name = if layers.len() == 1 { "layer" } else { "layers" };
            Ok(layer_table::of_specs(name, layers).context("--layer")?.keep_digital(&input.keep_digital)?)
        }
        ([], Some(model)) => input.resolve(model),
        ([], None) => Err(anyhow!("nothing to map; give MODEL or --layer")),
    }
}
