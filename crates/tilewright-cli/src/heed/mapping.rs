//! Of the rules a mapping follows, and of the chip it may be priced on.

use super::{Idle, idle};
use crate::args::Goal;
use crate::args::parse::Typed;
use tilewright::hardware::Design;
use tilewright::mapping::scheme::{SCHEMES, TargetRule};

/// Whether names of schemes, of which "all" stands for all of them, are more than one.
pub(super) fn are_several(names: &[String]) -> bool {
    names.iter().any(|name| name == "all" || *name != names[0])
}

/// Rules that none of the schemes follows.
pub(super) fn rules(schemes: &[impl AsRef<str>]) -> Vec<Idle> {
    let is_meant = |name: &str| schemes.iter().map(AsRef::as_ref).any(|scheme| scheme == "all" || scheme == name);
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

/// The rules that neither the schemes that were typed nor, where none was, the design's follows.
pub(super) fn rules_of(typed: &[String], design: &Design, searched: bool) -> Vec<Idle> {
    if typed.is_empty() { rules(&[design.scheme_for(searched).name()]) } else { rules(typed) }
}

/// The design, where nothing is priced and nothing of it is left to map onto.
pub(super) fn design(typed: &Typed, objective: Option<Goal>) -> Vec<Idle> {
    let replaced = ["crossbar", "encoding", "weight-bits", "cell-bits", "scheme"];
    let is_priced = matches!(objective, Some(Goal::Priced(_)));
    if is_priced || !replaced.iter().all(|option| typed.has(option)) {
        return vec![];
    }
    idle(
        &["design"],
        "crossbar, encoding, bits and scheme are all given, and nothing is priced; give an --objective such as energy, or leave it out",
    )
}
