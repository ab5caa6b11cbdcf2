//! The report page of a mapping.

use crate::error::Outcome;
use crate::mapping::PyMapping;
use crate::watched;
use pyo3::prelude::*;
use std::sync::Arc;
use tilewright::mapping::{Mapping, MappingError};
use tilewright::report::Summary;
use tilewright::report::html::{Page, render};

/// One self-contained page of HTML: the mapping, all schemes on the same target, the drawings.
#[pyfunction]
pub(crate) fn report(py: Python<'_>, mapping: &PyMapping) -> Outcome<String> {
    let PyMapping { network, mapping, summary } = mapping;
    let (network, mapping, summary) = (Arc::clone(network), Arc::clone(mapping), Arc::clone(summary));
    let page = watched::run(py, None, move |_| {
        let page = Page::of(&network, Mapping::clone(&mapping), Summary::clone(&summary))?;
        Ok::<_, MappingError>(render(&page))
    })?;
    Ok(page?)
}
