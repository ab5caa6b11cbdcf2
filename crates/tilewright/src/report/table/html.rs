//! HTML: in a page of its own, in a notebook, whose style it takes, and in the pages of figures.

use super::column::titles;
use super::{Document, Part, Table, Value};
use crate::report::html::plain_page;
use crate::report::markup::Element;

pub(super) fn render(document: &Document<'_>, _: Option<usize>) -> String {
    if let Some(page) = &document.page {
        return page();
    }
    let parts = document.parts.iter().map(|part| match part {
        Part::Lines(lines) => {
            let lines = lines
                .trim()
                .lines()
                .filter(|line| *line != document.title)
                .map(|line| Element::new("p").class("note").text(line));
            Element::new("div").children(lines)
        }
        Part::Table(table) => scrolling(table),
    });
    plain_page(&document.title, parts)
}

/// The tables of a result without style, so that a notebook's applies.
pub fn notebook(document: &Document<'_>) -> String {
    let aligned = |element: Element, is_number, _: Option<&Value>| {
        element.with("style", if is_number { "text-align:right" } else { "text-align:left" })
    };
    document.tables().map(|table| body(table, Value::in_text, aligned).to_string()).collect()
}

/// A table of a page, which scrolls in itself where the screen is narrow; the first cell of a row is its heading. Numbers have all
/// their digits in `data-value`, which is what is saved.
pub fn scrolling(table: &Table) -> Element {
    let classed = |element: Element, is_number, value: Option<&Value>| {
        let element = if is_number { element.class("number") } else { element };
        match value {
            Some(number @ (Value::Number(_) | Value::Whole(_))) => element.with("data-value", number),
            _ => element,
        }
    };
    Element::new("div")
        .class("scroll")
        .with("tabindex", 0)
        .with("role", "region")
        .with("aria-label", &table.caption)
        .child(&body(table, Value::on_page, classed))
}

/// What a cell looks like: whether its column has numbers, and its value if it is not of the head or the total.
type Set = fn(Element, bool, Option<&Value>) -> Element;

fn body(table: &Table, write: fn(super::Kind, &Value) -> String, set: Set) -> Element {
    let shown = table.shown();
    let is_number = |place: usize| table.columns[shown[place]].is_number();
    let head = titles(&table.columns, &shown)
        .into_iter()
        .enumerate()
        .map(|(place, title)| set(Element::new("th").with("scope", "col"), is_number(place), None).text(title));
    let line = |cells: &Vec<String>, values: Option<&Vec<Value>>| {
        let cells = cells.iter().enumerate().map(|(place, cell)| {
            let element = if place == 0 { Element::new("th").with("scope", "row") } else { Element::new("td") };
            set(element, is_number(place), values.map(|row| &row[shown[place]])).text(cell)
        });
        Element::new("tr").children(cells)
    };
    let words = table.words(&shown, write);
    let (rows, total) = words.split_at(table.rows.len());
    let drawn = Element::new("table").child(&Element::new("thead").child(&Element::new("tr").children(head))).child(
        &Element::new("tbody").children(rows.iter().zip(&table.rows).map(|(cells, values)| line(cells, Some(values)))),
    );
    if total.is_empty() {
        return drawn;
    }
    drawn.child(&Element::new("tfoot").children(total.iter().map(|cells| line(cells, None))))
}
