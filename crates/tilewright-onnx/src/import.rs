//! The walk over the model's graph.
//!
//! Invariants: every tensor computed at run time has the batch axis first with length 1, which the network leaves out, so the
//! ONNX shape of a node's output is `[1]` followed by its network shape; every other tensor is a [`Constant`].

use crate::building::{Import, MAX_NODES};
use crate::constant_folding;
use crate::error::Problem;
use crate::external::Folder;
use crate::node::OnnxNode;
use crate::operators::{self, Outcome};
use crate::products;
use crate::value::Value;
use rten_onnx::onnx::{GraphProto, ModelProto, NodeProto};
use std::collections::BTreeMap;
use std::path::Path;
use tilewright::network::{Network, NodeId, Op};

/// The oldest operator set whose broadcasting and batch normalisation mean what they mean today.
const MIN_OPSET: i64 = 7;

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

    /// Keeps a node as a digital operation known by name and shape.
    fn opaque(&mut self, node: &OnnxNode<'_>) -> Result<(), Problem> {
        let mut inputs = vec![];
        for value in node.inputs.iter().flatten() {
            match value {
                Value::Node(id) => inputs.push(*id),
                Value::Quantized(quantized) => inputs.push(self.dequantized(node, quantized)?),
                Value::Constant(_) => {}
            }
        }
        let mut products = None;
        for tensor in node.outputs.iter().filter(|tensor| !tensor.is_empty()) {
            let Some(shape) = self.declared.get(tensor).cloned() else {
                return Err(node.fail(format!(
                    "cannot be executed here, and the model does not give the shape of its output {tensor:?}; \
                     run ONNX shape inference on the model, which keeps the node as a digital operation"
                )));
            };
            // Several outputs are one operation: its products are those of the first.
            let macs = if products.is_none() { products::macs(self, node, &[&shape]) } else { Some(0) };
            products = Some(macs);
            let op = Op::Opaque { operator: node.operator.clone(), shape, macs };
            let name = if node.outputs.len() > 1 { tensor } else { &node.name };
            let id = self.push_named(node, name, op, &inputs)?;
            self.define(node, tensor, Value::Node(id))?;
        }
        Ok(())
    }

    fn finish(mut self, graph: &GraphProto) -> Result<(Network, BTreeMap<String, NodeId>), Problem> {
        let name = graph.output.first().and_then(|output| output.name.as_deref()).unwrap_or("");
        let output = match self.values.get(name) {
            Some(Value::Node(id)) => *id,
            Some(Value::Quantized(_)) => {
                let problem = format!("has the output {name:?} of quantised integers; end it with a DequantizeLinear");
                return Err(Problem::Model(problem));
            }
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
}
