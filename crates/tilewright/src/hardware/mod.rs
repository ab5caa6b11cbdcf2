//! Stage 7: the hardware, said once: crossbars, cells, wires, converters, periphery and what is done about errors.
//!
//! A [`Design`] is data. It reads from TOML and writes to it; the presets are such files under `data/hardware/designs/`. All stages that
//! follow take the same one, simulation what is analog of it and the cost model its parts, so that a rate and a price are of one machine. [`SETTINGS`] is the only list of what can be set of it
//! one by one. Guaranteed:
//!
//! - A key that there is not, and a value that no design can have, is an error that names file and key.
//! - A design written as TOML and read again is the same one.
//! - A setting that changes nothing in a design says why ([`Setting::idle`]).

mod cells;
mod compensation;
mod converter;
mod design;
mod error;
mod fault_map;
mod for_network;
mod layer_designs;
mod layer_settings;
mod macro_kinds;
mod neurons;
mod presets;
mod reading;
mod settings;
pub(crate) mod variations;
mod verify;
mod wires;

pub use cells::{Cells, Copies, Reads, Unused};
pub use compensation::{Compensation, DriftCompensation, FaultAware, LineOrder};
pub use converter::{AdcBits, AdcErrors, AdcSettings, AdcSteps, RangeScope};
pub use design::{Design, Level, MAC_UNIT, MAC_UNITS, Part, Weights};
pub use error::HardwareError;
pub use fault_map::{FaultMap, FaultyCell, StuckAt};
pub use layer_settings::LayerSettings;
pub use macro_kinds::{MacroKind, MacroKinds};
pub use neurons::{ANALOG_NEURON, Neurons};
pub use presets::{DEFAULT, PRESETS, PRICED, PRICED_DEFAULT, Preset, preset_text};
pub use reading::{Accumulation, Chains, Conversion, InputCoding, Order, Subtraction};
pub use settings::{Choice, Group, Kind, SETTINGS, Setting, Stage, WordError, setting, spelled, word};
pub use variations::{MOST_VARIATIONS, Variable, Variations, Varied, each, named};
pub use wires::Wires;

pub use crate::range_rule::RangeRule;
