//! The published data sets: which there are, where they lie on this machine, and their files read into a
//! [`tilewright::dataset::Dataset`]; and images of the user's [own]. Shared by the command and the Python package; how a set gets here is the command's.

pub mod catalog;
pub mod digest;
mod fault_map;
mod load;
pub mod own;
mod place;

pub use fault_map::fault_map;
pub use load::{load, problem};
pub use place::Places;
