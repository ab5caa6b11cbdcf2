//! Utilization and crossbars, a bar per layer.

use super::{Anchor, Element, canvas, line, rect, shortened, text, upright_text};
use crate::report::number::{grouped, length, percent, short};
use crate::report::{LayerSummary, Summary};

const WIDTH: f64 = 1080.0;
const LEFT: f64 = 78.0;
const RIGHT: f64 = 1066.0;
/// Top and bottom of the panels: utilization, crossbars.
const PANELS: [[f64; 2]; 2] = [[42.0, 202.0], [242.0, 352.0]];
/// Layers up to which each bar is named; more are numbered.
const NAMED: usize = 30;

/// The figure: above how much of its crossbars a layer uses, below how many it holds.
pub fn utilization(summary: &Summary) -> Element {
    let layers = &summary.layers;
    let step = (RIGHT - LEFT) / layers.len().max(1) as f64;
    let most = layers.iter().map(|layer| layer.crossbars).max().unwrap_or(1).max(1);
    let longest = layers.iter().map(|layer| layer.name.chars().count().min(LONGEST_NAME)).max().unwrap_or(0);
    let foot = if layers.len() <= NAMED { 24.0 + 5.2 * longest as f64 } else { 44.0 };
    let description = format!(
        "Bars for {} layers: utilization, {} over the network, and unit crossbars, {} in all.",
        layers.len(),
        percent(summary.total.utilization),
        grouped(summary.total.crossbars)
    );
    let bars = layers.iter().enumerate().flat_map(|(place, layer)| {
        let column = Column { left: LEFT + step * place as f64, step, place };
        column.draw(layer, most, layers.len())
    });
    let names = [
        upright_text(16.0, 122.0, "utilization").class("axis"),
        upright_text(16.0, 297.0, "unit crossbars").class("axis"),
    ];
    canvas(WIDTH, PANELS[1][1] + foot, description)
        .children(scale(
            PANELS[0],
            [(0.0, "0"), (0.5, "50 %"), (1.0, "100 %")].map(|(part, words)| (part, words.to_owned())),
        ))
        .children(scale(PANELS[1], [(0.0, "0".to_owned()), (1.0, short(most))]))
        .children(names)
        .children(bars)
        .children(average(summary.total.utilization))
}

/// Names longer than this many letters are cut.
const LONGEST_NAME: usize = 22;

struct Column {
    left: f64,
    step: f64,
    place: usize,
}

impl Column {
    fn draw(&self, layer: &LayerSummary, most: u64, layers: usize) -> Vec<Element> {
        let share = layer.crossbars as f64 / most as f64;
        let kind = format!("bar k-{}", layer.kind);
        let used = format!("{}: {} utilization", layer.name, percent(layer.utilization));
        let held = format!("{}: {} crossbars", layer.name, grouped(layer.crossbars));
        let middle = self.left + self.step / 2.0;
        let mut marks = vec![
            self.bar("track", PANELS[0], 1.0).tooltip(&used),
            self.bar(&kind, PANELS[0], layer.utilization).with("data-layer", self.place).tooltip(used),
            self.bar(&kind, PANELS[1], share).tooltip(held),
        ];
        if self.step >= 38.0 {
            let top = PANELS[0][1] - (PANELS[0][1] - PANELS[0][0]) * layer.utilization;
            marks.push(text(middle, top - 5.0, Anchor::Middle, percent(layer.utilization)).class("number small"));
        }
        marks.extend(self.name(layer, layers));
        marks
    }

    fn bar(&self, class: &str, [top, bottom]: [f64; 2], part: f64) -> Element {
        let width = (self.step * 0.72).min(46.0);
        let height = (bottom - top) * part.min(1.0);
        rect(class, self.left + (self.step - width) / 2.0, bottom - height, width, height)
    }

    fn name(&self, layer: &LayerSummary, layers: usize) -> Option<Element> {
        let [x, y] = [self.left + self.step / 2.0, PANELS[1][1] + 16.0];
        if layers > NAMED {
            let number = self.place + 1;
            return (number == 1 || number.is_multiple_of(10))
                .then(|| text(x, y, Anchor::Middle, number).class("tick"));
        }
        let name = shortened(&layer.name, LONGEST_NAME);
        let turn = format!("rotate(-45 {} {})", length(x), length(y));
        Some(text(x, y, Anchor::End, name).class("tick").with("transform", turn))
    }
}

fn scale<const N: usize>([top, bottom]: [f64; 2], ticks: [(f64, String); N]) -> Vec<Element> {
    let ticks = ticks.into_iter().flat_map(|(part, number)| {
        let y = bottom - (bottom - top) * part;
        [line("grid", [LEFT, y], [RIGHT, y]), text(LEFT - 8.0, y + 4.0, Anchor::End, number).class("tick")]
    });
    ticks.collect()
}

/// The network's utilization as a line across the bars.
fn average(utilization: f64) -> [Element; 2] {
    let [top, bottom] = PANELS[0];
    let y = bottom - (bottom - top) * utilization.min(1.0);
    let words = format!("network {}", percent(utilization));
    [line("average", [LEFT, y], [RIGHT, y]), text(RIGHT, top - 28.0, Anchor::End, words).class("average-label")]
}
