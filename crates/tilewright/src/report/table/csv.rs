//! Comma-separated values as RFC 4180 has them, but for lines that end as all other text does, and for fields that a spreadsheet
//! would run: a text that begins as a formula does gets an apostrophe before it.

use super::{Document, Table};
use std::borrow::Cow;

pub(super) fn render(document: &Document<'_>, _: Option<usize>) -> String {
    document.rows().map(rows).unwrap_or_default()
}

/// The keys and the rows of a table; its total is left to those who read it.
pub fn rows(table: &Table) -> String {
    let mut text = line(table.keyed().map(|(_, key)| key.to_owned()));
    for row in &table.rows {
        text.push_str(&line(table.keyed().map(|(place, _)| row[place].to_string())));
    }
    text
}

/// One line; a field with a comma, quote or line end is quoted.
fn line(fields: impl Iterator<Item = String>) -> String {
    let written = fields.map(|field| {
        let safe = inert(&field);
        if matches!(safe, Cow::Owned(_)) || safe.contains([',', '"', '\n', '\r']) {
            format!("\"{}\"", safe.replace('"', "\"\""))
        } else {
            safe.into_owned()
        }
    });
    written.collect::<Vec<_>>().join(",") + "\n"
}

/// A field that no spreadsheet takes for a formula: a number, or a text behind an apostrophe.
fn inert(field: &str) -> Cow<'_, str> {
    let is_formula = field.starts_with(['=', '+', '-', '@', '\t', '\r']) && field.parse::<f64>().is_err();
    if is_formula { format!("'{field}").into() } else { field.into() }
}

#[cfg(test)]
mod tests {
    use super::line;

    #[test]
    fn quotes_only_where_needed() {
        let text = line(["plain", "1×1, 3", "a \"b\"", ""].map(String::from).into_iter());
        assert_eq!(text, "plain,\"1×1, 3\",\"a \"\"b\"\"\",\n");
    }

    #[test]
    fn nothing_is_a_formula() {
        let fields = ["=1+1", "+cmd|' /C calc'!A0", "-a", "@sum", "-1.5", "+2e-3", "-inf", "a=b", "–"];
        let expected = "\"'=1+1\",\"'+cmd|' /C calc'!A0\",\"'-a\",\"'@sum\",-1.5,+2e-3,-inf,a=b,–\n";
        assert_eq!(line(fields.map(String::from).into_iter()), expected);
    }
}
