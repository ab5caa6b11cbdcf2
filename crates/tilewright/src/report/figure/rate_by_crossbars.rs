//! Recognition rate against unit crossbars, with the networks that no other beats on both.

use super::axes::axis_names;
use super::labels::{Label, labels};
use super::legend::{Entry, legend};
use super::marks::{Colours, curve, error_bar, mark};
use super::rate_by_ratio::{RATE, percent};
use super::{Element, LinearAxis, LogAxis, canvas, rect};
use crate::report::recognition::{RatePoint, SIDES, front};

const WIDTH: f64 = 560.0;
const LEFT: f64 = 76.0;
const RIGHT: f64 = 552.0;
const TOP: f64 = 14.0;
const BOTTOM: f64 = 356.0;

/// The figure for crossbars of one side, given as a place in [`SIDES`].
pub fn rate_by_crossbars(points: &[RatePoint], side: usize) -> Element {
    let x = LogAxis::new(points.iter().map(|point| point.crossbars[side]), [LEFT, RIGHT]);
    let y = LinearAxis::around(points.iter().flat_map(RatePoint::error_bar), 0.02, [BOTTOM, TOP]);
    let colours = Colours::new(points);
    let place = |point: &RatePoint| [x.place(point.crossbars[side]), y.place(point.rate.mean)];
    let fronts: Vec<Vec<[f64; 2]>> =
        data_sets(points).iter().map(|set| steps(&front(set, side), place, [RIGHT, BOTTOM])).collect();
    let marks = points.iter().flat_map(|point| {
        let class = colours.class(point);
        let [low, high] = point.error_bar();
        let at = place(point);
        [error_bar(&class, at[0], [y.place(low), y.place(high)]), mark(point, &class, at)]
    });
    let bars = points.iter().map(|point| {
        let [low, high] = point.error_bar().map(|rate| y.place(rate));
        vec![[place(point)[0], low], [place(point)[0], high]]
    });
    let lines: Vec<Vec<[f64; 2]>> = fronts.iter().cloned().chain(bars).collect();
    let named = points.iter().map(|point| Label { point: place(point), name: point.plan(), is_own: false });
    let description = format!(
        "Recognition rate against unit crossbars of {0}×{0}, the latter on a logarithmic axis: {1} trained networks, and the \
         front of those that no other beats.",
        SIDES[side],
        points.len()
    );
    let name = format!("unit crossbars of {0}×{0}", SIDES[side]);
    let names = axis_names((x.middle(), BOTTOM + 42.0, &name), (y.middle(), 14.0, RATE));
    let entries = colours.legend().into_iter().chain([Entry::new("swatch front", "front")]);
    let (words, height) = legend(entries.collect(), [LEFT, BOTTOM + 58.0], RIGHT);
    canvas(WIDTH, BOTTOM + 58.0 + height, description)
        .children(x.draw_below(TOP, BOTTOM))
        .children(y.draw_left(LEFT, RIGHT, |rate| percent(rate, y.decimals(100.0))))
        .child(&rect("frame", LEFT, TOP, RIGHT - LEFT, BOTTOM - TOP))
        .children(names)
        .children(fronts.iter().map(|places| curve("front", places)))
        .children(marks)
        .children(labels(named.collect(), &along(&lines), [LEFT + 2.0, TOP, RIGHT, BOTTOM]))
        .child(&words)
}

/// The points by data set: rates on different ones are no trade-off.
fn data_sets(points: &[RatePoint]) -> Vec<Vec<RatePoint>> {
    let mut sets: Vec<Vec<RatePoint>> = Vec::new();
    for point in points {
        match sets.iter_mut().find(|set| set[0].data_set == point.data_set) {
            Some(set) => set.push(point.clone()),
            None => sets.push(vec![point.clone()]),
        }
    }
    sets
}

/// The front as stairs: up to its first point from below, and level after its last, since more crossbars recognise no less.
fn steps(front: &[&RatePoint], place: impl Fn(&RatePoint) -> [f64; 2], [right, bottom]: [f64; 2]) -> Vec<[f64; 2]> {
    let mut places: Vec<[f64; 2]> = Vec::new();
    let mut height = bottom;
    for point in front {
        let [x, y] = place(point);
        places.extend([[x, height], [x, y]]);
        height = y;
    }
    places.extend(places.last().map(|_| [right, height]));
    places
}

/// Points close together along the lines, for names to keep clear of.
fn along(lines: &[Vec<[f64; 2]>]) -> Vec<[f64; 2]> {
    let pairs = lines.iter().flat_map(|line| line.windows(2));
    let points = pairs.flat_map(|pair| {
        let [from, to] = [pair[0], pair[1]];
        let count = ((to[0] - from[0]).hypot(to[1] - from[1]) / 4.0).ceil().max(1.0);
        (0..count as usize).map(move |step| {
            let part = step as f64 / count;
            [from[0] + part * (to[0] - from[0]), from[1] + part * (to[1] - from[1])]
        })
    });
    points.collect()
}
