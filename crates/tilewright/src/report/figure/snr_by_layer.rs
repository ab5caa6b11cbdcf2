//! How far each layer's outputs are from exact ones.

use super::legend::{Entry, legend};
use super::{Anchor, Element, LinearAxis, canvas, circle, line, rect, shortened, text, text_width};
use crate::simulate::{LayerError, OutputError};

const WIDTH: f64 = 1120.0;
const RIGHT: f64 = 1096.0;
const TOP: f64 = 10.0;
const ROW: f64 = 22.0;
/// Names longer than this many letters are cut.
const LONGEST: usize = 28;

/// The figure: a row a layer, its own error and that behind the layers before, in decibels; a layer that is exact or has no signal has a word.
pub fn snr_by_layer(layers: &[LayerError]) -> Element {
    let names: Vec<String> = layers.iter().map(|layer| shortened(&layer.name, LONGEST)).collect();
    let left = 20.0 + names.iter().map(|name| text_width(name)).fold(40.0, f64::max);
    let bottom = TOP + ROW * layers.len() as f64;
    let known = layers.iter().flat_map(|layer| [layer.own.snr_db, layer.reached.snr_db]).flatten();
    let x = LinearAxis::around(known.chain([0.0]), 20.0, [left, RIGHT - 10.0]);
    let rows = layers.iter().zip(&names).enumerate().flat_map(|(place, (layer, name))| {
        let y = TOP + ROW * (place as f64 + 0.5);
        let name = text(left - 10.0, y + 4.5, Anchor::End, name).child(&Element::new("title").text(&layer.name));
        [name].into_iter().chain(marks(layer, &x, y))
    });
    let entries = [
        Entry::new("swatch n0", "what the layer itself does wrong"),
        Entry::new("swatch n5", "what reaches the next layer, behind the layers before"),
    ];
    let (words, height) = legend(entries.into(), [left, bottom + 56.0], RIGHT);
    let description = format!("Signal-to-noise ratio of {} layers, own and behind the layers before.", layers.len());
    canvas(WIDTH, bottom + 56.0 + height, description)
        .children(x.draw_below(TOP, bottom, |snr| format!("{snr:.0}")))
        .child(&rect("frame", left, TOP, RIGHT - left, bottom - TOP))
        .child(&text(x.middle(), bottom + 42.0, Anchor::Middle, "signal-to-noise ratio, dB").class("axis"))
        .children(rows)
        .child(&words)
}

/// Both marks of a layer and what joins them.
fn marks(layer: &LayerError, x: &LinearAxis, y: f64) -> Vec<Element> {
    let [own, reached] = [&layer.own, &layer.reached].map(|error| error.snr_db.map(|snr| x.place(snr)));
    let told = |words: &str, error: &OutputError| {
        let snr = error.snr();
        format!("{}, {words}: {snr}, gain {:.4}, bias {:.4}", layer.name, error.gain, error.bias)
    };
    let mark = |class: &str, place: Option<f64>, words: &str, error: &OutputError| {
        place.map(|place| circle(class, [place, y], 6.0).tooltip(told(words, error)))
    };
    let between = own.zip(reached).map(|(own, reached)| line("between", [own, y], [reached, y]));
    let word = (own.is_none() && reached.is_none())
        .then(|| text(x.place(0.0) + 8.0, y + 4.5, Anchor::Start, layer.reached.snr()).class("tick"));
    let own = mark("mark n0", own, "own", &layer.own);
    let reached = mark("mark n5", reached, "behind the layers before", &layer.reached);
    [between, reached, own, word].into_iter().flatten().collect()
}
