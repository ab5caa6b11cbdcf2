//! The feature map and a crossbar of every distinct layer, chosen from a list.

use super::{Page, captioned, titled};
use crate::mapping::{LayerMapping, Mapping, Tiles};
use crate::network::LayerKind;
use crate::report::figure::{CrossbarDrawing, FeatureMapDrawing, MAGNIFIED};
use crate::report::markup::Element;
use crate::report::number::{counted, grouped, percent, size};
use std::collections::BTreeMap;

/// Bytes that all drawings together may take; later layers stay undrawn.
const DRAWINGS_LIMIT: usize = 1_600_000;
/// Crossbars of more cells are not drawn: a cell would be smaller than a pixel.
const CELLS_LIMIT: usize = 1 << 22;

pub(super) fn section(page: &Page) -> Element {
    let drawn = Drawn::new(&page.mapping);
    let options = page.mapping.layers.iter().enumerate().map(|(place, layer)| {
        let option = Element::new("option").with("value", place);
        match drawn.of_layer[place] {
            Some(panel) => option.with("data-panel", panel).text(&layer.name),
            None => option.flag("disabled").text(format!("{} (not drawn)", layer.name)),
        }
    });
    let select = Element::new("select").with("id", "layer-select").children(options);
    let label = Element::new("label").with("for", "layer-select").text("Layer");
    let chooser = Element::new("p").class("chooser").child(&label).child(&select);
    let lead = "How a layer’s input is cut into sub-images, and what one of its unit crossbars holds.";
    titled("drawings", "A layer on its crossbars", lead)
        .child(&chooser)
        .children(drawn.note())
        .children(drawn.named(&page.mapping))
}

/// A layer of a mapping with its feature map and a crossbar, for a page that has [`STYLE`](super::STYLE) and
/// [`definitions`](crate::report::figure::definitions); none if a crossbar has too many cells to be drawn.
///
/// # Panics
/// If the mapping has no layer at `place`.
pub fn layer(mapping: &Mapping, place: usize) -> Option<Element> {
    panel(&mapping.layers[place], 0)
}

/// The panels of layers, one for all that look the same, as long as they do not take too many bytes.
pub(super) struct Gallery {
    /// The panels.
    pub panels: Vec<Element>,
    /// The panel of each look, if it has one.
    known: BTreeMap<String, Option<usize>>,
    bytes: usize,
    limit: usize,
}

impl Gallery {
    /// Without panels, which may take so many bytes.
    pub(super) fn new(limit: usize) -> Self {
        Self { panels: vec![], known: BTreeMap::new(), bytes: 0, limit }
    }

    /// The place of a layer's panel; none if a cell would be too small to be seen, or if there is no room for it.
    pub(super) fn panel_of(&mut self, layer: &LayerMapping) -> Option<usize> {
        let look = look(layer);
        if let Some(&panel) = self.known.get(&look) {
            return panel;
        }
        let panel = (!self.is_full()).then(|| self.drawn(layer)).flatten();
        self.known.insert(look, panel);
        panel
    }

    /// Whether so little room is left that drawing what may not fit is not worth its time.
    fn is_full(&self) -> bool {
        self.bytes > self.limit - self.limit / 16
    }

    fn drawn(&mut self, layer: &LayerMapping) -> Option<usize> {
        let place = self.panels.len();
        let panel = panel(layer, place)?;
        let size = panel.to_string().len();
        (self.bytes + size <= self.limit).then(|| {
            self.bytes += size;
            self.panels.push(panel);
            place
        })
    }
}

/// All that a panel shows; neither a tiling nor an encoding has an order of its own, its written form has.
fn look(LayerMapping { kind, shape, crossbar, encoding, tiling, .. }: &LayerMapping) -> String {
    format!("{kind:?} {shape:?} {crossbar:?} {encoding:?} {tiling:?}")
}

/// The panels of a mapping.
struct Drawn {
    panels: Vec<Element>,
    /// The panel of each layer, if it has one.
    of_layer: Vec<Option<usize>>,
}

impl Drawn {
    fn new(mapping: &Mapping) -> Self {
        let mut gallery = Gallery::new(DRAWINGS_LIMIT);
        let of_layer = mapping.layers.iter().map(|layer| gallery.panel_of(layer)).collect();
        Self { panels: gallery.panels, of_layer }
    }

    /// Each panel under the names of its layers, for paper, where all are shown and nothing can be chosen.
    fn named<'a>(&'a self, mapping: &'a Mapping) -> impl Iterator<Item = Element> + 'a {
        self.panels.iter().enumerate().map(|(place, panel)| {
            let layers = mapping.layers.iter().zip(&self.of_layer).filter(|(_, of)| **of == Some(place));
            let names: Vec<&str> = layers.map(|(layer, _)| layer.name.as_str()).collect();
            let names = Element::new("p").class("of-layers").text(names.join(", "));
            Element::new("div").class("drawn").child(&names).child(panel)
        })
    }

    /// Says so where layers are missing.
    fn note(&self) -> Option<Element> {
        let missing = self.of_layer.iter().filter(|panel| panel.is_none()).count();
        (missing > 0).then(|| {
            let words = format!(
                "{} of {} layers are drawn; the others would make the page too large.",
                self.of_layer.len() - missing,
                self.of_layer.len()
            );
            Element::new("p").class("note").text(words)
        })
    }
}

/// Both drawings of a layer; all panels but the first are hidden until their layer is chosen.
fn panel(layer: &LayerMapping, place: usize) -> Option<Element> {
    if layer.crossbar.cells() > CELLS_LIMIT {
        return None;
    }
    let tiles = layer.tiles().ok()?;
    let panel = Element::new("div").class("panel").with("data-panel", place);
    let panel = if place == 0 { panel } else { panel.flag("hidden") };
    let drawing = CrossbarDrawing::new(&tiles)?;
    let id = format!("cells-{place}");
    let left = Element::new("div").child(&feature_map(layer, &tiles)).children(magnified(&drawing, &id));
    let figures = Element::new("div").class("figures").child(&left).child(&crossbar(layer, &drawing, &id));
    Some(panel.child(&facts(layer, &tiles)).child(&figures))
}

fn facts(layer: &LayerMapping, tiles: &Tiles) -> Element {
    let counts = &layer.counts;
    let copies = layer.tiling.replication.max(1);
    let crossbars = counted(counts.crossbars, "crossbar", "crossbars");
    let held = match copies {
        1 => format!("{crossbars}, one copy"),
        _ => format!("{crossbars}, {} copies of {}", grouped(copies), grouped(counts.crossbars / copies)),
    };
    let cycles = counted(counts.cycles, "cycle", "cycles");
    let words =
        format!("{}: {held}, {cycles}, {} utilization", layer.shape, percent(counts.utilization(tiles.crossbar)));
    Element::new("p").class("facts").text(words)
}

fn feature_map(layer: &LayerMapping, tiles: &Tiles) -> Element {
    if layer.kind == LayerKind::Dense {
        let words = format!(
            "A fully connected layer has no feature map to cut: its {} inputs drive the rows.",
            grouped(layer.shape.in_channels as u64)
        );
        return Element::new("figure").child(&Element::new("p").class("empty").text(words));
    }
    let drawing = FeatureMapDrawing::new(tiles);
    let packed = tiles.tiling.packing.windows;
    let share = if tiles.tiling.is_stacked() { "are loaded together" } else { "share a crossbar" };
    let together = if packed > 1 { format!(" {packed} windows {share}.") } else { String::new() };
    let overhead = tiles.partition.overlap_overhead();
    let overlap = if overhead > 0.0 {
        format!(", {} more than it advances by", percent(overhead))
    } else {
        " without a halo".into()
    };
    let caption = format!(
        "A window of {} outputs reads a sub-image of {} inputs a channel{overlap}.{together}",
        size(drawing.window.size),
        size(drawing.sub_image.size),
    );
    captioned(&drawing.draw(), caption)
}

fn magnified(drawing: &CrossbarDrawing, id: &str) -> Option<Element> {
    let caption = format!("The first {MAGNIFIED} word lines and bit lines of the crossbar, magnified.");
    Some(captioned(&drawing.magnified(id)?, caption))
}

fn crossbar(layer: &LayerMapping, drawing: &CrossbarDrawing, id: &str) -> Element {
    let each = layer.counts.crossbars / layer.tiling.replication.max(1);
    let packing = layer.tiling.packing;
    let pack = if layer.tiling.is_stacked() { "A stack cut into crossbars has" } else { "It packs" };
    let blocks = match (packing.groups, packing.windows) {
        (1, 1) if layer.tiling.turns > 1 => " It packs single channel groups.".into(),
        (1, 1) => String::new(),
        (groups, 1) => format!(" {pack} {groups} channel groups."),
        (1, windows) => format!(" {pack} {windows} windows."),
        (groups, windows) => format!(" {pack} {groups} channel groups × {windows} windows."),
    };
    let which = match each {
        1 => "The one crossbar of a copy".into(),
        _ => format!("The first of a copy’s {} crossbars", grouped(each)),
    };
    let turns = match drawing.turns.len() {
        1 => String::new(),
        turns => {
            format!(" {turns} such packs take turns: while one is driven, the rows of the others are held at zero.")
        }
    };
    let caption = format!("{which}: {} cells hold a weight.{blocks}{turns}", grouped(drawing.weight_cells() as u64));
    let readout = Element::new("p").class("readout").with("aria-live", "off").text("Point at a cell to read it.");
    captioned(&drawing.draw(id), caption).child(&readout)
}
