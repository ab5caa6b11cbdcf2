//! The analog hardware a network is mapped onto.

use super::design::{DesignArgs, Simulated};
use super::number::whole;
use super::{OutputArgs, RuleArgs, scheme_names};
use clap::Args;
use clap::builder::PossibleValuesParser;

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

    /// Training images, the first ones, that converters and digital corrections are calibrated on.
    #[arg(long, value_name = "IMAGES", default_value_t = 64, value_parser = whole(1..=10_000u32), help_heading = "Compensation")]
    pub(crate) calibration: u32,
}

/// `device`
#[derive(Debug, Args)]
pub(crate) struct DeviceCommandArgs {
    /// A device: as a table its TOML file, to be changed; as JSON or CSV its range. Without it, all are listed.
    pub(crate) name: Option<String>,

    #[command(flatten)]
    pub(crate) output: OutputArgs,
}
