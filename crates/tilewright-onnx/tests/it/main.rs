//! One test binary.

mod recorded;

mod agreement;
mod operators;
