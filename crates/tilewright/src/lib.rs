//! Tilewright lays convolutional networks out on memristor crossbars.
//!
//! The folders are the pipeline, in order; a module imports only from the ones before it:
//!
//! 1. [`network`]: what is computed.

pub mod network;
