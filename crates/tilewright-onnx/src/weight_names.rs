//! Names a person knows, for layers whose exporter made one up: those of their weights.
//!
//! PyTorch's exporter calls a convolution `node_Conv_54` and its weights `layer1.0.conv1.weight`, after the module. Such a layer is called
//! `layer1.0.conv1`, and goes by the name made up too.

use crate::printable::printable;
use rten_onnx::onnx::{GraphProto, NodeProto};
use std::collections::{HashMap, HashSet};

/// Operators of layers with weights.
const LAYERS: [&str; 12] = [
    "Conv",
    "ConvTranspose",
    "Gemm",
    "MatMul",
    "FusedConv",
    "FusedGemm",
    "FusedMatMul",
    "ConvInteger",
    "MatMulInteger",
    "QLinearConv",
    "QLinearMatMul",
    "QGemm",
];

/// Operators that give weights another form, of which the first input is the weights.
const FORMS: [&str; 9] =
    ["QuantizeLinear", "DequantizeLinear", "Transpose", "Reshape", "Cast", "Identity", "Unsqueeze", "Squeeze", "Quant"];
/// The most of them one after the other.
const MAX_FORMS: usize = 8;

/// A layer's new name, and the one that was made up.
pub(crate) struct Renamed {
    pub name: String,
    pub made_up: String,
}

/// Names the layers of a graph after their weights where their names are made up. New names are unique in the graph.
pub(crate) fn rename(graph: &mut GraphProto) -> Vec<Renamed> {
    let weights = Weights::of(graph);
    let modules: Vec<Option<String>> = graph.node.iter().map(|node| weights.module(node).map(Into::into)).collect();
    let mut taken: HashSet<String> = graph.node.iter().filter_map(|node| node.name.clone()).collect();
    let mut renamed = vec![];
    for (node, module) in graph.node.iter_mut().zip(modules) {
        let Some(module) = module else { continue };
        let numbered = (1..).map(|number| format!("{module}.{number}"));
        let free = std::iter::once(module.clone()).chain(numbered).find(|name| !taken.contains(name));
        let Some(name) = free else { continue };
        taken.insert(name.clone());
        if let Some(made_up) = name_of(node) {
            renamed.push(Renamed { name: printable(&name), made_up: printable(made_up) });
        }
        node.name = Some(name);
    }
    renamed
}

/// What a graph stores, makes and takes.
struct Weights<'a> {
    stored: HashSet<&'a str>,
    makers: HashMap<&'a str, &'a NodeProto>,
    takers: HashMap<&'a str, Vec<&'a NodeProto>>,
}

impl<'a> Weights<'a> {
    fn of(graph: &'a GraphProto) -> Self {
        let mut takers: HashMap<&str, Vec<&NodeProto>> = HashMap::new();
        for node in &graph.node {
            node.input.iter().for_each(|input| takers.entry(input).or_default().push(node));
        }
        Self {
            stored: graph.initializer.iter().filter_map(|tensor| tensor.name.as_deref()).collect(),
            makers: graph
                .node
                .iter()
                .flat_map(|node| node.output.iter().map(move |made| (made.as_str(), node)))
                .collect(),
            takers,
        }
    }

    /// The module whose weights a layer with a made-up name has, or whose bias is added to it.
    fn module(&self, node: &'a NodeProto) -> Option<&'a str> {
        let operator = node.op_type.as_deref().unwrap_or("");
        if !LAYERS.contains(&operator) || !is_made_up(node, operator) {
            return None;
        }
        let own = node.input.iter().find_map(|input| module_of(self.origin(input)?, &[".weight"]));
        own.or_else(|| {
            let [added] = self.takers.get(node.output.first()?.as_str())?[..] else { return None };
            let is_sum = added.op_type.as_deref() == Some("Add");
            is_sum.then(|| added.input.iter().find_map(|input| module_of(self.origin(input)?, &[".bias"])))?
        })
    }

    /// The stored tensor that a tensor is another form of.
    fn origin(&self, tensor: &'a str) -> Option<&'a str> {
        let mut tensor = tensor;
        for _ in 0..=MAX_FORMS {
            if self.stored.contains(tensor) {
                return Some(tensor);
            }
            let maker = self.makers.get(tensor)?;
            if !FORMS.contains(&maker.op_type.as_deref()?) {
                return None;
            }
            tensor = maker.input.first()?;
        }
        None
    }
}

/// `layer1.0.conv1` of `layer1.0.conv1.weight` and of `layer1.0.conv1.weight_quantized`.
fn module_of<'a>(stored: &'a str, parts: &[&str]) -> Option<&'a str> {
    let plain = stored.strip_suffix("_quantized").unwrap_or(stored);
    parts.iter().find_map(|part| plain.strip_suffix(part)).filter(|module| !module.is_empty())
}

/// The name of a node, or of what it makes if it has none.
fn name_of(node: &NodeProto) -> Option<&str> {
    node.name.iter().chain(node.output.first()).map(String::as_str).find(|name| !name.is_empty())
}

/// Whether a person gave the name: not `node_Conv_54`, `Conv_12`, or `123`.
fn is_made_up(node: &NodeProto, operator: &str) -> bool {
    let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    name_of(node).is_none_or(|name| {
        let numbered = name.strip_prefix(operator).and_then(|rest| rest.strip_prefix('_'));
        name.starts_with("node_") || is_number(name) || numbered.is_some_and(is_number)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use rten_onnx::onnx::TensorProto;

    fn node(name: &str, operator: &str, inputs: &[&str], output: &str) -> NodeProto {
        NodeProto {
            name: Some(name.into()),
            op_type: Some(operator.into()),
            input: inputs.iter().map(|&input| input.into()).collect(),
            output: vec![output.into()],
            ..NodeProto::default()
        }
    }

    fn named(nodes: Vec<NodeProto>, stored: &[&str]) -> (Vec<String>, Vec<(String, String)>) {
        let tensor = |&name: &&str| TensorProto { name: Some(name.into()), ..TensorProto::default() };
        let mut graph =
            GraphProto { node: nodes, initializer: stored.iter().map(tensor).collect(), ..GraphProto::default() };
        let renamed = rename(&mut graph);
        let names = graph.node.into_iter().map(|node| node.name.unwrap_or_default()).collect();
        (names, renamed.into_iter().map(|Renamed { name, made_up }| (name, made_up)).collect())
    }

    #[test]
    fn only_names_made_up_are_replaced_and_new_ones_are_unique() {
        let nodes = vec![
            node("node_Conv_54", "Conv", &["x", "layer1.0.conv1.weight", "b"], "a"),
            node("node_conv2d_1", "Conv", &["a", "shared.weight"], "c"),
            node("node_conv2d_2", "Conv", &["c", "shared.weight"], "d"),
            node("/conv/Conv", "Conv", &["d", "conv.weight"], "e"),
            node("shared.1", "Relu", &["e"], "f"),
            node("node_relu", "Relu", &["f"], "g"),
            node("Gemm_7", "Gemm", &["g", "fc.weight", "fc.bias"], "h"),
            node("my_gemm", "Gemm", &["h", "head.weight"], "i"),
        ];
        let stored =
            ["layer1.0.conv1.weight", "b", "shared.weight", "conv.weight", "fc.weight", "fc.bias", "head.weight"];
        let (names, renamed) = named(nodes, &stored);
        let expected = ["layer1.0.conv1", "shared", "shared.2", "/conv/Conv", "shared.1", "node_relu", "fc", "my_gemm"];
        assert_eq!(names, expected);
        assert_eq!(renamed[2], ("shared.2".into(), "node_conv2d_2".into()));
    }

    #[test]
    fn weights_are_found_in_other_forms_and_by_their_bias() {
        let nodes = vec![
            node("q", "DequantizeLinear", &["conv.weight_quantized", "s"], "w"),
            node("node_Conv_1", "Conv", &["x", "w"], "a"),
            node("node_MatMul_2", "MatMul", &["a", "val_3"], "m"),
            node("node_linear", "Add", &["m", "blocks.0.fc.bias"], "n"),
            node("node_MatMul_3", "MatMul", &["n", "m"], "o"),
            node("", "Conv", &["o", "0.weight"], "17"),
        ];
        let (names, renamed) = named(nodes, &["conv.weight_quantized", "s", "val_3", "blocks.0.fc.bias", "0.weight"]);
        // The first product is taken twice, so that nothing says that the bias is its own.
        assert_eq!(names[1..], ["conv", "node_MatMul_2", "node_linear", "node_MatMul_3", "0"]);
        assert_eq!(renamed[1], ("0".into(), "17".into()));
        let (names, _) = named(
            vec![
                node("node_MatMul_2", "MatMul", &["a", "val_3"], "m"),
                node("node_linear", "Add", &["m", "blocks.0.fc.bias"], "n"),
            ],
            &["val_3", "blocks.0.fc.bias"],
        );
        assert_eq!(names, ["blocks.0.fc", "node_linear"]);
    }
}
