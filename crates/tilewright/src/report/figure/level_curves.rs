//! Cumulative distributions of measured cells, level by level.

use super::axes::axis_names;
use super::legend::{Entry, legend};
use super::marks::{class, curve};
use super::{Element, LinearAxis, canvas, circle, rect};
use crate::circuit::device::{CurvePoint, LevelCurve};
use crate::report::table::number;

const WIDTH: f64 = 760.0;
const LEFT: f64 = 76.0;
const RIGHT: f64 = 752.0;
const TOP: f64 = 14.0;
const BOTTOM: f64 = 316.0;

/// The figure of all levels: measurements as marks, what was fitted to them as curves, both as shares of cells with at most a conductance.
pub fn level_curves(curves: &[LevelCurve]) -> Element {
    let micro = |siemens: f64| siemens * 1e6;
    let conductances: Vec<f64> =
        curves.iter().flat_map(|curve| &curve.points).map(|point| micro(point.siemens)).collect();
    let x = LinearAxis::around(conductances, 1e-3, [LEFT, RIGHT]);
    let y = LinearAxis::of([0.0, 1.0], 0.25, [BOTTOM, TOP]);
    let decimals = x.decimals(1.0);
    let drawn = curves.iter().enumerate().flat_map(|(place, level)| {
        let class = class(place);
        let at = |share: fn(&CurvePoint) -> f64| {
            level.points.iter().map(move |point| [x.place(micro(point.siemens)), y.place(share(point))])
        };
        let fitted: Vec<[f64; 2]> = at(|point| point.fitted).collect();
        let marks = at(|point| point.measured).zip(&level.points).map(|(at, point)| {
            let told = format!(
                "target {} µS: {} µS, {:.1} % of the cells measured, {:.1} % fitted",
                number(micro(level.target)),
                number(micro(point.siemens)),
                100.0 * point.measured,
                100.0 * point.fitted
            );
            circle(&format!("mark {class}"), at, 2.5).tooltip(told)
        });
        [curve(&class, &fitted)].into_iter().chain(marks.collect::<Vec<Element>>())
    });
    let entry = |(place, level): (usize, &LevelCurve)| {
        Entry::new(format!("swatch {}", class(place)), format!("{} µS", number(micro(level.target))))
    };
    let (words, height) = legend(curves.iter().enumerate().map(entry).collect(), [LEFT, BOTTOM + 58.0], RIGHT);
    let middle = [f64::midpoint(LEFT, RIGHT), f64::midpoint(TOP, BOTTOM)];
    canvas(WIDTH, BOTTOM + 58.0 + height, "Shares of cells with at most a conductance, measured and fitted, by level.")
        .children(x.draw_below(TOP, BOTTOM, |tick| format!("{tick:.decimals$}")))
        .children(y.draw_left(LEFT, RIGHT, |share| format!("{:.0}\u{202f}%", 100.0 * share)))
        .child(&rect("frame", LEFT, TOP, RIGHT - LEFT, BOTTOM - TOP))
        .children(axis_names((middle[0], BOTTOM + 42.0, "conductance, µS"), (middle[1], 14.0, "cells")))
        .children(drawn)
        .child(&words)
}
