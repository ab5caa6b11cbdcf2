//! The table in every format, read back by other readers.

use proptest::prelude::*;
use tilewright::report::table::{Column, Document, FORMATS, Format, Kind, Table, Value};

/// Names that each format's syntax could take for its own.
const HOSTILE: &[&str] = &[
    "a|b",
    "<script>alert(1)</script>",
    "\\end{tabular}",
    "50 % & more_of $x$ #1 {y} ~ ^",
    "[x](y)",
    "*b* `c` _d_",
    "a,\"b\"",
    "two\nlines",
    "=1+1",
    "-x",
    "# h",
    "&amp;",
    "\\",
];

fn rendered(name: &str, document: &Document<'_>) -> String {
    (Format::find(name).expect("a format").render)(document, None)
}

fn named(name: &str) -> Table {
    let mut table = Table::new(vec![
        Column::new(Kind::Words, "name", "name"),
        Column::new(Kind::Whole, "count", "count"),
        Column::new(Kind::Share, "share", "share"),
        Column::data("exact"),
        Column::shown(Kind::Exact, "shown"),
    ]);
    table.row([name.into(), Value::Whole(70_401), Value::Number(0.25), Value::Number(0.1 + 0.2), "3×3".into()]);
    table.row(["nothing".into(), Value::Missing, Value::Missing, Value::Missing, Value::Missing]);
    table.total(["total".into(), Value::Whole(70_401), Value::Blank, Value::Blank, Value::Blank]);
    table
}

/// Fields of comma-separated values, by a reader that knows nothing of the writer: RFC 4180, section 2.
fn fields(text: &str) -> Vec<Vec<String>> {
    let (mut rows, mut row, mut field, mut quoted) = (vec![], vec![], String::new(), false);
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match (quoted, character) {
            (true, '"') if characters.peek() == Some(&'"') => field.extend(characters.next()),
            (_, '"') => quoted = !quoted,
            (false, ',') => row.push(std::mem::take(&mut field)),
            (false, '\n') => {
                row.push(std::mem::take(&mut field));
                rows.push(std::mem::take(&mut row));
            }
            _ => field.push(character),
        }
    }
    assert!(!quoted && field.is_empty() && row.is_empty(), "ends within a row: {text}");
    rows
}

#[test]
fn comma_separated_values_are_read_back() {
    for &name in HOSTILE {
        let rows = fields(&rendered("csv", &Document::new("").table(named(name))));
        let formula = name.starts_with(['=', '-']);
        let expected = if formula { format!("'{name}") } else { name.into() };
        assert_eq!(rows[0], ["name", "count", "share", "exact"]);
        assert_eq!(rows[1], [&expected, "70401", "0.25", "0.30000000000000004"]);
        assert_eq!(rows[2], ["nothing", "", "", ""]);
        assert_eq!(rows.len(), 3, "programs add up themselves");
    }
}

#[test]
fn json_is_read_back() {
    for &name in HOSTILE {
        let text = rendered("json", &Document::new("").table(named(name)));
        let rows: serde_json::Value = serde_json::from_str(&text).expect("JSON");
        assert_eq!(rows[0]["name"], name);
        assert_eq!(rows[0]["count"], 70_401);
        assert_eq!(rows[0]["exact"], 0.1 + 0.2);
        assert_eq!(rows[1]["share"], serde_json::Value::Null);
        assert_eq!(rows.as_array().map(Vec::len), Some(2));
    }
}

#[test]
fn html_of_hostile_names_has_no_other_elements() {
    let elements = |name: &str| {
        let page = rendered("html", &Document::new(name).lines(name).table(named(name)));
        (page.matches("<script").count(), page.matches("<td").count(), page.matches("</table>").count())
    };
    for &name in HOSTILE {
        assert_eq!(elements(name), elements("plain"), "{name:?}");
    }
}

#[test]
fn markdown_of_hostile_names_has_as_many_cells() {
    for &name in HOSTILE {
        let text = rendered("markdown", &Document::new("").table(named(name)));
        for line in text.lines() {
            let bars = line.replace("\\\\", "").replace("\\|", "").matches('|').count();
            assert_eq!(bars, 5, "{line}");
            assert!(!line.contains('<'), "{line}");
        }
        assert_eq!(text.lines().count(), 5, "{text}");
    }
}

#[test]
fn latex_of_hostile_names_is_balanced_and_has_as_many_cells() {
    for &name in HOSTILE {
        let text = rendered("latex", &Document::new("").table(named(name)));
        let bare = text.replace("\\\\", "").replace("\\{", "").replace("\\}", "");
        assert_eq!(bare.matches('{').count(), bare.matches('}').count(), "{text}");
        let rows: Vec<&str> = text.lines().filter(|line| line.ends_with("\\\\")).collect();
        assert_eq!(rows.len(), 4, "{text}");
        for row in rows {
            assert_eq!(row.replace("\\&", "").matches('&').count(), 3, "{row}");
        }
        assert_eq!(text.matches("\\end{tabular}").count(), 1, "{text}");
    }
}

#[test]
fn a_result_has_its_richer_forms() {
    let document = Document::new("").table(named("a")).json(|| "{}".into()).page(|| "<p>".into());
    assert_eq!(rendered("json", &document), "{}\n");
    assert_eq!(rendered("html", &document), "<p>");
    let document = document.data(Table::new(vec![Column::data("only")]));
    assert_eq!(rendered("csv", &document), "only\n");
}

proptest! {
    /// Exact values reach programs and rounded ones people, whatever they are, in every format.
    #[test]
    fn every_value_is_in_every_format(rows in prop::collection::vec(("[a-z]{1,9}", 0u64..999, 0u64..u64::MAX), 1..9)) {
        let mut table = Table::new(vec![
            Column::new(Kind::Words, "word", "word"),
            Column::new(Kind::Whole, "small", "small"),
            Column::new(Kind::Exact, "large", "large"),
        ]);
        for (word, small, large) in &rows {
            table.row([word.into(), (*small).into(), (*large).into()]);
        }
        let document = Document::new("all").table(table);
        for format in FORMATS {
            let text = (format.render)(&document, None);
            let mut rest = text.as_str();
            for value in rows.iter().flat_map(|(word, small, large)| [word.clone(), small.to_string(), large.to_string()]) {
                let at = rest.find(&value);
                prop_assert!(at.is_some(), "{}: no {value} where it belongs in {text}", format.name);
                rest = &rest[at.unwrap_or(0) + value.len()..];
            }
        }
    }
}
