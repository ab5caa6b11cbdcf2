//! Text without characters that move a terminal's cursor, colour it or turn its direction: names of models, layers and files come
//! from anywhere.

use std::borrow::Cow;
use std::io::{self, Write};

/// Whether a terminal does something else with a character than to show it, break a line or go to the next column.
fn is_hidden(character: char) -> bool {
    match character {
        '\n' | '\t' => false,
        // Marks of direction, embeddings, overrides and isolates; separators of lines and paragraphs.
        '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => true,
        _ => character.is_control(),
    }
}

/// The text with such characters as `\u{1b}`.
pub(crate) fn visible(text: &str) -> Cow<'_, str> {
    escaped(text, |character| format!("\\u{{{:x}}}", u32::from(character)))
}

/// The same for JSON, where such characters are within strings only.
pub(super) fn visible_json(text: &str) -> Cow<'_, str> {
    escaped(text, |character| format!("\\u{:04x}", u32::from(character)))
}

fn escaped(text: &str, escape: impl Fn(char) -> String) -> Cow<'_, str> {
    if !text.chars().any(is_hidden) {
        return text.into();
    }
    text.chars()
        .fold(String::with_capacity(text.len() + 8), |mut safe, character| {
            if is_hidden(character) {
                safe.push_str(&escape(character));
            } else {
                safe.push(character);
            }
            safe
        })
        .into()
}

/// A writer of text in UTF-8 that makes it visible.
pub(super) struct Visible<W> {
    to: W,
    /// The beginning of a character whose end has not come yet.
    begun: Vec<u8>,
}

impl<W: Write> Visible<W> {
    pub(super) const fn new(to: W) -> Self {
        Self { to, begun: vec![] }
    }

    /// Writes the characters that are whole and keeps the beginning of another.
    fn pass(&mut self, bytes: &[u8]) -> io::Result<()> {
        for chunk in bytes.utf8_chunks() {
            self.to.write_all(visible(chunk.valid()).as_bytes())?;
            let is_begun = std::str::from_utf8(chunk.invalid()).is_err_and(|error| error.error_len().is_none());
            match chunk.invalid() {
                [] => {}
                begun if is_begun => self.begun = begun.to_vec(),
                wrong => {
                    let safe: String = wrong.iter().map(|byte| format!("\\x{byte:02x}")).collect();
                    self.to.write_all(safe.as_bytes())?;
                }
            }
        }
        Ok(())
    }
}

impl<W: Write> Write for Visible<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.begun.is_empty() {
            self.pass(bytes)?;
        } else {
            let joined = [std::mem::take(&mut self.begun).as_slice(), bytes].concat();
            self.pass(&joined)?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.to.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOSTILE: &str = "a\u{1b}[31mb\u{202e}c\rd\u{9b}e\u{7f}";

    #[test]
    fn what_moves_a_terminal_is_written_out() {
        assert_eq!(visible(HOSTILE), "a\\u{1b}[31mb\\u{202e}c\\u{d}d\\u{9b}e\\u{7f}");
        assert_eq!(visible("3×3 µm²\tΩ\n"), "3×3 µm²\tΩ\n");
        let json = serde_json::to_string(HOSTILE).expect("JSON");
        let safe = visible_json(&json);
        assert!(!safe.chars().any(is_hidden), "{safe}");
        assert_eq!(serde_json::from_str::<String>(&safe).expect("JSON"), HOSTILE);
    }

    #[test]
    fn characters_may_come_in_pieces() {
        for size in 1..5 {
            let mut text = vec![];
            let mut writer = Visible::new(&mut text);
            HOSTILE.as_bytes().chunks(size).for_each(|piece| writer.write_all(piece).expect("memory takes everything"));
            assert_eq!(String::from_utf8_lossy(&text), visible(HOSTILE), "{size} bytes at a time");
        }
        let mut text = vec![];
        Visible::new(&mut text).write_all(b"a\xffb").expect("memory takes everything");
        assert_eq!(text, b"a\\xffb");
    }
}
