//! Which design is best: equal to trying all of them.

mod kernel_search;
mod knapsack;
