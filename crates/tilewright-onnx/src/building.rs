//! The network while it is built, and what is known of the model's tensors.

use crate::constant::Constant;
use crate::declared;
use crate::error::Problem;
use crate::external::Folder;
use crate::node::OnnxNode;
use crate::stored;
use crate::value::{Quantized, Value};
use rten_onnx::onnx::GraphProto;
use std::collections::HashMap;
use tilewright::network::{Network, NetworkError, NodeId, Op, Tensor};

/// The most nodes a model may have, and its network.
pub(crate) const MAX_NODES: usize = 1 << 14;
/// Values constant folding may produce beyond four times those the file holds.
const FREE_VALUES: usize = 1 << 24;

/// The network built so far and what is known about the model's tensors.
pub(crate) struct Import {
    pub network: Network,
    /// Version of the default operator set.
    pub opset: i64,
    pub values: HashMap<String, Value>,
    pub declared: HashMap<String, Vec<usize>>,
    /// Node names taken, with how many nodes wanted each.
    names: HashMap<String, usize>,
    /// Values constant folding may still produce.
    budget: usize,
}

impl Import {
    pub(crate) fn new(graph: &GraphProto, opset: i64, folder: &Folder<'_>, name: &str) -> Result<Self, Problem> {
        let mut values = HashMap::new();
        let mut stored_values = 0;
        for tensor in &graph.initializer {
            let constant = stored::read(tensor, folder)?;
            stored_values += constant.len();
            values.insert(tensor.name.clone().unwrap_or_default(), Value::Constant(constant));
        }
        let (input, shape) = declared::input(graph)?;
        let network = Network::new(name, shape);
        network.verify().map_err(|error| Problem::Model(error.to_string()))?;
        values.insert(input.into(), Value::Node(network.input()));
        Ok(Self {
            network,
            opset,
            values,
            declared: declared::shapes(graph),
            names: HashMap::from([("input".into(), 1)]),
            budget: stored_values.saturating_mul(4).saturating_add(FREE_VALUES),
        })
    }

    /// Says what a tensor of the model has become.
    pub(crate) fn define(&mut self, node: &OnnxNode<'_>, tensor: &str, value: Value) -> Result<(), Problem> {
        if tensor.is_empty() {
            return Ok(());
        }
        match self.values.insert(tensor.into(), value) {
            None => Ok(()),
            Some(_) => Err(node.fail(format!("yields the tensor {tensor:?}, which is there already"))),
        }
    }

    /// Appends the operation that yields the node's output.
    pub(crate) fn push(&mut self, node: &OnnxNode<'_>, op: Op, inputs: &[NodeId]) -> Result<NodeId, Problem> {
        self.push_named(node, &node.name, op, inputs)
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
    pub(crate) fn dequantized(&mut self, node: &OnnxNode<'_>, quantized: &Quantized) -> Result<NodeId, Problem> {
        let Quantized { scale, zero_point, range, .. } = *quantized;
        let op = Op::FakeQuantize { scale, zero_point, range };
        let inputs = [quantized.source];
        let known = self.network.iter().find(|(_, node)| node.op == op && node.inputs == inputs).map(|(id, _)| id);
        known.map_or_else(|| self.push_named(node, &quantized.name, op, &inputs), Ok)
    }

    /// The name, or with a number if a node has it.
    pub(crate) fn unique(&mut self, name: &str) -> String {
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

    /// Number of ONNX axes of a node's input 0, a tensor computed at run time.
    pub(crate) fn rank(&self, node: &OnnxNode<'_>) -> Result<usize, Problem> {
        Ok(self.network.shape(node.runtime(0)?).len() + 1)
    }

    /// The ONNX shape of a node's output.
    pub(crate) fn full_shape(&self, id: NodeId) -> Vec<usize> {
        [&[1], self.network.shape(id)].concat()
    }

    /// Appends a constant that meets a tensor of `rank` ONNX axes, where its own batch axis, if it has one, falls away.
    pub(crate) fn constant_node(
        &mut self,
        node: &OnnxNode<'_>,
        constant: &Constant,
        rank: usize,
    ) -> Result<NodeId, Problem> {
        let tensor = node.floats(constant)?;
        let shape = match tensor.shape() {
            shape if shape.len() < rank => shape.to_vec(),
            [1, rest @ ..] if rest.len() + 1 == rank => rest.to_vec(),
            shape => {
                let problem =
                    format!("combines a tensor of {rank} axes, batch first, with a constant of shape {shape:?}");
                return Err(node.fail(problem));
            }
        };
        let tensor = Tensor::new(shape, tensor.values().to_vec());
        self.spend(node, tensor.values().len())?;
        self.push_part(node, Op::Constant(tensor.into()), &[])
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
