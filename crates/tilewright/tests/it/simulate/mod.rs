//! Networks on analog hardware, against exact integers, closed forms and the circuit solved by itself.

mod active_rows;
mod bit_by_bit;
mod cells;
mod converter_errors;
mod crossbar_map;
pub(crate) mod determinism;
mod drift;
mod effects;
mod exactness;
mod fault_map;
mod held_weights;
mod lossless;
mod neurons;
mod neutrality;
mod no_signal;
mod nonlinear_cells;
mod one_layer;
mod residual;
mod weight_range;
mod wires;
