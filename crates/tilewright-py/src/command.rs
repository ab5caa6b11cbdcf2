//! The `tilewright` command, run inside the interpreter that the package's entry point starts.

use pyo3::prelude::*;
use std::ffi::OsString;

/// Runs a command line, the name of the program first, and returns its exit code; once a process.
#[pyfunction]
pub(crate) fn command(py: Python<'_>, words: Vec<OsString>) -> u8 {
    py.detach(|| tilewright_cli::run(words))
}
