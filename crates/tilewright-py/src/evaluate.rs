//! How many labelled images a network recognises.

use crate::array;
use crate::dataset::PyDataset;
use crate::error::{Failure, Outcome};
use crate::network::PyNetwork;
use crate::watched;
use pyo3::prelude::*;
use pyo3::types::PyByteArray;
use std::sync::Arc;
use std::thread;
use tilewright::accuracy::{self, Targets, Trial, yields_shares};
use tilewright::dataset::Normalization;
use tilewright::network::NetworkError;
use tilewright::network::executor::Executor;
use tilewright_data::own::{Numbers, targets_of};
use tilewright_models::{check_weights, trained};

/// The card of a trained network as JSON; `None` if `name` is not one.
#[pyfunction]
pub(crate) fn card(name: &str) -> Outcome<Option<String>> {
    let Some((network, _)) = trained::find(name) else { return Ok(None) };
    let card = network.card().map_err(|error| Failure::new(error.to_string()))?;
    Ok(Some(serde_json::to_string(&card)?))
}

/// Measures a network and returns its accuracy as JSON; `limit` and `top` are those of a trial, and `progress` is called with
/// the images classified, of all.
#[pyfunction]
pub(crate) fn evaluate(
    py: Python<'_>,
    network: &PyNetwork,
    images: &PyDataset,
    normalization: (Vec<f32>, Vec<f32>),
    limit_and_top: (Option<usize>, usize),
    progress: Option<&Bound<'_, PyAny>>,
) -> Outcome<String> {
    let (mean, std) = normalization;
    let normalization = self::normalization(mean, std)?;
    check_weights(&network.0)?;
    let (network, set, (limit, top)) = (Arc::clone(&network.0), Arc::clone(&images.set), limit_and_top);
    let accuracy = watched::run(py, progress, move |watch| {
        let threads = thread::available_parallelism().map_or(1, usize::from);
        let limit = limit.unwrap_or(usize::MAX);
        let trial = Trial { set: &set, first: 0, limit, normalization: &normalization, top, threads };
        accuracy::evaluate(&network, &trial, &|done, total| {
            watch.report((done, total));
            watch.go_on()
        })
    })?;
    Ok(serde_json::to_string(&accuracy.map_err(|error| Failure::new(error.to_string()))?)?)
}

/// What a network should yield of images: several labels each, or numbers.
#[pyclass(frozen, module = "tilewright._core", name = "Targets")]
pub(crate) struct PyTargets {
    targets: Targets,
    /// Values an image.
    each: usize,
    threshold: f32,
}

#[pymethods]
impl PyTargets {
    /// Of labels of `shape`, the bytes of `float32` or `int64`; `None` where they are a class an image. Of several labels those are taken
    /// whose score is above `threshold`, by default half, or the logit of it.
    #[staticmethod]
    #[expect(clippy::needless_pass_by_value, reason = "values of Python")]
    fn of(
        network: &PyNetwork,
        labels: &[u8],
        shape: Vec<usize>,
        is_real: bool,
        threshold: Option<f32>,
    ) -> Outcome<Option<Self>> {
        let numbers = if is_real {
            Numbers::Reals(array::real("labels", labels)?)
        } else {
            Numbers::Integers(array::tensor::<i64>("labels", shape.clone(), labels)?.values().to_vec())
        };
        let each = network.0.shape(network.0.output()).iter().product();
        let targets =
            targets_of("labels", numbers, &shape, each).map_err(|error| Failure::new(format!("{error:#}")))?;
        let threshold = threshold.unwrap_or(if yields_shares(&network.0) { 0.5 } else { 0.0 });
        Ok(targets.map(|targets| Self { targets, each, threshold }))
    }

    /// Whether they are several labels an image, which a threshold takes.
    #[getter]
    fn are_labels(&self) -> bool {
        matches!(self.targets, Targets::Labels(_))
    }

    /// How well `outputs`, the bytes of `float32`, are what they should be, as JSON.
    fn measure(&self, outputs: &[u8]) -> Outcome<String> {
        let outputs = array::real("outputs", outputs)?;
        if outputs.len() != self.targets.len() || outputs.is_empty() {
            let (images, told) = (outputs.len() / self.each, self.targets.len() / self.each);
            return Err(Failure::new(format!("{images} images, and labels of {told}; give each image its own")));
        }
        let measured = self.targets.measure("images", &outputs, self.each, self.threshold);
        Ok(serde_json::to_string(&measured.map_err(|error| Failure::new(error.to_string()))?)?)
    }
}

/// What a network yields of each image, `float32`, by the fast executor on all cores; `progress` as in [`evaluate`].
#[pyfunction]
pub(crate) fn predict<'py>(
    py: Python<'py>,
    network: &PyNetwork,
    images: &PyDataset,
    normalization: (Vec<f32>, Vec<f32>),
    progress: Option<&Bound<'_, PyAny>>,
) -> Outcome<Bound<'py, PyByteArray>> {
    let (mean, std) = normalization;
    let normalization = self::normalization(mean, std)?;
    let (network, set) = (Arc::clone(&network.0), Arc::clone(&images.set));
    check_weights(&network)?;
    let trial = Trial { set: &set, first: 0, limit: usize::MAX, normalization: &normalization, top: 1, threads: 1 };
    trial.suits_input(&network).map_err(|error| Failure::new(error.to_string()))?;
    let outputs = watched::run(py, progress, move |watch| -> Result<_, NetworkError> {
        let threads = thread::available_parallelism().map_or(1, usize::from);
        let report = |done: u64, total: u64| {
            watch.report((done, total));
            watch.go_on()
        };
        Executor::new(&network)?.run_all(set.len(), threads, &report, |image| set.image(image, &normalization))
    })??;
    let values: Vec<f32> = outputs.into_iter().flatten().flat_map(|output| output.values().to_vec()).collect();
    Ok(array::bytes(py, &values)?)
}

/// What turns pixels into a network's input.
pub(crate) fn normalization(mean: Vec<f32>, std: Vec<f32>) -> Outcome<Normalization> {
    if mean.len() != std.len() || !std.iter().all(|&std| std > 0.0) {
        return Err(Failure::new(format!(
            "mean has {} numbers and std {}; give one of each a channel, and standard deviations greater than 0",
            mean.len(),
            std.len()
        )));
    }
    Ok(Normalization { mean: mean.into(), std: std.into() })
}
