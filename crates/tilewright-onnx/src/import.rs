//! The walk over the model's graph.
//!
//! Invariants: every tensor computed at run time has the batch axis first with length 1, which the network leaves out, so the
//! ONNX shape of a node's output is `[1]` followed by its network shape; every other tensor is a [`Constant`].

use crate::constant::Constant;
use crate::constant_folding;
use crate::declared;
use crate::error::Problem;
use crate::external::Folder;
use crate::node::OnnxNode;
use crate::operators::{self, Outcome};
use crate::stored;
use rten_onnx::onnx::{GraphProto, ModelProto, NodeProto};
use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use tilewright::network::{Network, NetworkError, NodeId, Op, Tensor};

/// The most nodes a model may have, and its network.
const MAX_NODES: usize = 1 << 14;
/// The oldest operator set whose broadcasting and batch normalisation mean what they mean today.
const MIN_OPSET: i64 = 7;
/// Values constant folding may produce beyond four times those the file holds.
const FREE_VALUES: usize = 1 << 24;

/// What a tensor of the model has become.
#[derive(Clone, Debug)]
pub(crate) enum Value {
    /// Computed when the network runs.
    Node(NodeId),
    /// The integers of a QuantizeLinear; the node holds the real values they stand for.
    Quantized { node: NodeId, scale: f32, zero_point: i32 },
    /// Known in advance.
    Constant(Constant),
}

/// The network built so far and what is known about the model's tensors.
pub(crate) struct Import {
    pub network: Network,
    /// Version of the default operator set.
    pub opset: i64,
    values: HashMap<String, Value>,
    declared: HashMap<String, Vec<usize>>,
    /// Node names taken, with how many nodes wanted each.
    names: HashMap<String, usize>,
    /// Values constant folding may still produce.
    budget: usize,
}

/// Imports a parsed model as a network called `name`, with the node of every tensor computed at run time.
pub(crate) fn import(
    model: ModelProto,
    folder: Option<&Path>,
    name: &str,
) -> Result<(Network, BTreeMap<String, NodeId>), Problem> {
    let opset = opset(&model)?;
    let Some(graph) = model.graph else { return Err(Problem::NotOnnx("it has no graph".into())) };
    if graph.node.len() > MAX_NODES {
        let problem = format!("has {} nodes; at most {MAX_NODES} are supported", graph.node.len());
        return Err(Problem::Model(problem));
    }
    let folder = &Folder::new(folder);
    let mut import = Import::new(&graph, opset, folder, name)?;
    for (index, proto) in graph.node.iter().enumerate() {
        import.node(proto, index, folder)?;
    }
    import.finish(&graph)
}

fn opset(model: &ModelProto) -> Result<i64, Problem> {
    let default = |domain: &Option<String>| matches!(domain.as_deref(), None | Some("" | "ai.onnx"));
    let import = model.opset_import.iter().find(|import| default(&import.domain));
    match import.and_then(|import| import.version) {
        Some(version) if version >= MIN_OPSET => Ok(version),
        Some(version) => {
            let problem = format!("uses operator set {version}; {MIN_OPSET} or newer is supported, convert it first");
            Err(Problem::Model(problem))
        }
        None => Err(Problem::NotOnnx("it imports no default operator set".into())),
    }
}

impl Import {
    fn new(graph: &GraphProto, opset: i64, folder: &Folder<'_>, name: &str) -> Result<Self, Problem> {
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

    fn node(&mut self, proto: &NodeProto, index: usize, folder: &Folder<'_>) -> Result<(), Problem> {
        let mut node = OnnxNode::new(proto, index);
        for input in &proto.input {
            node.inputs.push(match input.as_str() {
                "" => None,
                tensor => Some(self.values.get(tensor).cloned().ok_or_else(|| {
                    node.fail(format!(
                        "takes the tensor {tensor:?}, which no input, initializer or earlier node yields"
                    ))
                })?),
            });
        }
        let outputs = match constant_folding::fold(&node, self, folder)? {
            Some(constant) => vec![Value::Constant(constant)],
            None => match operators::import(self, &node)? {
                Outcome::Values(values) => values,
                Outcome::Digital => return self.opaque(&node),
            },
        };
        node.attributes.finish()?;
        if let Some(extra) = node.outputs.iter().skip(outputs.len()).find(|name| !name.is_empty()) {
            return Err(
                node.fail(format!("yields the tensor {extra:?}, its output {} is not supported", outputs.len()))
            );
        }
        for (tensor, value) in node.outputs.iter().zip(outputs) {
            self.define(&node, tensor, value)?;
        }
        Ok(())
    }

    fn define(&mut self, node: &OnnxNode<'_>, tensor: &str, value: Value) -> Result<(), Problem> {
        if tensor.is_empty() {
            return Ok(());
        }
        match self.values.insert(tensor.into(), value) {
            None => Ok(()),
            Some(_) => Err(node.fail(format!("yields the tensor {tensor:?}, which is there already"))),
        }
    }

    /// Keeps a node as a digital operation known by name and shape.
    fn opaque(&mut self, node: &OnnxNode<'_>) -> Result<(), Problem> {
        let mut inputs = vec![];
        for value in node.inputs.iter().flatten() {
            match value {
                Value::Node(id) | Value::Quantized { node: id, .. } => inputs.push(*id),
                Value::Constant(_) => {}
            }
        }
        for tensor in node.outputs.iter().filter(|tensor| !tensor.is_empty()) {
            let Some(shape) = self.declared.get(tensor).cloned() else {
                return Err(node.fail(format!(
                    "cannot be executed here, and the model does not give the shape of its output {tensor:?}; \
                     run ONNX shape inference on the model, which keeps the node as a digital operation"
                )));
            };
            let op = Op::Opaque { operator: node.operator.clone(), shape };
            let name = if node.outputs.len() > 1 { tensor } else { &node.name };
            let id = self.push_named(node, name, op, &inputs)?;
            self.define(node, tensor, Value::Node(id))?;
        }
        Ok(())
    }

    fn finish(mut self, graph: &GraphProto) -> Result<(Network, BTreeMap<String, NodeId>), Problem> {
        let name = graph.output.first().and_then(|output| output.name.as_deref()).unwrap_or("");
        let output = match self.values.get(name) {
            Some(Value::Node(id) | Value::Quantized { node: id, .. }) => *id,
            Some(Value::Constant(_)) => {
                return Err(Problem::Model(format!("has the output {name:?}, which does not depend on its input")));
            }
            None => return Err(Problem::Model(format!("has the output {name:?}, which no node yields"))),
        };
        let outputs = self.values.iter().filter_map(|(tensor, value)| match value {
            Value::Node(id) => Some((tensor.clone(), *id)),
            _ => None,
        });
        let outputs = outputs.collect();
        if output != self.network.output() {
            // The network's result is its last node, and other nodes come after this one.
            let shape = self.network.shape(output).to_vec();
            let name = self.unique(name);
            let push = self.network.push(name, Op::Reshape { shape }, &[output]);
            push.map_err(|error| Problem::Model(error.to_string()))?;
        }
        Ok((self.network, outputs))
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

    fn unique(&mut self, name: &str) -> String {
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
