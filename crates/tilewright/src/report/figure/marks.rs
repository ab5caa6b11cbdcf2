//! The marks of trained networks: a colour a network, circles for plans by rule, diamonds for searched ones.

use super::legend::Entry;
use super::{COLOURS, Element, circle};
use crate::report::number::length;
use crate::report::recognition::{RatePoint, families};
use std::fmt::Write;

/// The colour of each network on each data set.
pub(super) struct Colours {
    families: Vec<String>,
}

impl Colours {
    pub(super) fn new(points: &[RatePoint]) -> Self {
        Self { families: families(points) }
    }

    /// The class that has the network's colour.
    pub(super) fn class(&self, point: &RatePoint) -> String {
        class(self.families.iter().position(|family| *family == point.family()).unwrap_or(0))
    }

    /// What the colours stand for.
    pub(super) fn legend(&self) -> Vec<Entry> {
        let entries = self.families.iter().enumerate();
        entries.map(|(place, family)| Entry::new(format!("swatch {}", class(place)), family)).collect()
    }
}

/// The class of the colour at a place; colours come again after the last.
pub(super) fn class(place: usize) -> String {
    format!("n{}", place % COLOURS)
}

/// A trained network, with its numbers as tooltip and data.
pub(super) fn mark(point: &RatePoint, class: &str, [x, y]: [f64; 2]) -> Element {
    let class = format!("mark {class}");
    let mark = if point.searched {
        let [x, top] = [x, y - 7.0].map(length);
        Element::new("path").class(class).with("d", format!("M{x} {top}l7 7l-7 7l-7 -7z"))
    } else {
        circle(&class, [x, y], 5.0)
    };
    mark.with("data-name", &point.name).tooltip(words(point))
}

/// Name, rate and crossbars in a line.
fn words(point: &RatePoint) -> String {
    let RatePoint { name, ratio, crossbars: [of_128, of_256], rate, .. } = point;
    let deviation = rate.deviation.map_or(String::new(), |deviation| format!(" ± {:.2}", 100.0 * deviation));
    format!(
        "{name}: {:.2}{deviation} % recognised, ratio {ratio:.2}, {of_128} crossbars of 128×128 or {of_256} of 256×256",
        100.0 * rate.mean
    )
}

/// A vertical bar from one height to another, with caps.
pub(super) fn error_bar(class: &str, x: f64, [low, high]: [f64; 2]) -> Element {
    let [left, right, x, low, high] = [x - 4.0, x + 4.0, x, low, high].map(length);
    let path = format!("M{left} {high}H{right}M{left} {low}H{right}M{x} {low}V{high}");
    Element::new("path").class(format!("error {class}")).with("d", path)
}

/// A line through points.
pub(super) fn curve(class: &str, places: &[[f64; 2]]) -> Element {
    let mut path = String::new();
    for (place, &[x, y]) in places.iter().enumerate() {
        let command = if place == 0 { 'M' } else { 'L' };
        write!(path, "{command}{} {}", length(x), length(y)).expect("writing to a string does not fail");
    }
    Element::new("path").class(format!("curve {class}")).with("d", path)
}
