//! One test binary; its folders mirror `src/`.

mod mapping;
mod network;
mod project;
mod report;
