//! Comma-separated values as RFC 4180 has them, but for lines that end as all other text does, and for fields that a spreadsheet would
//! run: a text that begins as a formula does gets an apostrophe before it.

use std::borrow::Cow;
use std::io::{self, Write};
use tilewright::mapping::NetworkBits;

/// Titles of the bits of a network, and where they come from.
pub(crate) const BITS: [&str; 4] = ["weight_bits", "weight_bits_from", "input_bits", "input_bits_from"];

/// The fields under [`BITS`].
pub(crate) fn bits(NetworkBits { weights, inputs }: &NetworkBits) -> [String; 4] {
    let [weights, inputs] = [weights, inputs].map(|bits| [bits.bits.to_string(), bits.origin.from.name().into()]);
    let ([weights, weights_from], [inputs, inputs_from]) = (weights, inputs);
    [weights, weights_from, inputs, inputs_from]
}

/// Writes one line; a field with a comma, quote or line end is quoted.
pub(crate) fn line(to: &mut dyn Write, fields: impl IntoIterator<Item = impl AsRef<str>>) -> io::Result<()> {
    for (place, field) in fields.into_iter().enumerate() {
        let separator = if place == 0 { "" } else { "," };
        let field = inert(field.as_ref());
        if matches!(field, Cow::Owned(_)) || field.contains([',', '"', '\n', '\r']) {
            write!(to, "{separator}\"{}\"", field.replace('"', "\"\""))?;
        } else {
            write!(to, "{separator}{field}")?;
        }
    }
    to.write_all(b"\n")
}

/// A field that no spreadsheet takes for a formula: a number, or a text behind an apostrophe.
fn inert(field: &str) -> Cow<'_, str> {
    let is_formula = field.starts_with(['=', '+', '-', '@', '\t', '\r']) && field.parse::<f64>().is_err();
    if is_formula { format!("'{field}").into() } else { field.into() }
}

#[cfg(test)]
mod tests {
    #[test]
    fn quotes_only_where_needed() {
        let mut text = Vec::new();
        super::line(&mut text, ["plain", "1×1, 3", "a \"b\"", ""]).expect("memory takes everything");
        assert_eq!(String::from_utf8_lossy(&text), "plain,\"1×1, 3\",\"a \"\"b\"\"\",\n");
    }

    #[test]
    fn nothing_is_a_formula() {
        let mut text = Vec::new();
        let fields = ["=1+1", "+cmd|' /C calc'!A0", "-a", "@sum", "-1.5", "+2e-3", "-inf", "a=b", "–"];
        super::line(&mut text, fields).expect("memory takes everything");
        let expected = "\"'=1+1\",\"'+cmd|' /C calc'!A0\",\"'-a\",\"'@sum\",-1.5,+2e-3,-inf,a=b,–\n";
        assert_eq!(String::from_utf8_lossy(&text), expected);
    }
}
