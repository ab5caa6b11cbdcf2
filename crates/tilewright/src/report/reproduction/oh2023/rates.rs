//! The paper's statements on recognition beside what was measured, and what was not measured yet.

use super::Oh2023;
use crate::network::{KernelPlan, NetworkError, zoo};
use crate::report::recognition::{Loss, RatePoint, TestedNetwork};
use serde::Serialize;

/// The networks trained for the reproduction.
pub(super) const TRAINED: [&str; 2] = ["resnet8", "resnet20"];
/// Their kernel plans and how these are called in names; searched plans come on top.
const PLANS: [(&str, &str); 5] =
    [("3d", "3d"), ("ratio=0.25", "ratio25"), ("ratio=0.5", "ratio50"), ("ratio=0.75", "ratio75"), ("2d1d", "2d1d")];

/// What a statement of the paper on recognition is beside our measurement on one network.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RateClaim {
    /// What is stated.
    pub statement: &'static str,
    /// The paper's figure, as it gives it.
    pub paper: &'static str,
    /// The network it is measured on.
    pub network: String,
    /// Its kernels.
    pub kernels: String,
    /// What they lose against 3D kernels; `None` if one of the two is not trained.
    pub lost: Option<Loss>,
}

/// A row of the curves that nobody trained yet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Missing {
    /// What it would be called.
    pub name: String,
    /// The network.
    pub network: String,
    /// Its kernel plan.
    pub kernels: String,
    /// What trains it, the seed apart.
    pub command: String,
}

/// Only networks on the paper's data set count.
pub(super) fn on_its_data(tested: &[TestedNetwork]) -> Vec<TestedNetwork> {
    tested.iter().filter(|network| network.data_set == Oh2023::DATA_SET).cloned().collect()
}

pub(super) fn rate_claims(points: &[RatePoint]) -> Vec<RateClaim> {
    let statements = [
        ("2D+1D kernels in all layers", "under 2 % loss of recognition rate", "2d1d"),
        ("2D+1D kernels in half of the layers", "very little loss", "ratio=0.5"),
    ];
    let claims = statements.iter().flat_map(|&(statement, paper, kernels)| {
        TRAINED.map(|network| RateClaim {
            statement,
            paper,
            network: network.into(),
            kernels: kernels.into(),
            lost: points.iter().find(|point| is_row(point, network, kernels)).and_then(|point| point.lost),
        })
    });
    claims.collect()
}

pub(super) fn missing(points: &[RatePoint]) -> Vec<Missing> {
    let rows = TRAINED.into_iter().flat_map(|network| PLANS.map(|(kernels, word)| (network, kernels, word)));
    let missing = rows.filter(|&(network, kernels, _)| !points.iter().any(|point| is_row(point, network, kernels)));
    let missing = missing.map(|(network, kernels, word)| Missing {
        name: format!("{network}-{word}"),
        network: network.into(),
        kernels: kernels.into(),
        command: format!("python -m tilewright.train {network} --kernels {kernels}"),
    });
    missing.collect()
}

/// Whether a point replaces the same layers by a rule; what lies between its 2D and 1D kernels does not matter.
fn is_row(point: &RatePoint, network: &str, kernels: &str) -> bool {
    let replaced = |kernels: &str| -> Result<_, NetworkError> {
        Ok(kernels.parse::<KernelPlan>()?.select(&zoo::build(network)?)?.layers().to_vec())
    };
    !point.searched
        && point.network == network
        && replaced(&point.kernels).is_ok_and(|layers| replaced(kernels) == Ok(layers))
}
