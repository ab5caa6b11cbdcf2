//! The report page of a mapping.

use crate::error::Outcome;
use crate::mapping::PyMapping;
use crate::watched;
use pyo3::prelude::*;
use std::sync::Arc;
use tilewright::mapping::MappingError;
use tilewright::report::Mapped;
use tilewright::report::html::{Page, render};

/// One self-contained page of HTML: the mapping, all schemes on the same target, the drawings.
#[pyfunction]
pub(crate) fn report(py: Python<'_>, mapping: &PyMapping) -> Outcome<String> {
    let PyMapping { network, mapped } = mapping;
    let (network, mapped) = (Arc::clone(network), Arc::clone(mapped));
    let page = watched::run(py, None, move |_| {
        let Mapped { mapping, summary } = Mapped::clone(&mapped);
        let page = Page::of(&network, mapping, summary)?;
        Ok::<_, MappingError>(render(&page))
    })?;
    Ok(page?)
}
