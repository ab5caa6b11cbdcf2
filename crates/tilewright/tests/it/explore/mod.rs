//! Which design is best: equal to trying all of them.

mod evolution;
mod front;
mod goals;
mod kernel_search;
mod knapsack;
mod plan_candidates;
mod pricing;
mod race;
mod rating;
mod space;
