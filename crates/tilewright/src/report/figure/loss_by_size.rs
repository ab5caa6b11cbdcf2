//! Current lost in wires against the size of a crossbar.

use super::axes::axis_names;
use super::legend::{Entry, legend};
use super::marks::{class, curve};
use super::{Element, LinearAxis, LogAxis, canvas, circle, rect};
use crate::circuit::study::{Parameter, Sweep};

const WIDTH: f64 = 560.0;
const LEFT: f64 = 76.0;
const RIGHT: f64 = 552.0;
const TOP: f64 = 14.0;
const BOTTOM: f64 = 316.0;

/// The figure: a curve for square crossbars and one for a single column, of the sweeps over their sizes.
pub fn loss_by_size(sweeps: &[Sweep]) -> Element {
    let name = |sweep: &Sweep| match sweep.varied {
        Parameter::Size => Some("square crossbar, all columns"),
        Parameter::ColumnLength => Some("a single column"),
        _ => None,
    };
    let sized: Vec<(&str, &Sweep)> = sweeps.iter().filter_map(|sweep| Some((name(sweep)?, sweep))).collect();
    let points = || sized.iter().flat_map(|(_, sweep)| &sweep.points);
    let x = LogAxis::new(points().map(|point| point.value as u64), [LEFT, RIGHT]);
    let y = LinearAxis::around(points().map(|point| point.losses.mean_loss).chain([0.0]), 0.01, [BOTTOM, TOP]);
    let decimals = y.decimals(100.0);
    let percent = |share: f64| format!("{:.decimals$}\u{202f}%", 100.0 * share);
    let drawn = sized.iter().enumerate().flat_map(|(place, (_, sweep))| {
        let at = sweep.points.iter().map(|point| [x.place(point.value as u64), y.place(point.losses.mean_loss)]);
        let places: Vec<[f64; 2]> = at.collect();
        let marks = places.iter().zip(&sweep.points).map(|(at, point)| {
            let words = format!("{} rows: {:.2} % of the current lost", point.value, 100.0 * point.losses.mean_loss);
            circle(&format!("mark {}", class(place)), *at, 5.0).tooltip(words)
        });
        let marks: Vec<Element> = marks.collect();
        [curve(&class(place), &places)].into_iter().chain(marks)
    });
    let entries = sized.iter().enumerate();
    let entries = entries.map(|(place, (name, _))| Entry::new(format!("swatch {}", class(place)), *name)).collect();
    let (words, height) = legend(entries, [LEFT, BOTTOM + 58.0], RIGHT);
    let names = axis_names((x.middle(), BOTTOM + 42.0, "rows"), (y.middle(), 14.0, "current lost in wires"));
    canvas(WIDTH, BOTTOM + 58.0 + height, "Share of the column current lost in wires against the rows of a crossbar.")
        .children(x.draw_below(TOP, BOTTOM))
        .children(y.draw_left(LEFT, RIGHT, percent))
        .child(&rect("frame", LEFT, TOP, RIGHT - LEFT, BOTTOM - TOP))
        .children(names)
        .children(drawn)
        .child(&words)
}
