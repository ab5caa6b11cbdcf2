//! Why designs have no price, in as few lines as there are kinds of reasons.

use super::table::counted;
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// A line for all reasons that differ in numbers only, which become ranges; the one of most designs first. `failed` are reasons, each once,
/// with how many designs have them.
pub fn unpriced<'a>(failed: impl IntoIterator<Item = (&'a str, u64)>) -> String {
    let mut kinds: BTreeMap<String, Kind<'a>> = BTreeMap::new();
    for (reason, designs) in failed {
        let words: Vec<Word<'a>> = reason.split(' ').map(Word::of).collect();
        let pattern: Vec<String> = words.iter().map(Word::pattern).collect();
        let kind = kinds.entry(pattern.join(" ")).or_insert_with(|| Kind { designs: 0, words: words.clone() });
        kind.designs += designs;
        kind.words.iter_mut().zip(words).for_each(|(word, other)| word.widen(&other));
    }
    let mut kinds: Vec<(String, Kind<'_>)> = kinds.into_iter().collect();
    kinds.sort_by_key(|(_, kind)| Reverse(kind.designs));
    kinds
        .iter()
        .map(|(_, kind)| format!("{} without a price: {}.\n", counted(kind.designs, "design"), kind.text()))
        .collect()
}

/// Reasons that differ in numbers only.
struct Kind<'a> {
    designs: u64,
    words: Vec<Word<'a>>,
}

impl Kind<'_> {
    fn text(&self) -> String {
        self.words.iter().map(Word::text).collect::<Vec<_>>().join(" ")
    }
}

/// A word of one reason or of several, and what follows it before the next blank.
#[derive(Clone)]
struct Word<'a> {
    kind: Of<'a>,
    tail: &'a str,
}

#[derive(Clone)]
enum Of<'a> {
    /// A number, or the least and the greatest.
    Number { least: (f64, &'a str), greatest: (f64, &'a str) },
    /// Anything else, perhaps with digits in it as names have them; and whether others differ in these.
    Name { first: &'a str, differs: bool },
}

impl<'a> Word<'a> {
    fn of(text: &'a str) -> Self {
        let (word, tail) = text.split_at(text.trim_end_matches([',', ';', ':', ')', '.']).len());
        let kind = match word.parse() {
            Ok(value) => Of::Number { least: (value, word), greatest: (value, word) },
            Err(_) => Of::Name { first: word, differs: false },
        };
        Self { kind, tail }
    }

    /// The word without the digits of its numbers.
    fn pattern(&self) -> String {
        let mut pattern: Vec<char> = match self.kind {
            Of::Number { .. } => vec!['#'],
            Of::Name { first, .. } => {
                first.chars().map(|letter| if letter.is_ascii_digit() { '#' } else { letter }).collect()
            }
        };
        pattern.dedup_by(|one, other| *one == '#' && *other == '#');
        pattern.into_iter().chain(self.tail.chars()).collect()
    }

    /// Makes it stand for the same word of another reason too.
    fn widen(&mut self, other: &Self) {
        match (&mut self.kind, &other.kind) {
            (Of::Number { least, greatest }, Of::Number { least: value, .. }) => {
                if value.0 < least.0 {
                    *least = *value;
                }
                if value.0 > greatest.0 {
                    *greatest = *value;
                }
            }
            (Of::Name { first, differs }, Of::Name { first: other, .. }) => *differs |= first != other,
            _ => {}
        }
    }

    fn text(&self) -> String {
        let tail = self.tail;
        match &self.kind {
            Of::Number { least, greatest } if least.0 < greatest.0 => format!("{} to {}{tail}", least.1, greatest.1),
            Of::Number { least: (_, word), .. } | Of::Name { first: word, differs: false } => format!("{word}{tail}"),
            Of::Name { first, differs: true } => format!("{first} (and others){tail}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::unpriced;

    #[test]
    fn reasons_that_differ_in_numbers_are_one_line_with_their_ranges() {
        let budget = |budget: u32, least: u32| {
            format!("a budget of {budget} crossbars, but one copy of every layer takes {least}; raise the budget")
        };
        let reasons = [budget(700, 944), budget(40, 76), budget(100, 1077), "no converters of 3 bits".into()];
        let counts = [1, 2000, 30, 2];
        let lines = unpriced(reasons.iter().map(String::as_str).zip(counts));
        assert_eq!(
            lines,
            "2,031 designs without a price: a budget of 40 to 700 crossbars, but one copy of every layer takes 76 to 1077; raise the budget.\n\
             2 designs without a price: no converters of 3 bits.\n"
        );
    }

    #[test]
    fn names_with_digits_are_not_taken_for_numbers() {
        let reasons = ["layer conv1.2: 0.5 ms", "layer conv11.4: 1e-3 ms", "layer fc: 2 ms", "layer conv1.2: 0.5 µs"];
        assert_eq!(
            unpriced(reasons.map(|reason| (reason, 1))),
            "2 designs without a price: layer conv1.2 (and others): 1e-3 to 0.5 ms.\n\
             1 design without a price: layer conv1.2: 0.5 µs.\n1 design without a price: layer fc: 2 ms.\n"
        );
        assert_eq!(unpriced([]), "");
    }
}
