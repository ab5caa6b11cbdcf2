//! The schemes side by side: crossbars, cycles and utilization, one row a scheme.

use super::{Anchor, Element, LogAxis, canvas, circle, line, rect, text};
use crate::report::number::{grouped, percent, short};
use crate::report::{ComparedScheme, Comparison, Total};

const WIDTH: f64 = 560.0;
const ROW: f64 = 36.0;
const TOP: f64 = 40.0;
/// Left and right ends of the panels: crossbars, cycles, utilization.
const PANELS: [[f64; 2]; 3] = [[106.0, 250.0], [280.0, 424.0], [448.0, 558.0]];

/// The figure, the scheme called `own` marked.
pub fn comparison(comparison: &Comparison, own: &str) -> Element {
    let fitting: Vec<&Total> = comparison.schemes.iter().filter_map(|scheme| scheme.outcome.as_ref().ok()).collect();
    let bottom = TOP + ROW * comparison.schemes.len() as f64;
    let rows = Rows {
        crossbars: LogAxis::new(fitting.iter().map(|total| total.crossbars), PANELS[0]),
        cycles: LogAxis::new(fitting.iter().map(|total| total.bottleneck_cycles), PANELS[1]),
        most_used: fitting.iter().map(|total| total.utilization).fold(1e-9, f64::max),
    };
    let description =
        format!("Unit crossbars, cycles of the slowest layer and utilization of {} schemes.", fitting.len());
    let heads = ["crossbars", "cycles, slowest", "utilization"];
    let heads = heads.iter().zip(PANELS).map(|(head, [left, _])| text(left, 22.0, Anchor::Start, head).class("axis"));
    let drawn = comparison.schemes.iter().enumerate().flat_map(|(place, scheme)| {
        let middle = TOP + ROW * (place as f64 + 0.5);
        rows.draw(scheme, middle, scheme.name == own)
    });
    canvas(WIDTH, bottom + 34.0, description)
        .children(heads)
        .children(rows.crossbars.draw_below(TOP - 6.0, bottom))
        .children(rows.cycles.draw_below(TOP - 6.0, bottom))
        .children(drawn)
}

struct Rows {
    crossbars: LogAxis,
    cycles: LogAxis,
    most_used: f64,
}

impl Rows {
    fn draw(&self, scheme: &ComparedScheme, y: f64, is_own: bool) -> Vec<Element> {
        let name = text(0.0, y + 4.5, Anchor::Start, scheme.name).class(if is_own { "label own" } else { "label" });
        let mut marks = vec![name];
        match &scheme.outcome {
            Ok(total) => {
                let class = if is_own { "point own" } else { "point" };
                marks.extend(self.dot(&self.crossbars, PANELS[0], total.crossbars, y, class));
                marks.extend(self.dot(&self.cycles, PANELS[1], total.bottleneck_cycles, y, class));
                marks.extend(self.bar(total, y, is_own));
            }
            Err(_) => marks.push(text(PANELS[0][0], y + 4.5, Anchor::Start, "does not fit").class("misfit")),
        }
        marks
    }

    /// A dot with its number on the side that has more room.
    fn dot(&self, axis: &LogAxis, [left, right]: [f64; 2], value: u64, y: f64, class: &str) -> [Element; 3] {
        let x = axis.place(value);
        let (at, anchor) =
            if x > f64::midpoint(left, right) { (x - 10.0, Anchor::End) } else { (x + 10.0, Anchor::Start) };
        [
            line("thread", [left, y], [right, y]),
            circle(class, [x, y], 5.5).tooltip(grouped(value)),
            text(at, y - 5.0, anchor, short(value)).class("number"),
        ]
    }

    fn bar(&self, total: &Total, y: f64, is_own: bool) -> [Element; 3] {
        let [left, right] = PANELS[2];
        let room = right - left - 52.0;
        let width = room * total.utilization / self.most_used;
        [
            rect("track", left, y - 6.0, room, 12.0),
            rect(if is_own { "bar own" } else { "bar" }, left, y - 6.0, width, 12.0),
            text(right, y + 4.5, Anchor::End, percent(total.utilization)).class("number"),
        ]
    }
}
