//! Stage 8: what the analog hardware makes of a network's accuracy.
//!
//! Input types: a [`Mapping`](crate::mapping::Mapping) of a network with weights, and the [`Hardware`] of a
//! [`Design`](crate::hardware::Design); output type:
//! a [`Chip`] and its [`LayerError`]s. A chip is the network programmed: weights become levels
//! ([`integer_layers`](crate::network::integer_layers)), levels conductances
//! (device, programming, drift), conductances what the wired crossbar computes of its inputs
//! ([`circuit::transfer`](crate::circuit::transfer)), and its currents numbers ([`Adc`]), or the inputs of the next layer
//! ([`Neurons`](crate::hardware::Neurons)). Guaranteed:
//!
//! - Every effect at magnitude 0 gives the integer network bit for bit, under every scheme; where analog neurons pass values on, the network without
//!   rounding between layers, to the last bits of 32-bit sums.
//! - Same seed, same result, for any number of threads and any batch.
//! - A crossbar is solved once, not once an input, and exactly: linear cells make it one matrix.
//! - Cells whose current bends with the voltage are exact between ideal wires; between others they are linearised at the read voltage, and
//!   [`Chip::linearisation`] says how far that is off.
//!
//! Not modelled: curves of cells that are not in proportion to the conductance, anything that depends on time within a pulse, noise of
//! drivers, and the effect of a cell's read noise on its neighbours' currents, which is of second order. Unused rows and columns of a
//! crossbar are taken as disconnected, used ones as those nearest to sources and sinks.

mod analog;
mod analog_path;
mod cell_states;
mod channel_sums;
mod channels;
mod chip;
mod converter;
mod converter_errors;
mod converter_line;
mod crossbar_access;
mod crossbar_map;
mod drawn_neurons;
mod drift_compensation;
mod exactness;
mod faults;
mod hardware;
mod held;
mod held_weights;
mod importance;
mod known_faults;
mod layer_error;
mod layer_maps;
mod line_assignment;
mod neurons;
mod noise;
mod plan;
mod predistortion;
mod program;
mod programmable;
mod programming;
mod ranges;
mod read_curve;
mod recognition;
mod record;
mod refresh;
mod target;
mod unused_cells;

pub use crate::workers::Watch;
pub use chip::Chip;
pub use converter::Adc;
pub use converter_errors::ConverterErrors;
pub use crossbar_access::CrossbarAccess;
pub use crossbar_map::CrossbarMap;
pub use hardware::Hardware;
pub use layer_error::{LayerError, OutputError, layer_errors};
pub use plan::Plan;
pub use programmable::Programmable;
pub(crate) use programmable::rounded;
pub(crate) use recognition::recognised_digitally;
pub use record::{FaultRecord, HardwareRecord};
pub use target::{LevelScale, Target};

use crate::accuracy::AccuracyError;
use crate::circuit::CircuitError;
use crate::circuit::device::DeviceError;
use crate::hardware::HardwareError;
use crate::mapping::MappingError;
use crate::network::NetworkError;

/// Version of what a seed makes of a network: raised with every change after which one of the same settings gives other results.
///
/// Whoever keeps results keeps it with them, so that those of two versions never mix.
pub const RESULTS_VERSION: u32 = 6;

/// Why a network cannot be simulated.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum SimulateError {
    /// A setting out of range.
    #[error("{what}: found {found}; give {allowed}")]
    Setting {
        /// The setting.
        what: String,
        /// What was found.
        found: String,
        /// What is allowed.
        allowed: String,
    },
    /// A design of which something is not simulated. Names of settings stand between back quotes.
    #[error("design {design}: {problem}")]
    Design {
        /// Its name.
        design: String,
        /// What was found and what to do.
        problem: String,
    },
    /// A layer that cannot be programmed.
    #[error("layer {layer:?} {problem}")]
    Layer {
        /// Its name.
        layer: String,
        /// What was found and what to do.
        problem: String,
    },
    /// A crossbar whose currents cannot be found well enough.
    #[error("layer {layer:?}, crossbar {crossbar} of copy {copy}: {problem}")]
    Crossbar {
        /// The layer's name.
        layer: String,
        /// Which crossbar of the copy, counted from 0.
        crossbar: usize,
        /// Which copy of the layer, counted from 0.
        copy: usize,
        /// What was found and what to do.
        problem: String,
    },
    /// The network cannot be run.
    #[error(transparent)]
    Network(#[from] NetworkError),
    /// The network cannot be mapped.
    #[error(transparent)]
    Mapping(#[from] MappingError),
    /// A crossbar cannot be solved.
    #[error(transparent)]
    Circuit(#[from] CircuitError),
    /// A cell cannot be programmed as asked.
    #[error(transparent)]
    Device(#[from] DeviceError),
    /// A map of stuck cells that is of another chip.
    #[error(transparent)]
    Hardware(#[from] HardwareError),
    /// The images cannot be classified.
    #[error(transparent)]
    Accuracy(#[from] AccuracyError),
    /// The watch ended the work.
    #[error("interrupted")]
    Interrupted,
}

/// What is wrong with currents that are too far off, and what to do.
fn off_by(residual: f64, bound: f64) -> String {
    format!(
        "its currents are off by up to {residual:.1e} of the largest, more than {bound:.0e}; give resistances and conductances \
         nearer to each other"
    )
}

impl SimulateError {
    /// An error of a circuit as one of this crossbar; others stay as they are.
    pub(crate) fn of_crossbar(self, layer: &str, crossbar: usize, copy: usize) -> Self {
        let problem = match self {
            // Neither iterations nor the tolerance are settings of a chip.
            Self::Circuit(CircuitError::NotConverged { residual, tolerance, .. }) => off_by(residual, tolerance),
            Self::Circuit(error) => error.to_string(),
            other => return other,
        };
        Self::Crossbar { layer: layer.into(), crossbar, copy, problem }
    }

    pub(crate) fn check(what: &str, found: &impl ToString, fine: bool, allowed: &str) -> Result<(), Self> {
        if fine {
            return Ok(());
        }
        Err(Self::Setting { what: what.into(), found: found.to_string(), allowed: allowed.into() })
    }
}
