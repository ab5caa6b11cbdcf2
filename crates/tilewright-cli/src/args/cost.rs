//! `cost`

use super::design::{DesignArgs, Priced};
use super::number::whole;
use super::vary::{Varies, VaryArgs};
use super::{KindArgs, ModelArgs, OutputArgs, RuleArgs, one_of, scheme_names};
use clap::builder::PossibleValuesParser;
use clap::{Args, ValueHint};
use std::path::PathBuf;
use tilewright::explore::Layout;
use tilewright::mapping::search::Priced as Objective;

/// `cost`
#[derive(Clone, Debug, Args)]
pub(crate) struct CostArgs {
    #[command(flatten)]
    pub(crate) model: ModelArgs,

    #[command(flatten)]
    pub(crate) design: DesignArgs<Priced>,

    /// TOML file of constants that replace built-in ones; may be given several times.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, help_heading = "Design")]
    pub(crate) constants: Vec<PathBuf>,

    /// Mapping scheme. [default: the design's: im2col for those built in, as other cost tools map; optimal with an objective]
    #[arg(long, value_name = "NAME", value_parser = PossibleValuesParser::new(scheme_names()), help_heading = "Rules")]
    pub(crate) scheme: Option<String>,

    #[command(flatten)]
    pub(crate) rules: RuleArgs,

    /// Search the mapping space for the least of this. [default: what the scheme says]
    #[arg(long, value_name = "WHAT", value_parser = one_of(&PRICED), help_heading = "Objective")]
    pub(crate) objective: Option<Objective>,

    /// Most crossbars the network may hold (objective latency).
    #[arg(long, value_name = "CROSSBARS", requires = "objective", value_parser = whole(1..=u64::MAX), help_heading = "Objective")]
    pub(crate) budget: Option<u64>,

    /// Longest time from an image to its result, in ms (objectives area and energy).
    #[arg(long, value_name = "MS", requires = "objective", conflicts_with = "budget", help_heading = "Objective")]
    pub(crate) max_latency: Option<f64>,

    #[command(flatten)]
    pub(crate) kinds: KindArgs,

    #[command(flatten)]
    pub(crate) vary: VaryArgs<Priced>,

    /// Pack partly filled crossbars of all layers together, which then take turns; an objective is searched for with layers apart.
    #[arg(long, help_heading = "Rules")]
    pub(crate) share_layers: bool,

    /// JSON file of how often each input value occurs, as `tilewright inputs` writes it, or {"conv1": [12, 0, 3, ...], "*": [...]};
    /// without it all are equally likely.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) inputs: Option<PathBuf>,

    /// Show the constants behind the price of a part of the chip, and their sources: adc, crossbar-array, …, timing or
    /// all.
    #[arg(long, value_name = "PART", help_heading = "Output")]
    #[arg(conflicts_with_all = ["compare", "layers", "objective", "budget", "max_latency", "macro_kinds", "scheme", "inputs", "vary", "share_layers"])]
    pub(crate) explain: Option<String>,

    /// Show other tools' figures next to ours, line by line: neurosim-v1.3, neurosim-v1.4, mnsim-2.0.
    #[arg(long, value_name = "TOOL", value_delimiter = ',', help_heading = "Output")]
    pub(crate) compare: Vec<String>,

    /// Also list the layers (table only; JSON always does).
    #[arg(long, help_heading = "Output")]
    pub(crate) layers: bool,

    #[command(flatten)]
    pub(crate) output: OutputArgs,
}

impl Varies for CostArgs {
    type Command = Priced;

    fn vary(&self) -> &VaryArgs<Priced> {
        &self.vary
    }

    fn design(&mut self) -> &mut DesignArgs<Priced> {
        &mut self.design
    }

    fn lay_out(&mut self, layout: &Layout) {
        if let Some(scheme) = layout.scheme {
            self.scheme = Some(scheme.name().into());
        }
        self.model.lay_out(layout);
        self.rules.lay_out(layout);
        self.kinds.lay_out(layout);
        self.share_layers = layout.share_layers.unwrap_or(self.share_layers);
    }
}

/// `design`
#[derive(Debug, Args)]
pub(crate) struct DesignCommandArgs {
    /// A preset, printed as a TOML file to edit, or with its areas and powers as JSON or CSV. Without a name, all are
    /// listed.
    pub(crate) name: Option<String>,

    /// List every setting of a design with its value in this one (or in a TOML file, or in the default design).
    #[arg(long)]
    pub(crate) settings: bool,

    #[command(flatten)]
    pub(crate) output: OutputArgs,
}

const PRICED: [super::Choice<Objective>; 5] = [
    ("area", Objective::Area, "least area"),
    ("energy", Objective::Energy, "least energy of an image"),
    ("latency", Objective::Latency, "least time from an image to its result, within --budget"),
    ("energy-delay", Objective::EnergyDelay, "least energy times latency"),
    ("area-delay", Objective::AreaDelay, "least area times latency"),
];
