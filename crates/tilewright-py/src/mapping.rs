//! Mapping a network by a scheme, and the numbers of the mapping.

use crate::error::Outcome;
use crate::network::PyNetwork;
use crate::printed;
use crate::target::{PyTarget, objective};
use crate::watched;
use pyo3::prelude::*;
use std::sync::Arc;
use tilewright::mapping::search::ObjectiveName;
use tilewright::mapping::{MappingError, Tiles, map_network, scheme};
use tilewright::network::Network;
use tilewright::report::Mapped;

/// A mapped network as the core has it.
#[pyclass(frozen, module = "tilewright._core", name = "Mapping")]
pub(crate) struct PyMapping {
    pub(crate) network: Arc<Network>,
    pub(crate) mapped: Arc<Mapped>,
}

/// Names of the schemes and what they are in a line, the plainest first.
#[pyfunction]
pub(crate) fn schemes() -> Vec<(&'static str, &'static str)> {
    scheme::SCHEMES.iter().map(|scheme| (scheme.name(), scheme.summary())).collect()
}

/// Names of the objectives.
#[pyfunction]
pub(crate) fn objectives() -> Vec<&'static str> {
    ObjectiveName::ALL.iter().map(|(name, _)| *name).collect()
}

#[pymethods]
impl PyMapping {
    /// Maps a network; `limits` are the objective's name, the crossbar budget and the cycle limit.
    #[new]
    fn new(
        py: Python<'_>,
        network: &PyNetwork,
        scheme: &str,
        target: &PyTarget,
        limits: (Option<String>, Option<i64>, Option<i64>),
        share_layers: bool,
    ) -> Outcome<Self> {
        let (name, budget, max_cycles) = limits;
        let objective = objective(name.as_deref(), budget, max_cycles)?;
        let (scheme, target, network) = (scheme::find(scheme)?, target.0.clone(), Arc::clone(&network.0));
        let mapped = watched::run(py, None, move |_| {
            let mapping = map_network(&network, scheme, &target, objective)?;
            let mapped = Arc::new(Mapped::new(&network, mapping, share_layers)?);
            Ok::<_, MappingError>(Self { network, mapped })
        })?;
        Ok(mapped?)
    }

    /// The documented JSON.
    fn summary(&self) -> Outcome<String> {
        Ok(serde_json::to_string(&self.mapped.summary)?)
    }

    /// The table of the layers with its notes.
    fn text(&self) -> String {
        printed::text(&self.mapped.document(false))
    }

    /// The network that was mapped, its kernels replaced.
    #[getter]
    fn network(&self) -> PyNetwork {
        PyNetwork(Arc::clone(&self.network))
    }
}

impl PyMapping {
    /// The geometry of the layer at a place, which Python has checked.
    pub(crate) fn tiles(&self, layer: usize) -> Outcome<Tiles> {
        Ok(self.mapped.mapping.layers[layer].tiles()?)
    }
}
