//! The command, run as a user runs it.

/// What is refused: exit code, message, and that nothing is written.
mod bad_input;
mod bits;
mod cases;
/// One crossbar solved and studied.
mod circuit;
/// Running the command and looking at what it did.
mod command;
/// Area, energy and time on a chip.
mod cost;
/// Data sets: found, checked, and downloads that fail.
mod data;
/// One design behind a rate and a price.
mod design;
mod device;
/// Recognition rates.
mod evaluate;
/// Fronts of spaces of designs.
mod explore;
/// The exported placement, recomputed from its arrays alone.
mod export;
/// Networks written as ONNX.
mod export_onnx;
/// Options that change nothing are refused, all others change something.
mod heeded;
/// Counts known from elsewhere, and the forms they come in.
mod map;
/// Netlists run by ngspice.
#[path = "../../../tilewright/tests/it/circuit/ngspice.rs"]
mod ngspice;
/// Completions, man pages, the zoo and reports.
mod others;
/// Files and folders written, and what is left of commands that are stopped.
mod output;
/// A user's own images, in folders and arrays.
mod own_images;
/// Kernel plans searched for.
mod plan;
/// Publications reproduced, from stored rates and from networks trained anew.
mod reproduce;
/// A server for downloads.
#[expect(dead_code, reason = "the tests of whole downloads, in the command itself, use the rest of it")]
mod server;
/// Analog hardware simulated.
mod simulate;
/// Crossbars of networks as netlists.
mod spice;
/// Stores of simulated hardware.
mod store;
/// Several designs at once.
mod sweep;
/// Whole networks run in integers.
mod verify;
