//! JSON: the document that a result has, or its rows as objects.

use super::{Document, Table, Value};
use serde::ser::{Serialize, SerializeMap, Serializer};

pub(super) fn render(document: &Document<'_>, _: Option<usize>) -> String {
    match (&document.json, document.rows()) {
        (Some(json), _) => json() + "\n",
        (None, Some(table)) => {
            let rows: Vec<Row<'_>> = table.rows.iter().map(|row| Row(table, row)).collect();
            serde_json::to_string_pretty(&rows).expect("values have a JSON form") + "\n"
        }
        (None, None) => "[]\n".into(),
    }
}

/// A row as an object, keys in the order of the columns.
struct Row<'a>(&'a Table, &'a [Value]);

impl Serialize for Row<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(table, values) = self;
        let mut map = serializer.serialize_map(None)?;
        for (place, key) in table.keyed() {
            match &values[place] {
                Value::Missing | Value::Blank => map.serialize_entry(key, &())?,
                Value::Words(words) => map.serialize_entry(key, words)?,
                Value::Whole(count) => map.serialize_entry(key, count)?,
                Value::Number(number) => map.serialize_entry(key, number)?,
            }
        }
        map.end()
    }
}
