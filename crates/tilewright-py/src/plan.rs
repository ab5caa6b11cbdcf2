//! Which layers get 2D+1D kernels within a crossbar budget.

use crate::error::{Failure, Outcome};
use crate::network::PyNetwork;
use crate::target::{PyTarget, whole};
use crate::watched;
use pyo3::prelude::*;
use std::collections::BTreeMap;
use std::sync::Arc;
use tilewright::explore::{ExploreError, KernelSearch};
use tilewright::mapping::scheme::find;
use tilewright::report::PlanSummary;

/// The documented JSON of the best plan within a budget, or of the best for every budget.
#[pyfunction]
pub(crate) fn plan(
    py: Python<'_>,
    network: &PyNetwork,
    losses: BTreeMap<String, Vec<f64>>,
    scheme: &str,
    target: &PyTarget,
    budget: Option<i64>,
) -> Outcome<String> {
    let (network, scheme, target) = (Arc::clone(&network.0), find(scheme)?, *target.0.alike("a plan")?);
    let budget = budget.map(|budget| whole("budget", budget)).transpose()?;
    let summary = watched::run(py, None, move |_| {
        PlanSummary::new(&KernelSearch::new(&network, &losses, scheme, &target)?, budget)
    })?;
    Ok(serde_json::to_string(&summary?)?)
}

impl From<ExploreError> for Failure {
    fn from(error: ExploreError) -> Self {
        match error {
            ExploreError::Mapping(error) => error.into(),
            ExploreError::Budget { .. } => Self::does_not_fit(error.to_string()),
            _ => Self::new(error.to_string()),
        }
    }
}
