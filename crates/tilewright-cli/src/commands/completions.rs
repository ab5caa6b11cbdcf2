//! `completions` and `man`: what shells and readers need, from the definitions of the arguments.

use crate::args::{CompletionsArgs, ManArgs, parse};
use crate::{Outcome, output};
use anyhow::{Result, anyhow};

const NAME: &str = "tilewright";

/// Prints completions for a shell.
pub(crate) fn run(args: &CompletionsArgs) -> Result<Outcome> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut parse::command(), NAME, &mut script);
    print(&script)
}

/// Prints a man page.
pub(crate) fn man(args: &ManArgs) -> Result<Outcome> {
    let mut page = parse::command();
    page.build();
    for name in &args.subcommands {
        let found = page.find_subcommand(name).cloned();
        page = found.ok_or_else(|| anyhow!("{} has no subcommand {name:?}; see its --help", page.get_name()))?;
    }
    let mut text = Vec::new();
    clap_mangen::Man::new(page).render(&mut text)?;
    print(&text)
}

fn print(text: &[u8]) -> Result<Outcome> {
    output::print(|to| Ok(to.write_all(text)?))?;
    Ok(Outcome::Done)
}
