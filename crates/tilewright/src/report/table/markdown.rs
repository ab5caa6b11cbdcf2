//! Markdown with the tables of GitHub.

use super::column::titles;
use super::{Document, Part, Table, Value};

pub(super) fn render(document: &Document<'_>, _: Option<usize>) -> String {
    let parts = document.parts.iter().map(|part| match part {
        // Two blanks at the end of a line keep it one.
        Part::Lines(lines) => lines.trim().lines().map(escaped).collect::<Vec<_>>().join("  \n") + "\n",
        Part::Table(table) => rows(table),
    });
    parts.collect::<Vec<_>>().join("\n")
}

fn rows(table: &Table) -> String {
    let shown = table.shown();
    let line = |cells: Vec<String>| format!("| {} |\n", cells.join(" | "));
    let side = |&place: &usize| if table.columns[place].is_number() { "---:" } else { "---" }.to_owned();
    let mut text = line(titles(&table.columns, &shown).iter().map(|title| escaped(title)).collect());
    text.push_str(&line(shown.iter().map(side).collect()));
    for row in table.words(&shown, Value::in_text) {
        text.push_str(&line(row.iter().map(|cell| escaped(cell)).collect()));
    }
    text
}

/// Text that stays text: nothing of it ends a cell, begins a tag, a link or a list, or is emphasis.
fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    let starts = |place: usize| text[..place].trim().is_empty();
    for (place, character) in text.char_indices() {
        match character {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '\n' | '\r' => safe.push(' '),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '~' | '$' => safe.extend(['\\', character]),
            '#' | '>' | '+' | '-' | '=' if starts(place) => safe.extend(['\\', character]),
            _ => safe.push(character),
        }
    }
    safe
}
