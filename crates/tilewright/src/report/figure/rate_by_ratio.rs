//! Recognition rate against the normalized ratio.

use super::axes::axis_names;
use super::legend::legend;
use super::marks::{Colours, curve, error_bar, mark};
use super::{Element, LinearAxis, canvas, rect};
use crate::report::recognition::{RatePoint, families};

const WIDTH: f64 = 560.0;
const LEFT: f64 = 76.0;
const RIGHT: f64 = 552.0;
const TOP: f64 = 14.0;
const BOTTOM: f64 = 316.0;
/// Room for marks at both ends of the ratio.
const INSET: f64 = 24.0;

/// The figure: a point a trained network, its error bar, and a line through those whose plans follow a rule.
pub fn rate_by_ratio(points: &[RatePoint]) -> Element {
    let x = LinearAxis::of([0.0, 1.0], 0.25, [LEFT + INSET, RIGHT - INSET]);
    let y = LinearAxis::around(points.iter().flat_map(RatePoint::error_bar), 0.02, [BOTTOM, TOP]);
    let colours = Colours::new(points);
    let description = format!(
        "Recognition rate against the normalized ratio: {} trained networks with error bars, {} of them with searched plans.",
        points.len(),
        points.iter().filter(|point| point.searched).count()
    );
    let place = |point: &RatePoint| [x.place(point.ratio), y.place(point.rate.mean)];
    let lines = families(points)
        .into_iter()
        .flat_map(|family| lines(points, &family))
        .map(|line| curve(&colours.class(line[0]), &line.into_iter().map(place).collect::<Vec<_>>()));
    let marks = points.iter().flat_map(|point| {
        let class = colours.class(point);
        let [low, high] = point.error_bar();
        [error_bar(&class, x.place(point.ratio), [y.place(low), y.place(high)]), mark(point, &class, place(point))]
    });
    let names = axis_names(
        (x.middle(), BOTTOM + 42.0, "normalized ratio: 2D+1D layers / replaceable layers"),
        (y.middle(), 14.0, RATE),
    );
    let (words, height) = legend(colours.legend(), [LEFT, BOTTOM + 58.0], RIGHT);
    canvas(WIDTH, BOTTOM + 58.0 + height, description)
        .children(x.draw_below(TOP, BOTTOM, |ratio| format!("{ratio}")))
        .children(y.draw_left(LEFT, RIGHT, |rate| percent(rate, y.decimals(100.0))))
        .child(&rect("frame", LEFT, TOP, RIGHT - LEFT, BOTTOM - TOP))
        .children(names)
        .children(lines)
        .children(marks)
        .child(&words)
}

/// The points of a family that lines join: plans by rule, with 3D kernels and with the same between 2D and 1D kernels.
fn lines<'a>(points: &'a [RatePoint], family: &str) -> Vec<Vec<&'a RatePoint>> {
    let by_rule: Vec<&RatePoint> = points.iter().filter(|point| point.family() == family && !point.searched).collect();
    let mut variants: Vec<&str> =
        by_rule.iter().filter(|point| point.ratio > 0.0).map(|point| point.between()).collect();
    variants.sort_unstable();
    variants.dedup();
    let lines = variants.into_iter().map(|between| {
        by_rule.iter().copied().filter(|point| point.ratio == 0.0 || point.between() == between).collect::<Vec<_>>()
    });
    lines.filter(|line| line.len() > 1).collect()
}

/// The name of the axis of rates.
pub(super) const RATE: &str = "test images recognised";

/// A rate on an axis.
pub(super) fn percent(rate: f64, decimals: usize) -> String {
    format!("{:.decimals$}\u{202f}%", 100.0 * rate)
}
