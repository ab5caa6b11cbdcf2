//! Pages of HTML that need nothing else, not even a network: the report of a mapped network, a paper reproduced, and a network
//! on analog hardware.
//!
//! [`Page`] holds the numbers of a report, [`render`] writes them; [`reproduction`] writes those of a paper, [`simulation`]
//! those of analog hardware. A report carries the exact JSON of its [`Summary`] in the element `#summary`, the others theirs in
//! `#reproduction` and `#simulation`, so that programs can read them too, and all forbid themselves every outside resource by a content security policy. The same numbers give the same
//! bytes. Style and scripts are the CSS and JavaScript files beside this one; colours come in light and dark from CSS
//! alone. HTML is built by [`Element`], which says why.

mod circuit;
mod designs;
mod device_fit;
mod drawings;
mod exploration;
mod header;
mod layers;
mod price;
mod reproduction;
mod savings;
mod schemes;
mod simulation;
mod trained;
mod words;

pub use circuit::{circuit, words_of};
pub use designs::Detail;
pub(in crate::report) use designs::MOST_DETAILED;
pub use device_fit::device_fit;
pub use drawings::layer;
pub use exploration::{FrontPage, exploration};
pub use price::{Price, Variant};
pub use reproduction::reproduction;
pub use savings::savings;
pub use simulation::simulation;
pub use trained::Family;

use super::figure::definitions;
use super::markup::Element;
use super::{Basis, Comparison, Summary, TradeOff};
use crate::mapping::scheme::Scheme;
use crate::mapping::search::Objective;
use crate::mapping::{Mapping, MappingError, Targets, map_network};
use crate::network::Network;

/// The style sheet of pages and their figures.
pub const STYLE: &str = include_str!("page.css");

/// The script that reads the cells of a crossbar's figure: `readCells(group)`, for every element of class `cells`.
pub const CELLS_SCRIPT: &str = include_str!("cells.js");

/// Everything the page shows.
#[derive(Clone, Debug)]
pub struct Page {
    /// The mapping the page is about.
    pub mapping: Mapping,
    /// Its numbers.
    pub summary: Summary,
    /// All schemes on the same target.
    pub comparison: Comparison,
    /// The fewest crossbars for every limit on cycles.
    pub trade_off: TradeOff,
    /// What is known of the network trained under kernel plans, if anything.
    pub family: Option<Family>,
    /// What the network costs on a chip, if that was asked for.
    pub price: Option<Price>,
}

impl Page {
    /// Maps a network by a scheme, and by all others to compare.
    ///
    /// # Errors
    /// As [`map_network`]; a scheme of the comparison that does not fit is a row that says so.
    pub fn new(
        network: &Network,
        target: impl Into<Targets>,
        scheme: &dyn Scheme,
        objective: Option<Objective>,
    ) -> Result<Self, MappingError> {
        let mapping = map_network(network, scheme, target, objective)?;
        let summary = Summary::new(network, &mapping)?;
        Self::of(network, mapping, summary)
    }

    /// Compares a mapping of `network` that is there already.
    ///
    /// # Errors
    /// As [`TradeOff::new`].
    pub fn of(network: &Network, mapping: Mapping, summary: Summary) -> Result<Self, MappingError> {
        let comparison = Comparison::new(network, &mapping.targets());
        let totals = comparison.schemes.iter().filter_map(|scheme| scheme.outcome.as_ref().ok());
        let cycles: Vec<u64> = totals.chain([&summary.total]).map(|total| total.bottleneck_cycles).collect();
        let trade_off = TradeOff::new(network, &mapping.targets(), &cycles)?;
        Ok(Self { mapping, summary, comparison, trade_off, family: None, price: None })
    }
}

/// The page as HTML.
///
/// # Panics
/// Never: a summary always has a JSON form.
pub fn render(page: &Page) -> String {
    let json = serde_json::to_string(&page.summary).expect("a summary has a JSON form");
    let main = Element::new("main")
        .child(&header::header(page))
        .child(&schemes::section(page))
        .children(page.price.as_ref().map(|price| price::section(price, &page.summary)))
        .children(page.family.as_ref().map(trained::section))
        .child(&layers::section(page))
        .child(&drawings::section(page))
        .child(&words::digital(&page.summary))
        .child(&words::glossary());
    let Basis { network, scheme, crossbar, .. } = &page.summary.basis;
    let title = format!("{network} on {crossbar} crossbars, {scheme}");
    document(
        &title,
        &main,
        &Element::json("summary", &json),
        concat!(
            include_str!("theme.js"),
            include_str!("save.js"),
            include_str!("marks.js"),
            include_str!("cells.js"),
            include_str!("page.js")
        ),
    )
}

/// What every page does: light and dark, saving its figures and tables, and reading the marks of its figures.
const SCRIPT: &str = concat!(include_str!("theme.js"), include_str!("save.js"), include_str!("marks.js"));

/// A page of text and tables.
pub(super) fn plain_page(title: &str, parts: impl Iterator<Item = Element>) -> String {
    let header = Element::new("header").child(&top("result")).child(&Element::new("h1").text(title));
    let main = Element::new("main").child(&header).children(parts);
    document(title, &main, &Element::json("result", "null"), SCRIPT)
}

/// A whole page around its visible part, its data and its script.
fn document(title: &str, main: &Element, data: &Element, script: &str) -> String {
    let body =
        Element::new("body").child(&definitions()).child(main).child(data).child(&Element::verbatim("script", script));
    let html = Element::new("html").with("lang", "en").child(&head(title)).child(&body);
    format!("<!DOCTYPE html>\n{html}\n")
}

fn head(title: &str) -> Element {
    let policy = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src blob:";
    Element::new("head")
        .child(&Element::new("meta").with("charset", "utf-8"))
        .child(&Element::new("meta").with("http-equiv", "Content-Security-Policy").with("content", policy))
        .child(&meta("viewport", "width=device-width, initial-scale=1"))
        .child(&meta("color-scheme", "light dark"))
        .child(&meta("generator", concat!("tilewright ", env!("CARGO_PKG_VERSION"))))
        .child(&Element::new("title").text(title))
        .child(&Element::verbatim("style", STYLE))
}

/// The line above the title: what kind of page it is, and the choice of light or dark.
fn top(kind: &str) -> Element {
    let toggle = Element::new("button").with("type", "button").with("id", "theme").with("aria-pressed", "false");
    Element::new("div")
        .class("top")
        .child(&Element::new("span").class("brand").text(format!("Tilewright · {kind}")))
        .child(&toggle.text("Dark"))
}

fn meta(name: &str, content: &str) -> Element {
    Element::new("meta").with("name", name).with("content", content)
}

/// A section with a heading and a sentence under it.
fn titled(id: &str, heading: &str, lead: impl std::fmt::Display) -> Element {
    led(id, heading, &Element::new("p").class("lead").text(lead))
}

/// A section with a heading and a paragraph under it.
fn led(id: &str, heading: &str, lead: &Element) -> Element {
    Element::new("section").with("id", id).child(&Element::new("h2").text(heading)).child(lead)
}

/// What the pointer, a finger or the keyboard can do here; paper leaves it out.
fn hint(text: &str) -> Element {
    Element::new("span").class("hint").text(text)
}

/// A figure with what to see in it.
fn captioned(drawing: &Element, caption: impl std::fmt::Display) -> Element {
    let drawing = Element::new("div").class("drawing").child(drawing);
    Element::new("figure").child(&drawing).child(&Element::new("figcaption").text(caption))
}
