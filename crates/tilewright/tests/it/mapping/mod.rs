//! Weights onto cells: every scheme executed, counts by hand, the optimum against enumeration.

mod bits;
mod enumeration;
mod execution;
mod optimum;
pub(crate) mod problem;
mod schemes;
mod shared_weights;
mod sharing;
mod steps;
mod sums;
mod turns;
mod verification;
