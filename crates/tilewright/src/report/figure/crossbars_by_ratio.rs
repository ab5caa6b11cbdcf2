//! Unit crossbars against the normalized ratio.

use super::axes::axis_names;
use super::legend::{Entry, legend};
use super::marks::{class, curve, mark};
use super::{Element, LinearAxis, canvas, rect};
use crate::report::number::round;
use crate::report::recognition::{RatePoint, RatioCurve, SIDES};

const WIDTH: f64 = 560.0;
const LEFT: f64 = 76.0;
const RIGHT: f64 = 552.0;
const TOP: f64 = 14.0;
const BOTTOM: f64 = 316.0;
/// Room for marks at both ends of the ratio.
const INSET: f64 = 24.0;

/// The figure: a line a network and crossbar, counted, and a point a trained network. Lines of the smaller crossbar are
/// solid, of the larger dashed.
pub fn crossbars_by_ratio(curves: &[RatioCurve], points: &[RatePoint]) -> Element {
    let x = LinearAxis::of([0.0, 1.0], 0.25, [LEFT + INSET, RIGHT - INSET]);
    let counts = curves.iter().flat_map(|curve| &curve.points).map(|point| point.crossbars);
    let counts = counts.chain(points.iter().flat_map(|point| point.crossbars)).map(|count| count as f64);
    let y = LinearAxis::around(counts.chain([0.0]), 10.0, [BOTTOM, TOP]);
    let networks = networks(curves);
    let class_of = |network: &str| class(networks.iter().position(|known| *known == network).unwrap_or(0));
    let description = format!(
        "Unit crossbars against the normalized ratio: {} lines, each from 3D kernels only down to 2D+1D kernels only.",
        curves.len()
    );
    let style = |side: usize| if side == SIDES[0] { "" } else { " dashed" };
    let lines = curves.iter().map(|of| {
        let places: Vec<[f64; 2]> =
            of.points.iter().map(|point| [x.place(point.ratio), y.place(point.crossbars as f64)]).collect();
        curve(&format!("{}{}", class_of(&of.network), style(of.side)), &places)
    });
    let marks = points.iter().flat_map(|point| {
        point
            .crossbars
            .map(|count| mark(point, &class_of(&point.network), [x.place(point.ratio), y.place(count as f64)]))
    });
    let entries = curves.iter().map(|of| {
        let class = if of.side == SIDES[0] { "swatch" } else { "swatch open" };
        Entry::new(format!("{class} {}", class_of(&of.network)), format!("{}, {1}×{1}", of.network, of.side))
    });
    let names = axis_names(
        (x.middle(), BOTTOM + 42.0, "normalized ratio: 2D+1D layers / replaceable layers"),
        (y.middle(), 14.0, "unit crossbars"),
    );
    let (words, height) = legend(entries.collect(), [LEFT, BOTTOM + 58.0], RIGHT);
    canvas(WIDTH, BOTTOM + 58.0 + height, description)
        .children(x.draw_below(TOP, BOTTOM, |ratio| format!("{ratio}")))
        .children(y.draw_left(LEFT, RIGHT, |count| round(count.max(0.0) as u64)))
        .child(&rect("frame", LEFT, TOP, RIGHT - LEFT, BOTTOM - TOP))
        .children(names)
        .children(lines)
        .children(marks)
        .child(&words)
}

fn networks(curves: &[RatioCurve]) -> Vec<&str> {
    let mut networks: Vec<&str> = curves.iter().map(|curve| curve.network.as_str()).collect();
    networks.dedup();
    networks
}
