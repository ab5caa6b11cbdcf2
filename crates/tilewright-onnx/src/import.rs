//! The walk over the model's graph.
//!
//! Invariants: a tensor computed at run time is a node whose shape is the ONNX shape without the batch axis, which has length 1
//! ([`Feature`](crate::value::Feature)); every other tensor is a [`Constant`](crate::constant::Constant).

use crate::building::Import;
use crate::constant::Constant;
use crate::constant_folding;
use crate::declared::{self, Input};
use crate::error::Problem;
use crate::external::Folder;
use crate::functions;
use crate::graph;
use crate::input_shape::Selection;
use crate::node::OnnxNode;
use crate::number_type::NumberType;
use crate::operators::{self, Outcome};
use crate::products;
use crate::stored;
use crate::value::{Feature, Value};
use crate::weight_names::{self, Renamed};
use crate::wire::Parsed;
use rten_onnx::onnx::{GraphProto, ModelProto, NodeProto, ValueInfoProto};
use std::collections::BTreeMap;
use std::path::Path;
use tilewright::network::{Network, NodeId, Op, nearest};

/// The oldest operator set whose broadcasting and batch normalisation mean what they mean today.
const MIN_OPSET: i64 = 7;
/// Values constant folding may produce beyond four times those the file holds.
const FREE_VALUES: usize = 1 << 24;
/// Graphs within graphs that are walked.
const MAX_DEPTH: usize = 16;

/// Imports a parsed model as a network called `name`, with the node of every tensor computed at run time.
pub(crate) fn import(
    parsed: Parsed,
    folder: Option<&Path>,
    name: &str,
    selection: Selection<'_>,
) -> Result<(Network, BTreeMap<String, NodeId>), Problem> {
    let Parsed { model, functions, scopes } = parsed;
    let opset = opset(&model)?;
    let Some(mut graph) = model.graph else { return Err(Problem::NotOnnx("it has no graph".into())) };
    graph.node = functions::inlined(graph.node, &functions, opset)?;
    let renamed = weight_names::rename(&mut graph, &scopes);
    if let Some(output) = selection.output {
        graph.output = vec![chosen(&graph, output)?];
    }
    let folder = &Folder::new(folder);
    let (constants, stored_values) = stored_tensors(&graph, folder)?;
    let inputs = declared::inputs(&graph, selection.shape)?;
    let budget = stored_values.saturating_mul(4).saturating_add(FREE_VALUES);
    let mut import = Import::new(name, image_shape(&inputs)?, opset, budget)?;
    import.declared = declared::shapes(&graph);
    import.block = operators::channels_of_block(&graph);
    import.values.extend(constants);
    import.note_types(&graph);
    import.inputs(&inputs)?;
    let outputs: Vec<&str> = graph.output.iter().filter_map(|output| output.name.as_deref()).collect();
    let walked = import.nodes(&graph.node, &outputs, folder, 0);
    walked.map_err(|problem| detector(&graph, &outputs).unwrap_or(problem))?;
    let (mut network, outputs) = import.finish(&graph)?;
    for Renamed { name, made_up } in renamed {
        network.also_called(name, made_up);
    }
    Ok((network, outputs))
}

/// The shape of what the network takes: the model's input, or its several ones as one vector, each after the one before it.
fn image_shape(inputs: &[Input<'_>]) -> Result<Vec<usize>, Problem> {
    if let [input] = inputs {
        return Ok(input.shape.clone());
    }
    let total = inputs.iter().try_fold(0usize, |total, input| total.checked_add(values(&input.shape)?));
    Ok(vec![total.ok_or_else(|| Problem::Model("has inputs of more values than can be counted".into()))?])
}

fn values(shape: &[usize]) -> Option<usize> {
    shape.iter().try_fold(1usize, |values, &length| values.checked_mul(length))
}

/// What is wrong with a detector that cannot be imported whole: not the operator at which the walk happened to end.
fn detector(graph: &GraphProto, outputs: &[&str]) -> Option<Problem> {
    let order = graph::order(&graph.node, outputs).ok()?;
    let live = order.iter().map(|&index| &graph.node[index]);
    let picks_boxes = graph::first_of(live, "NonMaxSuppression", MAX_DEPTH)?;
    let node = OnnxNode::new(picks_boxes, 0);
    Some(node.fail(
        "picks boxes, whose number depends on the image: a detector is mapped up to a tensor of fixed shape only; choose one as the \
         output (--model-output NAME), or export the backbone alone",
    ))
}

/// The tensor of a graph that a caller wants as its result.
fn chosen(graph: &GraphProto, output: &str) -> Result<ValueInfoProto, Problem> {
    let declared = || graph.output.iter().chain(&graph.value_info);
    if let Some(info) = declared().find(|info| info.name.as_deref() == Some(output)) {
        return Ok(info.clone());
    }
    let made = || graph.node.iter().flat_map(|node| &node.output).map(String::as_str);
    if made().any(|name| name == output) {
        return Ok(ValueInfoProto { name: Some(output.into()), r#type: None });
    }
    let near = nearest(output, made()).map_or(String::new(), |near| format!("; did you mean {near:?}?"));
    let outputs: Vec<&str> = graph.output.iter().filter_map(|info| info.name.as_deref()).take(8).collect();
    Err(Problem::Model(format!("has no tensor {output:?}; its outputs are {outputs:?}{near}")))
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

/// The tensors a graph stores, and how many values they have.
fn stored_tensors(graph: &GraphProto, folder: &Folder<'_>) -> Result<(Vec<(String, Value)>, usize), Problem> {
    let mut count = 0;
    let constants = graph.initializer.iter().map(|tensor| {
        let constant = stored::read(tensor, folder)?;
        count += constant.len();
        Ok((tensor.name.clone().unwrap_or_default(), Value::Constant(constant)))
    });
    let constants = constants.collect::<Result<_, Problem>>()?;
    Ok((constants, count))
}

impl Import {
    /// The nodes that `outputs` depend on, wherever they are in the list.
    fn nodes(
        &mut self,
        nodes: &[NodeProto],
        outputs: &[&str],
        folder: &Folder<'_>,
        depth: usize,
    ) -> Result<(), Problem> {
        let order = graph::order(nodes, outputs)?;
        self.used.extend(graph::used(nodes, &order).chain(outputs.iter().copied()).map(String::from));
        order.iter().try_for_each(|&index| self.node(&nodes[index], index, folder, depth))
    }

    fn node(&mut self, proto: &NodeProto, index: usize, folder: &Folder<'_>, depth: usize) -> Result<(), Problem> {
        let mut node = OnnxNode::new(proto, index);
        for input in &proto.input {
            node.inputs.push(match input.as_str() {
                "" => None,
                tensor => Some(self.values.get(tensor).cloned().ok_or_else(|| {
                    node.fail(format!("takes the tensor {tensor:?}, which no input, initializer or node yields"))
                })?),
            });
        }
        if node.operator == "If" && node.constant(0).is_some() {
            return self.branch(&node, folder, depth);
        }
        let outputs = match constant_folding::fold(&node, self, folder)? {
            Some(constants) => constants.into_iter().map(Value::Constant).collect(),
            None if self.types.needs_integers(&node) => return self.opaque(&node),
            None => match operators::import(self, &node)? {
                Outcome::Values(values) => values,
                Outcome::Digital => return self.opaque(&node),
            },
        };
        node.attributes.finish()?;
        let unsupported = node.outputs.iter().skip(outputs.len()).find(|name| self.used.contains(*name));
        if let Some(extra) = unsupported {
            return Err(
                node.fail(format!("yields the tensor {extra:?}; its output {} is not supported", outputs.len()))
            );
        }
        for (index, (tensor, value)) in node.outputs.iter().zip(outputs).enumerate() {
            let value = self.rounded(&node, index, value)?;
            let kind = self.types.of_output(&node, index);
            self.types.set(tensor, kind);
            self.define(&node, tensor, value)?;
        }
        Ok(())
    }

    /// The types of what a graph takes and stores.
    fn note_types(&mut self, graph: &GraphProto) {
        for tensor in &graph.initializer {
            let kind = tensor.data_type.map_or(NumberType::Float, NumberType::of);
            self.types.set(tensor.name.as_deref().unwrap_or(""), kind);
        }
        for info in &graph.input {
            let kind = info.r#type.as_ref().and_then(|kind| kind.tensor_type.as_ref()?.elem_type);
            self.types.set(info.name.as_deref().unwrap_or(""), kind.map_or(NumberType::Float, NumberType::of));
        }
    }

    /// The model's inputs, of which several are parts of one vector.
    fn inputs(&mut self, inputs: &[Input<'_>]) -> Result<(), Problem> {
        let image = self.network.input();
        let mut start = 0;
        for Input { name, shape } in inputs {
            let mut id = image;
            if inputs.len() > 1 {
                let end = start + values(shape).unwrap_or(0);
                id = self.part_of_input(name, Op::Slice { axis: 0, start, end, step: 1 }, id)?;
                id = self.part_of_input(name, Op::Reshape { shape: shape.clone() }, id)?;
                start = end;
            }
            if let Some(rounding) = self.types.of(name).rounding() {
                id = self.part_of_input(name, Op::Activation(rounding), id)?;
            }
            if self.values.insert((*name).into(), Value::Node(Feature::image(id))).is_some() {
                return Err(Problem::Model(format!("has two inputs called {name:?}; one is allowed")));
            }
        }
        Ok(())
    }

    fn part_of_input(&mut self, input: &str, op: Op, from: NodeId) -> Result<NodeId, Problem> {
        let name = self.unique(&format!("{input}.{}", op.name()));
        self.network.push(name, op, &[from]).map_err(|error| Problem::Model(error.to_string()))
    }

    /// An output of a node in the type of floats it has.
    fn rounded(&mut self, node: &OnnxNode<'_>, index: usize, value: Value) -> Result<Value, Problem> {
        let Some(rounding) = self.types.rounding(node, index) else { return Ok(value) };
        Ok(match value {
            Value::Node(feature) => {
                let id = self.push_part(node, Op::Activation(rounding), &[feature.id])?;
                Value::Node(Feature { id, ..feature })
            }
            Value::Constant(constant) => Value::Constant(self.types.of_output(node, index).rounded(constant)),
            other => other,
        })
    }

    /// The branch of an If that its constant condition chooses.
    fn branch(&mut self, node: &OnnxNode<'_>, folder: &Folder<'_>, depth: usize) -> Result<(), Problem> {
        if depth == MAX_DEPTH {
            return Err(node.fail(format!("is nested deeper than {MAX_DEPTH}")));
        }
        let condition = node.constant(0).map(Constant::to_floats);
        let yes = match condition.as_ref().map(|condition| condition.values()) {
            Some(&[value]) => value != 0.0,
            _ => return Err(node.fail("has a condition that is not one value")),
        };
        let [taken, other] = if yes { ["then_branch", "else_branch"] } else { ["else_branch", "then_branch"] };
        node.attributes.ignore(&[other]);
        let graph = node.attributes.graph(taken)?.ok_or_else(|| node.fail(format!("lacks the attribute {taken}")))?;
        node.attributes.finish()?;
        self.note_types(graph);
        let (constants, _) = stored_tensors(graph, folder)?;
        for (tensor, value) in constants {
            self.define(node, &tensor, value)?;
        }
        let outputs: Vec<&str> = graph.output.iter().map(|output| output.name.as_deref().unwrap_or("")).collect();
        if outputs.len() != node.outputs.len() {
            return Err(node.fail(format!("has {} outputs, its branch {}", node.outputs.len(), outputs.len())));
        }
        self.nodes(&graph.node, &outputs, folder, depth + 1)?;
        for (tensor, inner) in node.outputs.iter().zip(outputs) {
            let value = self.values.get(inner).cloned();
            let value =
                value.ok_or_else(|| node.fail(format!("yields {inner:?}, which no node of its branch yields")))?;
            self.define(node, tensor, value)?;
        }
        Ok(())
    }

    /// Keeps a node as a digital operation known by name and shape.
    fn opaque(&mut self, node: &OnnxNode<'_>) -> Result<(), Problem> {
        let mut inputs = vec![];
        for value in node.inputs.iter().flatten() {
            match value {
                Value::Node(feature) | Value::DynamicLevels(feature) => inputs.push(feature.id),
                Value::Quantized(quantized) => inputs.push(self.dequantized(node, quantized)?.id),
                Value::DynamicZeroPoint(id) => inputs.push(*id),
                Value::DynamicScale(scale) => inputs.push(scale.of),
                Value::Pending(pending) => {
                    return Err(node.fail(format!(
                        "takes the integer sums of {:?}; a product with the scales of its inputs is expected",
                        pending.name
                    )));
                }
                Value::Constant(_) => {}
            }
        }
        let mut products = None;
        for tensor in node.outputs {
            if !self.used.contains(tensor) {
                continue;
            }
            let Some(shape) = self.declared.get(tensor).cloned() else {
                return Err(node.fail(format!(
                    "cannot be executed, nor can the shape of its output {tensor:?} be told from its inputs; the operators that \
                     are supported, with their forms, are listed in OPERATORS.md"
                )));
            };
            // Several outputs are one operation: its products are those of the first.
            let macs = if products.is_none() { products::macs(self, node, &[&shape]) } else { Some(0) };
            products = Some(macs);
            let op = Op::Opaque { operator: node.operator.clone(), shape, macs };
            let name = if node.outputs.len() > 1 { tensor } else { &node.name };
            let id = self.push_named(node, name, op, &inputs)?;
            self.define(node, tensor, Value::Node(Feature::image(id)))?;
        }
        Ok(())
    }

    fn finish(mut self, graph: &GraphProto) -> Result<(Network, BTreeMap<String, NodeId>), Problem> {
        let name = graph.output.first().and_then(|output| output.name.as_deref()).unwrap_or("");
        let output = match self.values.get(name) {
            Some(Value::Node(feature)) => feature.id,
            Some(Value::Constant(_)) => {
                return Err(Problem::Model(format!("has the output {name:?}, which does not depend on its input")));
            }
            Some(_) => {
                let problem = format!("has the output {name:?} of quantised integers; end it with a DequantizeLinear");
                return Err(Problem::Model(problem));
            }
            None => return Err(Problem::Model(format!("has the output {name:?}, which no node yields"))),
        };
        let outputs = self.values.iter().filter_map(|(tensor, value)| match value {
            Value::Node(feature) => Some((tensor.clone(), feature.id)),
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
