//! A layer's feature map cut into sub-images, one of them marked with its halo.
//!
//! ```text
//!   padded input                       output
//!   ╱╱╱╱╱╱╱╱╱╱╱╱╱╱╱                    ┌────┬────┬──
//!   ╱┌────┬────┬───                    │    │    │
//!   ╱│  ▒▒▒▒▒▒▒▒                       ├────┼────┼──
//!   ╱├──▒┌────┐▒───  ▒ halo            │    │████│
//!   ╱│  ▒│████│▒     █ window          ├────┼────┼──
//!   ╱│  ▒└────┘▒       (own pixels)    │    │    │
//! ```

mod axis;
mod region;
mod sheet;

pub use region::Region;

use super::legend::{Entry, legend};
use super::{Anchor, Element, canvas, line, rectangles, text, text_width};
use crate::mapping::Tiles;
use crate::report::number::{counted, size};
use axis::{Axis, SHOWN_PIXELS};
use sheet::Sheet;
use std::collections::BTreeMap;

const WIDTH: f64 = 560.0;
const TOP: f64 = 30.0;
const GAP: f64 = 44.0;
/// The longest side of a map in SVG units.
const SIDE: f64 = 300.0;

/// What the figure shows; regions of the input count from the corner of the padding.
#[derive(Clone, Debug)]
pub struct FeatureMapDrawing {
    axes: [Axis; 2],
    /// The sub-image that is marked.
    pub sub_image: Region,
    /// Its own pixels: those it advances by, in its middle. The rest of it is halo.
    pub own: Region,
    /// The output window it yields.
    pub window: Region,
    /// How often the shown pixels are read by sub-images of one load each, those read once left out.
    pub reads: Vec<(Region, usize)>,
}

impl FeatureMapDrawing {
    /// The drawing of a layer's tiles.
    pub fn new(tiles: &Tiles) -> Self {
        let shape = &tiles.shape;
        let advance = tiles.partition.axes.map(|axis| axis.window * axis.stride);
        let pixels = (12 * advance[0].min(advance[1])).min(SHOWN_PIXELS).max(3 * advance[0].max(advance[1]));
        let axes = [0, 1]
            .map(|axis| Axis::new(tiles.partition.axes[axis], shape.padding.on_axis(axis), shape.input[axis], pixels));
        let region = |span: fn(&Axis) -> [usize; 2]| {
            let [y, x] = [0, 1].map(|axis: usize| span(&axes[axis]));
            Region { corner: [y[0], x[0]], size: [y[1], x[1]] }
        };
        let [sub_image, own, window] = [region(Axis::sub_image), region(Axis::own), region(Axis::window)];
        let [rows, columns] = [0, 1].map(|axis: usize| axes[axis].reads());
        let reads = rows.iter().flat_map(|&(y, height, above)| {
            let across = columns
                .iter()
                .map(move |&(x, width, beside)| (Region { corner: [y, x], size: [height, width] }, above * beside));
            across.filter(|(_, reads)| *reads != 1)
        });
        Self { sub_image, own, window, reads: reads.collect(), axes }
    }

    /// Pixels the marked sub-image reads besides its own.
    pub const fn halo_area(&self) -> usize {
        self.sub_image.area() - self.own.area()
    }

    /// Whether only the upper left part of the maps is drawn.
    pub fn is_cut(&self) -> bool {
        self.axes.iter().any(Axis::is_cut)
    }

    fn is_padded(&self) -> bool {
        self.axes.iter().any(|axis| axis.padding != [0, 0])
    }

    /// The figure.
    pub fn draw(&self) -> Element {
        let [[in_height, out_height], [in_width, out_width]] =
            [0, 1].map(|axis: usize| [self.axes[axis].shown_input(), self.axes[axis].shown_output()]);
        let room = (WIDTH - GAP - 2.0) / (in_width + out_width) as f64;
        let scale = room.min(SIDE / in_height.max(out_height) as f64).min(56.0);
        let input = Sheet { left: 1.0, top: TOP, scale };
        let output = Sheet { left: (1.0 + in_width as f64 * scale + GAP).max(WIDTH / 2.0), top: TOP, scale };
        let height = TOP + scale * in_height.max(out_height) as f64 + if self.is_cut() { 34.0 } else { 16.0 };
        let (legend, legend_height) = legend(self.legend(), [1.0, height], WIDTH);
        canvas(WIDTH, height + legend_height + 4.0, self.description())
            .children(self.draw_input(input))
            .children(self.draw_output(output))
            .children(self.headings(input, output))
            .child(&legend)
    }

    fn description(&self) -> String {
        format!(
            "An input of {} pixels read in sub-images of {}, each yielding an output window of {}; {} halo.",
            size(self.axes.each_ref().map(|axis| axis.input)),
            size(self.sub_image.size),
            size(self.window.size),
            counted(self.halo_area() as u64, "pixel of", "pixels of")
        )
    }

    fn headings(&self, input: Sheet, output: Sheet) -> Vec<Element> {
        let [image, result, windows] = [
            self.axes.each_ref().map(|axis| axis.input),
            self.axes.each_ref().map(|axis| axis.partition.output),
            self.axes.each_ref().map(|axis| axis.partition.windows()),
        ]
        .map(size);
        let head = |left: f64, words: String| {
            let (x, anchor) =
                if left + text_width(&words) > WIDTH { (WIDTH, Anchor::End) } else { (left, Anchor::Start) };
            text(x, 18.0, anchor, words).class("axis")
        };
        let mut headings = vec![
            head(input.left, format!("input {image}")),
            head(output.left, format!("output {result} in {windows} windows")),
        ];
        if self.is_cut() {
            let shown = self.axes.each_ref().map(Axis::shown_input);
            let padded = self.axes.each_ref().map(Axis::padded);
            let included = if self.is_padded() { ", padding included" } else { "" };
            let words = format!("upper left {} of {}{included}", size(shown), size(padded));
            let below = TOP + input.scale * shown[0] as f64 + 20.0;
            headings.push(text(input.left, below, Anchor::Start, words).class("tick"));
        }
        headings
    }

    fn draw_input(&self, sheet: Sheet) -> Vec<Element> {
        let [height, width] = self.axes.each_ref().map(Axis::shown_input);
        let whole = Region { corner: [0, 0], size: [height, width] };
        let image = self.axes.each_ref().map(Axis::shown_image);
        let image = Region { corner: image.map(|span| span[0]), size: image.map(|span| span[1]) };
        let own_lines = [0, 1].map(|axis: usize| self.axes[axis].own_boundaries());
        let mut marks = vec![
            sheet.region("padding", whole).tooltip("padding: zeros, driven like pixels"),
            sheet.region("image", image),
        ];
        marks.extend(self.draw_reads(sheet));
        marks.extend(sheet.grid(&own_lines, image));
        marks.extend(self.neighbours().into_iter().map(|region| sheet.region("neighbour", region)));
        marks.push(self.draw_halo(sheet));
        let own = sheet.region("own-pixels", self.own);
        marks.push(own.tooltip(format!("the window's own {} pixels", size(self.own.size))));
        marks.extend(sheet.name(self.own, size(self.own.size)));
        marks.push(sheet.region("sub-image", self.sub_image));
        marks.extend(self.cut_edges(sheet, [height, width]));
        marks
    }

    fn draw_reads(&self, sheet: Sheet) -> Vec<Element> {
        let mut by_reads: BTreeMap<usize, Vec<[f64; 4]>> = BTreeMap::new();
        for (region, reads) in &self.reads {
            by_reads.entry(*reads).or_default().push(sheet.place(*region));
        }
        let layers = by_reads.into_iter().map(|(reads, places)| {
            rectangles(read_class(reads), places).tooltip(match reads {
                0 => "read by no sub-image".into(),
                _ => format!("read by {reads} sub-images"),
            })
        });
        layers.collect()
    }

    /// The halo as four strips around the own pixels.
    fn draw_halo(&self, sheet: Sheet) -> Element {
        let [outer, inner] = [self.sub_image, self.own].map(|region| sheet.place(region));
        let [right, bottom] = [inner[0] + inner[2], inner[1] + inner[3]];
        let strips = [
            [outer[0], outer[1], outer[2], inner[1] - outer[1]],
            [outer[0], bottom, outer[2], outer[1] + outer[3] - bottom],
            [outer[0], inner[1], inner[0] - outer[0], inner[3]],
            [right, inner[1], outer[0] + outer[2] - right, inner[3]],
        ];
        let strips = strips.into_iter().filter(|[_, _, width, height]| *width > 1e-6 && *height > 1e-6);
        let words = format!("halo: {} of the sub-image's {} pixels", self.halo_area(), self.sub_image.area());
        rectangles("halo", strips).with("data-pixels", self.halo_area()).tooltip(words)
    }

    /// The sub-images right of and below the marked one, where they are in view.
    fn neighbours(&self) -> Vec<Region> {
        let next = [0, 1].map(|axis: usize| self.axes[axis].next_start());
        let mut neighbours = Vec::new();
        if let Some(x) = next[1] {
            neighbours.push(Region { corner: [self.sub_image.corner[0], x], ..self.sub_image });
        }
        if let Some(y) = next[0] {
            neighbours.push(Region { corner: [y, self.sub_image.corner[1]], ..self.sub_image });
        }
        neighbours
    }

    fn draw_output(&self, sheet: Sheet) -> Vec<Element> {
        let shown = self.axes.each_ref().map(Axis::shown_output);
        let whole = Region { corner: [0, 0], size: shown };
        let lines = self.axes.each_ref().map(Axis::window_boundaries);
        let mut marks = vec![sheet.region("image", whole)];
        marks.extend(sheet.grid(&lines, whole));
        let window = sheet.region("own-pixels sub-image", self.window);
        marks.push(window.tooltip(format!("output window {}", size(self.window.size))));
        marks.extend(sheet.name(self.window, size(self.window.size)));
        marks.extend(self.cut_edges(sheet, shown));
        marks
    }

    /// Dashed lines where the map goes on.
    fn cut_edges(&self, sheet: Sheet, shown: [usize; 2]) -> Vec<Element> {
        let [x, y, width, height] = sheet.place(Region { corner: [0, 0], size: shown });
        let below = line("cut", [x, y + height], [x + width, y + height]);
        let beside = line("cut", [x + width, y], [x + width, y + height]);
        let edges = [(&self.axes[0], below), (&self.axes[1], beside)];
        edges.into_iter().filter(|(axis, _)| axis.is_cut()).map(|(_, edge)| edge).collect()
    }

    fn legend(&self) -> Vec<Entry> {
        let window = size(self.window.size);
        let own = if self.own.size == self.window.size {
            format!("window {window}")
        } else {
            format!("{} own pixels of a window {window}", size(self.own.size))
        };
        let mut entries = vec![Entry::new("own-pixels", own)];
        if self.halo_area() > 0 {
            entries.push(Entry::new("halo", format!("halo, {}", counted(self.halo_area() as u64, "pixel", "pixels"))));
        }
        entries.push(Entry::new("sub-image", format!("sub-image {}", size(self.sub_image.size))));
        if !self.neighbours().is_empty() {
            entries.push(Entry::new("neighbour", "its neighbours"));
        }
        if self.is_padded() {
            entries.push(Entry::new("padding", "padding"));
        }
        let counts: BTreeMap<&str, Vec<usize>> = self.reads.iter().fold(BTreeMap::new(), |mut counts, (_, reads)| {
            counts.entry(read_class(*reads)).or_default().push(*reads);
            counts
        });
        entries.extend(counts.into_iter().map(|(class, reads)| {
            let (least, most) = (reads.iter().min().unwrap_or(&0), reads.iter().max().unwrap_or(&0));
            let word = match (least, most) {
                (0, _) => "never read".into(),
                _ if least == most => format!("read {least}×"),
                _ => format!("read {least} to {most}×"),
            };
            Entry { classes: vec!["image".into(), class.into()], word }
        }));
        entries
    }
}

const fn read_class(reads: usize) -> &'static str {
    match reads {
        0 => "reads-0",
        1..=2 => "reads-2",
        3..=4 => "reads-4",
        _ => "reads-9",
    }
}
