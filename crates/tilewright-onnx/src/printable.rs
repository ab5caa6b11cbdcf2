//! Names as they may be shown: a file decides what they are, and a terminal obeys what it is sent.

/// The most characters of a value from the file that an error shows.
const MOST: usize = 200;

/// The text with control characters and marks that change the direction of writing escaped, as Rust writes them.
pub fn printable(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for character in text.chars() {
        if character.is_control() || reorders(character) {
            shown.extend(character.escape_unicode());
        } else {
            shown.push(character);
        }
    }
    shown
}

/// Characters without a shape of their own that move, hide or join their neighbours.
const fn reorders(character: char) -> bool {
    matches!(
        character,
        '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}'
    )
}

/// The beginning of a text that may be megabytes long.
pub(crate) fn shortened(text: &str) -> String {
    match text.char_indices().nth(MOST) {
        None => text.to_owned(),
        Some((end, _)) => format!("{}… ({} characters)", &text[..end], text.chars().count()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_terminal_would_obey_is_escaped() {
        assert_eq!(printable("\u{1b}[2Jconv\u{202e}1\n"), r"\u{1b}[2Jconv\u{202e}1\u{a}");
        assert_eq!(printable("/Größe/層.1"), "/Größe/層.1");
    }

    #[test]
    fn a_long_text_is_cut_and_says_so() {
        assert_eq!(shortened("abc"), "abc");
        assert!(shortened(&"é".repeat(1000)).ends_with("é… (1000 characters)"));
    }
}
