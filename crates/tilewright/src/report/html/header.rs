//! What was mapped and what it takes, at a glance.

use super::{Page, top};
use crate::mapping::SignRule;
use crate::mapping::search::Objective;
use crate::report::Summary;
use crate::report::markup::Element;
use crate::report::number::{counted, grouped, percent};

pub(super) fn header(page: &Page) -> Element {
    let summary = &page.summary;
    let title = Element::new("h1").text(&summary.basis.network);
    Element::new("header")
        .child(&top("mapping report"))
        .child(&title)
        .child(&settings(summary))
        .children(notes(summary))
        .child(&headline(summary))
}

/// The settings as a list of pairs.
fn settings(summary: &Summary) -> Element {
    let layers = counted(summary.layers.len() as u64, "layer", "layers");
    let pairs = [
        ("scheme", summary.basis.scheme.to_owned()),
        ("unit crossbar", format!("{} cells", summary.basis.crossbar)),
        ("mapped", layers),
        ("weights", encoding(summary)),
        ("objective", objective(summary)),
    ];
    let pairs = pairs.into_iter().map(|(name, value)| {
        let pair = Element::new("div").child(&Element::new("dt").text(name));
        pair.child(&Element::new("dd").text(value))
    });
    Element::new("dl").class("settings").children(pairs)
}

fn encoding(summary: &Summary) -> String {
    let sign = sign_words(summary.basis.encoding);
    let columns = counted(summary.basis.columns_per_weight as u64, "column", "columns");
    format!("{}; in {}-bit cells, {sign}, {columns} a weight", summary.basis.weights(), summary.basis.cell_bits)
}

/// How the sign of a weight is stored.
pub(super) const fn sign_words(sign: SignRule) -> &'static str {
    match sign {
        SignRule::Differential => "differential pairs",
        SignRule::Offset => "offset column",
        SignRule::Single => "signed cells",
    }
}

fn objective(summary: &Summary) -> String {
    let Some(record) = summary.search else {
        return match summary.basis.scheme {
            "optimal" => "fewest array activations of each layer".into(),
            _ => "none: the scheme's own rule".into(),
        };
    };
    let within = |budget: Option<u64>| budget.map(|budget| format!(" within {} crossbars", grouped(budget)));
    match record.objective {
        Objective::Activations => "fewest array activations".into(),
        Objective::Crossbars { max_cycles: None } => "fewest crossbars".into(),
        Objective::Crossbars { max_cycles: Some(limit) } => {
            format!("fewest crossbars, at most {} a layer", counted(limit, "cycle", "cycles"))
        }
        Objective::Cycles { budget } => {
            format!("fewest cycles of the slowest layer{}", within(budget).unwrap_or_default())
        }
        Objective::Latency { budget } => format!("fewest cycles in all{}", within(budget).unwrap_or_default()),
        Objective::Priced { least, budget, max_latency_ps } => {
            let time = max_latency_ps.map(|ps| format!(" within {} ms", ps as f64 / 1e9));
            format!("least {}{}", least.name(), within(budget).or(time).unwrap_or_default())
        }
    }
}

/// What is on no crossbar, how the scheme's counts are to be read, and why a search stopped.
fn notes(summary: &Summary) -> Vec<Element> {
    let reading = summary.basis.reading.map(|reading| {
        format!(
            "Counted by the {reading}: the largest single-channel sub-image that fits a crossbar, for every kernel kind. The \
             paper’s text of the rule is not at hand; this reading agrees with its published figures."
        )
    });
    let stop = summary.search.map(|record| {
        format!("Search {}; {} compared.", record.stop, counted(record.compared, "candidate", "candidates"))
    });
    let coverage = summary.coverage.warning().map(|warning| format!("{warning}."));
    [coverage, reading, stop].into_iter().flatten().map(|note| Element::new("p").class("note").text(note)).collect()
}

/// The totals in large figures.
fn headline(summary: &Summary) -> Element {
    let total = &summary.total;
    let numbers = [
        ("crossbars", grouped(total.crossbars), "unit crossbars", "held, all copies"),
        ("bottleneck_cycles", grouped(total.bottleneck_cycles), "cycles", "of the slowest layer"),
        ("cycles", grouped(total.cycles), "cycles", "all layers in series"),
        ("array_activations", grouped(total.array_activations), "array activations", "one copy of each layer"),
        ("utilization", percent(total.utilization), "utilization", "cells that hold a weight"),
    ];
    let numbers = numbers.into_iter().map(|(key, value, unit, explanation)| {
        Element::new("div")
            .class(if key == "crossbars" { "total first" } else { "total" })
            .child(&Element::new("strong").with("data-total", key).text(value))
            .child(&Element::new("span").text(unit))
            .child(&Element::new("small").text(explanation))
    });
    Element::new("div").class("totals").children(numbers)
}
