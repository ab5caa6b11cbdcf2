//! The network while it is built, and what is known of the model's tensors.

use crate::constant::Constant;
use crate::error::Problem;
use crate::node::OnnxNode;
use crate::number_type::NumberTypes;
use crate::printable::printable;
use crate::value::{Feature, Quantized, Value};
use std::collections::{HashMap, HashSet};
use tilewright::network::{Network, NetworkError, NodeId, Op, Tensor};

/// The most nodes a model may have, and its network.
pub(crate) const MAX_NODES: usize = 1 << 14;

/// The network built so far and what is known about the model's tensors.
pub(crate) struct Import {
    pub network: Network,
    /// Version of the default operator set.
    pub opset: i64,
    pub values: HashMap<String, Value>,
    /// The shapes, without the batch axis, that the model declares.
    pub declared: HashMap<String, Vec<usize>>,
    /// The types of tensors that are not plain floats.
    pub types: NumberTypes,
    /// Tensors that some node or the model's result takes.
    pub used: HashSet<String>,
    /// Channels of a block, where a runtime has put channels in blocks.
    pub block: Option<usize>,
    /// Node names taken, with how many nodes wanted each.
    names: HashMap<String, usize>,
    /// Values constant folding may still produce.
    budget: usize,
}

impl Import {
    /// A network called `name` of one image of `shape`, with nothing known; constant folding may produce `budget` values.
    pub(crate) fn new(name: &str, shape: Vec<usize>, opset: i64, budget: usize) -> Result<Self, Problem> {
        let network = Network::new(printable(name), shape);
        network.verify().map_err(|error| Problem::Model(error.to_string()))?;
        Ok(Self {
            network,
            opset,
            values: HashMap::new(),
            declared: HashMap::new(),
            types: NumberTypes::default(),
            used: HashSet::new(),
            block: None,
            names: HashMap::from([("input".into(), 1)]),
            budget,
        })
    }

    /// Says what a tensor of the model has become.
    pub(crate) fn define(&mut self, node: &OnnxNode<'_>, tensor: &str, value: Value) -> Result<(), Problem> {
        if tensor.is_empty() {
            return Ok(());
        }
        match self.values.insert(tensor.into(), value) {
            None => Ok(()),
            Some(_) => Err(node.fail(format!("yields the tensor {tensor:?}, which exists already"))),
        }
    }

    /// Appends the operation that yields the node's output.
    pub(crate) fn push(&mut self, node: &OnnxNode<'_>, op: Op, inputs: &[NodeId]) -> Result<NodeId, Problem> {
        self.push_named(node, &node.name, op, inputs)
    }

    /// Appends the operation that yields the node's output from one tensor, with the batch axis where that has it.
    pub(crate) fn push_on(&mut self, node: &OnnxNode<'_>, op: Op, input: Feature) -> Result<Feature, Problem> {
        Ok(Feature { id: self.push(node, op, &[input.id])?, ..input })
    }

    /// Appends one of several operations a node becomes, named after both.
    pub(crate) fn push_part(&mut self, node: &OnnxNode<'_>, op: Op, inputs: &[NodeId]) -> Result<NodeId, Problem> {
        let name = format!("{}.{}", node.name, op.name());
        self.push_named(node, &name, op, inputs)
    }

    pub(crate) fn push_named(
        &mut self,
        node: &OnnxNode<'_>,
        name: &str,
        op: Op,
        inputs: &[NodeId],
    ) -> Result<NodeId, Problem> {
        if self.network.nodes().len() > MAX_NODES {
            return Err(node.fail(format!("makes the network larger than {MAX_NODES} nodes")));
        }
        let name = self.unique(name);
        self.network.push(name, op, inputs).map_err(|error| match error {
            NetworkError::Layer { problem, .. } => node.fail(problem),
            other => node.fail(format!("cannot be added: {other}")),
        })
    }

    /// The real values that integers stand for. The same rounding of the same values, dequantised for several users, is one node.
    pub(crate) fn dequantized(&mut self, node: &OnnxNode<'_>, quantized: &Quantized) -> Result<Feature, Problem> {
        let Quantized { scale, zero_point, range, source, rounded, .. } = *quantized;
        if rounded {
            return Ok(source);
        }
        let op = Op::FakeQuantize { scale, zero_point, range };
        let inputs = [source.id];
        let known = self.network.iter().find(|(_, node)| node.op == op && node.inputs == inputs).map(|(id, _)| id);
        let id = known.map_or_else(|| self.push_named(node, &quantized.name, op, &inputs), Ok)?;
        Ok(Feature { id, ..source })
    }

    /// The name, or with a number if a node has it.
    pub(crate) fn unique(&mut self, name: &str) -> String {
        let name = &printable(name);
        let mut copies = self.names.get(name).copied().unwrap_or(0);
        let mut unique = name.to_owned();
        while self.names.contains_key(&unique) {
            copies += 1;
            unique = format!("{name}.{copies}");
        }
        self.names.insert(name.into(), copies.max(1));
        self.names.entry(unique.clone()).or_insert(1);
        unique
    }

    /// The ONNX shape of a tensor computed at run time.
    pub(crate) fn full_shape(&self, feature: Feature) -> Vec<usize> {
        let mut shape = self.network.shape(feature.id).to_vec();
        if let Some(batch) = feature.batch {
            shape.insert(batch, 1);
        }
        shape
    }

    /// A node's input 0 as an image or vector whose batch axis is the first: what convolutions, pooling and the like take.
    pub(crate) fn image(&mut self, node: &OnnxNode<'_>, index: usize) -> Result<NodeId, Problem> {
        let feature = node.runtime(index)?;
        if feature.batch == Some(0) {
            return Ok(feature.id);
        }
        match self.full_shape(feature).as_slice() {
            [1, shape @ ..] => self.push_part(node, Op::Reshape { shape: shape.to_vec() }, &[feature.id]),
            full => Err(node.fail(format!(
                "takes a tensor of shape {full:?}, whose first axis is not a batch of one image: the images of a batch would mix"
            ))),
        }
    }

    /// A tensor as a node of its whole ONNX shape.
    pub(crate) fn whole(&mut self, node: &OnnxNode<'_>, feature: Feature) -> Result<NodeId, Problem> {
        if feature.batch.is_none() {
            return Ok(feature.id);
        }
        let shape = self.full_shape(feature);
        self.push_part(node, Op::Reshape { shape }, &[feature.id])
    }

    /// A node of a whole ONNX shape as a tensor, whose first axis is the batch if it has length 1 and is not the only one.
    pub(crate) fn with_batch(&mut self, node: &OnnxNode<'_>, id: NodeId) -> Result<Feature, Problem> {
        match self.network.shape(id) {
            [1, shape @ ..] if !shape.is_empty() => {
                let shape = shape.to_vec();
                Ok(Feature::image(self.push_part(node, Op::Reshape { shape }, &[id])?))
            }
            _ => Ok(Feature { id, batch: None }),
        }
    }

    /// The axis of a node's shape that a possibly negative ONNX axis of a tensor means; the batch axis must be left alone.
    pub(crate) fn axis(
        &self,
        node: &OnnxNode<'_>,
        feature: Feature,
        attribute: &str,
        axis: i64,
    ) -> Result<usize, Problem> {
        let rank = self.network.shape(feature.id).len() + usize::from(feature.batch.is_some());
        let counted = node.axis(attribute, axis, rank)?;
        match feature.batch {
            Some(batch) if batch == counted => Err(node.attributes.unsupported(
                attribute,
                axis,
                "the batch axis must be left alone, or images would mix",
            )),
            Some(batch) if batch < counted => Ok(counted - 1),
            _ => Ok(counted),
        }
    }

    /// Appends a constant of this shape, which may have fewer axes of length 1 than the constant. Infinities, which masks of attention are
    /// made of, become the greatest numbers there are: JSON has no infinity.
    pub(crate) fn constant_node(
        &mut self,
        node: &OnnxNode<'_>,
        constant: &Constant,
        shape: Vec<usize>,
    ) -> Result<NodeId, Problem> {
        let tensor = constant.to_floats();
        if let Some(nan) = tensor.values().iter().position(|x| x.is_nan()) {
            return Err(node.fail(format!("takes a constant whose value {nan} is not a number (NaN)")));
        }
        self.spend(node, tensor.values().len())?;
        let values = tensor.values().iter().map(|x| x.clamp(f32::MIN, f32::MAX)).collect();
        self.push_part(node, Op::Constant(Tensor::new(shape, values).into()), &[])
    }

    /// Values constant folding may still produce.
    pub(crate) const fn budget(&self) -> usize {
        self.budget
    }

    /// Accounts for `values` new constant values, which a small file can make arbitrarily many.
    pub(crate) fn spend(&mut self, node: &OnnxNode<'_>, values: usize) -> Result<(), Problem> {
        match self.budget.checked_sub(values) {
            Some(left) => {
                self.budget = left;
                Ok(())
            }
            None => Err(node.fail("makes the model's constants far larger than the file that holds them")),
        }
    }
}
