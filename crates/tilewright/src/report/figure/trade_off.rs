//! Folded to unfolded: crossbars against cycles, the optimum as a line and the schemes as points.

use super::axes::axis_names;
use super::labels::{Label, labels};
use super::{Element, LogAxis, canvas, circle, line, rect};
use crate::report::number::{grouped, length};
use crate::report::{Comparison, Total, TradeOff};
use std::fmt::Write;

const WIDTH: f64 = 560.0;
const HEIGHT: f64 = 410.0;
const LEFT: f64 = 76.0;
const RIGHT: f64 = 552.0;
const TOP: f64 = 14.0;
const BOTTOM: f64 = 356.0;

/// The figure, with `own` the total of the mapping that the page is about.
pub fn trade_off(trade_off: &TradeOff, comparison: &Comparison, own: (&str, &Total)) -> Element {
    let schemes: Vec<(&str, &Total)> =
        comparison.schemes.iter().filter_map(|scheme| Some((scheme.name, scheme.outcome.as_ref().ok()?))).collect();
    let totals = || schemes.iter().map(|(_, total)| *total).chain([own.1]);
    let optimum = &trade_off.points;
    let cycles = totals().map(|total| total.bottleneck_cycles).chain(optimum.iter().map(|point| point.max_cycles));
    let crossbars = totals().map(|total| total.crossbars).chain(optimum.iter().map(|point| point.crossbars));
    let plane = Plane { x: LogAxis::new(cycles, [LEFT, RIGHT]), y: LogAxis::new(crossbars, [BOTTOM, TOP]) };
    let description = format!(
        "Unit crossbars against cycles of the slowest layer, both axes logarithmic: the optimum as a line from {} crossbars \
         at 1 cycle down to {} crossbars, and {} schemes as points on or above it.",
        optimum.first().map_or(0, |point| point.crossbars),
        optimum.last().map_or(0, |point| point.crossbars),
        schemes.len()
    );
    let names = axis_names(
        (plane.x.middle(), HEIGHT - 10.0, "cycles of the slowest layer (folded →)"),
        (plane.y.middle(), 14.0, "unit crossbars"),
    );
    canvas(WIDTH, HEIGHT, description)
        .children(plane.x.draw_below(TOP, BOTTOM))
        .children(plane.y.draw_left(LEFT, RIGHT))
        .child(&rect("frame", LEFT, TOP, RIGHT - LEFT, BOTTOM - TOP))
        .children(names)
        .children(plane.optimum(trade_off))
        .children(plane.schemes(&schemes, own, &plane.along(trade_off)))
}

struct Plane {
    x: LogAxis,
    y: LogAxis,
}

impl Plane {
    fn place(&self, cycles: u64, crossbars: u64) -> [f64; 2] {
        [self.x.place(cycles), self.y.place(crossbars)]
    }

    /// The line goes on level past its last point: more cycles save nothing any more.
    fn optimum(&self, trade_off: &TradeOff) -> Vec<Element> {
        let places: Vec<[f64; 2]> =
            trade_off.points.iter().map(|point| self.place(point.max_cycles, point.crossbars)).collect();
        let mut path = String::new();
        for (place, &[x, y]) in places.iter().enumerate() {
            let command = if place == 0 { 'M' } else { 'L' };
            write!(path, "{command}{} {}", length(x), length(y)).expect("writing to a string does not fail");
        }
        let mut marks = vec![Element::new("path").class("optimum").with("d", path)];
        marks.extend(places.last().map(|&[x, y]| line("optimum level", [x, y], [RIGHT, y])));
        let dots = trade_off.points.iter().zip(&places).map(|(point, &place)| {
            let [crossbars, cycles] = [point.crossbars, point.max_cycles].map(grouped);
            let mark = circle("optimum-dot", place, 3.5).with("data-crossbars", point.crossbars);
            mark.with("data-cycles", point.max_cycles)
                .tooltip(format!("optimum: {crossbars} crossbars for at most {cycles} cycles a layer"))
        });
        marks.extend(dots);
        marks
    }

    /// Points close together along the optimum, for names to keep clear of.
    fn along(&self, trade_off: &TradeOff) -> Vec<[f64; 2]> {
        let mut places: Vec<[f64; 2]> =
            trade_off.points.iter().map(|point| self.place(point.max_cycles, point.crossbars)).collect();
        places.extend(places.last().map(|&[_, y]| [RIGHT, y]));
        let steps = places.windows(2).flat_map(|pair| {
            let [from, to] = [pair[0], pair[1]];
            let count = ((to[0] - from[0]).hypot(to[1] - from[1]) / 4.0).ceil();
            (0..count as usize).map(move |step| {
                let part = step as f64 / count;
                [from[0] + part * (to[0] - from[0]), from[1] + part * (to[1] - from[1])]
            })
        });
        steps.collect()
    }

    fn schemes(&self, schemes: &[(&str, &Total)], own: (&str, &Total), obstacles: &[[f64; 2]]) -> Vec<Element> {
        let apart = schemes.iter().filter(|(name, total)| *name != own.0 || *total != own.1).copied();
        let named: Vec<(&str, &Total)> = [own].into_iter().chain(apart).collect();
        let place = |total: &Total| self.place(total.bottleneck_cycles, total.crossbars);
        let mut marks: Vec<Element> = named
            .iter()
            .rev()
            .map(|&(name, total)| {
                let is_own = std::ptr::eq(total, own.1);
                let [crossbars, cycles] = [total.crossbars, total.bottleneck_cycles].map(grouped);
                circle(if is_own { "point own" } else { "point" }, place(total), if is_own { 7.0 } else { 5.0 })
                    .tooltip(format!("{name}: {crossbars} crossbars, {cycles} cycles of the slowest layer"))
            })
            .collect();
        let points = named.iter().map(|&(name, total)| Label {
            point: place(total),
            name: name.into(),
            is_own: std::ptr::eq(total, own.1),
        });
        marks.extend(labels(points.collect(), obstacles, [LEFT + 2.0, TOP, RIGHT, BOTTOM]));
        marks
    }
}
