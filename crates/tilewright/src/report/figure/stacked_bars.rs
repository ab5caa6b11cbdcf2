//! Horizontal bars cut into parts, in two panels of a scale each.

use super::legend::{Entry, legend};
use super::{Anchor, Element, canvas, line, rect, text};

const WIDTH: f64 = 1080.0;
const LEFT: f64 = 250.0;
/// Left and right ends of the panels.
const PANELS: [[f64; 2]; 2] = [[LEFT, 640.0], [680.0, 1070.0]];
const ROW: f64 = 34.0;
/// Room for the number behind the longest bar.
const NUMBER: f64 = 78.0;

/// One bar in each panel.
#[derive(Clone, Debug, PartialEq)]
pub struct StackedBar {
    /// What it is of.
    pub label: String,
    /// A word under the label; may be empty.
    pub note: String,
    /// The parts in each panel, as many as there are names of parts.
    pub parts: [Vec<f64>; 2],
}

/// The figure: `heads` say what the panels show, with units; `parts` name the parts; numbers are written by `number`.
pub fn stacked_bars(heads: [&str; 2], parts: &[&str], bars: &[StackedBar], number: impl Fn(f64) -> String) -> Element {
    let most = [0, 1].map(|panel| bars.iter().map(|bar| total(bar, panel)).fold(f64::MIN_POSITIVE, f64::max));
    let entries = parts.iter().enumerate().map(|(place, name)| Entry::new(class(place), *name)).collect();
    let (key, height) = legend(entries, [0.0, 4.0], WIDTH);
    let top = height + 34.0;
    let description = format!("{} and {} of {}, cut into parts.", heads[0], heads[1], words(bars));
    let titles =
        heads.iter().zip(PANELS).map(|(head, [left, _])| text(left, height + 20.0, Anchor::Start, head).class("axis"));
    let rows = bars.iter().enumerate().flat_map(|(place, bar)| {
        let y = top + ROW * place as f64;
        let mut marks = labels(bar, y);
        for panel in [0, 1] {
            marks.extend(draw(bar, panel, most[panel], y, parts, &number));
        }
        marks
    });
    let bottom = top + ROW * bars.len() as f64;
    let axes = PANELS.map(|[left, _]| line("grid", [left, top - 6.0], [left, bottom]));
    canvas(WIDTH, bottom + 6.0, description).child(&key).children(titles).children(axes).children(rows)
}

fn class(place: usize) -> String {
    format!("c{}", place % super::COLOURS)
}

fn words(bars: &[StackedBar]) -> String {
    bars.iter().map(|bar| bar.label.as_str()).collect::<Vec<_>>().join(", ")
}

fn total(bar: &StackedBar, panel: usize) -> f64 {
    bar.parts[panel].iter().sum()
}

fn labels(bar: &StackedBar, y: f64) -> Vec<Element> {
    let label = text(0.0, y + 11.0, Anchor::Start, &bar.label).class("label");
    let note = (!bar.note.is_empty()).then(|| text(0.0, y + 25.0, Anchor::Start, &bar.note).class("tick"));
    [Some(label), note].into_iter().flatten().collect()
}

fn draw(
    bar: &StackedBar,
    panel: usize,
    most: f64,
    y: f64,
    names: &[&str],
    number: &impl Fn(f64) -> String,
) -> Vec<Element> {
    let [left, right] = PANELS[panel];
    let scale = (right - left - NUMBER) / most;
    let mut x = left;
    let mut marks = Vec::new();
    for (place, (value, name)) in bar.parts[panel].iter().zip(names).enumerate() {
        let width = value * scale;
        if width > 0.0 {
            let tooltip = format!("{}, {name}: {}", bar.label, number(*value));
            marks.push(rect(&class(place), x, y, width, 18.0).with("data-part", name).tooltip(tooltip));
        }
        x += width;
    }
    marks.push(text(x + 6.0, y + 13.0, Anchor::Start, number(total(bar, panel))).class("number"));
    marks
}
