//! Which design is best: equal to trying all of them.

mod front;
mod goals;
mod kernel_search;
mod knapsack;
mod pricing;
mod race;
mod rating;
mod space;
