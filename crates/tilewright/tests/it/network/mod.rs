//! What is computed: shapes, executors, zoo and kernel plans.

mod layer_tables;
mod reference;
mod zoo;
