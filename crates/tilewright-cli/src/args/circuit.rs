//! What was typed after `circuit`.

use super::OutputArgs;
use super::design::{DesignArgs, Solved};
use super::number::whole;
use super::vary::{Varies, VaryArgs};
use clap::{Args, Subcommand, ValueEnum, ValueHint};
use std::path::PathBuf;
use tilewright::explore::Layout;

/// `circuit`
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct CircuitArgs {
    #[command(subcommand)]
    pub(crate) command: Option<CircuitCommand>,

    #[command(flatten)]
    pub(crate) study: StudyArgs,
}

/// What else to do with a crossbar than to study its losses.
#[derive(Debug, Subcommand)]
pub(crate) enum CircuitCommand {
    /// Solve a crossbar from a JSON file: rows, cols, r_word, r_bit, r_source, r_sink, G (row by row) and V (inputs by row).
    Solve(SolveArgs),
}

/// The crossbar whose losses are studied.
#[derive(Clone, Debug, Args)]
pub(crate) struct StudyArgs {
    #[command(flatten)]
    pub(crate) design: DesignArgs<Solved>,

    /// Whether all cells are on (the worst case) or evenly distributed between off and on.
    #[arg(long, value_name = "CELLS", value_enum, default_value_t = Cells::On)]
    pub(crate) pattern: Cells,

    /// Seed of random cells.
    #[arg(long, value_name = "NUMBER", default_value_t = 1, value_parser = whole(0..=u64::MAX))]
    pub(crate) seed: u64,

    #[command(flatten)]
    pub(crate) vary: VaryArgs<Solved>,

    #[command(flatten)]
    pub(crate) output: OutputArgs,
}

impl Varies for StudyArgs {
    type Command = Solved;

    fn vary(&self) -> &VaryArgs<Solved> {
        &self.vary
    }

    fn design(&mut self) -> &mut DesignArgs<Solved> {
        &mut self.design
    }

    fn lay_out(&mut self, _: &Layout) {}
}

/// What the cells hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Cells {
    /// All on.
    On,
    /// Evenly distributed between off and on.
    Random,
}

/// `circuit solve`
#[derive(Debug, Args)]
pub(crate) struct SolveArgs {
    /// JSON file of the crossbar and its inputs; docs/json.md has the keys.
    #[arg(value_hint = ValueHint::FilePath)]
    pub(crate) case: PathBuf,

    /// How to solve it.
    #[arg(long, value_name = "METHOD", value_enum, default_value_t = Method::Cg)]
    pub(crate) method: Method,

    /// File to write, whole or not at all; "-" is standard output.
    #[arg(short, long, value_name = "FILE", default_value = "-", value_hint = ValueHint::FilePath)]
    pub(crate) output: PathBuf,
}

/// How a crossbar is solved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Method {
    /// Conjugate gradients, one input after the other; the transfer matrix where they cannot keep the bound.
    Cg,
    /// The transfer matrix, then a product, checked by conjugate gradients or, where they cannot, by a second elimination.
    Transfer,
}
