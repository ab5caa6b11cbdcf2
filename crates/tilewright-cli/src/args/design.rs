//! A design and settings over it: options made of the core's list of settings.

use super::one_of_words;
use crate::design;
use anyhow::{Result, anyhow};
use clap::builder::{PossibleValue, StringValueParser, TypedValueParser};
use clap::{Arg, ArgAction, ArgMatches, Args, Command, Error, FromArgMatches, ValueHint};
use std::marker::PhantomData;
use tilewright::cost::CostError;
use tilewright::hardware::{self, Design, Group, HardwareError, Kind, SETTINGS, Setting, Stage};
use tilewright::simulate::SimulateError;

/// A command whose options are settings.
pub(crate) trait Heeds: Clone + std::fmt::Debug + Send + Sync + 'static {
    /// What it does with a design.
    const STAGES: &'static [Stage];
    /// The design it takes unless another is given.
    const DEFAULT: &'static str = hardware::DEFAULT;
    /// Settings that it has an option of its own for.
    const OWN: &'static [&'static str] = &[];
    /// What says how it maps a network, and can vary like a setting.
    const LAYOUT: &'static [&'static str] = &[];
}

const LAYOUT: &[&str] = &["scheme", "kernels", "keep-digital", "macro-kinds", "grouped", "row-split", "window"];

/// Mapping.
#[derive(Clone, Debug)]
pub(crate) struct Mapped;

/// Simulation.
#[derive(Clone, Debug)]
pub(crate) struct Simulated;

/// Prices.
#[derive(Clone, Debug)]
pub(crate) struct Priced;

/// The circuit of one crossbar.
#[derive(Clone, Debug)]
pub(crate) struct Solved;

impl Heeds for Mapped {
    const STAGES: &'static [Stage] = &[Stage::Map];
    const LAYOUT: &'static [&'static str] = LAYOUT;
}

impl Heeds for Simulated {
    const STAGES: &'static [Stage] = &[Stage::Map, Stage::Simulate];
    // Kernels would leave the layers that they replace without trained weights.
    const LAYOUT: &'static [&'static str] = &["scheme", "grouped", "row-split", "window"];
}

impl Heeds for Priced {
    const STAGES: &'static [Stage] = &[Stage::Map, Stage::Cost];
    const LAYOUT: &'static [&'static str] = LAYOUT;
    const DEFAULT: &'static str = hardware::PRICED_DEFAULT;
}

impl Heeds for Solved {
    const STAGES: &'static [Stage] = &[Stage::Circuit];
}

/// A design by its name or file, and settings over it.
#[derive(Clone, Debug)]
pub(crate) struct DesignArgs<C> {
    /// The design, if one was given.
    pub(crate) name: Option<String>,
    /// Settings with their values.
    given: Vec<(&'static Setting, String)>,
    command: PhantomData<C>,
}

impl<C: Heeds> DesignArgs<C> {
    /// The design with the settings over it.
    pub(crate) fn design(&self) -> Result<Design> {
        self.design_or(C::DEFAULT)
    }

    /// The same over another default.
    pub(crate) fn design_or(&self, default: &str) -> Result<Design> {
        let mut design = design::load(self.name.as_deref().unwrap_or(default))?;
        for (setting, value) in &self.given {
            design.set(setting, value).map_err(spelled)?;
        }
        design.cells.read_device(design::device_text)?;
        design.cells.read_fault_map(tilewright_data::fault_map)?;
        design.read_layer_settings(design::read_file)?;
        if let Some(file) = &design.layer_settings {
            let idle = |problem: String| anyhow!("--layer-settings {file} changes nothing here: {}", options(&problem));
            design.layers.heeded(C::STAGES).map_err(idle)?;
        }
        Ok(design)
    }

    /// The value that was typed for a setting.
    pub(crate) fn value(&self, setting: &str) -> Option<&str> {
        self.given.iter().find(|(known, _)| known.name == setting).map(|(_, value)| value.as_str())
    }

    /// The same with one more setting, in place of its value if it has one.
    pub(crate) fn with(&self, setting: &'static Setting, value: &str) -> Self {
        let others = self.given.iter().filter(|(known, _)| *known != setting).cloned();
        let given = others.chain([(setting, value.to_owned())]).collect();
        Self { given, ..self.clone() }
    }

    /// The settings that the command has options for.
    pub(crate) fn settings() -> impl Iterator<Item = &'static Setting> {
        SETTINGS.iter().filter(|setting| setting.is_heeded_by(C::STAGES) && !C::OWN.contains(&setting.name))
    }
}

/// An error with settings spelled as options.
pub(crate) fn spelled(error: HardwareError) -> anyhow::Error {
    match error {
        HardwareError::Setting { setting, value, problem } => {
            anyhow!("--{setting} {value}: {}", options(&problem))
        }
        error => error.into(),
    }
}

/// An error of what is simulated, with settings spelled as options.
pub(crate) fn spelled_simulated(error: SimulateError) -> anyhow::Error {
    match error {
        SimulateError::Design { .. } => anyhow!(options(&error.to_string())),
        error => error.into(),
    }
}

/// An error of what is priced, with settings spelled as options.
pub(crate) fn spelled_cost(error: CostError) -> anyhow::Error {
    match error {
        CostError::Value { .. } | CostError::Setting { .. } | CostError::Hardware(_) => {
            anyhow!(options(&error.to_string()))
        }
        error => error.into(),
    }
}

/// A text with settings between back quotes, spelled as options.
pub(crate) fn options(text: &str) -> String {
    hardware::spelled(text, |name| format!("--{name}"))
}

impl<C: Heeds> FromArgMatches for DesignArgs<C> {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, Error> {
        let given = Self::settings().filter_map(|setting| {
            let value: &String = matches.get_one(setting.name)?;
            Some((setting, value.clone()))
        });
        Ok(Self { name: matches.get_one(DESIGN).cloned(), given: given.collect(), command: PhantomData })
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

impl<C: Heeds> Args for DesignArgs<C> {
    fn augment_args(command: Command) -> Command {
        let design =
            Arg::new(DESIGN).long(DESIGN).alias("chip").value_name("NAME|FILE").value_hint(ValueHint::FilePath);
        let help = format!(
            "The hardware: a preset (`tilewright design` lists and prints them) or a TOML file of your own; the options here \
             override it. [default: {}]",
            C::DEFAULT
        );
        let default = design::preset(C::DEFAULT);
        let options = Self::settings().map(|setting| option(setting, &default));
        command.arg(design.help(help).help_heading("Design")).args(options)
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

const DESIGN: &str = "design";

/// The option of a setting; its help says the value in the default design.
fn option(setting: &'static Setting, default: &Design) -> Arg {
    let value = setting.of(default).map_or("the design's".into(), |value| value);
    let help = format!("{} [default: {value}]", setting.sentence);
    let arg = Arg::new(setting.name).long(setting.name).help(help).help_heading(heading(setting.group));
    match setting.kind {
        Kind::Words(words) => arg.value_name("WORD").value_parser(one_of_words(words)),
        Kind::Switch => arg
            .value_name("WHETHER")
            .value_parser(["true", "false"].map(PossibleValue::new))
            .num_args(0..=1)
            .default_missing_value("true"),
        Kind::Whole { unit, .. } | Kind::Number { unit, .. } | Kind::Text { unit, .. } => {
            let checked = StringValueParser::new().try_map(|value| setting.check(&value).map(|()| value));
            arg.value_name(unit).value_parser(checked)
        }
    }
    .action(ArgAction::Set)
}

const fn heading(group: Group) -> &'static str {
    match group {
        Group::Crossbar => "Crossbar",
        Group::Cells => "Cells",
        Group::Wires => "Wires",
        Group::Converters => "Converters",
        Group::Neurons => "Analog neurons",
        Group::Compensation => "Compensation",
        Group::Chip => "Chip",
    }
}
