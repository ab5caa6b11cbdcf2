//! Stage 9: which designs are best.
//!
//! A [`Space`] is every combination of networks, designs and values of settings; [`Pricing`] maps and prices each, and a [`Front`]
//! keeps those that no other one beats by the space's [`Goal`]s. Guaranteed: the front is that of comparing every design with every
//! other, on any number of threads. Where a rate is among the goals, [`Rating`] simulates designs and a [`Race`] shows them images only
//! while they can be on the front.
//!
//! Which layers get 2D+1D kernels under a crossbar budget is a search of its own. Input: a network, a scheme and crossbar to count
//! with, and the loss of replacing each layer, measured by the caller (in accuracy, in cross entropy, in whatever adds up). Output:
//! [`PlannedKernels`], the layers replaced with the crossbars of the whole network and the sum of the losses; exact, by
//! [`knapsack`]. Guaranteed: the crossbars are those of mapping the replaced network, and no other choice within the budget has a
//! lower loss. Not modelled: that replacing one layer changes what replacing another one loses.

mod covering;
mod evolution;
mod front;
mod heat;
mod kept_chips;
mod kernel_search;
pub mod knapsack;
mod layout;
mod limit;
mod measure;
mod outcomes;
mod plan_candidates;
mod planned_kernels;
mod pricing;
mod race;
mod rating;
mod ratio_plan;
mod space;

pub use crate::hardware::Variable;
pub use covering::covering;
pub use evolution::{Evolution, ISLANDS, Memory};
pub use front::{Front, Values};
pub use heat::Heat;
pub use kernel_search::{KernelOption, KernelSearch, Kernels, LayerOptions, MAX_LOSS};
pub use layout::{LAYOUT_SETTINGS, Layout, LayoutSetting};
pub use limit::{Bound, Limit};
pub use measure::{Better, Figures, Goal, MEASURES, Measure, Recognition};
pub use outcomes::{Outcome, Outcomes};
pub use plan_candidates::PLANNED;
pub use planned_kernels::PlannedKernels;
pub use pricing::{PRICES_VERSION, Pricing, Sources, setting_name};
pub use race::{Dropped, Entrant, Race, Simulation};
pub use rating::{Keeper, Part, Rated, Rating, Shown};
pub use ratio_plan::RatioPlan;
pub use space::{MOST, Point, Space, goals};

use crate::cost::CostError;
use crate::mapping::MappingError;

/// Why there is no plan. Each is the user's input.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
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
    /// A space without designs, or one that contradicts itself.
    #[error("space: {problem}")]
    Space {
        /// What was found and what is allowed.
        problem: String,
    },
    /// Something that designs cannot be compared by.
    #[error("objective {problem}")]
    Measure {
        /// What was found and what is allowed.
        problem: String,
    },
    /// A limit that cannot be read or kept.
    #[error("limit {limit:?} {problem}")]
    Limit {
        /// What was found.
        limit: String,
        /// What is wrong with it.
        problem: String,
    },
    /// A design that has no price.
    #[error(transparent)]
    Cost(#[from] CostError),
    /// A layer that fits the crossbar under no option, or counts beyond 64 bits.
    #[error(transparent)]
    Mapping(#[from] MappingError),
}
