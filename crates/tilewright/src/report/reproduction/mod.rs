//! Published results counted anew, one file a publication, and one of our own that others can cite.
//!
//! To add one: a file with a type that holds the publication's claims beside ours, a line here, a folder under `validation/`
//! that asserts it, and a name in the `reproduce` command.

pub mod analog_rates;
mod oh2023;

pub use analog_rates::{AnalogRate, AnalogRates};
pub use oh2023::{
    Answer, AreaFront, Best, Claim, Explored, KernelCount, KindOverlap, Missing, Oh2023, Overlap, RateClaim, Savings,
    Step,
};
