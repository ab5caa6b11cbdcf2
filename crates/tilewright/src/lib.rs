//! Tilewright lays convolutional networks out on memristor crossbars.
//!
//! The folders are the pipeline, in order; a module imports only from the ones before it:
//!
//! 1. [`network`]: what is computed.
//! 2. [`partition`]: feature maps cut into sub-images.
//! 3. [`mapping`]: weights onto crossbar cells.
//! 4. [`dataset`]: labelled images to measure accuracy on.
//! 5. [`accuracy`]: how many of them a classifier recognises.
//! 6. [`cost`]: what it takes in area, energy and time.
//! 7. [`explore`]: the best design under a budget.
//! 8. [`report`]: results for people and for other programs.

pub mod accuracy;
pub mod cost;
pub mod dataset;
pub mod explore;
pub mod mapping;
pub mod network;
pub mod partition;
pub mod report;
