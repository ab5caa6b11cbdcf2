//! What the names of a space mean, and a digest of all that a price follows from.

use crate::digest::short;
use crate::losses::Losses;
use anyhow::Result;
use sha2::{Digest, Sha256};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tilewright::explore::{PRICES_VERSION, Sources, Space};
use tilewright::hardware::LayerSettings;
use tilewright_models::resolve;

/// Reads the networks and chips that a space names.
pub(in crate::commands) fn of(space: &Space, constants: &[PathBuf], losses: Option<&Path>) -> Result<Sources> {
    let networks = space.networks.iter().map(|name| Ok((name.clone(), resolve(name)?)));
    let chips = space.designs.iter().map(|name| {
        let mut design = crate::design::load(name)?;
        design.cells.read_device(crate::design::device_text)?;
        design.cells.read_fault_map(tilewright_data::fault_map)?;
        design.read_layer_settings(crate::design::read_file)?;
        Ok((name.clone(), design))
    });
    let devices = space.values_of("device").filter(|file| file.ends_with(".toml"));
    let devices = devices.map(|file| Ok((file.to_owned(), crate::design::device_text(file)?)));
    let maps = space.values_of("fault-map");
    let maps = maps.map(|file| Ok((file.to_owned(), Arc::new(tilewright_data::fault_map(file)?))));
    let layers = space.values_of("layer-settings");
    let layers =
        layers.map(|file| Ok((file.to_owned(), LayerSettings::parse(file, &crate::design::read_file(file)?)?)));
    Ok(Sources {
        layer_settings: layers.collect::<Result<_>>()?,
        losses: losses.map(|file| Ok::<_, anyhow::Error>(Losses::read(file)?.0)).transpose()?,
        devices: devices.collect::<Result<_>>()?,
        fault_maps: maps.collect::<Result<_>>()?,
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
    if !sources.layer_settings.is_empty() {
        hash.update(format!("{:?}", sources.layer_settings));
    }
    if let Some(losses) = &sources.losses {
        hash.update(format!("{losses:?}"));
    }
    if !sources.devices.is_empty() || !sources.fault_maps.is_empty() {
        hash.update(format!("{:?} {:?}", sources.devices, sources.fault_maps));
    }
    Ok(short(&hash.finalize()))
}
