//! The analog hardware a network is mapped onto.

use super::number::whole;
use super::{Choice, OutputArgs, RuleArgs, TargetArgs, one_of, scheme_names};
use clap::builder::PossibleValuesParser;
use clap::{Args, ValueHint};
use tilewright::circuit::{Collect, Drive};
use tilewright::simulate::{Copies, DriftCompensation, FaultAware, LineOrder, PairRead, RangeRule, RangeScope};

/// A mapping and the hardware under it.
#[derive(Clone, Debug, Args)]
pub(crate) struct HardwareArgs {
    /// Mapping scheme.
    #[arg(long, value_name = "NAME", default_value = "optimal", value_parser = PossibleValuesParser::new(scheme_names()))]
    pub(crate) scheme: String,

    #[command(flatten)]
    pub(crate) target: TargetArgs,

    #[command(flatten)]
    pub(crate) rules: RuleArgs,

    #[command(flatten)]
    pub(crate) cells: CellArgs,

    #[command(flatten)]
    pub(crate) wires: WireArgs,

    #[command(flatten)]
    pub(crate) converters: ConverterArgs,

    #[command(flatten)]
    pub(crate) compensation: CompensationArgs,
}

/// `device`
#[derive(Debug, Args)]
pub(crate) struct DeviceCommandArgs {
    /// A device: as a table its TOML file, to be changed; as JSON or CSV its range. Without it, all are listed.
    pub(crate) name: Option<String>,

    #[command(flatten)]
    pub(crate) output: OutputArgs,
}

/// What the cells are.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Cells")]
pub(crate) struct CellArgs {
    /// Device: a built-in one (ideal, generic, or of a publication; `tilewright device` lists and prints them), or a TOML file.
    #[arg(long, value_name = "NAME|FILE", default_value = "generic", value_hint = ValueHint::FilePath)]
    pub(crate) device: String,

    /// Greatest by least conductance of the generic device; inf for cells that are off. [default: 100]
    #[arg(long, value_name = "RATIO")]
    pub(crate) on_off: Option<f64>,

    /// Greatest conductance of the generic device, in siemens. [default: 1e-4]
    #[arg(long, value_name = "SIEMENS")]
    pub(crate) g_on: Option<f64>,

    /// Conductances that the generic device can have. [default: any]
    #[arg(long, value_name = "LEVELS")]
    pub(crate) levels: Option<u32>,

    /// Standard deviation of the generic device's programming, by its greatest conductance. [default: 0]
    #[arg(long, value_name = "SHARE")]
    pub(crate) programming_error: Option<f64>,

    /// Standard deviation of one read of the generic device, by its greatest conductance. [default: 0]
    #[arg(long, value_name = "SHARE")]
    pub(crate) read_noise: Option<f64>,

    /// Share of the generic device's cells that are stuck, half of them on and half off. [default: 0]
    #[arg(long, value_name = "SHARE")]
    pub(crate) stuck: Option<f64>,

    /// Mean exponent of the generic device's drift. [default: 0]
    #[arg(long, value_name = "NUMBER")]
    pub(crate) drift: Option<f64>,

    /// Program until a read is this near the target, by the device's range. [default: once]
    #[arg(long, value_name = "SHARE")]
    pub(crate) verify_within: Option<f64>,

    /// Most attempts at programming a cell that is verified.
    #[arg(long, value_name = "NUMBER", default_value_t = 20, requires = "verify_within", value_parser = whole(1..=u32::MAX))]
    pub(crate) max_pulses: u32,

    /// What the cells are that hold no weight: programmed to level 0, or never formed.
    #[arg(long, value_name = "HOW", default_value = "programmed", value_parser = one_of(&UNUSED))]
    pub(crate) unused_cells: Unused,

    /// Conductance of an unformed cell, in siemens. [default: 0]
    #[arg(long, value_name = "SIEMENS")]
    pub(crate) g_unformed: Option<f64>,

    /// Share of the unformed cells that conduct as if they were on. [default: 0]
    #[arg(long, value_name = "SHARE")]
    pub(crate) shorts: Option<f64>,

    /// Seconds between programming and inference.
    #[arg(long, value_name = "SECONDS", default_value_t = 0.0)]
    pub(crate) age: f64,

    /// Whether copies of a crossbar (replication) have cells of their own.
    #[arg(long, value_name = "HOW", default_value = "apart", value_parser = one_of(&COPIES))]
    pub(crate) copies: Copies,
}

/// What the wires are.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Wires")]
pub(crate) struct WireArgs {
    /// Resistance of word and bit lines between neighbouring cells, in ohm. [default: 0, in a study of one crossbar 2.5]
    #[arg(long, value_name = "OHM")]
    pub(crate) wire: Option<f64>,

    /// Of bit lines alone. [default: as word lines]
    #[arg(long, value_name = "OHM")]
    pub(crate) bit_wire: Option<f64>,

    /// Resistance of each source, in ohm.
    #[arg(long, value_name = "OHM", default_value_t = 0.0)]
    pub(crate) source: f64,

    /// Resistance of each sink, in ohm.
    #[arg(long, value_name = "OHM", default_value_t = 0.0)]
    pub(crate) sink: f64,

    /// Ends of the word lines with a source.
    #[arg(long, value_name = "ENDS", default_value = "left", value_parser = one_of(&DRIVES))]
    pub(crate) drive: Drive,

    /// Ends of the bit lines with a sink.
    #[arg(long, value_name = "ENDS", default_value = "bottom", value_parser = one_of(&COLLECTS))]
    pub(crate) collect: Collect,
}

/// What the converters are.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Converters")]
pub(crate) struct ConverterArgs {
    /// Bits of the converters that read currents, 1 to 16; "none" reads them exactly.
    #[arg(long, value_name = "BITS", default_value = "none", value_parser = bits)]
    pub(crate) adc_bits: Bits,

    /// How the range of a converter is chosen: max, least-squares, or a percentile of the magnitudes such as 99.9.
    #[arg(long, value_name = "RULE", default_value = "max")]
    pub(crate) adc_range: RangeRule,

    /// Which columns share a range: all of a layer, or so many neighbours.
    #[arg(long, value_name = "layer|COLUMNS", default_value = "layer")]
    pub(crate) adc_scope: RangeScope,

    /// Bits of an input that one pulse drives, 1 to 16; "none" drives all at once.
    #[arg(long, value_name = "BITS", default_value = "none", value_parser = bits)]
    pub(crate) dac_bits: Bits,

    /// Where the columns of a differential pair are subtracted.
    #[arg(long, value_name = "WHERE", default_value = "analog", value_parser = one_of(&PAIRS))]
    pub(crate) pairs: PairRead,

    /// Bits of a layer input, 1 to 16; more than the model holds take more pulses. [default: those of the model; 8 for one in
    /// floating point]
    #[arg(long, value_name = "BITS", value_parser = whole(1..=16u32))]
    pub(crate) input_bits: Option<u32>,
}

/// What is done about errors.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Compensation")]
pub(crate) struct CompensationArgs {
    /// In which order rows and columns are put onto the lines.
    #[arg(long, value_name = "ORDER", default_value = "mapped", value_parser = one_of(&ORDERS))]
    pub(crate) order: LineOrder,

    /// Which cells take over the errors of stuck ones, found by testing the chip before it is programmed.
    #[arg(long, value_name = "CELLS", default_value = "none", value_parser = one_of(&FAULT_AWARE))]
    pub(crate) fault_aware: FaultAware,

    /// Rounds of correcting conductances so that the wired crossbar computes the wanted matrix.
    #[arg(long, value_name = "ROUNDS", default_value_t = 0, value_parser = whole(0..=100u32))]
    pub(crate) predistort: u32,

    /// Whether digital logic undoes the mean drift of cells, measured on each crossbar.
    #[arg(long, value_name = "WHERE", default_value = "none", value_parser = one_of(&DRIFT_COMPENSATION))]
    pub(crate) drift_compensation: DriftCompensation,

    /// Fit digital gain and offset of every output channel on the calibration images.
    #[arg(long, value_name = "WHETHER", default_value = "false", num_args = 0..=1, default_missing_value = "true")]
    pub(crate) refresh: bool,

    /// Training images, the first ones, that converters and digital corrections are calibrated on.
    #[arg(long, value_name = "IMAGES", default_value_t = 64, value_parser = whole(1..=10_000u32))]
    pub(crate) calibration: u32,
}

/// A number of bits, or none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Bits(pub(crate) Option<u32>);

const COPIES: [Choice<Copies>; 2] = [
    ("apart", Copies::Apart, "each its own, with errors of their own"),
    ("alike", Copies::Alike, "the same: less memory and set-up"),
];

const DRIVES: [Choice<Drive>; 3] = [
    ("left", Drive::Left, "before the first column"),
    ("right", Drive::Right, "after the last column"),
    ("both", Drive::Both, "at both"),
];

const COLLECTS: [Choice<Collect>; 3] = [
    ("bottom", Collect::Bottom, "after the last row"),
    ("top", Collect::Top, "before the first row"),
    ("both", Collect::Both, "at both"),
];

const PAIRS: [Choice<PairRead>; 2] = [
    ("analog", PairRead::Subtracted, "as currents, one converter a pair"),
    ("digital", PairRead::Apart, "as numbers, a converter for each column"),
];

/// What the cells without a weight are, their numbers apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unused {
    Programmed,
    Unformed,
}

const UNUSED: [Choice<Unused>; 2] = [
    ("programmed", Unused::Programmed, "to level 0, with all errors of a cell"),
    ("unformed", Unused::Unformed, "never formed, as RRAM cells leave the factory"),
];

const FAULT_AWARE: [Choice<FaultAware>; 3] = [
    ("none", FaultAware::No, "none"),
    ("pairs", FaultAware::Pairs, "the other cell of a differential pair"),
    ("slices", FaultAware::Slices, "the other cell of the pair, then the weight's other bit slices"),
];

const DRIFT_COMPENSATION: [Choice<DriftCompensation>; 2] = [
    ("none", DriftCompensation::Off, "no"),
    ("crossbar", DriftCompensation::PerCrossbar, "by one factor for each crossbar"),
];

const ORDERS: [Choice<LineOrder>; 2] = [
    ("mapped", LineOrder::Mapped, "as the mapping says"),
    ("by-current", LineOrder::ByCurrent, "large currents near sources and sinks"),
];

fn bits(text: &str) -> Result<Bits, String> {
    match text {
        "none" => Ok(Bits(None)),
        number => match number.parse() {
            Ok(bits @ 1..=16) => Ok(Bits(Some(bits))),
            _ => Err("give 1 to 16, or none".into()),
        },
    }
}
