//! One test binary; its folders mirror `src/`.

mod accuracy;
mod circles;
mod circuit;
mod cost;
mod dataset;
mod examples;
mod explore;
mod hardware;
mod mapping;
mod network;
mod project;
mod random;
mod report;
mod simulate;
