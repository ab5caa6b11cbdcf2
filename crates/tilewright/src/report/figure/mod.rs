//! Figures as inline SVG, one file each: a function from data to an [`Element`].
//!
//! The marks carry CSS classes and no colours, so that the page's style sheet decides how they look, light or dark, on
//! screen or on paper; plotting libraries write the colours into the picture, which is why the figures are drawn here. Exact
//! numbers are in tooltips. Lengths are in SVG units of about one pixel.
//!
//! # Adding a figure
//! 1. One file here with a function from data to an [`Element`] made by `canvas`.
//! 2. One line below, and one where `html` puts it on the page.
//! 3. A test of its data in `tests/it/report/figure.rs`.

mod area_by_latency;
mod axes;
mod comparison;
mod crossbar;
mod crossbars_by_ratio;
mod feature_map;
mod heat_map;
mod labels;
mod legend;
mod level_curves;
mod loss_by_size;
mod loss_by_value;
mod marks;
mod rate_by_crossbars;
mod rate_by_option;
mod rate_by_ratio;
mod snr_by_layer;
mod stacked_bars;
mod trade_off;
mod utilization;

pub use area_by_latency::area_by_latency;
pub use axes::{LinearAxis, LogAxis, Tick};
pub use comparison::comparison;
pub use crossbar::{CellColour, CrossbarDrawing, MAGNIFIED, Patch};
pub use crossbars_by_ratio::crossbars_by_ratio;
pub use feature_map::{FeatureMapDrawing, Region};
pub use heat_map::{HeatMap, SHADES};
pub use level_curves::level_curves;
pub use loss_by_size::loss_by_size;
pub use loss_by_value::loss_by_value;
pub use rate_by_crossbars::rate_by_crossbars;
pub use rate_by_option::rate_by_option;
pub use rate_by_ratio::rate_by_ratio;
pub use snr_by_layer::snr_by_layer;
pub use stacked_bars::{StackedBar, stacked_bars};
pub use trade_off::trade_off;
pub use utilization::utilization;

use super::markup::Element;
use super::number::length;
use std::fmt::Write;

/// Colours that marks cycle through; the style sheet has as many classes `c0`, `c1`, ….
pub const COLOURS: usize = 6;

/// An empty figure of a size in SVG units, with what it shows in a sentence for those who cannot see it.
fn canvas(width: f64, height: f64, description: impl std::fmt::Display) -> Element {
    let view = format!("0 0 {} {}", length(width), length(height));
    Element::new("svg").with("viewBox", view).with("role", "img").with("aria-label", description)
}

/// What figures refer to by name: the hatching of padding. Once a page, before the figures.
pub fn definitions() -> Element {
    let line = Element::new("path").with("d", "M-1 1L1 -1M0 5L5 0M4 6L6 4");
    let pattern = Element::new("pattern").with("id", "hatch").with("width", 5).with("height", 5);
    let pattern = pattern.with("patternUnits", "userSpaceOnUse").child(&line);
    Element::new("svg")
        .class("definitions")
        .with("aria-hidden", "true")
        .with("width", 0)
        .with("height", 0)
        .child(&pattern)
}

/// Where text is anchored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Anchor {
    Start,
    Middle,
    End,
}

/// A line of text with its baseline at `y`.
fn text(x: f64, y: f64, anchor: Anchor, text: impl std::fmt::Display) -> Element {
    let element = Element::new("text").with("x", length(x)).with("y", length(y));
    let element = match anchor {
        Anchor::Start => element,
        Anchor::Middle => element.with("text-anchor", "middle"),
        Anchor::End => element.with("text-anchor", "end"),
    };
    element.text(text)
}

/// Text read from below, its baseline's middle at a point.
fn upright_text(x: f64, y: f64, content: impl std::fmt::Display) -> Element {
    let turn = format!("rotate(-90 {} {})", length(x), length(y));
    text(x, y, Anchor::Middle, content).with("transform", turn)
}

fn line(class: &str, [x1, y1]: [f64; 2], [x2, y2]: [f64; 2]) -> Element {
    let element = Element::new("line").class(class).with("x1", length(x1)).with("y1", length(y1));
    element.with("x2", length(x2)).with("y2", length(y2))
}

fn rect(class: &str, x: f64, y: f64, width: f64, height: f64) -> Element {
    let element = Element::new("rect").class(class).with("x", length(x)).with("y", length(y));
    element.with("width", length(width)).with("height", length(height))
}

fn circle(class: &str, [x, y]: [f64; 2], radius: f64) -> Element {
    Element::new("circle").class(class).with("cx", length(x)).with("cy", length(y)).with("r", length(radius))
}

/// Rectangles as one path, so that many of a colour stay small.
fn rectangles(class: &str, rectangles: impl IntoIterator<Item = [f64; 4]>) -> Element {
    let mut path = String::new();
    for [x, y, width, height] in rectangles {
        let [x, y, width, height, back] = [x, y, width, height, -width].map(length);
        write!(path, "M{x} {y}h{width}v{height}h{back}z").expect("writing to a string does not fail");
    }
    let element = Element::new("path").with("d", path);
    if class.is_empty() { element } else { element.class(class) }
}

/// A name of at most so many letters: names of layers differ at their ends.
fn shortened(name: &str, longest: usize) -> String {
    let letters = name.chars().count();
    if letters <= longest {
        return name.into();
    }
    "…".chars().chain(name.chars().skip(letters + 1 - longest)).collect()
}

/// About how wide a text of the figures' usual size is, in SVG units.
fn text_width(text: &str) -> f64 {
    7.5 * text.chars().count() as f64
}
