//! The words at the end: what stays digital, and what the terms mean.

use super::titled;
use crate::report::Summary;
use crate::report::markup::Element;
use crate::report::number::counted;
use std::collections::BTreeMap;

/// Operations that are not mapped, folded away, with how many there are of each kind.
pub(super) fn digital(summary: &Summary) -> Element {
    let mut kinds: BTreeMap<&str, u64> = BTreeMap::new();
    for operation in &summary.digital {
        *kinds.entry(&operation.operation).or_default() += 1;
    }
    let kinds: Vec<String> = kinds.into_iter().map(|(kind, count)| format!("{count} × {kind}")).collect();
    let all = counted(summary.digital.len() as u64, "operation stays", "operations stay");
    let heading = Element::new("summary")
        .text(format!("{all} digital"))
        .child(&Element::new("span").class("aside").text(kinds.join(", ")));
    let items = summary.digital.iter().map(|operation| {
        let name = Element::new("b").text(&operation.name);
        Element::new("li").child(&name).text(" ").text(&operation.operation)
    });
    Element::new("details").with("id", "digital").child(&heading).child(&Element::new("ul").children(items))
}

const WORDS: [(&str, &str); 8] = [
    (
        "unit crossbar",
        "an array of memristor cells of the size given; word lines (rows) carry inputs, bit lines (columns) sum outputs.",
    ),
    ("window", "the outputs one load of a crossbar yields."),
    ("sub-image", "the input patch a window reads; also called parallel window."),
    (
        "halo",
        "the pixels a sub-image reads besides its own, which its neighbours read too; repeating them is the overlap.",
    ),
    ("utilization", "cells that hold a weight per cell of the crossbars held; structural zeros count as unused."),
    ("cycles", "array activations in series, bit-serial inputs not counted; copies work at the same time."),
    (
        "array activations",
        "windows × row blocks × column blocks: the cycles of a single physical array, the literature’s computing cycles.",
    ),
    ("folded, unfolded", "one copy reused for all windows in turn, or a copy for every window at once."),
];

pub(super) fn glossary() -> Element {
    let words = WORDS.iter().map(|(word, meaning)| {
        Element::new("div").child(&Element::new("dt").text(word)).child(&Element::new("dd").text(meaning))
    });
    titled("words", "Words", "As this report uses them.").child(&Element::new("dl").class("glossary").children(words))
}
