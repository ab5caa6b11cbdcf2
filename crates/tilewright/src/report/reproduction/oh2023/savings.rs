//! What 2D+1D kernels save once every network has the mapping that suits it best: the best design of each under equal bounds.

use crate::explore::{ExploreError, Figures, Goal, Limit, Outcome, Point, Space, Variable, goals};
use crate::report::recognition::RatePoint;
use serde::Serialize;
use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

/// What should be least, and under which bound.
const QUESTIONS: [(&str, Option<&str>); 13] = [
    ("area", None),
    ("area", Some("latency <= 2")),
    ("area", Some("latency <= 1")),
    ("area", Some("latency <= 0.5")),
    ("area", Some("latency <= 0.2")),
    ("area", Some("latency <= 0.1")),
    ("latency", Some("area <= 10")),
    ("latency", Some("area <= 20")),
    ("latency", Some("area <= 30")),
    ("latency", Some("area <= 50")),
    ("latency", Some("area <= 200")),
    ("energy", None),
    ("energy", Some("latency <= 0.5")),
];

/// Budgets of crossbars that the least latency is searched within: no two neighbours are far enough apart to hide a network's step.
const BUDGETS: [u32; 14] = [100, 150, 200, 250, 300, 400, 500, 600, 700, 850, 1000, 1400, 2000, 3000];

/// The same with 2D kernels on no crossbar, which take fewer.
const BUDGETS_WITHOUT_2D: [u32; 16] =
    [40, 60, 100, 150, 200, 250, 300, 400, 500, 600, 700, 850, 1000, 1400, 2000, 3000];

/// The setting by which answers with 2D kernels in multiply-accumulate units are told from those with all layers on crossbars.
const KEPT_DIGITAL: &str = "keep-digital";

/// The networks that are compared, the one with 3D kernels first: ratios, ranks, 2D+1D kernels, and these in a wider network.
const NETWORKS: [&str; 7] = [
    "resnet20-3d",
    "resnet20-ratio25",
    "resnet20-ratio50",
    "resnet20-ratio50-rank4",
    "resnet20-ratio75",
    "resnet20-2d1d",
    "resnet20-2d1d-wide",
];

/// Answers to every question for every chip and network.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Savings {
    /// Designs that were priced or tried.
    pub designs: u64,
    /// Those without a price, by reason, with how many there are.
    pub failed: BTreeMap<String, u64>,
    /// By chip, question and network.
    pub answers: Vec<Answer>,
}

/// The best design of one network on one chip under one bound.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Answer {
    /// The chip.
    pub design: String,
    /// What is least.
    pub least: String,
    /// What it keeps to.
    pub limit: Option<String>,
    /// The trained network, in 8 bits.
    pub network: String,
    /// The kind of its layers that is in multiply-accumulate units; none if all are on crossbars.
    pub kept_digital: Option<String>,
    /// What it recognises by its card, in floating point, the mean over seeds; a part of 1.
    pub rate: Option<f64>,
    /// The design; none if no design of the network keeps to the limit.
    pub best: Option<Best>,
}

/// A design that is best.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Best {
    /// Every setting that varied with its value.
    pub settings: BTreeMap<String, String>,
    /// Its figures.
    #[serde(flatten)]
    pub figures: Figures,
    /// What is least as a part of the same of 3D kernels on crossbars; none if they have no such design.
    pub of_3d: Option<f64>,
    /// The command that prices it again.
    pub command: String,
}

impl Savings {
    /// The spaces that are explored for it, on each chip: every scheme with every rule for groups; copies within budgets; and copies of 1D
    /// kernels, with 2D kernels in multiply-accumulate units.
    ///
    /// # Errors
    /// [`ExploreError`] if a name of an objective does not exist.
    pub fn spaces() -> Result<[Space; 3], ExploreError> {
        let vary = |name: &str, values: &[&str]| Variable {
            name: name.into(),
            values: values.iter().map(|&value| value.into()).collect(),
        };
        let objectives = |budgets: &[u32]| {
            let within = budgets.iter().map(|crossbars| format!("latency:{crossbars}"));
            let values = ["area".to_owned()].into_iter().chain(within).collect();
            Variable { name: "objective".into(), values }
        };
        let space = |networks: &[&str], schemes: &[&str], further: Vec<Variable>| -> Result<Space, ExploreError> {
            let common = [vary("scheme", schemes), vary("crossbar", &["64", "128", "256"])];
            Ok(Space {
                networks: networks.iter().map(|name| format!("{name}-int8")).collect(),
                designs: vec!["generic-22nm".into(), "seed".into()],
                vary: common.into_iter().chain(further).collect(),
                goals: goals(&["area", "latency", "energy"], &[])?,
                limits: vec![],
            })
        };
        let all = ["im2col", "vw-sdk", "sub-image", "optimal"];
        let in_units = vec![
            vary(KEPT_DIGITAL, &["2d"]),
            vary("mac-units", &["64", "256", "1024"]),
            objectives(&BUDGETS_WITHOUT_2D),
        ];
        Ok([
            space(&NETWORKS, &all, vec![vary("grouped", &["packed", "turns"])])?,
            space(&NETWORKS, &all, vec![objectives(&BUDGETS)])?,
            space(&NETWORKS[1..], &["im2col", "optimal"], in_units)?,
        ])
    }

    /// Of spaces of the same networks and chips, and the outcome of each design; `rates` are those of trained networks, `command`
    /// writes the command that prices a design again. Of designs that are equal in what is least the fastest is best, then the
    /// smallest, then the first.
    ///
    /// # Errors
    /// [`ExploreError`] if a name of an objective does not exist.
    pub fn new(
        explored: &[(Space, Vec<Outcome>)],
        rates: &[RatePoint],
        command: impl Fn(&Point<'_>) -> String,
    ) -> Result<Self, ExploreError> {
        let mut savings = Self { designs: 0, failed: BTreeMap::new(), answers: vec![] };
        for (_, outcomes) in explored {
            savings.designs += outcomes.len() as u64;
            for reason in outcomes.iter().filter_map(|outcome| outcome.as_ref().err()) {
                *savings.failed.entry(reason.to_string()).or_default() += 1;
            }
        }
        let Some((first, _)) = explored.first() else { return Ok(savings) };
        let kept: BTreeSet<Option<&str>> = explored.iter().flat_map(|(space, _)| kept_digital_of(space)).collect();
        let forms = first.networks.iter().flat_map(|network| kept.iter().map(move |&kept| (network, kept)));
        let forms: Vec<(&String, Option<&str>)> =
            forms.filter(|(network, kept)| has(explored, network, *kept)).collect();
        for chip in &first.designs {
            for (least, limit) in QUESTIONS {
                let goal: Goal = least.parse()?;
                let limit: Option<Limit> = limit.map(str::parse).transpose()?;
                let of = |network: &str, kept| best(explored, (network, chip, kept), (&goal, limit.as_ref()));
                let baseline = first.networks.first().and_then(|network| of(network, None));
                for &(network, kept) in &forms {
                    let best = of(network, kept).map(|(point, figures)| Best {
                        settings: point.settings.iter().map(|&(name, value)| (name.into(), value.into())).collect(),
                        figures,
                        of_3d: baseline.as_ref().and_then(|(_, of_3d)| Some(goal.of(&figures)? / goal.of(of_3d)?)),
                        command: command(&point),
                    });
                    savings.answers.push(Answer {
                        design: chip.clone(),
                        least: least.into(),
                        limit: limit.as_ref().map(ToString::to_string),
                        network: network.clone(),
                        kept_digital: kept.map(str::to_owned),
                        rate: rate(rates, network),
                        best,
                    });
                }
            }
        }
        Ok(savings)
    }
}

/// The kinds of layers that designs of a space keep digital; none where all are on crossbars.
fn kept_digital_of(space: &Space) -> Vec<Option<&str>> {
    let values: Vec<Option<&str>> = space.values_of(KEPT_DIGITAL).map(Some).collect();
    if values.is_empty() { vec![None] } else { values }
}

/// Whether designs of a network with these layers kept digital were explored.
fn has(explored: &[(Space, Vec<Outcome>)], network: &str, kept: Option<&str>) -> bool {
    let mut spaces = explored.iter().map(|(space, _)| space);
    spaces.any(|space| space.networks.iter().any(|name| name == network) && kept_digital_of(space).contains(&kept))
}

/// The design of a network on a chip, with these layers kept digital, that is least in a goal among those that keep to a limit.
fn best<'a>(
    explored: &'a [(Space, Vec<Outcome>)],
    (network, chip, kept): (&str, &str, Option<&str>),
    (goal, limit): (&Goal, Option<&Limit>),
) -> Option<(Point<'a>, Figures)> {
    let all = explored.iter().flat_map(|(space, outcomes)| {
        outcomes
            .iter()
            .enumerate()
            .filter_map(|(place, outcome)| Some((space.point(place as u64), *outcome.as_ref().ok()?)))
    });
    let asked = all.filter(|(point, figures)| {
        let digital = point.settings.iter().find(|(name, _)| *name == KEPT_DIGITAL).map(|(_, kind)| *kind);
        let is_asked = point.network == network && point.design == chip && digital == kept;
        is_asked && limit.is_none_or(|limit| limit.kept(figures))
    });
    asked.min_by(|(_, one), (_, other)| {
        let keys = |of: &Figures| [goal.to_minimize(of).unwrap_or(f64::INFINITY), of.latency_ms, of.area_mm2];
        let pairs = keys(one).into_iter().zip(keys(other));
        pairs.map(|(one, other)| one.total_cmp(&other)).find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
    })
}

fn rate(rates: &[RatePoint], network: &str) -> Option<f64> {
    let name = network.strip_suffix("-int8").unwrap_or(network);
    rates.iter().find(|point| point.name == name).map(|point| point.rate.mean)
}
