//! A model's graph under construction.

use super::WriteError;
use super::protobuf::Message;
use std::collections::HashSet;
use tilewright::network::{Network, Node, NodeId, Op};

/// The first operator set whose averages may be dilated; GELU and integers of 16 bits came with later ones.
const OPSET: i64 = 19;
pub(super) const OPSET_OF_GELU: i64 = 20;
pub(super) const OPSET_OF_16_BITS: i64 = 21;

/// Types of tensors, by their number in ONNX.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Type {
    Float = 1,
    U8 = 2,
    I8 = 3,
    U16 = 4,
    I16 = 5,
    I32 = 6,
    I64 = 7,
    Bool = 9,
    Float16 = 10,
    Bfloat16 = 16,
}

impl Type {
    /// The integers that fit into a type of at most 16 bits.
    pub(super) const fn range(self) -> Option<[i32; 2]> {
        match self {
            Self::U8 => Some([0, 255]),
            Self::I8 => Some([-128, 127]),
            Self::U16 => Some([0, 65_535]),
            Self::I16 => Some([-32_768, 32_767]),
            _ => None,
        }
    }

    /// Integers as bytes of this type.
    fn bytes(self, values: &[i64]) -> Vec<u8> {
        let bytes = match self {
            Self::U8 | Self::I8 => 1,
            Self::U16 | Self::I16 => 2,
            Self::I32 => 4,
            _ => 8,
        };
        values.iter().flat_map(|value| value.to_le_bytes().into_iter().take(bytes)).collect()
    }
}

/// The value of an attribute.
pub(super) enum Attribute<'a> {
    Int(i64),
    Float(f32),
    Text(&'a str),
    Ints(Vec<i64>),
}

/// Lengths, places and axes as ONNX has them.
pub(super) fn ints(values: impl IntoIterator<Item = usize>) -> Vec<i64> {
    values.into_iter().map(|value| value as i64).collect()
}

pub(super) struct Graph<'a> {
    network: &'a Network,
    /// The operator set it needs.
    pub opset: i64,
    names: HashSet<String>,
    nodes: Message,
    stored: Message,
}

impl<'a> Graph<'a> {
    pub(super) fn new(network: &'a Network) -> Self {
        let names = network.nodes().iter().map(|node| node.name.clone()).collect();
        Self { network, opset: OPSET, names, nodes: Message::default(), stored: Message::default() }
    }

    /// Node `id` of the network.
    pub(super) fn node(&self, id: NodeId) -> &'a Node {
        self.network.node(id)
    }

    /// The axes of the weights of a layer.
    pub(super) fn weight_axes(&self, id: NodeId) -> Vec<usize> {
        self.network.weight_axes(id).unwrap_or_default()
    }

    pub(super) fn is_constant(&self, id: NodeId) -> bool {
        matches!(self.node(id).op, Op::Constant(_))
    }

    /// The tensors an operation takes, all of which have a batch axis.
    ///
    /// # Errors
    /// [`WriteError::Node`] if one is a constant.
    pub(super) fn features(&self, node: &Node) -> Result<Vec<String>, WriteError> {
        if node.inputs.iter().any(|&input| self.is_constant(input)) {
            return Err(WriteError::node(node, "takes a constant, which has no batch axis"));
        }
        Ok(node.inputs.iter().map(|&input| self.node(input).name.clone()).collect())
    }

    /// The tensors an operation takes, made to broadcast as without the batch axis: after it, a shorter shape gets axes of length 1.
    pub(super) fn aligned(&mut self, node: &Node) -> Vec<String> {
        let align = |&input: &NodeId| {
            let Node { name, shape, .. } = self.network.node(input);
            let missing = node.shape.len().saturating_sub(shape.len());
            if missing == 0 || self.is_constant(input) {
                return name.clone();
            }
            let lengths = [vec![0], vec![1; missing], ints(shape.iter().copied())].concat();
            let output = self.fresh(&format!("{name}.aligned"));
            let lengths = self.integers(&output, "shape", &lengths);
            self.part("Reshape", &[name, &lengths], output, &[])
        };
        node.inputs.iter().map(align).collect()
    }

    /// A name that no tensor has yet.
    pub(super) fn fresh(&mut self, wanted: &str) -> String {
        let mut name = wanted.to_owned();
        let mut number = 0u64;
        while !self.names.insert(name.clone()) {
            number += 1;
            name = format!("{wanted}.{number}");
        }
        name
    }

    /// Writes an operation that yields what `node` yields.
    pub(super) fn yields(
        &mut self,
        node: &Node,
        operator: &str,
        inputs: &[impl AsRef<str>],
        attributes: &[(&str, Attribute<'_>)],
    ) {
        self.part(operator, inputs, node.name.clone(), attributes);
    }

    /// Writes a step on the way to what `node` yields; returns its tensor.
    pub(super) fn step(&mut self, node: &Node, operator: &str, inputs: &[impl AsRef<str>]) -> String {
        let output = self.fresh(&format!("{}.{}", node.name, operator.to_lowercase()));
        self.part(operator, inputs, output, &[])
    }

    /// Writes an operation called as the tensor it yields; returns that name.
    pub(super) fn part(
        &mut self,
        operator: &str,
        inputs: &[impl AsRef<str>],
        output: String,
        attributes: &[(&str, Attribute<'_>)],
    ) -> String {
        self.called(&output, operator, inputs, &[&output], attributes);
        output
    }

    /// Writes an operation under a name of its own.
    pub(super) fn called(
        &mut self,
        name: &str,
        operator: &str,
        inputs: &[impl AsRef<str>],
        outputs: &[&str],
        attributes: &[(&str, Attribute<'_>)],
    ) {
        let mut message = Message::default();
        inputs.iter().for_each(|input| _ = message.text(1, input.as_ref()));
        outputs.iter().for_each(|output| _ = message.text(2, output));
        message.text(3, name).text(4, operator);
        attributes.iter().for_each(|(name, value)| _ = message.message(5, &attribute(name, value)));
        self.nodes.message(1, &message);
    }

    /// Converts a tensor into another type; returns the name it has then.
    pub(super) fn cast(&mut self, node: &Node, tensor: &str, to: Type) -> String {
        let output = self.fresh(&format!("{}.cast", node.name));
        self.part("Cast", &[tensor], output, &[("to", Attribute::Int(to as i64))])
    }

    /// Writes an operation that yields what `node` yields in another type than floats, and its conversion. The reader leaves the conversion
    /// out and calls the result as the operation, so that has the node's name.
    pub(super) fn yields_typed(
        &mut self,
        node: &Node,
        operator: &str,
        inputs: &[impl AsRef<str>],
        attributes: &[(&str, Attribute<'_>)],
    ) {
        let [typed, cast] = ["typed", "cast"].map(|what| self.fresh(&format!("{}.{what}", node.name)));
        self.called(&node.name, operator, inputs, &[&typed], attributes);
        let to = [("to", Attribute::Int(Type::Float as i64))];
        self.called(&cast, "Cast", &[typed], &[&node.name], &to);
    }

    /// Stores floats that belong to a node; returns the name of their tensor.
    pub(super) fn floats(&mut self, node: &str, what: &str, shape: &[usize], values: &[f32]) -> String {
        let name = self.fresh(&format!("{node}.{what}"));
        self.floats_as(&name, shape, values);
        name
    }

    /// Stores floats under a name.
    pub(super) fn floats_as(&mut self, name: &str, shape: &[usize], values: &[f32]) {
        let bytes: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        self.tensor(name, Type::Float, shape, &bytes);
    }

    pub(super) fn number(&mut self, node: &str, what: &str, value: f32) -> String {
        self.floats(node, what, &[], &[value])
    }

    /// Stores a list of integers.
    pub(super) fn integers(&mut self, node: &str, what: &str, values: &[i64]) -> String {
        self.levels(node, what, Type::I64, &[values.len()], values)
    }

    /// Stores integers of a type that holds them.
    pub(super) fn levels(&mut self, node: &str, what: &str, kind: Type, shape: &[usize], values: &[i64]) -> String {
        let name = self.fresh(&format!("{node}.{what}"));
        self.tensor(&name, kind, shape, &kind.bytes(values));
        name
    }

    fn tensor(&mut self, name: &str, kind: Type, shape: &[usize], bytes: &[u8]) {
        let mut message = Message::default();
        message.numbers(1, ints(shape.iter().copied())).number(2, kind as i64).text(8, name).bytes(9, bytes);
        self.stored.message(5, &message);
    }

    /// The graph, whose first output is the network's result. What else no node takes is an output too, or a reader would leave it out.
    pub(super) fn finish(self) -> Message {
        let network = self.network;
        let mut graph = Message::default();
        graph.append(&self.nodes).text(2, &network.name).append(&self.stored);
        graph.message(11, &value(network.node(network.input()))).message(12, &value(network.node(network.output())));
        let taken: HashSet<NodeId> = network.nodes().iter().flat_map(|node| node.inputs.iter().copied()).collect();
        for (id, node) in network.iter() {
            let is_other = id != network.input() && id != network.output();
            if is_other && !taken.contains(&id) && !self.is_constant(id) {
                graph.message(12, &value(node));
            }
        }
        graph
    }
}

fn attribute(name: &str, value: &Attribute<'_>) -> Message {
    let mut message = Message::default();
    message.text(1, name);
    match value {
        Attribute::Float(value) => message.float(2, *value).number(20, 1),
        Attribute::Int(value) => message.number(3, *value).number(20, 2),
        Attribute::Text(text) => message.text(4, text).number(20, 3),
        Attribute::Ints(values) => message.numbers(8, values.iter().copied()).number(20, 7),
    };
    message
}

/// A tensor that the model takes or yields: floats with an open number of images.
fn value(node: &Node) -> Message {
    let mut shape = Message::default();
    let mut dimension = Message::default();
    shape.message(1, dimension.text(2, "N"));
    for length in ints(node.shape.iter().copied()) {
        let mut dimension = Message::default();
        shape.message(1, dimension.number(1, length));
    }
    let (mut tensor, mut kind, mut value) = (Message::default(), Message::default(), Message::default());
    tensor.number(1, Type::Float as i64).message(2, &shape);
    kind.message(1, &tensor);
    value.text(1, &node.name).message(2, &kind);
    value
}
