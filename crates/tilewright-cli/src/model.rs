//! The network a user means by MODEL or `--layer`.

use crate::args::SourceArgs;
use anyhow::{Context, Result, anyhow};
use tilewright::network::Network;

/// The network as it is, before any kernel plan.
pub(crate) fn load(args: &SourceArgs) -> Result<Network> {
    match (&args.layer, &args.model) {
        (Some(layer), _) => layer.network().context("--layer"),
        (None, Some(model)) => Ok(tilewright_onnx::resolve(model)?),
        (None, None) => Err(anyhow!("nothing to map; give MODEL or --layer")),
    }
}
