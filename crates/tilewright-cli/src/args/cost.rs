//! `cost`

use super::number::whole;
use super::{ModelArgs, OutputArgs, RuleArgs, one_of, scheme_names};
use clap::builder::{PossibleValue, PossibleValuesParser};
use clap::{Args, ValueHint};
use std::path::PathBuf;
use tilewright::cost::adc::MODELS;
use tilewright::cost::chip::Order;
use tilewright::mapping::search::Priced;
use tilewright::mapping::{CrossbarSize, SignRule};

/// Chip, constants and what differs from them.
#[derive(Debug, Args)]
#[command(next_help_heading = "Chip")]
pub(crate) struct ChipArgs {
    /// A chip preset (generic-22nm, generic-65nm, isaac, puma, neurram, seed) or a TOML file of your own.
    #[arg(long, value_name = "NAME|FILE", default_value = "generic-22nm", value_hint = ValueHint::FilePath)]
    pub(crate) chip: String,

    /// TOML file of constants that replace built-in ones; may be given several times.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) constants: Vec<PathBuf>,

    /// Rows x columns of the unit crossbar, or one number for both. [default: the chip's]
    #[arg(long, value_name = "SIZE")]
    pub(crate) crossbar: Option<CrossbarSize>,

    /// How the sign of a weight is kept. [default: the chip's]
    #[arg(long, value_name = "RULE", value_parser = one_of(&super::ENCODINGS))]
    pub(crate) encoding: Option<SignRule>,

    /// Bits of a signed weight, 2 to 16. [default: those of the model; the chip's for one in floating point]
    #[arg(long, value_name = "BITS", value_parser = whole(2..=16u32))]
    pub(crate) weight_bits: Option<u32>,

    /// Bits of a cell, 1 to 16. [default: the chip's]
    #[arg(long, value_name = "BITS", value_parser = whole(1..=16u32))]
    pub(crate) cell_bits: Option<u32>,

    /// Bits of an input, 1 to 16. [default: those of the model; the chip's for one in floating point]
    #[arg(long, value_name = "BITS", value_parser = whole(1..=16u32))]
    pub(crate) input_bits: Option<u32>,

    /// Model of the analog-to-digital converters; for a macro that reads a few rows at once take nvm-macro. [default: the chip's]
    #[arg(long, value_name = "MODEL", value_parser = adc_models())]
    pub(crate) adc: Option<String>,

    /// Bits of a conversion. [default: the chip's, or as many as tell every sum of a crossbar apart]
    #[arg(long, value_name = "BITS", value_parser = whole(1..=16u32))]
    pub(crate) adc_bits: Option<u32>,

    /// Whether layers take turns or work at once. [default: the chip's]
    #[arg(long, value_name = "ORDER", value_parser = one_of(&ORDERS))]
    pub(crate) schedule: Option<Order>,
}

/// `cost`
#[derive(Debug, Args)]
pub(crate) struct CostArgs {
    #[command(flatten)]
    pub(crate) model: ModelArgs,

    #[command(flatten)]
    pub(crate) chip: ChipArgs,

    /// Mapping scheme. [default: im2col, as other cost tools map; optimal with an objective]
    #[arg(long, value_name = "NAME", value_parser = PossibleValuesParser::new(scheme_names()), help_heading = "Rules")]
    pub(crate) scheme: Option<String>,

    #[command(flatten)]
    pub(crate) rules: RuleArgs,

    /// Search the mapping space for the least of this. [default: what the scheme says]
    #[arg(long, value_name = "WHAT", value_parser = one_of(&PRICED), help_heading = "Objective")]
    pub(crate) objective: Option<Priced>,

    /// Greatest number of crossbars of the network (objective latency).
    #[arg(long, value_name = "CROSSBARS", requires = "objective", value_parser = whole(1..=u64::MAX), help_heading = "Objective")]
    pub(crate) budget: Option<u64>,

    /// JSON file of how often each input value occurs, as {"conv1": [12, 0, 3, ...], "*": [...]}; without it all are equally likely.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) inputs: Option<PathBuf>,

    /// Say which constants a part of the chip is priced by, and where they are from: adc, crossbar-array, …, timing or all.
    #[arg(long, value_name = "PART", help_heading = "Output")]
    #[arg(conflicts_with_all = ["compare", "layers", "objective", "budget", "scheme", "inputs"])]
    pub(crate) explain: Option<String>,

    /// Put the figures of other tools beside ours, line by line: neurosim-v1.3, neurosim-v1.4, mnsim-2.0.
    #[arg(long, value_name = "TOOL", value_delimiter = ',', help_heading = "Output")]
    pub(crate) compare: Vec<String>,

    /// Also list the layers (table only; JSON always does).
    #[arg(long, help_heading = "Output")]
    pub(crate) layers: bool,

    #[command(flatten)]
    pub(crate) output: OutputArgs,
}

/// `chip`
#[derive(Debug, Args)]
pub(crate) struct ChipCommandArgs {
    /// A preset: as a table its TOML file, to be changed; as JSON or CSV its areas and powers. Without it, all are listed.
    pub(crate) name: Option<String>,

    #[command(flatten)]
    pub(crate) output: OutputArgs,
}

const ORDERS: [super::Choice<Order>; 2] = [
    ("layer-by-layer", Order::LayerByLayer, "one layer and one image at a time"),
    ("pipelined", Order::Pipelined, "all layers at once, an image after another"),
];

const PRICED: [super::Choice<Priced>; 5] = [
    ("area", Priced::Area, "least area"),
    ("energy", Priced::Energy, "least energy of an image"),
    ("latency", Priced::Latency, "least time from an image to its result, within --budget"),
    ("energy-delay", Priced::EnergyDelay, "least energy times latency"),
    ("area-delay", Priced::AreaDelay, "least area times latency"),
];

fn adc_models() -> PossibleValuesParser {
    PossibleValuesParser::new(MODELS.iter().map(|model| PossibleValue::new(model.name()).help(model.summary())))
}
