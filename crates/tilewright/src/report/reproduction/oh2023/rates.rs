//! The paper's statements on recognition beside what was measured, and what was not measured yet.

use super::Oh2023;
use crate::network::{KernelPlan, NetworkError, zoo};
use crate::report::recognition::{Loss, RatePoint, TestedNetwork};
use serde::Serialize;
use std::ops::RangeInclusive;

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
    /// The kernels it is about; `None` for the best ones of those trained.
    pub kernels: Option<&'static str>,
    /// What the trained network is called, if there is one.
    pub trained: Option<String>,
    /// What its kernels lose against 3D kernels; `None` if one of the two is not trained.
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
    let claims = STATEMENTS.iter().flat_map(|(statement, paper, kernels)| {
        TRAINED.map(|network| {
            let point = kernels.point(points, network);
            RateClaim {
                statement,
                paper,
                network: network.into(),
                kernels: kernels.plan(),
                trained: point.map(|point| point.name.clone()),
                lost: point.and_then(|point| point.lost),
            }
        })
    });
    claims.collect()
}

/// Which kernels a statement is about.
enum Kernels {
    /// Those of a plan.
    Plan(&'static str),
    /// The most accurate ones that take this part of the crossbars of 3D kernels, for each of [`SIDES`].
    ///
    /// [`SIDES`]: crate::report::recognition::SIDES
    Best([RangeInclusive<f64>; 2]),
}

const STATEMENTS: [(&str, &str, Kernels); 4] = [
    ("2D+1D kernels in all layers", LITTLE, Kernels::Plan("2d1d")),
    (
        "90 % fewer crossbars at 128×128, 94 % at 256×256: the best trained",
        LITTLE,
        Kernels::Best([0.0..=0.1, 0.0..=0.06]),
    ),
    ("2D+1D kernels in half of the layers", VERY_LITTLE, Kernels::Plan("ratio=0.5")),
    ("at most 55 % of the crossbars at 128×128: the best trained", VERY_LITTLE, Kernels::Best([0.0..=0.55, 0.0..=1.0])),
];
const LITTLE: &str = "under 2 % loss of recognition rate";
const VERY_LITTLE: &str = "very little loss";

impl Kernels {
    const fn plan(&self) -> Option<&'static str> {
        match self {
            Self::Plan(kernels) => Some(kernels),
            Self::Best(_) => None,
        }
    }

    fn point<'a>(&self, points: &'a [RatePoint], network: &str) -> Option<&'a RatePoint> {
        match self {
            Self::Plan(kernels) => points.iter().find(|point| is_row(point, network, kernels)),
            Self::Best(parts) => {
                let whole = points.iter().find(|point| is_row(point, network, "3d"))?.crossbars;
                let fits = |point: &&RatePoint| {
                    let mut counts = point.crossbars.iter().zip(whole).zip(parts);
                    point.base() == network
                        && counts.all(|((&some, all), part)| part.contains(&(some as f64 / all as f64)))
                };
                points.iter().filter(fits).max_by(|a, b| a.rate.mean.total_cmp(&b.rate.mean))
            }
        }
    }
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

/// Whether a point replaces the same layers the paper's way; what lies between its 2D and 1D kernels does not matter.
fn is_row(point: &RatePoint, network: &str, kernels: &str) -> bool {
    let replaced = |kernels: &str| -> Result<_, NetworkError> {
        Ok(kernels.parse::<KernelPlan>()?.select(&zoo::build(network)?)?.layers().to_vec())
    };
    !point.searched
        && point.network == network
        && replaced(&point.kernels).is_ok_and(|layers| replaced(kernels) == Ok(layers))
}
