use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// The command with its arguments split at blanks, for a terminal of unknown width.
pub(crate) fn tilewright(arguments: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tilewright"));
    command.args(arguments.split_whitespace()).env_remove("COLUMNS");
    command
}

/// Runs, expects success and returns the standard output.
pub(crate) fn output_of(arguments: &str) -> String {
    succeed(&mut tilewright(arguments))
}

/// Runs, expects success and returns the standard output.
pub(crate) fn succeed(command: &mut Command) -> String {
    let Output { status, stdout, stderr } = command.output().expect("the command starts");
    let errors = String::from_utf8_lossy(&stderr);
    assert!(status.success(), "{command:?} ended with {status}: {errors}");
    String::from_utf8(stdout).expect("results are UTF-8")
}

/// Runs, expects exit code 2 and an error with all `parts`, and nothing on the standard output.
pub(crate) fn refused(command: &mut Command, parts: &[&str]) {
    let Output { status, stdout, stderr } = command.output().expect("the command starts");
    let error = String::from_utf8_lossy(&stderr);
    assert_eq!(status.code(), Some(2), "{command:?}: {error}");
    assert!(stdout.is_empty(), "{command:?} wrote something all the same");
    for part in parts {
        assert!(error.contains(part), "{command:?} says {error:?}, not {part:?}");
    }
    assert!(error.starts_with("error: ") && !error.contains("panicked"), "{command:?}: {error}");
}

/// Whether the tests were started with a signal ignored, as SIGINT is in the background of a shell: children then ignore it too.
pub(crate) fn ignores(signal: i32) -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    ignored.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).is_some_and(|mask| mask & 1 << (signal - 1) != 0)
}

/// The parsed JSON of a command.
pub(crate) fn json_of(arguments: &str) -> serde_json::Value {
    serde_json::from_str(&output_of(arguments)).unwrap_or_else(|error| panic!("{arguments}: {error}"))
}

/// A model exported from PyTorch, of the ONNX reader's fixtures.
pub(crate) fn onnx_model() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../tilewright-onnx/tests/fixtures/plain-torchscript13/model.onnx")
}
