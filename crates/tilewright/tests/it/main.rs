//! One test binary; its folders mirror `src/`.

mod accuracy;
mod cost;
mod dataset;
mod explore;
mod mapping;
mod network;
mod project;
mod report;
