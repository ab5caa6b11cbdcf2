//! How the command that gives a design of a space again is written.

use super::space_axes::axes;
use crate::explore::Space;
use serde::Serialize;

/// The command of any design of a space: the words of its network, its design and each of its settings, between what all have in common.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CommandPattern {
    /// What it begins with.
    pub start: String,
    /// For networks, designs and every setting that varies, the words of each value; none for a value that is said by leaving them out.
    pub words: Vec<Vec<String>>,
    /// What it ends with; may be nothing.
    pub end: String,
}

impl CommandPattern {
    /// Of all designs of a space; `words` are those of a value of `network`, `design` or a setting.
    pub fn new(space: &Space, start: &str, words: impl Fn(&str, &str) -> String, end: String) -> Self {
        let of = |(name, values): (&str, &[String])| values.iter().map(|value| words(name, value)).collect();
        Self { start: start.into(), words: axes(space).map(of).collect(), end }
    }

    /// The command of the design with these values, each by its place among those of its axis.
    pub(super) fn of(&self, at: &[usize]) -> String {
        let words = self.words.iter().zip(at).map(|(words, &value)| words[value].as_str());
        let all = [self.start.as_str()].into_iter().chain(words).chain([self.end.as_str()]);
        all.filter(|words| !words.is_empty()).collect::<Vec<_>>().join(" ")
    }
}
