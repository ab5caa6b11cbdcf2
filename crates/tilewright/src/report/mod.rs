//! The last stage: results for people and for other programs.
//!
//! Input type: [`Mapping`](crate::mapping::Mapping); output types: [`Summary`], whose JSON form is documented and stable, and
//! [`html::Page`], one self-contained page with the [`figure`]s of a mapped network.

mod comparison;
pub mod figure;
pub mod html;
pub mod markup;
mod number;
pub mod recognition;
pub mod reproduction;
mod summary;
mod trade_off;

pub use comparison::{ComparedScheme, Comparison};
pub use summary::{DigitalOperation, LayerSummary, SCHEMA, SharingSummary, Summary, Total};
pub use trade_off::{TradeOff, TradeOffPoint};
