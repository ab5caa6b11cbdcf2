//! Layer by layer: the sortable table and the utilization.

use super::{Page, captioned, hint, led};
use crate::mapping::LayerMapping;
use crate::report::figure;
use crate::report::markup::Element;
use crate::report::number::{grouped, percent, short, size};
use crate::report::{LayerSummary, Summary};

/// A column of the table: heading, what it means, and whether it is a number.
struct Column {
    head: &'static str,
    meaning: &'static str,
    is_number: bool,
}

const fn word(head: &'static str, meaning: &'static str) -> Column {
    Column { head, meaning, is_number: false }
}

const fn number(head: &'static str, meaning: &'static str) -> Column {
    Column { head, meaning, is_number: true }
}

const COLUMNS: [Column; 15] = [
    number("#", "place in execution order"),
    word("layer", "its name"),
    word("kind", "3d standard, 2d depthwise, 1d pointwise, grouped, dense"),
    word("shape", "input channels × height × width → output channels, kernel"),
    number("crossbars", "unit crossbars held, all copies"),
    number("cycles", "steps in series, all crossbars of the layer at work"),
    number("utilization", "cells that hold a weight per cell held"),
    number("window", "output window, height × width"),
    number("sub-image", "input patch of a window, height × width"),
    number("overlap", "pixels read again in neighbouring sub-images"),
    number("windows", "times one copy is loaded for an image"),
    number("blocks", "row blocks × column blocks"),
    number("copies", "replication factor"),
    number("activations", "windows × row blocks × column blocks"),
    number("MACs", "multiply-accumulate operations for an image"),
];

pub(super) fn section(page: &Page) -> Element {
    let summary = &page.summary;
    let figure = captioned(
        &figure::utilization(summary),
        "Utilization and unit crossbars of each layer. Colours are kinds of kernels.",
    );
    let lead = Element::new("p").class("lead").text("Where the crossbars are and how full they are. ");
    let lead = lead.child(&hint("Click a heading to sort by it, or a layer’s name to see its drawings."));
    led("layers", "Layer by layer", &lead)
        .child(&figure.class("wide"))
        .children([kinds(summary)])
        .child(
            &Element::new("p").class("readout mark-readout").with("id", "column-meaning").with("aria-live", "polite"),
        )
        .child(&table(page))
}

/// What the colours of the bars stand for.
fn kinds(summary: &Summary) -> Element {
    let mut kinds: Vec<_> = summary.layers.iter().map(|layer| layer.kind).collect();
    kinds.sort_unstable();
    kinds.dedup();
    let words = kinds.into_iter().map(|kind| Element::new("span").class(format!("kind k-{kind}")).text(kind));
    Element::new("p").class("kinds").children(words)
}

fn table(page: &Page) -> Element {
    let heads = COLUMNS.iter().map(|Column { head, meaning, is_number }| {
        let button = Element::new("button").with("type", "button").with("title", meaning).text(head);
        let cell = Element::new("th").with("scope", "col").with("aria-sort", "none").child(&button);
        if *is_number { cell.class("number") } else { cell }
    });
    let rows = page.summary.layers.iter().zip(&page.mapping.layers).enumerate();
    let table = Element::new("table")
        .with("id", "layer-table")
        .child(&Element::new("thead").child(&Element::new("tr").children(heads)))
        .child(&Element::new("tbody").children(rows.map(|(place, (layer, mapped))| row(place, layer, mapped))))
        .child(&Element::new("tfoot").child(&total(&page.summary)));
    Element::new("div")
        .class("scroll tall")
        .with("tabindex", 0)
        .with("role", "region")
        .with("aria-label", "layers")
        .child(&table)
}

fn row(place: usize, layer: &LayerSummary, mapped: &LayerMapping) -> Element {
    let link = Element::new("a").with("href", "#drawings").with("data-layer", place);
    let link = breakable(link, &layer.name);
    let kind = Element::new("span").class(format!("kind k-{}", layer.kind)).text(layer.kind);
    Element::new("tr")
        .with("data-layer", place)
        .child(&count(place as u64 + 1))
        .child(&Element::new("th").with("scope", "row").child(&link))
        .child(&Element::new("td").child(&kind))
        .child(&Element::new("td").class("shape").text(mapped.shape))
        .child(&count(layer.crossbars))
        .child(&count(layer.cycles))
        .child(&used(layer.utilization))
        .child(&pair(layer.output_window))
        .child(&pair(layer.sub_image))
        .child(&sortable(layer.overlap_overhead, percent(layer.overlap_overhead)))
        .child(&count(layer.windows))
        .child(&product(
            layer.row_blocks.saturating_mul(layer.column_blocks),
            format!("{}×{}", grouped(layer.row_blocks), grouped(layer.column_blocks)),
        ))
        .child(&count(layer.replication))
        .child(&count(layer.array_activations))
        .child(&sortable(layer.macs, short(layer.macs)).with("title", grouped(layer.macs)))
}

/// A name that is rather broken after its dots and slashes than elsewhere.
fn breakable(element: Element, name: &str) -> Element {
    let parts = name.split_inclusive(['.', '/', ':']).enumerate();
    parts.fold(element, |element, (place, part)| {
        let element = if place == 0 { element } else { element.child(&Element::new("wbr")) };
        element.text(part)
    })
}

fn total(summary: &Summary) -> Element {
    let total = &summary.total;
    let gap = |columns: usize| Element::new("td").with("colspan", columns);
    let macs: u64 = summary.layers.iter().map(|layer| layer.macs).fold(0, u64::saturating_add);
    Element::new("tr")
        .child(&gap(1))
        .child(&Element::new("th").with("scope", "row").text("all layers"))
        .child(&gap(2))
        .child(&count(total.crossbars))
        .child(&count(total.cycles))
        .child(&used(total.utilization))
        .child(&gap(6))
        .child(&count(total.array_activations))
        .child(&sortable(macs, short(macs)).with("title", grouped(macs)))
}

/// A number as it is read, and as it is sorted, compared and saved.
fn sortable(value: impl std::fmt::Display, words: String) -> Element {
    Element::new("td").class("number").with("data-value", value).text(words)
}

fn count(value: u64) -> Element {
    sortable(value, grouped(value))
}

fn pair(sides: [usize; 2]) -> Element {
    product(sides[0] * sides[1], size(sides))
}

/// Two numbers as they are read, sorted by their product.
fn product(value: impl std::fmt::Display, words: String) -> Element {
    Element::new("td").class("number").with("data-order", value).text(words)
}

/// A percentage with a bar behind it.
fn used(utilization: f64) -> Element {
    let width = format!("--part:{:.4}", utilization.min(1.0));
    let cell = Element::new("td").class("number part").with("style", width).with("data-value", utilization);
    cell.text(percent(utilization))
}
