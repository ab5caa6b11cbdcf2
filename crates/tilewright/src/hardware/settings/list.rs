//! The list of settings.

use super::value::{parsed, word, word_of, written};
use super::{Choice, Group, Kind, Setting, Stage};
use crate::circuit::CellCurve;
use crate::hardware::{AdcBits, AdcSettings, Design, InputCoding, LayerSettings, LineOrder, Neurons, Unused};
use crate::mapping::{CrossbarSize, SignRule};

const MAP: &[Stage] = &[Stage::Map];
const SIMULATE: &[Stage] = &[Stage::Simulate];
const COST: &[Stage] = &[Stage::Cost];
const BITS: [u32; 2] = [1, 16];

/// A number or a text at a place of a design.
macro_rules! at {
    ($($place:ident).+) => {
        (|design| Some(written(&design.$($place).+)), |design, text| parsed(text).map(|value| design.$($place).+ = value))
    };
}

/// The same, where the design may leave it open.
macro_rules! at_if_any {
    ($($place:ident).+) => {
        (
            |design| design.$($place).+.as_ref().map(written),
            |design, text| parsed(text).map(|value| design.$($place).+ = Some(value)),
        )
    };
}

/// A choice at a place of a design.
macro_rules! word_at {
    ($($place:ident).+) => {
        (|design| word_of(&design.$($place).+), |design, text| word(text).map(|value| design.$($place).+ = value))
    };
}

/// Something of the converters, which a design may not have.
macro_rules! of_adc {
    ($get:expr, $set:expr) => {
        (|design| design.adc.as_ref().and_then($get), |design, text| $set(adc(design)?, text))
    };
}

/// Something of the analog neurons, which a design may not have.
macro_rules! of_neurons {
    ($get:expr, $set:expr) => {
        (|design| design.neuron.as_ref().and_then($get), |design, text| $set(neurons(design)?, text))
    };
}

/// How a setting is read and written.
type Access = (fn(&Design) -> Option<String>, fn(&mut Design, &str) -> Result<(), String>);

/// Why a setting changes nothing, if so.
type Idle = fn(&Design) -> Option<&'static str>;

/// What the setting is and where it is; `idle` is added to what may change nothing.
const fn new(
    (name, group, kind): (&'static str, Group, Kind),
    stages: &'static [Stage],
    (get, set): Access,
    sentence: &'static str,
    axis: &'static str,
) -> Setting {
    Setting { name, sentence, axis, group, kind, stages, of_layers: false, get, set, idle: |_| None }
}

impl Setting {
    const fn but(self, idle: Idle) -> Self {
        Self { idle, ..self }
    }

    /// One that a layer can have of its own.
    const fn also_of_layers(self) -> Self {
        Self { of_layers: true, ..self }
    }
}

const fn whole(unit: &'static str, range: [u32; 2]) -> Kind {
    Kind::Whole { unit, range }
}

const fn number(unit: &'static str, allowed: &'static str) -> Kind {
    Kind::Number { unit, allowed }
}

const fn text(unit: &'static str, allowed: &'static str) -> Kind {
    Kind::Text { unit, allowed }
}

const OHM: Kind = number("OHM", "0, or 1e-9 to 1e12 ohm");
const SHARE: Kind = number("SHARE", "0 to 1");

/// Every setting, in the order of help and documentation.
pub const SETTINGS: &[Setting] = &[
    new(
        ("crossbar", Group::Crossbar, text("SIZE", "1 to 65536 rows and columns, such as 128 or 512x256")),
        &[Stage::Map, Stage::Circuit],
        (
            |design| Some(format!("{}x{}", design.crossbar.rows, design.crossbar.columns)),
            |design, text| {
                let size: CrossbarSize =
                    text.parse().map_err(|_| "give 1 to 65536 rows and columns, such as 128 or 512x256")?;
                design.crossbar = size;
                Ok(())
            },
        ),
        "Rows x columns of the unit crossbar, or one number for both.",
        "side of the unit crossbar, cells",
    )
    .also_of_layers(),
    new(
        ("encoding", Group::Crossbar, Kind::Words(&ENCODINGS)),
        MAP,
        word_at!(encoding.sign),
        "How the sign of a weight is stored.",
        "how the sign is kept",
    )
    .also_of_layers(),
    new(
        ("weight-bits", Group::Crossbar, whole("BITS", [2, 16])),
        MAP,
        at!(encoding.weight_bits),
        "Bits of a signed weight; a quantised model's own bits take precedence over the design's.",
        "bits of a weight",
    )
    .also_of_layers(),
    new(
        ("cell-bits", Group::Crossbar, whole("BITS", BITS)),
        MAP,
        at_if_any!(encoding.cell_bits),
        "Bits per cell; if they are fewer than a weight has, the weight is cut into slices.",
        "bits of a cell",
    )
    .also_of_layers(),
    new(
        ("weight-range", Group::Crossbar, text("RULE", "max, least-squares, or a percentile of 50 to 100")),
        SIMULATE,
        at!(weight_range.rule),
        "Weight that the greatest conductance represents, for a floating-point model: the largest one, the one with the least error from \
         clipping and rounding, or a percentile of the magnitudes such as 99.9; larger weights are clipped.",
        "rule of the weights' range",
    ),
    new(
        ("weight-scope", Group::Crossbar, Kind::Words(&WEIGHT_SCOPES)),
        SIMULATE,
        word_at!(weight_range.scope),
        "Which weights of a floating-point model share a range.",
        "weights that share a range",
    ),
    new(
        ("active-rows", Group::Crossbar, whole("ROWS", [1, 65_536])),
        &[Stage::Simulate, Stage::Cost],
        at_if_any!(active_rows),
        "Word lines of a crossbar driven at a time, at most its rows; all if not set. With fewer, an access takes several steps, whose sums are \
         added digitally, and lossless converters need fewer bits.",
        "word lines driven at a time",
    )
    .also_of_layers()
    .but(|design| {
        let exact = design.adc.as_ref().is_some_and(|adc| adc.bits == AdcBits::Exact);
        exact.then_some("currents are read exactly, so that steps yield what all rows at once do; give `adc-bits`")
    }),
    new(
        ("layer-settings", Group::Crossbar, text("FILE", "a TOML file with a table [layer.\"NAME\"] for each layer")),
        &[Stage::Map, Stage::Simulate, Stage::Cost],
        (
            |design| design.layer_settings.clone(),
            |design, text| {
                (design.layer_settings, design.layers) = (Some(text.into()), LayerSettings::default());
                Ok(())
            },
        ),
        "Settings of individual layers: a TOML file with a table [layer.\"NAME\"] for each layer, with settings by name and optionally a scheme.",
        "settings of single layers",
    ),
    new(
        ("device", Group::Cells, text("NAME|FILE", "a built-in device, or a TOML file")),
        &[Stage::Simulate, Stage::Circuit, Stage::Cost],
        (
            |design| Some(design.cells.device.clone()),
            |design, text| {
                // What the design says of its own device is nothing of another one.
                if design.cells.device != text {
                    let given = &design.given;
                    design.cells.forget_by_hand(|setting| given.contains(setting));
                    design.cells.device = text.into();
                }
                Ok(())
            },
        ),
        "Device: a built-in one (ideal, generic, or of a publication; `tilewright device` lists and prints them), or a TOML file.",
        "device",
    )
    .also_of_layers(),
    new(
        ("on-off", Group::Cells, number("RATIO", "a number above 1, or inf")),
        &[Stage::Simulate, Stage::Circuit, Stage::Cost],
        at_if_any!(cells.on_off),
        "Ratio of the greatest to the least conductance of the generic device; inf if off cells do not conduct.",
        "greatest by least conductance",
    )
    .also_of_layers(),
    new(
        ("g-on", Group::Cells, number("SIEMENS", "a positive number")),
        &[Stage::Simulate, Stage::Circuit, Stage::Cost],
        at_if_any!(cells.g_on),
        "Greatest conductance of the generic device, in siemens.",
        "greatest conductance, S",
    )
    .also_of_layers(),
    new(
        ("levels", Group::Cells, whole("LEVELS", [2, u32::MAX])),
        SIMULATE,
        at_if_any!(cells.levels),
        "Number of conductances the generic device can take.",
        "conductances a cell can have",
    )
    .also_of_layers(),
    new(
        ("programming-error", Group::Cells, SHARE),
        SIMULATE,
        at_if_any!(cells.programming_error),
        "Standard deviation of the generic device's programming, relative to its greatest conductance.",
        "programming error, by the greatest conductance",
    )
    .also_of_layers(),
    new(
        ("read-noise", Group::Cells, SHARE),
        SIMULATE,
        at_if_any!(cells.read_noise),
        "Standard deviation of one read of the generic device, relative to its greatest conductance.",
        "noise of one read, by the greatest conductance",
    )
    .also_of_layers(),
    new(
        ("stuck", Group::Cells, SHARE),
        SIMULATE,
        at_if_any!(cells.stuck),
        "Share of the generic device's cells that are stuck, half of them on and half off.",
        "share of stuck cells",
    )
    .also_of_layers()
    .but(|design| {
        let known = design.cells.fault_map.is_some();
        known.then_some("`fault-map` says which cells are stuck; give one of the two")
    }),
    new(
        ("fault-map", Group::Cells, text("FILE", "a CSV or NPZ file")),
        SIMULATE,
        (
            |design| design.cells.fault_map.clone(),
            |design, text| {
                (design.cells.fault_map, design.cells.known_faults) = (Some(text.into()), None);
                Ok(())
            },
        ),
        "Map of the chip's stuck cells, instead of randomly drawn ones: crossbar, row, column and state of each.",
        "map of stuck cells",
    ),
    new(
        ("drift", Group::Cells, number("NUMBER", "0 or a positive number")),
        SIMULATE,
        at_if_any!(cells.drift),
        "Mean exponent of the generic device's drift.",
        "drift exponent",
    )
    .also_of_layers()
    .but(no_time),
    new(
        ("sinh-volts", Group::Cells, number("VOLTS", "0.001 to 1000 volts")),
        &[Stage::Simulate, Stage::Cost],
        at_if_any!(cells.sinh_volts),
        "V0 of the generic device's current G V0 sinh(V / V0); without it the current is linear in the voltage.",
        "V₀ of the cells' current, V",
    ),
    new(
        ("read-voltage", Group::Cells, number("VOLTS", "a positive voltage, at most 100")),
        SIMULATE,
        at!(cells.read_voltage),
        "Voltage of the largest input a pulse can drive, at which cells are read.",
        "read voltage, V",
    )
    .but(|design| {
        let linear = design.cells.device().is_ok_and(|device| device.curve() == CellCurve::Linear);
        linear.then_some("the current of the cells is linear in the voltage; give `sinh-volts`, or a device with a curve")
    }),
    new(
        ("verify-within", Group::Cells, number("SHARE", "a positive share of the device's range, at most 1")),
        SIMULATE,
        at_if_any!(cells.verify_within),
        "Reprogram until a read is this close to the target, relative to the device's range; program once if not given.",
        "tolerance of programming, by the device’s range",
    )
    .also_of_layers(),
    new(
        ("max-pulses", Group::Cells, whole("NUMBER", [1, 1_000_000])),
        SIMULATE,
        at!(cells.max_pulses),
        "Most programming attempts for a cell that is verified.",
        "most attempts",
    )
    .also_of_layers()
    .but(|design| design.cells.verify_within.is_none().then_some("cells are programmed once; give `verify-within`")),
    new(
        ("unused-cells", Group::Cells, Kind::Words(&UNUSED)),
        &[Stage::Simulate, Stage::Cost],
        word_at!(cells.unused_cells),
        "What becomes of cells that hold no weight: programmed to level 0, or never formed.",
        "cells without a weight",
    ),
    new(
        ("g-unformed", Group::Cells, number("SIEMENS", "0 to the device's greatest conductance")),
        &[Stage::Simulate, Stage::Cost],
        at!(cells.g_unformed),
        "Conductance of an unformed cell, in siemens.",
        "conductance of unformed cells, S",
    )
    .but(all_formed),
    new(
        ("shorts", Group::Cells, SHARE),
        &[Stage::Simulate, Stage::Cost],
        at!(cells.shorts),
        "Share of the unformed cells that conduct as if they were on.",
        "share of unformed cells that conduct",
    )
    .but(all_formed),
    new(
        ("age", Group::Cells, number("SECONDS", "0 s or a later time that the device's data reach")),
        SIMULATE,
        at!(cells.age),
        "Seconds between programming and inference.",
        "time since programming, s",
    ),
    new(
        ("copies", Group::Cells, Kind::Words(&COPIES)),
        SIMULATE,
        word_at!(cells.copies),
        "Whether copies of a crossbar (replication) have cells of their own.",
        "what copies hold",
    ),
    new(
        ("reads", Group::Cells, Kind::Words(&READS)),
        SIMULATE,
        word_at!(cells.reads),
        "Whether every read of a cell has noise of its own, or all have that of one, as 1/f noise has that is slower than a run.",
        "what read noise is drawn for",
    ),
    new(
        ("wire", Group::Wires, OHM),
        &[Stage::Simulate, Stage::Circuit],
        at!(wires.wire),
        "Resistance of word and bit lines between neighbouring cells, in ohm.",
        "wire between neighbouring cells, Ω",
    )
    .also_of_layers(),
    new(
        ("bit-wire", Group::Wires, OHM),
        &[Stage::Simulate, Stage::Circuit],
        at_if_any!(wires.bit_wire),
        "Resistance of bit lines alone; if not given, that of word lines.",
        "bit line between neighbouring cells, Ω",
    )
    .also_of_layers(),
    new(
        ("source", Group::Wires, OHM),
        &[Stage::Simulate, Stage::Circuit],
        at!(wires.source),
        "Resistance of each source, in ohm.",
        "source, Ω",
    )
    .also_of_layers(),
    new(
        ("sink", Group::Wires, OHM),
        &[Stage::Simulate, Stage::Circuit],
        at!(wires.sink),
        "Resistance of each sink, in ohm.",
        "sink, Ω",
    )
    .also_of_layers(),
    new(
        ("drive", Group::Wires, Kind::Words(&DRIVES)),
        &[Stage::Simulate, Stage::Circuit],
        word_at!(wires.drive),
        "Ends of the word lines with a source.",
        "driven ends",
    )
    .also_of_layers()
    .but(no_resistance),
    new(
        ("collect", Group::Wires, Kind::Words(&COLLECTS)),
        &[Stage::Simulate, Stage::Circuit],
        word_at!(wires.collect),
        "Ends of the bit lines with a sink.",
        "ends with a sink",
    )
    .also_of_layers()
    .but(no_resistance),
    new(
        ("adc", Group::Converters, text("MODEL", "a model of converters")),
        COST,
        of_adc!(|adc| Some(adc.model.clone()), |adc: &mut AdcSettings, text: &str| {
            adc.model = text.into();
            Ok(())
        }),
        "Model of the analog-to-digital converters; use nvm-macro for a macro that reads a few rows at once.",
        "model of the converters",
    ),
    new(
        ("adc-bits", Group::Converters, text("BITS", "1 to 16, lossless, or none")),
        &[Stage::Simulate, Stage::Cost],
        of_adc!(|adc| Some(adc.bits.to_string()), |adc: &mut AdcSettings, text: &str| {
            // What is asked for comes before how the design grows bits with the input's.
            (adc.bits, adc.bits_over_input) = (parsed(text)?, None);
            Ok(())
        }),
        "Bits of the converters that read currents, 1 to 16; lossless: as many as distinguish every sum of a crossbar; none reads \
         currents exactly, which has no price.",
        "ADC bits",
    )
    .also_of_layers(),
    new(
        ("adc-columns", Group::Converters, whole("COLUMNS", [1, 65_536])),
        &[Stage::Simulate, Stage::Cost],
        of_adc!(|adc| Some(adc.columns.to_string()), |adc: &mut AdcSettings, text| parsed(text)
            .map(|columns| adc.columns = columns)),
        "Columns, or pairs of columns subtracted before conversion, that share one converter and take turns, at most the crossbar's columns.",
        "columns that share a converter",
    )
    .also_of_layers(),
    new(
        ("adc-rate", Group::Converters, number("GSPS", "a positive number of conversions a second, in 10⁹")),
        COST,
        of_adc!(|adc| Some(written(&adc.rate_gsps)), |adc: &mut AdcSettings, text| parsed(text)
            .map(|rate| adc.rate_gsps = rate)),
        "Conversions a second of one converter, in 10⁹.",
        "conversions a second, 10⁹",
    )
    .also_of_layers(),
    new(
        ("adc-range", Group::Converters, text("RULE", "max, least-squares, or a percentile of 50 to 100")),
        SIMULATE,
        of_adc!(|adc| Some(adc.range.to_string()), |adc: &mut AdcSettings, text| parsed(text)
            .map(|rule| adc.range = rule)),
        "How the range of a converter is chosen: max, least-squares, or a percentile of the magnitudes such as 99.9.",
        "rule of the ADC range",
    )
    .also_of_layers()
    .but(exact_reads),
    new(
        ("adc-scope", Group::Converters, text("layer|COLUMNS", "layer, or a number of columns")),
        SIMULATE,
        of_adc!(|adc| Some(adc.scope.to_string()), |adc: &mut AdcSettings, text| parsed(text)
            .map(|scope| adc.scope = scope)),
        "Which columns share a range: all of a layer, or this many neighbours.",
        "columns that share an ADC range",
    )
    .also_of_layers()
    .but(exact_reads),
    new(
        ("adc-offset", Group::Converters, number("CODES", "0 to 65536 codes")),
        SIMULATE,
        of_adc!(|adc| Some(written(&adc.errors.offset)), |adc: &mut AdcSettings, text| parsed(text)
            .map(|codes| adc.errors.offset = codes)),
        "Standard deviation of the converters' offsets, in codes.",
        "offset of converters, codes",
    )
    .also_of_layers()
    .but(exact_reads),
    new(
        ("adc-gain", Group::Converters, SHARE),
        SIMULATE,
        of_adc!(|adc| Some(written(&adc.errors.gain)), |adc: &mut AdcSettings, text| parsed(text)
            .map(|share| adc.errors.gain = share)),
        "Standard deviation of the converters' gains.",
        "gain error of converters",
    )
    .also_of_layers()
    .but(exact_reads),
    new(
        ("adc-noise", Group::Converters, number("CODES", "0 to 65536 codes")),
        SIMULATE,
        of_adc!(|adc| Some(written(&adc.errors.noise)), |adc: &mut AdcSettings, text| parsed(text)
            .map(|codes| adc.errors.noise = codes)),
        "Standard deviation of a conversion's noise, in codes.",
        "noise of converters, codes",
    )
    .also_of_layers()
    .but(exact_reads),
    new(
        ("adc-mismatch", Group::Converters, SHARE),
        SIMULATE,
        of_adc!(|adc| Some(written(&adc.errors.mismatch)), |adc: &mut AdcSettings, text| parsed(text)
            .map(|share| adc.errors.mismatch = share)),
        "Standard deviation of the units that make a converter's steps, from which its DNL and INL follow.",
        "mismatch of converters",
    )
    .also_of_layers()
    .but(exact_reads),
    new(
        ("adc-steps", Group::Converters, Kind::Words(&STEPS)),
        SIMULATE,
        of_adc!(|adc| word_of(&adc.errors.steps), |adc: &mut AdcSettings, text| word(text)
            .map(|steps| adc.errors.steps = steps)),
        "What makes the steps of a converter.",
        "what makes the steps of converters",
    )
    .also_of_layers()
    .but(|design| {
        let even = design.adc.as_ref().is_none_or(|adc| adc.errors.mismatch == 0.0);
        exact_reads(design).or_else(|| even.then_some("all steps are even; give `adc-mismatch`"))
    }),
    new(
        ("dac-bits", Group::Converters, text("BITS", "1 to 16, or none")),
        &[Stage::Simulate, Stage::Cost],
        (
            |design| match design.inputs {
                InputCoding::Analog => Some("none".into()),
                InputCoding::BitSerial => Some(design.dac_bits.to_string()),
                InputCoding::SignMagnitude => None,
            },
            |design, text| match (text, text.parse()) {
                ("none", _) => {
                    design.inputs = InputCoding::Analog;
                    Ok(())
                }
                (_, Ok(bits @ 1..=16)) => {
                    (design.inputs, design.dac_bits) = (InputCoding::BitSerial, bits);
                    Ok(())
                }
                _ => Err("give 1 to 16, or none".into()),
            },
        ),
        "Input bits driven by one pulse, 1 to 16; none drives all of them at once.",
        "input bits a pulse",
    )
    .also_of_layers(),
    new(
        ("pairs", Group::Converters, Kind::Words(&PAIRS)),
        &[Stage::Simulate, Stage::Cost],
        word_at!(subtraction),
        "Where the columns of a differential pair are subtracted.",
        "where pairs are subtracted",
    )
    .also_of_layers()
    .but(|design| {
        let pairs = design.encoding.sign == SignRule::Differential;
        (!pairs).then_some("only `encoding` differential has pairs of columns")
    }),
    new(
        ("input-bits", Group::Converters, whole("BITS", BITS)),
        &[Stage::Simulate, Stage::Cost],
        at!(input_bits),
        "Bits of a layer input; a quantised model's own bits take precedence over the design's, and more bits than those take more pulses.",
        "bits of an input",
    ),
    new(
        ("neuron-gain", Group::Neurons, SHARE),
        SIMULATE,
        of_neurons!(|neurons| Some(written(&neurons.gain)), |neurons: &mut Neurons, text| parsed(text)
            .map(|share| neurons.gain = share)),
        "Standard deviation of the analog neurons' gains.",
        "gain error of neurons",
    )
    .also_of_layers(),
    new(
        ("neuron-offset", Group::Neurons, SHARE),
        SIMULATE,
        of_neurons!(|neurons| Some(written(&neurons.offset)), |neurons: &mut Neurons, text| parsed(text)
            .map(|share| neurons.offset = share)),
        "Standard deviation of the analog neurons' offsets, as a part of the range that the layer has on calibration images.",
        "offset of neurons, by the range",
    )
    .also_of_layers(),
    new(
        ("neuron-noise", Group::Neurons, SHARE),
        SIMULATE,
        of_neurons!(|neurons| Some(written(&neurons.noise)), |neurons: &mut Neurons, text| parsed(text)
            .map(|share| neurons.noise = share)),
        "Standard deviation of the noise of every output of an analog neuron, as a part of the layer's range.",
        "noise of neurons, by the range",
    )
    .also_of_layers(),
    new(
        ("neuron-saturation", Group::Neurons, text("SHARE", "a number above 0, or none")),
        SIMULATE,
        of_neurons!(
            |neurons| Some(neurons.saturation.map_or("none".into(), |share| written(&share))),
            |neurons: &mut Neurons, text: &str| {
                neurons.saturation = if text == "none" { None } else { Some(positive(text)?) };
                Ok(())
            }
        ),
        "Greatest magnitude that an analog neuron yields, as a part of the layer's range; none has no end.",
        "saturation of neurons, by the range",
    )
    .also_of_layers(),
    new(
        ("order", Group::Compensation, Kind::Words(&ORDERS)),
        SIMULATE,
        word_at!(compensation.order),
        "Order in which rows and columns are placed on the lines.",
        "order of the lines",
    ),
    new(
        ("spare-lines", Group::Compensation, Kind::Switch),
        SIMULATE,
        at!(compensation.spare_lines),
        "Whether lines that the mapping leaves unused may take the place of others.",
        "spare lines",
    )
    .but(|design| {
        let ordered = design.compensation.order == LineOrder::ByFaults;
        (!ordered).then_some("lines are not chosen by their faults; give `order` by-faults")
    }),
    new(
        ("fault-aware", Group::Compensation, Kind::Words(&FAULT_AWARE)),
        SIMULATE,
        word_at!(compensation.fault_aware),
        "Which cells take over the errors of stuck ones, found by testing the chip before it is programmed.",
        "cells that take over for stuck ones",
    ),
    new(
        ("predistort", Group::Compensation, whole("ROUNDS", [0, 100])),
        SIMULATE,
        at!(compensation.predistort),
        "Rounds of correcting conductances so that the wired crossbar computes the wanted matrix.",
        "rounds of predistortion",
    )
    .but(no_resistance),
    new(
        ("drift-compensation", Group::Compensation, Kind::Words(&DRIFT_COMPENSATION)),
        SIMULATE,
        word_at!(compensation.drift_compensation),
        "Whether digital logic undoes the mean drift of cells, measured on each crossbar.",
        "mean drift undone",
    )
    .but(no_time),
    new(
        ("refresh", Group::Compensation, Kind::Switch),
        SIMULATE,
        at!(compensation.refresh),
        "Fit digital gain and offset of every output channel on the calibration images.",
        "digital gain and offset refreshed",
    ),
    new(
        ("schedule", Group::Chip, Kind::Words(&SCHEDULES)),
        COST,
        word_at!(schedule),
        "Whether layers take turns or work at once.",
        "order of the layers",
    ),
    new(
        ("chains", Group::Chip, Kind::Words(&CHAINS)),
        COST,
        word_at!(chains),
        "Whether a layer of 1×1 kernels reads a stored feature map, or takes each window as the layer before makes it.",
        "maps before 1×1 layers",
    ),
    new(
        ("clock", Group::Chip, number("GHZ", "a positive number of GHz")),
        COST,
        at!(clock_ghz),
        "Clock of the digital part, in GHz.",
        "clock, GHz",
    ),
    new(
        ("bus-bits", Group::Chip, whole("BITS", [1, 65_536])),
        COST,
        at!(bus_bits),
        "Bits that the buffer of a tile delivers in one clock cycle.",
        "bits of a bus",
    ),
    new(
        ("crossbars-per-macro", Group::Chip, whole("CROSSBARS", [1, 65_536])),
        COST,
        at!(crossbars_per_macro),
        "Crossbars of a macro, which share its registers and control.",
        "crossbars of a macro",
    ),
    new(
        ("macros-per-tile", Group::Chip, whole("MACROS", [1, 65_536])),
        COST,
        at!(macros_per_tile),
        "Macros of a tile, which share its buffer, bus and router.",
        "macros of a tile",
    ),
    new(
        ("mac-units", Group::Chip, whole("UNITS", [0, 1_048_576])),
        COST,
        (
            |design| Some(design.mac_units().unwrap_or(0).to_string()),
            |design, text| parsed(text).map(|units| design.set_mac_units(units)),
        ),
        "Multiply-accumulate units of the chip, for layers and products that are not on crossbars; without units these have no price.",
        "multiply-accumulate units",
    ),
];

const ENCODINGS: [Choice; 3] = [
    ("differential", "two columns whose currents are subtracted"),
    ("offset", "one column, shifted by half the range, plus one column per crossbar"),
    ("single", "one column of signed cells, as mapping papers count"),
];

const WEIGHT_SCOPES: [Choice; 2] =
    [("channel", "those of an output channel, whose sum has a digital factor of its own"), ("layer", "all of a layer")];

const UNUSED: [Choice; 2] = [
    ("programmed", "to level 0, with all errors of a cell"),
    ("unformed", "never formed, as RRAM cells leave the factory"),
];

const COPIES: [Choice; 2] = [
    ("apart", "each has cells of its own, with their own errors"),
    ("alike", "all have the same cells: less memory and set-up"),
];

const READS: [Choice; 2] = [
    ("apart", "every read, image by image and access by access"),
    ("alike", "every cell once, as noise that is slower than a run"),
];

const DRIVES: [Choice; 3] =
    [("left", "before the first column"), ("right", "after the last column"), ("both", "at both")];

const COLLECTS: [Choice; 3] = [("bottom", "after the last row"), ("top", "before the first row"), ("both", "at both")];

const PAIRS: [Choice; 2] =
    [("analog", "as currents, with one converter per pair"), ("digital", "as numbers, with one converter per column")];

const STEPS: [Choice; 2] = [
    ("sar", "one capacitor per bit (successive approximation)"),
    ("ramp", "one ramp for all columns of a crossbar (single slope)"),
];

const ORDERS: [Choice; 3] = [
    ("mapped", "as the mapping says"),
    ("by-current", "large currents near sources and sinks"),
    ("by-faults", "stuck cells where the weights suffer least, pairs whichever way round suits them"),
];

const FAULT_AWARE: [Choice; 3] = [
    ("none", "none"),
    ("pairs", "the other cell of a differential pair"),
    ("slices", "the other cell of the pair, then the weight's other bit slices"),
];

const DRIFT_COMPENSATION: [Choice; 2] = [("none", "no"), ("crossbar", "by one factor for each crossbar")];

const CHAINS: [Choice; 2] =
    [("stored", "from a stored feature map"), ("streamed", "window by window from the layer before, while that runs")];
const SCHEDULES: [Choice; 2] = [
    ("layer-by-layer", "one layer and one image at a time"),
    ("pipelined", "all layers at once, one image after another"),
];

fn adc(design: &mut Design) -> Result<&mut AdcSettings, String> {
    let none = || format!("chip {} has no converters of its own to model; leave their model and bits out", design.name);
    let problem = design.adc.is_none().then(none);
    design.adc.as_mut().ok_or_else(|| problem.unwrap_or_default())
}

fn neurons(design: &mut Design) -> Result<&mut Neurons, String> {
    let problem = || {
        format!(
            "design {} has no analog neurons; give it a [neuron] table in place of [adc], or leave this out",
            design.name
        )
    };
    let problem = design.neuron.is_none().then(problem);
    design.neuron.as_mut().ok_or_else(|| problem.unwrap_or_default())
}

/// A share above 0 as it is typed.
fn positive(text: &str) -> Result<f64, String> {
    let number = text.parse().ok().filter(|number: &f64| *number > 0.0 && number.is_finite());
    number.ok_or_else(|| {
        "give a number above 0, since an amplifier that saturates at 0 passes nothing on, or none".into()
    })
}

fn no_time(design: &Design) -> Option<&'static str> {
    (design.cells.age == 0.0).then_some("conductances drift as time passes; give `age`")
}

fn all_formed(design: &Design) -> Option<&'static str> {
    let formed = design.cells.unused_cells == Unused::Programmed;
    formed.then_some("all cells are formed; give `unused-cells` unformed")
}

fn no_resistance(design: &Design) -> Option<&'static str> {
    let ideal = design.wires.are_ideal();
    ideal.then_some("wires and terminals have no resistance; give `wire`, `bit-wire`, `source` or `sink`")
}

fn exact_reads(design: &Design) -> Option<&'static str> {
    let exact = design.adc.as_ref().is_none_or(|adc| adc.bits == AdcBits::Exact);
    exact.then_some("currents are read exactly; give `adc-bits`")
}
