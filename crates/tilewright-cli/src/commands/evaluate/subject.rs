//! What a network was measured on: the head of every result of `evaluate`.

use crate::command_line;
use serde::Serialize;
use tilewright::accuracy::Trial;
use tilewright::network::Network;

/// Version of the JSON form.
const SCHEMA: u32 = 1;

/// The network and its images, and what made the result.
#[derive(Debug, Serialize)]
pub(super) struct Subject {
    schema: u32,
    pub(super) network: String,
    pub(super) images: String,
    pub(super) version: &'static str,
    pub(super) command: String,
    pub(super) mean: Vec<f32>,
    pub(super) std: Vec<f32>,
}

impl Subject {
    pub(super) fn new(network: &Network, trial: &Trial<'_>) -> Self {
        Self {
            schema: SCHEMA,
            network: network.name.clone(),
            images: trial.set.name().into(),
            version: env!("CARGO_PKG_VERSION"),
            command: command_line::typed(),
            mean: trial.normalization.mean.to_vec(),
            std: trial.normalization.std.to_vec(),
        }
    }
}
