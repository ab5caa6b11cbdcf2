//! The least area within every latency, before and after what mappings have learnt.

use super::axes::axis_names;
use super::legend::{Entry, legend};
use super::marks::{class, curve};
use super::{Element, LogAxis, canvas, rect};
use crate::report::reproduction::AreaFront;

const WIDTH: f64 = 560.0;
const LEFT: f64 = 76.0;
const RIGHT: f64 = 552.0;
const TOP: f64 = 14.0;
const BOTTOM: f64 = 356.0;

/// Areas and latencies are drawn in thousandths of their units, in which they are whole numbers.
const PARTS: f64 = 1e3;

/// The figure of one chip: a colour for each form of a network, dashed with the mappings of the first step.
pub fn area_by_latency(fronts: &[&AreaFront]) -> Element {
    let points = || fronts.iter().flat_map(|front| &front.points);
    let parts = |value: f64| (value * PARTS).round() as u64;
    let x = LogAxis::new(points().map(|point| parts(point[0])), [LEFT, RIGHT]);
    let y = LogAxis::new(points().map(|point| parts(point[1])), [BOTTOM, TOP]);
    let mut forms: Vec<String> = vec![];
    let mut lines = vec![];
    for front in fronts {
        let form = form(front);
        let colour = forms.iter().position(|known| *known == form).unwrap_or_else(|| {
            forms.push(form.clone());
            forms.len() - 1
        });
        let style = if front.steps == 1 { " dashed" } else { "" };
        let places = stairs(&front.points, |point| [x.place(parts(point[0])), y.place(parts(point[1]))]);
        let last = front.points.last().map_or(0.0, |point| point[1]);
        let words = format!("{form}{}: down to {last:.2} mm²", if front.steps == 1 { ", before" } else { "" });
        lines.push(curve(&format!("{}{style}", class(colour)), &places).tooltip(words));
    }
    let description = format!(
        "Least area in mm² within every latency in ms, both axes logarithmic: {} networks, dashed with the mappings of the first step, solid \
         with all.",
        forms.len()
    );
    let names =
        axis_names((x.middle(), BOTTOM + 42.0, "latency, µs"), (y.middle(), 14.0, "area, thousandths of a mm²"));
    let entries =
        forms.into_iter().enumerate().map(|(place, form)| Entry::new(format!("swatch {}", class(place)), form));
    let before = Entry::new("swatch front", "before");
    let (words, height) = legend(entries.chain([before]).collect(), [LEFT, BOTTOM + 58.0], RIGHT);
    canvas(WIDTH, BOTTOM + 58.0 + height, description)
        .children(x.draw_below(TOP, BOTTOM))
        .children(y.draw_left(LEFT, RIGHT))
        .child(&rect("frame", LEFT, TOP, RIGHT - LEFT, BOTTOM - TOP))
        .children(names)
        .children(lines)
        .child(&words)
}

fn form(front: &AreaFront) -> String {
    let name = front.network.strip_suffix("-int8").unwrap_or(&front.network);
    match &front.kept_digital {
        None => name.into(),
        Some(kind) => format!("{name}, {kind} in units"),
    }
}

/// Down from each point to the next only where that is reached: less area takes more time.
fn stairs(points: &[[f64; 2]], place: impl Fn(&[f64; 2]) -> [f64; 2]) -> Vec<[f64; 2]> {
    let mut places: Vec<[f64; 2]> = vec![];
    for point in points {
        let [x, y] = place(point);
        places.extend(places.last().map(|&[_, before]| [x, before]));
        places.push([x, y]);
    }
    places.extend(places.last().map(|&[_, y]| [RIGHT, y]));
    places
}
