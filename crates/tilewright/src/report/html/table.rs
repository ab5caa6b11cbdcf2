//! Plain tables.

use crate::report::markup::Element;

/// A column: its heading, and whether it holds numbers.
pub(super) enum Column {
    Words(&'static str),
    Number(&'static str),
}

/// A table that scrolls in itself where the screen is narrow; the first cell of a row is its heading.
pub(super) fn table(label: &str, columns: &[Column], rows: impl IntoIterator<Item = Vec<String>>) -> Element {
    let heads = columns.iter().map(|column| {
        let head = Element::new("th").with("scope", "col");
        match column {
            Column::Words(words) => head.text(words),
            Column::Number(words) => head.class("number").text(words),
        }
    });
    let rows = rows.into_iter().map(|cells| {
        let cells = cells.into_iter().zip(columns).enumerate().map(|(place, (cell, column))| match (place, column) {
            (0, _) => Element::new("th").with("scope", "row").text(cell),
            (_, Column::Words(_)) => Element::new("td").text(cell),
            (_, Column::Number(_)) => Element::new("td").class("number").text(cell),
        });
        Element::new("tr").children(cells)
    });
    let table = Element::new("table")
        .child(&Element::new("thead").child(&Element::new("tr").children(heads)))
        .child(&Element::new("tbody").children(rows));
    Element::new("div")
        .class("scroll")
        .with("tabindex", 0)
        .with("role", "region")
        .with("aria-label", label)
        .child(&table)
}
