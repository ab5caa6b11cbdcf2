//! Stage 6: a crossbar as an electrical circuit: what its wires, terminals and cells make of the input voltages.
//!
//! ```text
//!            column 0       column 1
//!   V₀ ─r_source─r_word─●───r_word───●        ● word node, driven by a source at the left
//!                       G            G
//!                       ○            ○        ○ bit node, collected by a sink at the bottom
//!                     r_bit        r_bit
//!   V₁ ─r_source─r_word─●─(crosses)──●
//!                       G            G
//!                       ○            ○
//!                     r_bit        r_bit
//!                     r_sink       r_sink
//!                      0 V          0 V      the sink's current is the column's output
//! ```
//!
//! Input type: [`Crossbar`]; output types: [`Transfer`], the matrix that a linear crossbar is, and [`Solution`], one or more
//! inputs solved with every node. Guaranteed: currents are exact to rounding (transfer) or to a proven bound (solve), and every
//! solution carries that bound, its residual. Not modelled: capacitance and anything else that depends on time, and leakage
//! between lines other than through cells.

mod balance;
mod conjugate_gradients;
mod crossbar;
mod curve;
pub mod device;
mod line;
mod newton;
mod room;
mod solution;
pub mod spice;
mod state;
pub mod study;
mod transfer;

pub use conjugate_gradients::{SolveOptions, solve, solve_with};
pub use crossbar::{Collect, Crossbar, Drive, Wiring};
pub use curve::CellCurve;
pub use newton::solve_nonlinear;
pub use solution::{BranchCurrents, Keep, Method, NodeVoltages, Solution};
pub use transfer::{Transfer, transfer};

/// Why a crossbar cannot be solved. All but [`CircuitError::NotConverged`] are the caller's input.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum CircuitError {
    /// A resistance, conductance, voltage or count out of range.
    #[error("{field}: found {found}; {allowed}")]
    Value {
        /// The field, with its place where it is a matrix.
        field: String,
        /// What was found.
        found: String,
        /// What is allowed.
        allowed: &'static str,
    },
    /// Currents that could be off by more than the tolerance.
    #[error(
        "not solved to the tolerance: after {iterations} iterations currents can be off by {residual:.1e} of the largest, wanted {tolerance:.1e}; give \
         resistances and conductances nearer to each other, more iterations or a greater tolerance"
    )]
    NotConverged {
        /// Iterations done.
        iterations: usize,
        /// What was reached: [`Solution::residual`].
        residual: f64,
        /// What was asked for.
        tolerance: f64,
    },
}

impl CircuitError {
    pub(crate) fn value(field: impl Into<String>, found: &impl ToString, allowed: &'static str) -> Self {
        Self::Value { field: field.into(), found: found.to_string(), allowed }
    }
}
