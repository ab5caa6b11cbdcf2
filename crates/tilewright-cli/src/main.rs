//! The `tilewright` program; what it does is the library's.

use std::process::ExitCode;

fn main() -> ExitCode {
    ExitCode::from(tilewright_cli::run(std::env::args_os().collect()))
}
