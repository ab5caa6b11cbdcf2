//! One test binary.

mod cases;
mod examples;
mod trained;
mod written;
