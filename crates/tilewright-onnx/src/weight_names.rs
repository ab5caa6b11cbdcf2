//! Names a person knows, for layers whose exporter made one up: those of their weights, or of their modules.
//!
//! PyTorch's exporters call a convolution `node_Conv_54` or `/layer1/layer1.0/conv1/Conv`, and its weights `layer1.0.conv1.weight`, after the
//! module. Such a layer is called `layer1.0.conv1`, and goes by the name made up too. Weights that an exporter has turned or merged have no
//! name; those layers are called after the bias that is added to them, or after the module they are in ([`Scope`]).

use crate::printable::printable;
use crate::scopes::{self, Scope};
use rten_onnx::onnx::{GraphProto, NodeProto};
use std::collections::{HashMap, HashSet};

/// Operators of layers with weights.
const LAYERS: [&str; 13] = [
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
    "Einsum",
];

/// Operators that give weights another form, of which the first input is the weights.
const FORMS: [&str; 9] =
    ["QuantizeLinear", "DequantizeLinear", "Clip", "Transpose", "Reshape", "Cast", "Unsqueeze", "Squeeze", "Quant"];
/// The most of them one after the other.
const MAX_FORMS: usize = 8;

/// A layer's new name, and the one that was made up.
pub(crate) struct Renamed {
    pub name: String,
    pub made_up: String,
}

/// Names the layers of a graph after their weights or modules where their names are made up; `scopes` is where nodes come from, by the first
/// tensor they yield. New names are unique in the graph.
pub(crate) fn rename(graph: &mut GraphProto, scopes: &HashMap<String, Scope>) -> Vec<Renamed> {
    let weights = Weights::of(graph);
    let modules: Vec<Option<String>> = graph.node.iter().map(|node| weights.module(node, scopes)).collect();
    let mut taken: HashSet<String> = graph.node.iter().filter_map(|node| node.name.clone()).collect();
    let mut renamed = vec![];
    for (node, module) in graph.node.iter_mut().zip(modules) {
        let Some(module) = module.filter(|module| node.name.as_ref() != Some(module)) else { continue };
        let numbered = (2..).map(|number| format!("{module}.{number}"));
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

/// A tensor that a module stores.
struct Stored {
    module: String,
    /// How many nodes take it.
    takers: usize,
}

/// What a graph stores, makes and takes.
struct Weights<'a> {
    stored: HashSet<&'a str>,
    /// What is stored or follows from that.
    constant: HashSet<&'a str>,
    makers: HashMap<&'a str, &'a NodeProto>,
    takers: HashMap<&'a str, Vec<&'a NodeProto>>,
}

impl<'a> Weights<'a> {
    fn of(graph: &'a GraphProto) -> Self {
        let mut takers: HashMap<&str, Vec<&NodeProto>> = HashMap::new();
        for node in &graph.node {
            node.input.iter().for_each(|input| takers.entry(input).or_default().push(node));
        }
        let mut stored: HashSet<&str> = graph.initializer.iter().filter_map(|tensor| tensor.name.as_deref()).collect();
        for node in graph.node.iter().filter(|node| is_identity(node)) {
            // Another tensor of equal values, which are stored once.
            if node.input.first().is_some_and(|input| stored.contains(input.as_str())) {
                stored.extend(node.output.iter().map(String::as_str));
            }
        }
        let mut constant = stored.clone();
        for node in &graph.node {
            if node.input.iter().all(|input| input.is_empty() || constant.contains(input.as_str())) {
                constant.extend(node.output.iter().map(String::as_str));
            }
        }
        Self {
            stored,
            constant,
            makers: graph
                .node
                .iter()
                .flat_map(|node| node.output.iter().map(move |made| (made.as_str(), node)))
                .collect(),
            takers,
        }
    }

    /// The module whose weights a layer with a made-up name has, or whose bias is added to it, or that it is in.
    fn module(&self, node: &'a NodeProto, scopes: &HashMap<String, Scope>) -> Option<String> {
        let operator = node.op_type.as_deref().unwrap_or("");
        let named = name_of(node).and_then(|name| scopes::of_name(name, operator));
        if !LAYERS.contains(&operator) || named.is_none() && !is_made_up(node, operator) {
            return None;
        }
        if !node.input.iter().any(|input| self.constant.contains(input.as_str())) {
            return None;
        }
        let weights = node.input.iter().find_map(|input| self.stored_of(input, "weight"));
        let own = weights.or_else(|| self.added(node));
        let Some(scope) = named.as_ref().or_else(|| scopes.get(node.output.first()?)) else {
            return own.map(|own| own.module);
        };
        // Weights that several modules share have the name of one of them; what is merged into a layer may have left it its scope.
        let tells = |own: &Stored| own.takers == 1 || scope.module.is_empty() || scope.holds(&own.module);
        own.filter(tells).map(|own| own.module).or_else(|| scope.layer())
    }

    /// The module whose bias is added to what only one node takes.
    fn added(&self, node: &'a NodeProto) -> Option<Stored> {
        let [added] = self.takers.get(node.output.first()?.as_str())?[..] else { return None };
        let is_sum = added.op_type.as_deref() == Some("Add");
        let bias = is_sum.then(|| added.input.iter().find_map(|input| self.stored_of(input, "bias")))?;
        // Biases that are equal, as zeros are, may be stored once, as any of them.
        bias.filter(|bias| bias.takers == 1)
    }

    /// The weights or the bias of a module that a tensor is: by its own name, or else by that of what it is another form of.
    fn stored_of(&self, tensor: &'a str, part: &str) -> Option<Stored> {
        let takes = |node: &&&NodeProto| !is_identity(node);
        let takers = |name: &str| self.takers.get(name).map_or(0, |takers| takers.iter().filter(takes).count());
        let forms = self.forms(tensor)?;
        forms.into_iter().find_map(|name| Some(Stored { module: module_of(name, part)?, takers: takers(name) }))
    }

    /// A tensor and those it is another form of, up to one that is stored.
    fn forms(&self, tensor: &'a str) -> Option<Vec<&'a str>> {
        let mut forms = vec![tensor];
        for _ in 0..=MAX_FORMS {
            let tensor = *forms.last()?;
            if self.stored.contains(tensor) {
                return Some(forms);
            }
            let maker = self.makers.get(tensor)?;
            if !FORMS.contains(&maker.op_type.as_deref()?) {
                return None;
            }
            forms.push(maker.input.first()?);
        }
        None
    }
}

/// `layer1.0.conv1` of `layer1.0.conv1.weight` and of `layer1.0.conv1.weight_quantized`, `attention.in_proj` of `attention.in_proj_weight`,
/// and `cell.ih` of `cell.weight_ih`.
fn module_of(stored: &str, part: &str) -> Option<String> {
    let plain = stored.strip_suffix("_quantized").unwrap_or(stored);
    if let Some(module) = plain.strip_suffix(part) {
        return module.strip_suffix(['.', '_']).filter(|module| !module.is_empty()).map(Into::into);
    }
    let (module, own) = plain.rsplit_once('.')?;
    Some(format!("{module}.{}", own.strip_prefix(part)?.strip_prefix('_').filter(|own| !own.is_empty())?))
}

fn is_identity(node: &NodeProto) -> bool {
    node.op_type.as_deref() == Some("Identity")
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

    fn named(nodes: Vec<NodeProto>, stored: &[&str], scopes: &[(&str, Scope)]) -> (Vec<String>, Vec<(String, String)>) {
        let tensor = |&name: &&str| TensorProto { name: Some(name.into()), ..TensorProto::default() };
        let mut graph =
            GraphProto { node: nodes, initializer: stored.iter().map(tensor).collect(), ..GraphProto::default() };
        let scope = |(output, Scope { module, parameter }): &(&str, Scope)| {
            ((*output).into(), Scope { module: module.clone(), parameter: parameter.clone() })
        };
        let renamed = rename(&mut graph, &scopes.iter().map(scope).collect());
        let names = graph.node.into_iter().map(|node| node.name.unwrap_or_default()).collect();
        (names, renamed.into_iter().map(|Renamed { name, made_up }| (name, made_up)).collect())
    }

    fn scope(module: &str, parameter: Option<&str>) -> Scope {
        Scope { module: module.into(), parameter: parameter.map(Into::into) }
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
        let (names, renamed) = named(nodes, &stored, &[]);
        let expected = ["layer1.0.conv1", "shared", "shared.2", "conv", "shared.1", "node_relu", "fc", "my_gemm"];
        assert_eq!(names, expected);
        assert_eq!(renamed[2], ("shared.2".into(), "node_conv2d_2".into()));
        assert_eq!(renamed[3], ("conv".into(), "/conv/Conv".into()));
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
        let stored = ["conv.weight_quantized", "s", "val_3", "blocks.0.fc.bias", "0.weight"];
        let (names, renamed) = named(nodes, &stored, &[]);
        // The first product is taken twice, so that nothing says that the bias is its own.
        assert_eq!(names[1..], ["conv", "node_MatMul_2", "node_linear", "node_MatMul_3", "0"]);
        assert_eq!(renamed[1], ("0".into(), "17".into()));
        let nodes = vec![
            node("node_MatMul_2", "MatMul", &["a", "val_3"], "m"),
            node("node_linear", "Add", &["m", "blocks.0.fc.bias"], "n"),
            node("node_MatMul_4", "MatMul", &["n", "val_5"], "o"),
            node("node_linear_1", "Add", &["o", "attention.in_proj_bias"], "p"),
        ];
        let (names, _) = named(nodes, &["val_3", "blocks.0.fc.bias", "val_5", "attention.in_proj_bias"], &[]);
        assert_eq!(names, ["blocks.0.fc", "node_linear", "attention.in_proj", "node_linear_1"]);
        let nodes = vec![
            node("/cell/Gemm", "Gemm", &["x", "cell.weight_ih"], "a"),
            node("/cell/Gemm_1", "Gemm", &["h", "cell.weight_hh"], "b"),
            node("/cell_1/Gemm", "Gemm", &["y", "cell.weight_ih"], "c"),
            node("same", "Identity", &["project.bias"], "again.bias"),
            node("MatMul_1", "MatMul", &["c", "val_1"], "p"),
            node("Add_1", "Add", &["p", "project.bias"], "q"),
            node("equal", "Identity", &["attention.out_proj.bias"], "onnx::Add_9"),
            node("/attention/MatMul", "MatMul", &["c", "val_1"], "d"),
            node("/attention/Add", "Add", &["d", "onnx::Add_9"], "e"),
            node("/attention/Gemm", "Gemm", &["e", "attention.out_proj.weight", "attention.out_proj.bias"], "f"),
        ];
        let stored = [
            "cell.weight_ih",
            "cell.weight_hh",
            "val_1",
            "project.bias",
            "attention.out_proj.bias",
            "attention.out_proj.weight",
        ];
        let (names, _) = named(nodes, &stored, &[]);
        assert_eq!(names[..6], ["cell.ih", "cell.hh", "cell.ih.2", "same", "project", "Add_1"]);
        assert_eq!(names[6..], ["equal", "attention", "/attention/Add", "attention.out_proj"]);
    }

    #[test]
    fn layers_of_one_module_are_called_after_their_weights_and_shared_weights_after_modules() {
        let nodes = vec![
            node("/stem/stem.0/Conv", "Conv", &["x", "onnx::Conv_7", "stem.0.bias"], "a"),
            node("/attention/MatMul", "MatMul", &["a", "onnx::MatMul_8"], "b"),
            // The exporter stores equal values once.
            node("same", "Identity", &["stem.0.bias"], "attention.in_proj_bias"),
            node("/attention/Add", "Add", &["attention.in_proj_bias", "b"], "c"),
            node("/attention/MatMul_1", "MatMul", &["c", "c"], "d"),
            node("/attention/Gemm", "Gemm", &["d", "attention.out_proj.weight"], "e"),
            node("/embedding/Gather", "Gather", &["embedding.weight", "e"], "words"),
            node("/head/Gemm", "Gemm", &["e", "embedding.weight"], "f"),
            node("/again/Conv", "Conv", &["f", "onnx::Conv_9"], "g"),
            node("/again/Conv_1", "Conv", &["g", "onnx::Conv_9"], "h"),
            node("scaled", "Mul", &["onnx::Conv_9", "onnx::Conv_9"], "w"),
            node("/normed/Conv", "Conv", &["h", "w"], "i"),
            node("/Conv", "Conv", &["i", "onnx::Conv_9"], "j"),
        ];
        let stored = [
            "onnx::Conv_7",
            "onnx::MatMul_8",
            "stem.0.bias",
            "attention.out_proj.weight",
            "embedding.weight",
            "onnx::Conv_9",
        ];
        let (names, _) = named(nodes, &stored, &[]);
        let expected = ["stem.0", "attention.in_proj", "same", "/attention/Add", "/attention/MatMul_1"];
        assert_eq!(names[..5], expected);
        assert_eq!(names[5], "attention.out_proj");
        assert_eq!(names[7..], ["head", "again", "again.2", "scaled", "normed", "/Conv"]);
    }

    #[test]
    fn metadata_tells_modules_where_names_do_not() {
        let nodes = vec![
            node("node_MatMul_1", "MatMul", &["x", "val_1"], "a"),
            node("node_MatMul_2", "MatMul", &["a", "val_2"], "b"),
            node("node_MatMul_3", "MatMul", &["b", "val_3"], "c"),
            node("node_Conv_4", "Conv", &["c", "first.weight"], "d"),
            node("named", "Conv", &["d", "first.weight"], "e"),
            // A normalisation has been merged into it.
            node("node_Conv_5", "Conv", &["e", "stem.0.weight"], "f"),
        ];
        let scopes = [
            ("a", scope("attention", Some("qkv_weight"))),
            ("b", scope("reduction", Some("weight"))),
            ("c", scope("", None)),
            ("d", scope("second", None)),
            ("e", scope("third", None)),
            ("f", scope("stem.1", None)),
        ];
        let stored = ["val_1", "val_2", "val_3", "first.weight", "stem.0.weight"];
        let (names, _) = named(nodes, &stored, &scopes);
        assert_eq!(names, ["attention.qkv", "reduction", "node_MatMul_3", "second", "named", "stem.0"]);
    }
}
