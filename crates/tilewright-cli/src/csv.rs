//! Comma-separated values as RFC 4180 has them, but for lines that end as all other text does.

use std::io::{self, Write};

/// Writes one line; a field with a comma, quote or line end is quoted.
pub(crate) fn line(to: &mut dyn Write, fields: impl IntoIterator<Item = impl AsRef<str>>) -> io::Result<()> {
    for (place, field) in fields.into_iter().enumerate() {
        let separator = if place == 0 { "" } else { "," };
        let field = field.as_ref();
        if field.contains([',', '"', '\n', '\r']) {
            write!(to, "{separator}\"{}\"", field.replace('"', "\"\""))?;
        } else {
            write!(to, "{separator}{field}")?;
        }
    }
    to.write_all(b"\n")
}

#[cfg(test)]
mod tests {
    #[test]
    fn quotes_only_where_needed() {
        let mut text = Vec::new();
        super::line(&mut text, ["plain", "1×1, 3", "a \"b\"", ""]).expect("memory takes everything");
        assert_eq!(String::from_utf8_lossy(&text), "plain,\"1×1, 3\",\"a \"\"b\"\"\",\n");
    }
}
