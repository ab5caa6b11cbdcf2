//! What is computed: shapes, executors, zoo and kernel plans.

mod fold;
mod reference;
