//! All schemes on the same network and target.

use super::Total;
use crate::mapping::scheme::{SCHEMES, Scheme};
use crate::mapping::{Targets, map_network};
use crate::network::Network;
use serde::Serialize;

/// What every scheme makes of a network, in the order of [`SCHEMES`].
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Comparison {
    /// One row a scheme.
    pub schemes: Vec<ComparedScheme>,
}

/// One scheme's row.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ComparedScheme {
    /// The scheme's name.
    pub name: &'static str,
    /// The idea in one line.
    pub summary: &'static str,
    /// What it takes, or why it cannot be had.
    pub outcome: Result<Total, String>,
}

impl Comparison {
    /// Maps `network` by every scheme, as the scheme says, without an objective.
    pub fn new(network: &Network, targets: &Targets) -> Self {
        Self { schemes: SCHEMES.into_iter().map(|scheme| ComparedScheme::new(network, targets, scheme)).collect() }
    }

    /// The row of a scheme.
    pub fn find(&self, name: &str) -> Option<&ComparedScheme> {
        self.schemes.iter().find(|scheme| scheme.name == name)
    }
}

impl ComparedScheme {
    fn new(network: &Network, targets: &Targets, scheme: &dyn Scheme) -> Self {
        let mapping = map_network(network, scheme, targets, None);
        let outcome = mapping.and_then(|mapping| Total::new(&mapping)).map_err(|error| error.to_string());
        Self { name: scheme.name(), summary: scheme.summary(), outcome }
    }
}
