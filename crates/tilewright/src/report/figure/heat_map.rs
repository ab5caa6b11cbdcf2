//! A value for every cell of a crossbar, as colours.
//!
//! A crossbar has thousands of cells, so cells of a colour are strokes of one path, as long as neighbours share it: a page stays
//! small without a picture format of its own, and its style sheet has the colours.

use super::{Anchor, Element, canvas, rect, text, text_width, upright_text};
use crate::report::number::length;
use std::fmt::Write;

/// Colours of a map; the style sheet has as many classes `h0`, `h1`, ….
pub const SHADES: usize = 24;
/// Sides of more cells are drawn in blocks, each the mean of its cells.
const FINEST: usize = 128;
const SIDE: f64 = 480.0;
const LEFT: f64 = 30.0;
const TOP: f64 = 28.0;
const WIDTH: f64 = 520.0;

/// Values `[row][column]` and how they are told.
#[derive(Clone, Debug, PartialEq)]
pub struct HeatMap {
    /// What the values are, for those who cannot see the figure.
    pub name: String,
    /// Unit written after numbers, its blank included.
    pub unit: &'static str,
    /// Word lines, or blocks of them.
    pub rows: usize,
    /// Bit lines, or blocks of them.
    pub columns: usize,
    /// Lines of a crossbar that one row and column stands for.
    pub block: usize,
    /// Row-major.
    pub values: Vec<f64>,
    /// Values of the first and the last colour; what is beyond has the colour of the end.
    pub range: [f64; 2],
}

impl HeatMap {
    /// A map of `values` `[row][column]`, row-major, averaged in blocks where there are many, with colours from the least to the
    /// greatest value.
    ///
    /// # Panics
    /// If there are no columns or no whole rows.
    pub fn new(name: impl Into<String>, unit: &'static str, columns: usize, values: &[f64]) -> Self {
        let rows = values.len() / columns;
        assert!(rows * columns == values.len() && rows > 0, "whole rows");
        let block = rows.max(columns).div_ceil(FINEST);
        let values = if block == 1 { values.to_vec() } else { averaged(values, columns, block) };
        let ends = |[low, high]: [f64; 2], &value: &f64| [low.min(value), high.max(value)];
        let range = values.iter().fold([f64::INFINITY, f64::NEG_INFINITY], ends);
        let [rows, columns] = [rows, columns].map(|side| side.div_ceil(block));
        Self { name: name.into(), unit, rows, columns, block, values, range }
    }

    /// The same map with colours between other values.
    #[must_use]
    pub const fn between(mut self, range: [f64; 2]) -> Self {
        self.range = range;
        self
    }

    /// The colour of each value, `0..SHADES`.
    pub fn shades(&self) -> Vec<usize> {
        let [low, high] = self.range;
        let shade = |value: &f64| {
            let part = if high > low { (value - low) / (high - low) } else { 0.0 };
            ((part * SHADES as f64) as usize).min(SHADES - 1)
        };
        self.values.iter().map(shade).collect()
    }

    /// The figure: word lines downwards, bit lines to the right, and a scale of the colours.
    pub fn draw(&self) -> Element {
        let scale = SIDE / self.rows.max(self.columns) as f64;
        let [width, height] = [self.columns, self.rows].map(|side| side as f64 * scale);
        let place = format!("translate({LEFT} {TOP}) scale({scale:.5})");
        let cells = Element::new("g").class("heat").with("transform", place).children(self.strokes());
        let lines = |count: usize| if self.block == 1 { count.to_string() } else { format!("{count} blocks") };
        canvas(WIDTH, TOP + height + 62.0, &self.name)
            .child(&cells)
            .child(&rect("frame", LEFT, TOP, width, height))
            .child(
                &text(LEFT, TOP - 9.0, Anchor::Start, format!("bit lines, {} used", lines(self.columns))).class("axis"),
            )
            .child(
                &upright_text(LEFT - 10.0, TOP + height / 2.0, format!("word lines, {}", lines(self.rows)))
                    .class("axis"),
            )
            .children(self.scale(TOP + height + 18.0))
    }

    /// One path a colour.
    fn strokes(&self) -> Vec<Element> {
        let mut paths = vec![String::new(); SHADES];
        for (row, shades) in self.shades().chunks_exact(self.columns).enumerate() {
            let mut column = 0;
            for run in shades.chunk_by(|a, b| a == b) {
                let path = &mut paths[run[0]];
                write!(path, "M{column} {row}h{}", run.len()).expect("writing to a string does not fail");
                column += run.len();
            }
        }
        let paths = paths.into_iter().enumerate().filter(|(_, path)| !path.is_empty());
        // A stroke lies to both sides of its line.
        let half = "translate(0 0.5)";
        paths
            .map(|(shade, path)| {
                Element::new("path").class(format!("h{shade}")).with("transform", half).with("d", path)
            })
            .collect()
    }

    /// The colours side by side with the values at both ends and between.
    fn scale(&self, top: f64) -> Vec<Element> {
        let step = SIDE / SHADES as f64;
        let swatches = (0..SHADES).map(|shade| {
            let [x, y] = [LEFT + step * shade as f64, top + 6.0];
            let path = format!("M{} {}h{}", length(x), length(y), length(step + 0.3));
            Element::new("path").class(format!("shade h{shade}")).with("d", path)
        });
        let [low, high] = self.range;
        let decimals = decimals(high - low);
        let numbers = [0.0, 0.5, 1.0].into_iter().filter(|part| *part == 0.0 || high > low).map(|part| {
            let number = format!("{:.decimals$}{}", low + part * (high - low), self.unit);
            let anchor = [Anchor::Start, Anchor::Middle, Anchor::End][(2.0 * part) as usize];
            debug_assert!(text_width(&number) < SIDE / 3.0);
            text(LEFT + part * SIDE, top + 30.0, anchor, number).class("tick")
        });
        swatches.chain(numbers).collect()
    }
}

/// Decimals that tell a twentieth of a span.
fn decimals(span: f64) -> usize {
    if span > 0.0 { (-(span / 20.0).log10().floor()).clamp(0.0, 9.0) as usize } else { 1 }
}

/// The mean of each block of so many rows and columns; blocks at the far ends may be smaller.
fn averaged(values: &[f64], columns: usize, block: usize) -> Vec<f64> {
    let rows = values.len() / columns;
    let mean = |top: usize, left: usize| {
        let rows = top..(top + block).min(rows);
        let width = block.min(columns - left);
        let count = (rows.len() * width) as f64;
        rows.flat_map(|row| &values[row * columns + left..][..width]).sum::<f64>() / count
    };
    let tops = (0..rows).step_by(block);
    tops.flat_map(|top| (0..columns).step_by(block).map(move |left| mean(top, left))).collect()
}
