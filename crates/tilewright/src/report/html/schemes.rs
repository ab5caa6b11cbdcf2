//! The scheme among the others: the comparison and the trade-off.

use super::{Page, captioned, titled};
use crate::report::figure;
use crate::report::markup::Element;
use crate::report::number::{grouped, percent};
use crate::report::{ComparedScheme, Comparison, TradeOffPoint};

pub(super) fn section(page: &Page) -> Element {
    let own = own_name(page);
    let compared = compared(page);
    let lead =
        "The same network on the same crossbars: every published scheme, and the optimum of the whole mapping space.";
    let comparison = captioned(
        &figure::comparison(&compared, own),
        "Every scheme by its own rule, without an objective; crossbars and cycles on logarithmic axes. “optimal” is the \
         fewest array activations of one copy, whatever crossbars that takes.",
    );
    let plane = figure::trade_off(&page.trade_off, &page.comparison, (own, &page.summary.total));
    let trade_off = captioned(&plane, caption(page));
    let figures = Element::new("div").class("figures").child(&trade_off).child(&comparison);
    titled("schemes", "Folded or unfolded: crossbars against cycles", lead)
        .child(&figures)
        .child(&table(&compared, own))
}

/// The name of the page's mapping among the schemes; with an objective it is a mapping of its own.
fn own_name(page: &Page) -> &'static str {
    if page.summary.search.is_some() { "this mapping" } else { page.summary.basis.scheme }
}

/// The schemes, and first the page's own mapping if none of them is it.
fn compared(page: &Page) -> Comparison {
    let mut compared = page.comparison.clone();
    if page.summary.search.is_some() {
        let summary = "the mapping this page is about";
        compared.schemes.insert(0, ComparedScheme { name: own_name(page), summary, outcome: Ok(page.summary.total) });
    }
    compared
}

fn caption(page: &Page) -> String {
    let total = &page.summary.total;
    let within = |point: &&TradeOffPoint| point.max_cycles <= total.bottleneck_cycles;
    let words = "The line is the fewest crossbars with which no layer takes more cycles than that; a point above it \
                 holds more crossbars than its cycles call for.";
    match page.trade_off.points.iter().rfind(within) {
        Some(optimum) if optimum.crossbars < total.crossbars => format!(
            "{words} {} holds {} crossbars; {} are enough for {} cycles.",
            own_name(page),
            grouped(total.crossbars),
            grouped(optimum.crossbars),
            grouped(total.bottleneck_cycles)
        ),
        _ => words.into(),
    }
}

fn table(compared: &Comparison, own: &str) -> Element {
    let heads =
        ["scheme", "crossbars", "cycles, slowest", "cycles, in all", "array activations", "input loads", "utilization"];
    let heads = heads.iter().enumerate().map(|(place, head)| {
        let cell = Element::new("th").with("scope", "col").text(head);
        if place == 0 { cell } else { cell.class("number") }
    });
    let head = Element::new("thead").child(&Element::new("tr").children(heads));
    let rows = compared.schemes.iter().map(|scheme| row(scheme, scheme.name == own));
    let table =
        Element::new("table").with("id", "comparison").child(&head).child(&Element::new("tbody").children(rows));
    Element::new("div")
        .class("scroll")
        .with("tabindex", 0)
        .with("role", "region")
        .with("aria-label", "schemes")
        .child(&table)
}

fn row(scheme: &ComparedScheme, is_own: bool) -> Element {
    let name = Element::new("th").with("scope", "row").with("title", scheme.summary).text(scheme.name);
    let row = Element::new("tr").child(&name);
    let row = if is_own { row.class("own") } else { row };
    match &scheme.outcome {
        Ok(total) => {
            let counts =
                [total.crossbars, total.bottleneck_cycles, total.cycles, total.array_activations, total.input_loads];
            let number = |value: &dyn std::fmt::Display, words| {
                Element::new("td").class("number").with("data-value", value).text(words)
            };
            let counts = counts.map(|count| number(&count, grouped(count)));
            row.children(counts).child(&number(&total.utilization, percent(total.utilization)))
        }
        Err(reason) => row.child(&Element::new("td").class("misfit").with("colspan", 6).text(reason)),
    }
}
