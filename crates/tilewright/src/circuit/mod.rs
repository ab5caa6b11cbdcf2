//! Stage 6: a crossbar as an electrical circuit.
pub mod device;
