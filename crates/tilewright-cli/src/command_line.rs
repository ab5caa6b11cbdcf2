//! What was typed, as results tell it.

use std::ffi::OsString;
use std::sync::OnceLock;

/// Options that say where a result goes and is kept, and how many threads make it: the result is the same without them.
const WITHOUT_EFFECT: [&str; 4] = ["--output", "--outputs", "--store", "--threads"];

/// The words of the command that is run, the name of the program first. Those of the process differ where Python runs the command.
static WORDS: OnceLock<Vec<OsString>> = OnceLock::new();

/// Keeps the words of the command that is run; the first ones stay.
pub(crate) fn remember(words: Vec<OsString>) {
    WORDS.get_or_init(|| words);
}

/// The words of the command that is run, the name of the program first.
pub(crate) fn words() -> &'static [OsString] {
    WORDS.get().map_or(&[], Vec::as_slice)
}

/// The command line that gives the result again, quoted so that a shell takes it.
pub(crate) fn typed() -> String {
    let typed: Vec<String> = words().iter().skip(1).map(|word| word.to_string_lossy().into_owned()).collect();
    of(&typed)
}

fn of(typed: &[String]) -> String {
    let mut command = "tilewright".to_owned();
    let mut words = typed.iter();
    while let Some(word) = words.next() {
        let option = word.split('=').next().unwrap_or_default();
        if WITHOUT_EFFECT.contains(&option) || word.starts_with("-o") {
            if WITHOUT_EFFECT.contains(&word.as_str()) || word == "-o" {
                // Its value.
                words.next();
            }
            continue;
        }
        command.push(' ');
        command.push_str(&quoted(word));
    }
    command
}

/// The words that were typed of some options, each with its value.
pub(crate) fn of_options(options: &[&str]) -> Vec<String> {
    let typed: Vec<String> = words().iter().map(|word| word.to_string_lossy().into_owned()).collect();
    kept(&typed, options)
}

fn kept(typed: &[String], options: &[&str]) -> Vec<String> {
    let is_kept = |word: &str| word.strip_prefix("--").is_some_and(|word| options.contains(&word));
    let mut kept = vec![];
    let mut words = typed.iter().peekable();
    while let Some(word) = words.next() {
        if !is_kept(word.split('=').next().unwrap_or_default()) {
            continue;
        }
        kept.push(word.clone());
        if is_kept(word) {
            // A value begins with two dashes no more than an option does without.
            kept.extend(words.next_if(|next| !next.starts_with("--")).cloned());
        }
    }
    kept
}

/// A word as it is, or between quotes where a shell would read more into it; without control characters.
pub(crate) fn quoted(word: &str) -> String {
    let plain = |letter: char| letter.is_alphanumeric() || "-_./:=,+@%×".contains(letter);
    if !word.is_empty() && word.chars().all(plain) {
        return word.into();
    }
    let shown: String = word.chars().map(|letter| if letter.is_control() { '\u{fffd}' } else { letter }).collect();
    format!("'{}'", shown.replace('\'', "'\\''"))
}

#[cfg(test)]
mod tests {
    #[test]
    fn words_are_quoted_where_a_shell_would_read_more() {
        for (word, expected) in [
            ("--wire=2.5", "--wire=2.5"),
            ("in=3x32x32,out=8,k=3", "in=3x32x32,out=8,k=3"),
            ("2d1d*2", "'2d1d*2'"),
            ("my model.onnx", "'my model.onnx'"),
            ("it's", "'it'\\''s'"),
            ("a\u{1b}[2J", "'a\u{fffd}[2J'"),
            ("", "''"),
        ] {
            assert_eq!(super::quoted(word), expected);
        }
    }

    #[test]
    fn what_has_no_effect_on_the_result_is_left_out() {
        let typed = "simulate net --store a.db -o page.html --wire 2 --threads=4 --output=- -oout --seeds 2";
        let typed: Vec<String> = typed.split(' ').map(Into::into).collect();
        assert_eq!(super::of(&typed), "tilewright simulate net --wire 2 --seeds 2");
    }

    #[test]
    fn options_are_kept_with_their_values() {
        let typed = "explore net --seeds 2 --vary seeds=3 --channels-last --data=here --store a --mean -1,2";
        let typed: Vec<String> = typed.split(' ').map(Into::into).collect();
        let kept = super::kept(&typed, &["seeds", "channels-last", "data", "mean"]);
        assert_eq!(kept.join(" "), "--seeds 2 --channels-last --data=here --mean -1,2");
    }
}
