//! A command line read: the command with its values, and which options were typed at all.

use super::{Cli, Command};
use clap::parser::ValueSource;
use clap::{ArgMatches, CommandFactory, Error, FromArgMatches};
use std::collections::BTreeSet;
use std::ffi::OsString;

/// A command line that clap accepts.
#[derive(Debug)]
pub(crate) struct Line {
    /// The command with its values, defaults among them.
    pub(crate) command: Command,
    /// The options that are no defaults.
    pub(crate) typed: Typed,
}

/// Options that were typed, without their dashes.
#[derive(Clone, Debug, Default)]
pub(crate) struct Typed(BTreeSet<String>);

impl Typed {
    /// Whether an option was typed.
    pub(crate) fn has(&self, option: &str) -> bool {
        self.0.contains(option)
    }

    fn new(matches: &ArgMatches) -> Self {
        let below = std::iter::successors(Some(matches), |matches| matches.subcommand().map(|(_, below)| below));
        let matches = below.last().unwrap_or(matches);
        let typed = matches.ids().map(clap::Id::as_str);
        let typed = typed.filter(|id| matches.value_source(id) == Some(ValueSource::CommandLine));
        Self(typed.map(|id| id.replace('_', "-")).collect())
    }
}

/// The command as clap has it. Every option takes negative numbers, so that its own range refuses them.
pub(crate) fn command() -> clap::Command {
    below(Cli::command(), &|command| {
        command.mut_args(|arg| {
            let takes_a_value = !arg.is_positional() && arg.get_action().takes_values();
            if takes_a_value { arg.allow_negative_numbers(true) } else { arg }
        })
    })
}

/// The command and all its subcommands changed.
fn below(command: clap::Command, change: &impl Fn(clap::Command) -> clap::Command) -> clap::Command {
    let names: Vec<String> = command.get_subcommands().map(|below| below.get_name().to_owned()).collect();
    names.into_iter().fold(change(command), |command, name| command.mut_subcommand(name, |found| below(found, change)))
}

/// Reads a command line, the name of the program first.
pub(crate) fn parse(words: impl IntoIterator<Item = OsString>) -> Result<Line, Error> {
    read(command(), words)
}

fn read(command: clap::Command, words: impl IntoIterator<Item = OsString>) -> Result<Line, Error> {
    let matches = command.try_get_matches_from(words)?;
    Ok(Line { command: Cli::from_arg_matches(&matches)?.command, typed: Typed::new(&matches) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(words: &str) -> Result<Line, Error> {
        parse(words.split(' ').map(Into::into))
    }

    #[test]
    fn clap_finds_nothing_wrong_with_the_definitions() {
        command().debug_assert();
    }

    #[test]
    fn what_was_typed_is_told_from_defaults() {
        let typed = line("tilewright map resnet20 --row-split element").expect("a command line").typed;
        assert!(typed.has("row-split") && !typed.has("window"));
        let typed = line("tilewright export spice resnet20 --layer conv1 --index 2").expect("a command line").typed;
        assert!(typed.has("index") && !typed.has("access"));
    }

    #[test]
    fn a_negative_number_is_refused_by_the_range_of_its_option() {
        let error = line("tilewright evaluate lenet5-fashion --limit -1").expect_err("out of range").to_string();
        assert!(error.contains("'-1' for '--limit <IMAGES>'") && error.contains("1 to"), "{error}");
    }

    #[test]
    fn an_option_twice_is_refused() {
        let words = "tilewright simulate lenet5-fashion --wire 1 --wire 2".split(' ').map(Into::into);
        assert!(parse(words).expect_err("which one?").to_string().contains("cannot be used multiple times"));
    }
}
