//! The last stage: results for people and for other programs.
//!
//! Input type: [`Mapping`](crate::mapping::Mapping); output types: [`Summary`], whose JSON form is documented and stable.

pub mod reproduction;
mod summary;

pub use summary::{DigitalOperation, LayerSummary, SCHEMA, SharingSummary, Summary, Total};
