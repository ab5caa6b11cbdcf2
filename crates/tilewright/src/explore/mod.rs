//! Stage 9: which design is best. So far: which layers get 2D+1D kernels under a crossbar budget.
//!
//! Input: a network, a scheme and crossbar to count with, and the loss of replacing each layer, measured by the caller (in
//! accuracy, in cross entropy, in whatever adds up). Output: [`PlannedKernels`], the layers replaced with the crossbars of the
//! whole network and the sum of the losses; exact, by [`knapsack`]. Guaranteed: the crossbars are those of mapping the
//! replaced network, and no other choice within the budget has a lower loss. Not modelled: that replacing one layer changes
//! what replacing another one loses.

mod kernel_search;
pub mod knapsack;
mod planned_kernels;
mod ratio_plan;

pub use kernel_search::{KernelOption, KernelSearch, Kernels, LayerOptions, MAX_LOSS};
pub use planned_kernels::PlannedKernels;
pub use ratio_plan::RatioPlan;

use crate::mapping::MappingError;

/// Why there is no plan. Each is the user's input.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ExploreError {
    /// Losses that name other layers than there are, or that are no numbers to add.
    #[error("losses {problem}")]
    Losses {
        /// What was found and what is allowed.
        problem: String,
    },
    /// A budget that no plan keeps to.
    #[error("a budget of {budget} crossbars, but no choice of kernels takes fewer than {least}; raise the budget")]
    Budget {
        /// What was asked for.
        budget: u64,
        /// The least there is.
        least: u64,
    },
    /// More combinations that no other one beats than are kept.
    #[error("more than {limit} combinations of kernels are left to compare; give a budget, or a lower one")]
    TooMany {
        /// How many are kept.
        limit: usize,
    },
    /// A layer that fits the crossbar under no option, or counts beyond 64 bits.
    #[error(transparent)]
    Mapping(#[from] MappingError),
}
