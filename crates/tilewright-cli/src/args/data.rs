//! What was typed after `data`.

use super::OutputArgs;
use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use clap::{Args, Subcommand, ValueHint};
use std::path::PathBuf;
use tilewright_data::catalog::{CATALOG, Entry};

/// `data`
#[derive(Debug, Args)]
pub(crate) struct DataArgs {
    #[command(subcommand)]
    pub(crate) command: DataCommand,
}

/// What to do with data sets.
#[derive(Debug, Subcommand)]
pub(crate) enum DataCommand {
    /// List the data sets, and where the installed ones are.
    List(DataListArgs),
    /// Download data sets, check them and put them in place; an interrupted download resumes.
    Fetch(DataFetchArgs),
    /// Compare every file with the published checksum and count the images.
    Check(DataCheckArgs),
    /// Print the folder of a data set.
    Path(DataPathArgs),
}

/// Where to look.
#[derive(Clone, Debug, Args)]
pub(crate) struct PlaceArgs {
    /// Folder of data sets, or of one. [default: that of TILEWRIGHT_DATA, then the user's, then the system's]
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(crate) data: Option<PathBuf>,
}

/// `data list`
#[derive(Debug, Args)]
pub(crate) struct DataListArgs {
    #[command(flatten)]
    pub(crate) place: PlaceArgs,

    #[command(flatten)]
    pub(crate) output: OutputArgs,
}

/// `data fetch`
#[derive(Debug, Args)]
pub(crate) struct DataFetchArgs {
    /// Which data sets.
    #[arg(required = true, value_name = "NAME", value_parser = sets())]
    pub(crate) sets: Vec<&'static Entry>,

    #[command(flatten)]
    pub(crate) place: PlaceArgs,

    /// URL of a folder with the same archives, such as `http://mirror.example/mnist`. [default: where it is published]
    #[arg(long, value_name = "URL", value_hint = ValueHint::Url)]
    pub(crate) from: Option<String>,
}

/// `data check`
#[derive(Debug, Args)]
pub(crate) struct DataCheckArgs {
    /// Which data sets. [default: all that are here]
    #[arg(value_name = "NAME", value_parser = sets())]
    pub(crate) sets: Vec<&'static Entry>,

    #[command(flatten)]
    pub(crate) place: PlaceArgs,

    #[command(flatten)]
    pub(crate) output: OutputArgs,
}

/// `data path`
#[derive(Debug, Args)]
pub(crate) struct DataPathArgs {
    /// Which data set.
    #[arg(value_name = "NAME", value_parser = sets())]
    pub(crate) set: &'static Entry,

    #[command(flatten)]
    pub(crate) place: PlaceArgs,
}

/// A parser of the names in the catalog.
pub(crate) fn sets() -> impl TypedValueParser<Value = &'static Entry> {
    let names = CATALOG.iter().map(|entry| PossibleValue::new(entry.name).help(entry.source));
    PossibleValuesParser::new(names)
        .map(|typed| Entry::named(&typed).expect("clap lets only the names of the catalog through"))
}
