//! The Rust side of the Python package: `tilewright._core`, glue only.
//!
//! One file a stage of the core: `network`, `convert`, `graph`, `dataset`, `mapping`, `execute`, `placement`, `verify`,
//! `evaluate`, `design`, `device`, `simulate`, `held_weights`, `cost`, `plan`, `report`; and `command`, the whole command for the entry point. What Python shows to people (tables, progress, data frames) is written in Python, in
//! `python/tilewright`, which alone imports this module.
//!
//! Three rules hold across the border. Structured results cross as the JSON they already have; arrays cross as bytes in the
//! machine's order, so that neither side needs the other's array library. What can take long runs `watched`: without
//! the interpreter lock and under Ctrl-C.

mod array;
mod command;
mod convert;
mod cost;
mod dataset;
mod design;
mod device;
mod error;
mod evaluate;
mod execute;
mod file;
mod graph;
mod held_weights;
mod mapping;
mod network;
mod placement;
mod plan;
mod printed;
mod report;
mod run;
mod simulate;
mod target;
mod verify;
mod watched;

/// `tilewright._core`.
#[pyo3::pymodule]
mod _core {
    use pyo3::prelude::*;

    #[pymodule_export]
    use super::command::command;
    #[pymodule_export]
    use super::convert::converted;
    #[pymodule_export]
    use super::cost::{PyCostModel, cost_scheme};
    #[pymodule_export]
    use super::dataset::{PyDataset, datasets};
    #[pymodule_export]
    use super::design::{PyDesign, designs};
    #[pymodule_export]
    use super::device::fit_device;
    #[pymodule_export]
    use super::error::{DoesNotFitError, TilewrightError};
    #[pymodule_export]
    use super::evaluate::{PyTargets, card, evaluate, predict};
    #[pymodule_export]
    use super::execute::execute;
    #[pymodule_export]
    use super::graph::{assembled, folded, graph, onnx_model, outputs, parameters};
    #[pymodule_export]
    use super::held_weights::held_weights;
    #[pymodule_export]
    use super::mapping::{PyMapping, objectives, schemes};
    #[pymodule_export]
    use super::network::{PyNetwork, zoo};
    #[pymodule_export]
    use super::placement::placement;
    #[pymodule_export]
    use super::plan::plan;
    #[pymodule_export]
    use super::report::report;
    #[pymodule_export]
    use super::run::run;
    #[pymodule_export]
    use super::simulate::simulate;
    #[pymodule_export]
    use super::target::PyTarget;
    #[pymodule_export]
    use super::verify::verify;

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        module.add("SCHEMA", tilewright::report::SCHEMA)?;
        module.add("__version__", env!("CARGO_PKG_VERSION"))
    }
}
