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
/// How networks are called that take as few crossbars as the paper's 2D+1D kernels: all layers but the first 2D+1D, in a width
/// that fits.
const FEW: &str = "2d1d-wide";
/// The widths of [`TRAINED`] that are trained so.
const WIDTHS: [&str; 2] = ["0.5,1,2", "0.75,1,2"];

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

/// A row of the curves, or the network of a claim, that nobody trained yet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Missing {
    /// What it would be called.
    pub name: String,
    /// The network.
    pub network: String,
    /// Its kernel plan.
    pub kernels: String,
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

/// The rows of the curves, and networks for the claim on few crossbars where none takes so few.
pub(super) fn missing(points: &[RatePoint]) -> Vec<Missing> {
    let missing = |network: &str, name: String, kernels: String| Missing { network: network.into(), kernels, name };
    let mut all = Vec::new();
    for (network, width) in TRAINED.into_iter().zip(WIDTHS) {
        let plans =
            PLANS.into_iter().filter(|(kernels, _)| !points.iter().any(|point| is_row(point, network, kernels)));
        all.extend(plans.map(|(kernels, word)| missing(network, format!("{network}-{word}"), kernels.into())));
        let unmeasured =
            |(_, _, kernels): &(_, _, Kernels)| kernels.plan().is_none() && kernels.point(points, network).is_none();
        if STATEMENTS.iter().any(unmeasured) {
            let wide = format!("{network}:width={width}");
            all.extend(all_but_the_first(&wide).map(|kernels| missing(&wide, format!("{network}-{FEW}"), kernels)));
        }
    }
    all
}

/// The plan that replaces all layers but the first; `None` if there is no such network.
fn all_but_the_first(network: &str) -> Option<String> {
    let layers: Vec<String> =
        zoo::build(network).ok()?.replaceable_layers().into_iter().skip(1).map(|layer| layer.name).collect();
    Some(layers.join(","))
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
