//! Results as Python keeps them.

use crate::error::Outcome;
use serde::Serialize;
use tilewright::report::table::{Document, FORMATS, notebook};

/// The documented JSON of a result, and its tables as text and for a notebook.
pub(crate) type Printed = (String, String, String);

/// A result with its tables.
pub(crate) fn printed(result: &impl Serialize, document: &Document<'_>) -> Outcome<Printed> {
    Ok((serde_json::to_string(result)?, text(document), notebook(document)))
}

/// Tables as a terminal shows them.
pub(crate) fn text(document: &Document<'_>) -> String {
    (FORMATS[0].render)(document, None)
}
