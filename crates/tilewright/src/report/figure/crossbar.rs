//! One unit crossbar of a layer with its cells.
//!
//! A full 512×512 crossbar would be a quarter of a million squares. Cells of a colour that touch are merged into rectangles;
//! the channels of a crossbar look alike, so that the pattern of one is drawn once and repeated; and the negative columns of
//! differential pairs are one striped overlay.

use super::legend::{Entry, legend};
use super::{Anchor, COLOURS, Element, canvas, rect, rectangles, text, upright_text};
use crate::mapping::placement::{PlacedCrossbar, WeightCell, by_turns};
use crate::mapping::{CrossbarSize, Encoding, SignRule, Tiles};
use crate::report::number::grouped;
use std::collections::BTreeMap;
use std::fmt::Write;

const WIDTH: f64 = 560.0;
const LEFT: f64 = 62.0;
const TOP: f64 = 48.0;
/// The longest side of a crossbar in SVG units.
const SIDE: f64 = 440.0;

/// Crossbars with more rows or columns have cells of less than two SVG units.
const FINE: usize = 220;
/// Rows and columns of the part that is then magnified.
pub const MAGNIFIED: usize = 48;

/// What the colour of a cell stands for: what tells the cells of the crossbar apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CellColour {
    /// The output channel, where the crossbar has several.
    OutputChannel,
    /// The input channel, where it has one output channel and several inputs.
    InputChannel,
    /// The row of the kernel, where it has one channel pair.
    KernelRow,
}

/// A rectangle of weight cells of one colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Patch {
    /// First row.
    pub row: usize,
    /// First weight column.
    pub column: usize,
    /// Number of rows.
    pub rows: usize,
    /// Number of weight columns.
    pub columns: usize,
    /// Whose weights they are: a place in [`CrossbarDrawing::keys`].
    pub key: usize,
}

/// What the figure shows.
#[derive(Clone, Debug)]
pub struct CrossbarDrawing {
    size: CrossbarSize,
    encoding: Encoding,
    /// The crossbar, as the packs that take turns in it; one where all of it is driven at once.
    pub turns: Vec<PlacedCrossbar>,
    /// What the colours stand for.
    pub colour: CellColour,
    /// The values of that, ascending; a value's colour is its place here, modulo [`COLOURS`].
    pub keys: Vec<usize>,
    /// The cells that hold weights.
    pub patches: Vec<Patch>,
}

impl CrossbarDrawing {
    /// The first crossbar of a copy, or `None` for a layer without any.
    pub fn new(tiles: &Tiles) -> Option<Self> {
        let turns = by_turns(tiles).next()?;
        let outputs = distinct(turns.iter().flat_map(|turn| turn.columns.iter().map(|column| column.channel)));
        let inputs = distinct(turns.iter().flat_map(|turn| turn.rows.iter().map(|row| row.channel)));
        let [kernel_rows, kernel_columns] = tiles.shape.kernel;
        let (colour, keys) = match (outputs.len(), inputs.len()) {
            (2.., _) => (CellColour::OutputChannel, outputs),
            (_, 2..) => (CellColour::InputChannel, inputs),
            _ => (CellColour::KernelRow, (0..kernel_rows).collect()),
        };
        let key = |turn: &PlacedCrossbar, cell: &WeightCell| match colour {
            CellColour::OutputChannel => turn.columns[cell.column].channel,
            CellColour::InputChannel => turn.rows[cell.row].channel,
            CellColour::KernelRow => cell.weight / kernel_columns % kernel_rows,
        };
        let of_turn = |turn: &PlacedCrossbar| {
            let [row, column] = turn.corner;
            let patches = patches(turn, |cell| keys.partition_point(|&other| other < key(turn, cell)));
            patches.into_iter().map(move |patch| Patch { row: row + patch.row, column: column + patch.column, ..patch })
        };
        let patches = turns.iter().flat_map(of_turn).collect();
        Some(Self { size: tiles.crossbar, encoding: tiles.encoding, colour, keys, patches, turns })
    }

    /// Columns of cells in use: those of the weights and an offset column.
    pub fn used_columns(&self) -> usize {
        self.weight_columns() * self.encoding.columns_per_weight() + self.encoding.extra_columns()
    }

    fn weight_columns(&self) -> usize {
        self.turns.iter().map(|turn| turn.corner[1] + turn.columns.len()).max().unwrap_or(0)
    }

    fn used_rows(&self) -> usize {
        self.turns.iter().map(|turn| turn.corner[0] + turn.rows.len()).max().unwrap_or(0)
    }

    /// Cells where a row of a pack crosses a weight column of it, and those of an offset column.
    fn crossings(&self) -> usize {
        let of_weights = |turn: &PlacedCrossbar| turn.rows.len() * turn.columns.len();
        let weights: usize = self.turns.iter().map(of_weights).sum();
        weights * self.encoding.columns_per_weight() + self.used_rows() * self.encoding.extra_columns()
    }

    /// Cells that hold a part of a weight.
    pub fn weight_cells(&self) -> usize {
        self.turns.iter().map(|turn| turn.weights.len()).sum::<usize>() * self.encoding.columns_per_weight()
    }

    /// The figure; `id` is unique among those of a page.
    pub fn draw(&self, id: &str) -> Element {
        let CrossbarSize { rows, columns } = self.size;
        let scale = SIDE / rows.max(columns) as f64;
        let bottom = TOP + scale * rows as f64;
        let (legend, legend_height) = legend(self.legend(), [0.0, bottom + 18.0], WIDTH);
        let place = format!("translate({LEFT} {TOP}) scale({scale:.5})");
        let cells = Element::new("g").class("cells").with("id", format!("{id}-all")).children(self.cells(id));
        let cells = Element::new("g").with("transform", place).child(&self.readable(cells));
        canvas(WIDTH, bottom + 18.0 + legend_height + 4.0, self.description())
            .child(&cells)
            .child(&rect("frame", LEFT, TOP, scale * columns as f64, scale * rows as f64))
            .children(self.rulers(scale))
            .child(&legend)
    }

    /// The upper left corner of the figure called `id`, if that is too fine to see its cells.
    pub fn magnified(&self, id: &str) -> Option<Element> {
        let side = MAGNIFIED as f64;
        let fine = self.size.rows.max(self.size.columns) > FINE && self.size.rows.min(self.size.columns) >= MAGNIFIED;
        let cells = Element::new("use").with("href", format!("#{id}-all"));
        let description = format!("The first {MAGNIFIED} word lines and bit lines of the crossbar, magnified.");
        fine.then(|| canvas(side, side, description).class("magnified").child(&cells))
    }

    fn description(&self) -> String {
        format!(
            "A {} crossbar: {} of its cells hold a weight, on {} word lines and {} bit lines; the other {} crossings of \
             these are structural zeros.",
            self.size,
            grouped(self.weight_cells() as u64),
            self.used_rows(),
            self.used_columns(),
            grouped((self.crossings() - self.weight_cells()) as u64)
        )
    }

    /// What drives each row and what each column yields, for the page's script to tell under the pointer.
    fn readable(&self, cells: Element) -> Element {
        let list = |places: &mut dyn Iterator<Item = [usize; 4]>| {
            let mut text = String::new();
            for [window, y, x, channel] in places {
                write!(text, "{window},{y},{x},{channel} ").expect("writing to a string does not fail");
            }
            text
        };
        let rows = self.turns.iter().flat_map(|turn| &turn.rows);
        let rows = list(&mut rows.map(|row| [row.window, row.pixel[0], row.pixel[1], row.channel]));
        let columns = self.turns.iter().flat_map(|turn| &turn.columns);
        let columns = list(&mut columns.map(|of| [of.window, of.pixel[0], of.pixel[1], of.channel]));
        let turns =
            list(&mut self.turns.iter().map(|PlacedCrossbar { corner: [row, column], rows, columns, .. }| {
                [*row, *column, rows.len(), columns.len()]
            }));
        let cells = if self.turns.len() > 1 { cells.with("data-turns", turns.trim_end()) } else { cells };
        cells.with("data-rows", rows.trim_end()).with("data-columns", columns.trim_end()).with(
            "data-cells",
            format!(
                "{} {}",
                self.encoding.columns_per_weight(),
                u8::from(self.encoding.sign == SignRule::Differential)
            ),
        )
    }

    /// The marks in units of a cell.
    fn cells(&self, id: &str) -> Vec<Element> {
        let width = self.encoding.columns_per_weight();
        let (rows, columns) = (self.used_rows() as f64, (self.weight_columns() * width) as f64);
        let mut marks = vec![rect("unused", 0.0, 0.0, self.size.columns as f64, self.size.rows as f64)];
        marks.extend(self.turns.iter().map(|PlacedCrossbar { corner: [row, column], rows, columns, .. }| {
            let [column, columns] = [column, &columns.len()].map(|column| (column * width) as f64);
            rect("zeros", column, *row as f64, columns, rows.len() as f64)
        }));
        marks.extend(self.weights(id));
        if self.encoding.sign == SignRule::Differential {
            let negative = (0..self.weight_columns() * width / 2).map(|pair| [(2 * pair + 1) as f64, 0.0, 1.0, rows]);
            marks.push(rectangles("negative", negative));
        }
        let offset = self.encoding.extra_columns() as f64;
        if offset > 0.0 {
            marks.push(rect("offset", columns, 0.0, offset, rows));
        }
        marks
    }

    /// The weight cells, key by key: each pattern once, and where it is repeated.
    fn weights(&self, id: &str) -> Vec<Element> {
        let width = self.encoding.columns_per_weight();
        let mut by_key: BTreeMap<usize, Vec<Patch>> = BTreeMap::new();
        for patch in &self.patches {
            by_key.entry(patch.key).or_default().push(*patch);
        }
        let mut patterns: BTreeMap<Vec<Patch>, String> = BTreeMap::new();
        let mut definitions = Vec::new();
        let mut uses = Vec::new();
        for (key, patches) in by_key {
            let (corner, pattern) = at_origin(patches);
            let next = format!("{id}-{}", patterns.len());
            let name = patterns.entry(pattern).or_insert_with_key(|pattern| {
                let places = pattern.iter().map(|patch| {
                    let [column, columns] = [patch.column, patch.columns].map(|column| (column * width) as f64);
                    [column, patch.row as f64, columns, patch.rows as f64]
                });
                definitions.push(rectangles("", places).with("id", &next));
                next
            });
            let place =
                Element::new("use").class(format!("weight c{}", key % COLOURS)).with("href", format!("#{name}"));
            uses.push(place.with("x", corner[1] * width).with("y", corner[0]));
        }
        [Element::new("defs").children(definitions)].into_iter().chain(uses).collect()
    }

    /// How many rows and columns are used, along the crossbar's sides.
    fn rulers(&self, scale: f64) -> Vec<Element> {
        let CrossbarSize { rows, columns } = self.size;
        let used = [self.used_rows(), self.used_columns()];
        let [height, width] = used.map(|used| used as f64 * scale);
        let bar = |x: f64, y: f64, width: f64, height: f64| rect("ruler", x, y, width, height);
        vec![
            bar(LEFT, TOP - 9.0, width, 3.0),
            bar(LEFT - 9.0, TOP, 3.0, height),
            text(LEFT, TOP - 18.0, Anchor::Start, format!("bit lines: {} of {columns} used", used[1])).class("axis"),
            upright_text(
                LEFT - 18.0,
                TOP + scale * rows as f64 / 2.0,
                format!("word lines: {} of {rows} used", used[0]),
            )
            .class("axis"),
        ]
    }

    fn legend(&self) -> Vec<Entry> {
        let name = match self.colour {
            CellColour::OutputChannel => "output channel",
            CellColour::InputChannel => "input channel",
            CellColour::KernelRow => "kernel row",
        };
        let mut entries: Vec<Entry> = self
            .keys
            .iter()
            .take(COLOURS)
            .enumerate()
            .map(|(colour, key)| {
                let word = if colour == 0 { format!("{name} {key}") } else { key.to_string() };
                Entry::new(format!("weight c{colour}"), word)
            })
            .collect();
        if let (Some(last), true) = (entries.last_mut(), self.keys.len() > COLOURS) {
            let more = self.keys.len() - COLOURS;
            write!(last.word, " … {more} more, colours repeat").expect("writing to a string does not fail");
        }
        if self.encoding.sign == SignRule::Differential {
            entries
                .push(Entry { classes: vec!["weight c0".into(), "negative".into()], word: "negative column".into() });
        }
        if self.encoding.extra_columns() > 0 {
            entries.push(Entry::new("offset", "offset column"));
        }
        entries.push(Entry::new("zeros", "structural zero"));
        entries.push(Entry::new("unused framed", "unused"));
        entries
    }
}

fn distinct(values: impl Iterator<Item = usize>) -> Vec<usize> {
    let mut values: Vec<usize> = values.collect();
    values.sort_unstable();
    values.dedup();
    values
}

/// Patches moved to the upper left corner, in order, and where that was, `[row, column]`; whose they are is left out.
fn at_origin(mut patches: Vec<Patch>) -> ([usize; 2], Vec<Patch>) {
    let row = patches.iter().map(|patch| patch.row).min().unwrap_or(0);
    let column = patches.iter().map(|patch| patch.column).min().unwrap_or(0);
    for patch in &mut patches {
        *patch = Patch { row: patch.row - row, column: patch.column - column, key: 0, ..*patch };
    }
    patches.sort_unstable();
    ([row, column], patches)
}

/// The weight cells merged into rectangles: first down each column, then across columns whose runs are alike.
fn patches(placed: &PlacedCrossbar, key_of: impl Fn(&WeightCell) -> usize) -> Vec<Patch> {
    let mut columns: Vec<Vec<(usize, usize)>> = vec![vec![]; placed.columns.len()];
    for cell in &placed.weights {
        columns[cell.column].push((cell.row, key_of(cell)));
    }
    let mut done = Vec::new();
    let mut open: Vec<Patch> = Vec::new();
    for (column, cells) in columns.iter_mut().enumerate() {
        cells.sort_unstable();
        let mut next = Vec::new();
        for run in runs(cells, column) {
            let alike = |patch: &Patch| (patch.rows, patch.key) == (run.rows, run.key);
            match open.binary_search_by_key(&run.row, |patch| patch.row) {
                Ok(place) if alike(&open[place]) => {
                    let patch = open.remove(place);
                    next.push(Patch { columns: patch.columns + 1, ..patch });
                }
                _ => next.push(run),
            }
        }
        done.append(&mut open);
        open = next;
    }
    done.append(&mut open);
    done
}

/// Runs of one key down a column.
fn runs(cells: &[(usize, usize)], column: usize) -> Vec<Patch> {
    let mut runs: Vec<Patch> = Vec::new();
    for &(row, key) in cells {
        match runs.last_mut() {
            Some(run) if run.row + run.rows == row && run.key == key => run.rows += 1,
            _ => runs.push(Patch { row, column, rows: 1, columns: 1, key }),
        }
    }
    runs
}
