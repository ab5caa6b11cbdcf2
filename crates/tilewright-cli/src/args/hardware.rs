//! The analog hardware a network is mapped onto.

use super::design::{DesignArgs, Simulated};
use super::number::whole;
use super::{Choice, OutputArgs, RuleArgs, format, one_of, scheme_names};
use clap::builder::PossibleValuesParser;
use clap::{Args, Subcommand, ValueHint};
use std::path::PathBuf;
use tilewright::circuit::device::{Between, ConductanceUnit};
use tilewright::report::table::{FORMATS, Format};

/// A mapping and the hardware under it.
#[derive(Clone, Debug, Args)]
pub(crate) struct HardwareArgs {
    /// Mapping scheme. [default: the design's: optimal for analog-22nm]
    #[arg(long, value_name = "NAME", value_parser = PossibleValuesParser::new(scheme_names()))]
    pub(crate) scheme: Option<String>,

    #[command(flatten)]
    pub(crate) design: DesignArgs<Simulated>,

    #[command(flatten)]
    pub(crate) rules: RuleArgs,

    /// Number of training images, from the first on, to calibrate converters and digital corrections on.
    #[arg(long, value_name = "IMAGES", default_value_t = 64, value_parser = whole(1..=10_000u32), help_heading = "Compensation")]
    pub(crate) calibration: u32,
}

/// `device`
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct DeviceCommandArgs {
    #[command(subcommand)]
    pub(crate) command: Option<DeviceCommand>,

    #[command(flatten)]
    pub(crate) list: DeviceListArgs,
}

/// What else to do with devices than to list them.
#[derive(Debug, Subcommand)]
pub(crate) enum DeviceCommand {
    /// Fit a device file to measurements of its cells, and report how well it fits.
    ///
    /// The table has one line per measurement. Its first line names the columns: "target", the conductance the cell was
    /// programmed to; "measured", the conductance it has; and, if there are several times, "time", in seconds after
    /// programming.
    Fit(DeviceFitArgs),
}

/// Which devices are listed.
#[derive(Debug, Args)]
pub(crate) struct DeviceListArgs {
    /// A device, printed as a TOML file to edit, or with its range as JSON or CSV. Without a name, all are listed.
    pub(crate) name: Option<String>,

    #[command(flatten)]
    pub(crate) output: OutputArgs,
}

/// `device fit`
#[derive(Debug, Args)]
pub(crate) struct DeviceFitArgs {
    /// CSV file of the measurements.
    #[arg(value_hint = ValueHint::FilePath)]
    pub(crate) measurements: PathBuf,

    /// Unit of the conductances.
    #[arg(long, value_name = "UNIT", default_value = "S", value_parser = one_of(&UNITS))]
    pub(crate) unit: ConductanceUnit,

    /// What can be programmed between two levels.
    #[arg(long, value_name = "WHICH", default_value = "interpolated", value_parser = one_of(&LEVELS))]
    pub(crate) levels: Between,

    /// Output format.
    #[arg(long, value_name = "FORMAT", default_value = FORMATS[0].name, value_parser = format(), help_heading = "Output")]
    pub(crate) format: &'static Format,

    /// Device file to write, whole or not at all: NAME.toml, which --device takes; the device is called NAME.
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath, help_heading = "Output")]
    pub(crate) output: PathBuf,
}

const UNITS: [Choice<ConductanceUnit>; 4] = [
    ("S", ConductanceUnit::Siemens, "siemens"),
    ("mS", ConductanceUnit::Millisiemens, "millisiemens"),
    ("uS", ConductanceUnit::Microsiemens, "microsiemens"),
    ("nS", ConductanceUnit::Nanosiemens, "nanosiemens"),
];

const LEVELS: [Choice<Between>; 2] = [
    (
        "interpolated",
        Between::Interpolated,
        "any conductance, its distribution interpolated between those of the levels",
    ),
    ("measured", Between::Measured, "nothing; the nearest level is programmed"),
];
