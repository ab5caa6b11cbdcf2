//! One test binary.

mod build;
mod recorded;

mod agreement;
mod cases;
mod damage;
mod integers;
mod operators;
mod refusals;
mod structure;
mod writing;
