//! Current lost against what it depends on.

use super::axes::{axis_names, ticks_at};
use super::legend::{Entry, legend};
use super::marks::{class, curve};
use super::{Element, LinearAxis, canvas, circle, rect};
use crate::circuit::study::{Point, Sweep};

const WIDTH: f64 = 560.0;
const LEFT: f64 = 76.0;
const RIGHT: f64 = 552.0;
const TOP: f64 = 14.0;
const BOTTOM: f64 = 286.0;
/// Room for marks at both ends.
const INSET: f64 = 30.0;

/// A loss of a point and what it is called.
type Kind = (&'static str, fn(&Point) -> f64);

const KINDS: [Kind; 3] = [
    ("all columns", |point| point.losses.mean_loss),
    ("worst column", |point| point.losses.worst_loss),
    ("best column", |point| point.losses.least_loss),
];

/// The figure of a sweep: losses against the values of `name`, spaced by their logarithms, 0 a decade before the others. Sweeps
/// drawn with the same `losses`, those of all of them, can be compared by eye.
pub fn loss_by_value(sweep: &Sweep, name: &str, losses: &[f64]) -> Element {
    let y = LinearAxis::around(losses.iter().copied().chain([0.0]), 0.01, [BOTTOM, TOP]);
    let decimals = y.decimals(100.0);
    let percent = |share: f64| format!("{:.decimals$}\u{202f}%", 100.0 * share);
    let places = places(&sweep.points.iter().map(|point| point.value).collect::<Vec<_>>());
    let values: Vec<String> = sweep.points.iter().map(|point| point.value.to_string()).collect();
    // All columns last: on top.
    let drawn = KINDS.iter().enumerate().rev().flat_map(|(kind, (words, loss))| {
        let class = class(kind);
        let at = places.iter().zip(&sweep.points).map(|(&x, point)| [x, y.place(loss(point))]);
        let at: Vec<[f64; 2]> = at.collect();
        let marks = at.iter().zip(&sweep.points).map(|(&at, point)| {
            let told = format!("{} {name}: {words}, {:.2} % of the current lost", point.value, 100.0 * loss(point));
            circle(&format!("mark {class}"), at, 5.0).tooltip(told)
        });
        [curve(&class, &at)].into_iter().chain(marks.collect::<Vec<Element>>())
    });
    let entries = KINDS.iter().enumerate();
    let entries = entries.map(|(kind, (words, _))| Entry::new(format!("swatch {}", class(kind)), *words)).collect();
    let (words, height) = legend(entries, [LEFT, BOTTOM + 58.0], RIGHT);
    let middle = [f64::midpoint(LEFT, RIGHT), f64::midpoint(TOP, BOTTOM)];
    canvas(WIDTH, BOTTOM + 58.0 + height, format!("Share of the current lost in wires against {name}."))
        .children(y.draw_left(LEFT, RIGHT, percent))
        .children(ticks_at(places.iter().copied().zip(values.iter().map(String::as_str)), [TOP, BOTTOM]))
        .child(&rect("frame", LEFT, TOP, RIGHT - LEFT, BOTTOM - TOP))
        .children(axis_names((middle[0], BOTTOM + 42.0, name), (middle[1], 14.0, "current lost in wires")))
        .children(drawn)
        .child(&words)
}

/// Where values lie from left to right.
fn places(values: &[f64]) -> Vec<f64> {
    let least = values.iter().copied().filter(|&value| value > 0.0).fold(f64::INFINITY, f64::min);
    let zero = least.log10() - 1.0;
    let at = |&value: &f64| if value > 0.0 { value.log10() } else { zero };
    let [first, last] =
        values.iter().map(at).fold([f64::INFINITY, f64::NEG_INFINITY], |[low, high], at| [low.min(at), high.max(at)]);
    let [left, right] = [LEFT + INSET, RIGHT - INSET];
    let part = |at: f64| if last > first { (at - first) / (last - first) } else { 0.5 };
    values.iter().map(|value| left + part(at(value)) * (right - left)).collect()
}
