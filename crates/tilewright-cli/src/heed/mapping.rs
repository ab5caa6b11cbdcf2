//! Of the rules a mapping follows, and of the chip it may be priced on.

use super::{Idle, idle};
use crate::args::cost::CostArgs;
use crate::args::{Goal, ObjectiveArgs, TargetArgs};
use crate::settings::goal;
use tilewright::cost::CostModel;
use tilewright::mapping::scheme::{SCHEMES, TargetRule};

/// Whether names of schemes, of which "all" stands for all of them, are more than one.
pub(super) fn are_several(names: &[String]) -> bool {
    names.iter().any(|name| name == "all" || *name != names[0])
}

/// Rules that none of the schemes follows.
pub(super) fn rules(schemes: &[String]) -> Vec<Idle> {
    let is_meant = |name: &str| schemes.iter().any(|scheme| scheme == "all" || scheme == name);
    let ignored = TargetRule::ALL.into_iter().filter(|rule| {
        let mut meant = SCHEMES.iter().filter(|scheme| is_meant(scheme.name()));
        !meant.any(|scheme| scheme.follows().contains(rule))
    });
    ignored.flat_map(|rule| idle(&[option(rule)], &followers(rule))).collect()
}

const fn option(rule: TargetRule) -> &'static str {
    match rule {
        TargetRule::RowSplit => "row-split",
        TargetRule::Groups => "grouped",
        TargetRule::Window => "window",
    }
}

fn followers(rule: TargetRule) -> String {
    match rule.followers().as_slice() {
        [scheme] => format!("only the scheme {scheme} follows it; take that scheme, or leave it out"),
        schemes => format!("only the schemes {} follow it; take one of them, or leave it out", schemes.join(", ")),
    }
}

/// The scheme that a network is mapped by to be priced.
pub(super) fn cost_scheme(args: &CostArgs) -> String {
    args.scheme.clone().unwrap_or_else(|| CostModel::default_scheme(args.objective).into())
}

/// The chip, where nothing is priced and nothing of it is left to map onto.
pub(super) fn chip(target: &TargetArgs, objective: &ObjectiveArgs) -> Vec<Idle> {
    let TargetArgs { crossbar, encoding, weight_bits, cell_bits } = target;
    let is_replaced = crossbar.is_some() && encoding.is_some() && weight_bits.is_some() && cell_bits.is_some();
    let is_priced = matches!(goal(objective), Some(Goal::Priced(_)));
    if is_priced || !is_replaced {
        return vec![];
    }
    idle(
        &["chip"],
        "crossbar, encoding and bits are all given, and nothing is priced; give an --objective such as energy, or leave it out",
    )
}
