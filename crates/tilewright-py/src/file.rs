//! Files that are named in an argument.

use crate::error::{Failure, Outcome};
use std::fs;

/// The text of a file; `what` is "" or says what it is, as in "device file ".
pub(crate) fn read(what: &str, path: &str) -> Outcome<String> {
    fs::read_to_string(path).map_err(|error| Failure::new(format!("cannot read {what}{path}: {error}")))
}
