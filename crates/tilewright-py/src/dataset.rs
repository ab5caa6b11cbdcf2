//! Labelled images of the published data sets.

use crate::array;
use crate::error::{Failure, Outcome};
use crate::network::PyNetwork;
use pyo3::prelude::*;
use pyo3::types::{PyByteArray, PyBytes};
use std::path::PathBuf;
use std::sync::Arc;
use tilewright::dataset::{Dataset, Values};
use tilewright_data::{Places, catalog};

/// The names of the data sets.
#[pyfunction]
pub(crate) fn datasets() -> Vec<&'static str> {
    catalog::CATALOG.iter().map(|entry| entry.name).collect()
}

/// A split of a data set.
#[pyclass(frozen, module = "tilewright._core", name = "Dataset")]
pub(crate) struct PyDataset {
    pub(crate) set: Arc<Dataset>,
    mean: Vec<f32>,
    deviation: Vec<f32>,
}

#[pymethods]
impl PyDataset {
    /// Finds and reads a split, `train` or `test`; `folder` is searched and nothing else if it is given.
    #[staticmethod]
    fn load(py: Python<'_>, name: &str, split: &str, folder: Option<PathBuf>) -> Outcome<Self> {
        let entry = catalog::Entry::named(name).ok_or_else(|| {
            Failure::new(format!("there is no data set {name:?}; there are {}", datasets().join(", ")))
        })?;
        let split = entry.splits().into_iter().find(|known| known.name == split);
        let split = split.ok_or_else(|| Failure::new("a data set has the splits train and test"))?;
        let read = py.detach(move || {
            let folder = Places::new(folder.as_deref()).require(entry)?;
            tilewright_data::load(entry, split, &folder)
        });
        let set = read.map_err(|error| Failure::new(format!("{error:#}")))?;
        let (mean, deviation) = (entry.normalization.mean.to_vec(), entry.normalization.std.to_vec());
        Ok(Self { set: Arc::new(set), mean, deviation })
    }

    /// Images that Python brings, bytes `[image, channel, row, column]`, with their labels, a byte each: as many classes as the
    /// network tells apart. They are not normalised: mean 0, standard deviation 1.
    #[staticmethod]
    fn of(pixels: Vec<u8>, shape: [usize; 3], labels: Vec<u8>, network: &PyNetwork) -> Outcome<Self> {
        let classes = network.0.shape(network.0.output()).iter().product();
        let set = Dataset::new("images", shape, pixels, labels, classes);
        let set = set.map_err(|error| Failure::new(error.to_string()))?;
        Ok(Self { set: Arc::new(set), mean: vec![0.0; shape[0]], deviation: vec![1.0; shape[0]] })
    }

    /// Images without labels that Python brings, each of `shape`: bytes, or the bytes of `float32` values that are not normalised any
    /// further.
    #[staticmethod]
    fn unlabelled(values: Vec<u8>, shape: Vec<usize>, is_real: bool) -> Outcome<Self> {
        let values: Values = if is_real { array::real("images", &values)?.into() } else { values.into() };
        let images = values.len() / shape.iter().product::<usize>().max(1);
        let set = Dataset::new("images", shape, values, vec![0u32; images], 1);
        let set = set.map_err(|error| Failure::new(error.to_string()))?;
        let channels = set.channels();
        Ok(Self { set: Arc::new(set), mean: vec![0.0; channels], deviation: vec![1.0; channels] })
    }

    /// `[channels, height, width]` of each image.
    #[getter]
    fn shape(&self) -> Vec<usize> {
        self.set.shape().to_vec()
    }

    #[getter]
    fn classes(&self) -> usize {
        self.set.classes()
    }

    /// Mean of each channel, in parts of the greatest pixel value.
    #[getter]
    fn mean(&self) -> Vec<f32> {
        self.mean.clone()
    }

    /// Standard deviation of each channel, in parts of the greatest pixel value.
    #[getter]
    fn deviation(&self) -> Vec<f32> {
        self.deviation.clone()
    }

    /// Pixels `[image, channel, row, column]`, a byte each.
    fn pixels<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        let length = self.set.shape().iter().product();
        PyBytes::new_with(py, self.set.len() * length, |bytes| {
            bytes.chunks_exact_mut(length).enumerate().for_each(|(image, bytes)| {
                bytes.copy_from_slice(&self.set.bytes(image));
            });
            Ok(())
        })
    }

    /// The label of each image, `uint32`.
    fn labels<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyByteArray>> {
        array::bytes(py, self.set.labels())
    }
}
