//! Legends: swatches with a word, in rows.

use super::{Anchor, Element, rect, text, text_width};

const ROW: f64 = 22.0;
const SWATCH: f64 = 13.0;
const GAP: f64 = 12.0;

/// One entry: the classes of its swatch, one on top of the other, and its word.
pub(super) struct Entry {
    pub classes: Vec<String>,
    pub word: String,
}

impl Entry {
    pub(super) fn new(class: impl Into<String>, word: impl Into<String>) -> Self {
        Self { classes: vec![class.into()], word: word.into() }
    }
}

/// Entries in rows from `(left, top)` that end before `right`; and the height they take.
pub(super) fn legend(entries: Vec<Entry>, [left, top]: [f64; 2], right: f64) -> (Element, f64) {
    let mut group = Element::new("g").class("legend");
    let [mut x, mut y] = [left, top];
    for Entry { classes, word } in entries {
        // Small screens show the text a little larger.
        let width = SWATCH + 6.0 + 1.12 * text_width(&word);
        if x > left && x + width > right {
            [x, y] = [left, y + ROW];
        }
        group = group.children(classes.iter().map(|class| rect(class, x, y, SWATCH, SWATCH)));
        group = group.child(&text(x + SWATCH + 6.0, y + 11.5, Anchor::Start, word));
        x += width + GAP;
    }
    (group, y + ROW - top)
}
