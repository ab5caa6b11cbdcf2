//! The last stage: results for people and for other programs.
//!
//! Input types: [`Mapping`](crate::mapping::Mapping), [`KernelSearch`](crate::explore::KernelSearch); output types: [`Summary`] and
//! [`PlanSummary`], whose JSON forms are documented and stable, and
//! [`html::Page`], one self-contained page with the [`figure`]s of a mapped network.

mod basis;
mod command_pattern;
mod comparison;
mod cost_summary;
mod cost_tables;
mod design_summary;
mod device_fit_summary;
mod experiment;
mod exploration;
pub mod figure;
pub mod html;
mod mapped;
pub mod markup;
mod number;
pub mod option_curve;
mod plan_summary;
pub mod recognition;
pub mod reproduction;
pub mod simulation;
mod simulation_tables;
mod space_axes;
mod summary;
mod sweep;
pub mod table;
mod trade_off;
mod unpriced;
mod verified;

pub use basis::{Basis, SCHEMA};
pub use command_pattern::CommandPattern;
pub use comparison::{ComparedScheme, Comparison};
pub use cost_summary::CostSummary;
pub use design_summary::DesignSummary;
pub use device_fit_summary::DeviceFitSummary;
pub use experiment::{Experiment, LazyChip, Subject};
pub use exploration::{Exploration, Explored, Failed, RatedOn, Searched};
pub use mapped::{Mapped, onto, shared};
pub use plan_summary::{PlanNumbers, PlanSummary, RatioNumbers};
pub use summary::{DigitalOperation, LayerSummary, SharingSummary, Summary, Total};
pub use sweep::{SweepReport, SweptRun, varied_settings, varied_value};
pub use trade_off::{TradeOff, TradeOffPoint};
pub use unpriced::unpriced;
pub use verified::Verified;
