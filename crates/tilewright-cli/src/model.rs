//! The network a user means by MODEL or `--layer`.

use crate::args::SourceArgs;
use anyhow::{Context, Result, anyhow};
use std::path::Path;
use tilewright::network::{Network, NetworkError, zoo};

/// The network as it is, before any kernel plan.
pub(crate) fn load(args: &SourceArgs) -> Result<Network> {
    match (&args.layer, &args.model) {
        (Some(layer), _) => layer.network().context("--layer"),
        (None, Some(model)) => resolve(model),
        (None, None) => Err(anyhow!("nothing to map; give MODEL or --layer")),
    }
}

/// A name of the zoo, unless it looks like a path; else an ONNX file.
fn resolve(model: &str) -> Result<Network> {
    let path = Path::new(model);
    let is_onnx = path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("onnx"));
    if is_onnx || model.contains(std::path::is_separator) {
        return import(path);
    }
    match zoo::build(model) {
        Ok(network) => Ok(network),
        Err(NetworkError::UnknownNetwork { .. }) if path.exists() => import(path),
        Err(error @ NetworkError::UnknownNetwork { .. }) => Err(anyhow!(
            "{error} (nor is there a file {model:?}; give a name that tilewright zoo lists, or an ONNX file)"
        )),
        Err(error) => Err(error.into()),
    }
}

fn import(path: &Path) -> Result<Network> {
    let network = tilewright_onnx::load(path)?.network;
    if network.layers().is_empty() {
        return Err(anyhow!("{}: has no convolution or dense layer, so there is nothing to map", path.display()));
    }
    Ok(network)
}
