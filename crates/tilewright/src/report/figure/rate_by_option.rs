//! Recognition rate against the values of an option.

use super::axes::{axis_names, ticks_at};
use super::labels::{Label, labels};
use super::marks::{curve, error_bar};
use super::rate_by_ratio::{RATE, percent};
use super::{Element, LinearAxis, canvas, circle, line, rect};
use crate::report::option_curve::{OptionCurve, OptionPoint};

const WIDTH: f64 = 560.0;
const LEFT: f64 = 76.0;
const RIGHT: f64 = 552.0;
const TOP: f64 = 14.0;
const BOTTOM: f64 = 286.0;
/// Room for marks at both ends.
const INSET: f64 = 30.0;

/// The figure of a curve: a point a value with its interval, and the rate of hardware without errors as a line. Curves drawn with the same
/// `rates`, those of all of them, can be compared by eye.
pub fn rate_by_option(drawn: &OptionCurve, rates: &[f64]) -> Element {
    let y = LinearAxis::around(rates.iter().copied(), 0.02, [BOTTOM, TOP]);
    let place = places(&drawn.points);
    let at = |point: &OptionPoint| [place(point), y.place(point.rate)];
    let marks = drawn.points.iter().flat_map(|point| {
        let [low, high] = point.interval.map(|rate| y.place(rate));
        let mark = circle("mark n0", at(point), 5.0).tooltip(told(point));
        [error_bar("n0", place(point), [low, high]), mark]
    });
    let digital = y.place(drawn.digital);
    let bar = |point: &OptionPoint| {
        let [low, high] = point.interval;
        (0..=8).map(|step| [place(point), y.place(low + (high - low) * f64::from(step) / 8.0)]).collect::<Vec<_>>()
    };
    // Its own line would strike the name through.
    let on_line = (0..16).map(|step| [RIGHT - 8.0 * f64::from(step), digital]);
    let reference = labels(
        vec![Label { point: [RIGHT - 40.0, digital], name: "digital".into(), is_own: true }],
        &drawn.points.iter().flat_map(bar).chain(on_line).collect::<Vec<_>>(),
        [LEFT + 2.0, TOP, RIGHT, BOTTOM],
    );
    let description = format!(
        "Recognition rate against {}: {} values, from {} to {}; hardware without errors has {}.",
        drawn.name,
        drawn.points.len(),
        drawn.points[0].value,
        drawn.points[drawn.points.len() - 1].value,
        percent(drawn.digital, 2)
    );
    let names =
        axis_names((f64::midpoint(LEFT, RIGHT), BOTTOM + 44.0, &drawn.name), (f64::midpoint(TOP, BOTTOM), 14.0, RATE));
    canvas(WIDTH, BOTTOM + 54.0, description)
        .children(y.draw_left(LEFT, RIGHT, |rate| percent(rate, y.decimals(100.0))))
        .children(ticks_at(drawn.points.iter().map(|point| (place(point), point.value.as_str())), [TOP, BOTTOM]))
        .child(&rect("frame", LEFT, TOP, RIGHT - LEFT, BOTTOM - TOP))
        .children(names)
        .child(&line("average", [LEFT, digital], [RIGHT, digital]))
        .children(reference)
        .child(&curve("n0", &drawn.points.iter().map(at).collect::<Vec<_>>()))
        .children(marks)
}

/// Where values lie between the ends of the axis.
fn places(points: &[OptionPoint]) -> impl Fn(&OptionPoint) -> f64 {
    let [first, last] = [points[0].at, points[points.len() - 1].at];
    let [left, right] = [LEFT + INSET, RIGHT - INSET];
    move |point| {
        if last > first {
            left + (point.at - first) / (last - first) * (right - left)
        } else {
            f64::midpoint(left, right)
        }
    }
}

fn told(point: &OptionPoint) -> String {
    let [low, high] = point.interval.map(|rate| percent(rate, 2));
    let chips = point.deviation.map_or(String::new(), |deviation| format!("; ± {} over chips", percent(deviation, 2)));
    format!("{}: {}, {low} to {high}{chips}", point.value, percent(point.rate, 2))
}
