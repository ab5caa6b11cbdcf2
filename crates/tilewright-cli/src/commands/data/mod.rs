//! `data`: the data sets accuracy is measured on.

mod check;
mod list;

use crate::args::data::{DataArgs, DataCommand, DataFetchArgs, DataPathArgs};
use crate::data::download::Client;
use crate::data::fetch;
use crate::{Outcome, output};
use anyhow::Result;
use std::path::Path;
use tilewright_data::Places;
use tilewright_data::catalog::Entry;
use tilewright_data::problem;

/// Runs what was typed after `data`.
pub(crate) fn run(args: &DataArgs) -> Result<Outcome> {
    match &args.command {
        DataCommand::List(args) => list::run(args),
        DataCommand::Fetch(args) => fetch(args),
        DataCommand::Check(args) => check::run(args),
        DataCommand::Path(args) => path(args),
    }
}

/// `data fetch`
fn fetch(args: &DataFetchArgs) -> Result<Outcome> {
    let places = Places::new(args.place.data.as_deref());
    let client = Client::new();
    for entry in &args.sets {
        let folder = match places.find(entry).filter(|folder| is_whole(entry, folder)) {
            Some(folder) => {
                output::note(&format!("{} is already here and complete", entry.name));
                folder
            }
            None => fetch::fetch(entry, places.home()?, args.from.as_deref().unwrap_or(entry.base), &client)?,
        };
        print(&folder)?;
    }
    Ok(Outcome::Done)
}

/// `data path`
fn path(args: &DataPathArgs) -> Result<Outcome> {
    print(&Places::new(args.place.data.as_deref()).require(args.set)?)?;
    Ok(Outcome::Done)
}

fn print(folder: &Path) -> Result<()> {
    output::print(|to| Ok(writeln!(to, "{}", folder.display())?))
}

/// Whether every file is the published one.
fn is_whole(entry: &Entry, folder: &Path) -> bool {
    entry.files().all(|file| matches!(problem(folder, file), Ok(None)))
}
