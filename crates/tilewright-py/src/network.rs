//! Networks: from the zoo, from ONNX, of one layer; their layers and kernel plans.

use crate::error::{Failure, Outcome};
use crate::target::PyTarget;
use pyo3::prelude::*;
use serde::Serialize;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use tilewright::mapping::kernels;
use tilewright::mapping::scheme;
use tilewright::network::{Conv, ConvShape, KernelPlan, LayerKind, Network, zoo as networks};
use tilewright_models::trained::{self, MeanRate, Precision};
use tilewright_models::{mappable_shaped, named, resolve_shaped};
use tilewright_onnx::InputShape;

/// A network as the core has it.
#[pyclass(frozen, module = "tilewright._core", name = "Network")]
pub(crate) struct PyNetwork(pub(crate) Arc<Network>);

/// A layer with what follows from its shape.
#[derive(Serialize)]
struct LayerInfo<'a> {
    name: &'a str,
    kind: LayerKind,
    #[serde(flatten)]
    shape: &'a ConvShape,
    output: [usize; 2],
    weights: u64,
    macs: u64,
}

/// A built-in network, for lists.
#[derive(Serialize)]
struct ZooEntry {
    name: String,
    input: Vec<usize>,
    data_set: String,
    source: String,
    /// Of a trained one, over all seeds.
    rate: Option<MeanRate>,
    /// Stages whose width can be chosen; 0 if it cannot be.
    stages: usize,
}

/// The networks of the zoo, and then the trained ones, as JSON.
#[pyfunction]
pub(crate) fn zoo() -> Outcome<String> {
    let untrained = networks::entries().iter().map(|entry| ZooEntry {
        name: entry.name.into(),
        input: entry.input.to_vec(),
        data_set: entry.data_set.into(),
        source: entry.source.into(),
        rate: None,
        stages: entry.stages(),
    });
    let forms = trained::entries().iter().flat_map(|network| Precision::ALL.map(|precision| (network, precision)));
    let trained = forms.map(|(network, precision)| -> Outcome<ZooEntry> {
        let card = network.card().map_err(|error| Failure::new(error.to_string()))?;
        let base = card.base()?;
        Ok(ZooEntry {
            name: network.name_of(precision),
            input: base.shape(base.input()).to_vec(),
            rate: Some(card.rate(precision)),
            source: format!("trained {} with kernels {}", card.network, card.kernels),
            data_set: card.data_set,
            stages: 0,
        })
    });
    let entries: Vec<ZooEntry> = untrained.map(Ok).chain(trained).collect::<Outcome<_>>()?;
    Ok(serde_json::to_string(&entries)?)
}

/// The shape of an input that a file leaves open.
fn open_shape(lengths: Option<Vec<usize>>) -> Outcome<Option<InputShape>> {
    lengths.map(InputShape::new).transpose().map_err(|problem| Failure::new(format!("input_shape {problem}")))
}

#[pymethods]
impl PyNetwork {
    /// A network of the zoo or a trained one.
    #[staticmethod]
    fn zoo(name: &str) -> Outcome<Self> {
        Ok(Self::of(named(name)?))
    }

    /// An ONNX file, called `name` if that is given; `input_shape` is that of an input the file leaves open.
    #[staticmethod]
    #[pyo3(signature = (path, name, input_shape=None))]
    fn from_onnx(
        py: Python<'_>,
        path: PathBuf,
        name: Option<String>,
        input_shape: Option<Vec<usize>>,
    ) -> Outcome<Self> {
        let shape = open_shape(input_shape)?;
        let mut network = py.detach(move || mappable_shaped(&path, shape.as_ref()))?;
        network.name = name.unwrap_or(network.name);
        Ok(Self::of(network))
    }

    /// A name of the zoo, unless it looks like a path; else an ONNX file.
    #[staticmethod]
    #[pyo3(signature = (model, input_shape=None))]
    fn resolve(py: Python<'_>, model: &str, input_shape: Option<Vec<usize>>) -> Outcome<Self> {
        let shape = open_shape(input_shape)?;
        // A network of a name says itself what it takes.
        Ok(Self::of(py.detach(move || named(model).or_else(|_| resolve_shaped(model, shape.as_ref())))?))
    }

    /// A network of one convolution, called `name` as its layer is; `shape` is the JSON of a `ConvShape`.
    #[staticmethod]
    fn of_layer(name: &str, shape: &str) -> Outcome<Self> {
        let shape: ConvShape = serde_json::from_str(shape)?;
        shape.verify(name)?;
        let ConvShape { in_channels, out_channels, input, kernel, stride, dilation, padding, groups } = shape;
        let mut network = Network::new(name, vec![in_channels, input[0], input[1]]);
        let conv = Conv { kernel, stride, dilation, padding, groups, ..Conv::same(out_channels, 1) };
        network.conv(name, network.input(), conv)?;
        Ok(Self::of(network))
    }

    #[getter]
    fn name(&self) -> &str {
        &self.0.name
    }

    /// Shape of the image `[channels, height, width]`.
    #[getter]
    fn input_shape(&self) -> Vec<usize> {
        self.0.shape(self.0.input()).to_vec()
    }

    /// What of its arithmetic is on no crossbar, in words; none if all of it is.
    #[getter]
    fn coverage_warning(&self) -> Option<String> {
        self.0.coverage().warning()
    }

    /// The layers that are mapped, as JSON.
    fn layers(&self) -> Outcome<String> {
        let layers = self.0.layers();
        let infos = layers.iter().map(|layer| LayerInfo {
            name: &layer.name,
            kind: layer.shape.kind(),
            shape: &layer.shape,
            output: layer.shape.output(),
            weights: layer.shape.weights(),
            macs: layer.shape.macs(),
        });
        Ok(serde_json::to_string(&infos.collect::<Vec<_>>())?)
    }

    /// The network with some of its nodes called otherwise.
    fn renamed(&self, mut names: BTreeMap<String, String>) -> Outcome<Self> {
        if names.is_empty() {
            return Ok(Self(Arc::clone(&self.0)));
        }
        let mut network = Network::new(self.0.name.clone(), self.input_shape());
        for (node, name) in &names {
            network.also_called(name, node);
        }
        for node in &self.0.nodes()[1..] {
            let name = names.remove(&node.name).unwrap_or_else(|| node.name.clone());
            network.push(name, node.op.clone(), &node.inputs)?;
        }
        Ok(Self::of(network))
    }

    /// The name of the node that goes by a name.
    fn name_of(&self, name: &str) -> String {
        self.0.name_of(name).into()
    }

    /// The same with layers on no crossbar.
    #[expect(clippy::needless_pass_by_value, reason = "a value of Python")]
    fn keep_digital(&self, layers: Vec<String>) -> Outcome<Self> {
        Ok(Self::of((*self.0).clone().keep_digital(&layers)?))
    }

    /// Names of the layers that 2D+1D kernels can replace.
    fn replaceable(&self) -> Vec<String> {
        self.0.replaceable_layers().into_iter().map(|layer| layer.name).collect()
    }

    /// Refuses kinds kept digital that no layer is of.
    fn verify_kept_digital(&self) -> Outcome<()> {
        Ok(self.0.verify_kept_digital()?)
    }

    /// The network with the planned layers replaced; under a rule that asks what a replacement saves, that is counted with
    /// the scheme and the target.
    fn with_kernels(&self, plan: &str, scheme: Option<&str>, target: Option<&PyTarget>) -> Outcome<Self> {
        let plan: KernelPlan = plan.parse()?;
        Ok(Self::of(match (scheme, target) {
            (Some(scheme), Some(target)) => kernels::replaced(&self.0, &plan, scheme::find(scheme)?, &target.0.common)?,
            _ => plan.select(&self.0)?.apply(&self.0)?,
        }))
    }
}

impl PyNetwork {
    fn of(network: Network) -> Self {
        Self(Arc::new(network))
    }
}
