//! The `tilewright` command, as a library: the program of that name and the one that the Python package installs run it.
//!
//! `args` is what was typed, `heed` refuses what of it would change nothing, `settings` is what follows from it, `commands`
//! has one file a command, `data` is where data sets come from, `output` is the one place that writes, and `interrupt` what
//! happens when a signal stops the command. This file alone turns results into exit codes: 0 done, 1 a check the user asked for
//! failed, 2 error.

mod args;
mod command_line;
mod commands;
mod data;
mod design;
mod digest;
mod hardware;
mod heed;
mod images;
mod input;
mod interrupt;
mod losses;
mod model;
mod npz;
mod output;
mod outputs;
mod progress;
mod settings;
mod sweep;
mod threads;
mod trained;

use std::ffi::OsString;
use std::io;

/// How a command that ran through ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    /// Done.
    Done,
    /// A check the user asked for found a difference.
    CheckFailed,
}

const DONE: u8 = 0;
const CHECK_FAILED: u8 = 1;
const ERROR: u8 = 2;

/// Runs a command line, the name of the program first, and returns the exit code: 0 done, 1 a check that was asked for failed, 2 error.
///
/// What the command says goes to the standard and the error output of the process. It is meant to be called once a process:
/// from then on, signals that stop the process remove what is half-written first.
pub fn run(words: Vec<OsString>) -> u8 {
    let line = match args::parse::parse(words.iter().cloned()) {
        Ok(line) => line,
        Err(error) => {
            print(&error);
            return u8::try_from(error.exit_code()).unwrap_or(ERROR);
        }
    };
    command_line::remember(words);
    interrupt::heed();
    match commands::run(line) {
        Ok(Outcome::Done) => DONE,
        Ok(Outcome::CheckFailed) => CHECK_FAILED,
        Err(error) if is_broken_pipe(&error) => DONE,
        Err(error) => {
            output::note(&format!("error: {error:#}"));
            ERROR
        }
    }
}

/// Prints help, or what is wrong with a command line; what was typed may be a file's name with anything in it.
fn print(error: &clap::Error) {
    let text = error.to_string();
    match output::visible(&text) {
        // Whether help reaches a closed pipe is of no interest.
        std::borrow::Cow::Borrowed(_) => drop(error.print()),
        std::borrow::Cow::Owned(text) => output::note(text.trim_end()),
    }
}

/// Whether somebody stopped reading, as `head` does; that is no error.
fn is_broken_pipe(error: &anyhow::Error) -> bool {
    let broken = |error: &io::Error| error.kind() == io::ErrorKind::BrokenPipe;
    error.chain().any(|cause| cause.downcast_ref::<io::Error>().is_some_and(broken))
}
