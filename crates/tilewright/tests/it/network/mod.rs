//! What is computed: shapes, executors, zoo and kernel plans.

mod convert;
mod executor;
mod fold;
mod kernel_plan;
mod layer_tables;
mod reference;
mod width;
mod zoo;
