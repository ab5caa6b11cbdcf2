//! What the names of a space mean, and a digest of all that a price follows from.

use crate::digest::short;
use anyhow::Result;
use sha2::{Digest, Sha256};
use std::path::PathBuf;
use tilewright::explore::{PRICES_VERSION, Sources, Space};
use tilewright_onnx::resolve;

/// Reads the networks and chips that a space names.
pub(in crate::commands) fn of(space: &Space, constants: &[PathBuf]) -> Result<Sources> {
    let networks = space.networks.iter().map(|name| Ok((name.clone(), resolve(name)?)));
    let chips = space.designs.iter().map(|name| Ok((name.clone(), crate::design::load(name)?)));
    Ok(Sources {
        networks: networks.collect::<Result<_>>()?,
        chips: chips.collect::<Result<_>>()?,
        library: crate::commands::cost::library_of(constants)?,
    })
}

/// A digest of all that the outcome of a place follows from: what varies, networks, chips, constants, and the version of prices.
pub(super) fn digest(space: &Space, sources: &Sources) -> Result<String> {
    let mut hash = Sha256::new();
    hash.update(format!("{PRICES_VERSION} {:?} {:?} {:?}", space.networks, space.designs, space.vary));
    for network in sources.networks.values() {
        hash.update(serde_json::to_vec(network)?);
    }
    hash.update(format!("{:?} {:?}", sources.chips, sources.library));
    Ok(short(&hash.finalize()))
}
