//! Functions a model defines, put in the place of the nodes that call them.

use crate::building::MAX_NODES;
use crate::error::Problem;
use rten_onnx::onnx::{AttributeProto, GraphProto, NodeProto};
use std::collections::{BTreeMap, HashMap};

/// Calls within calls; a function that calls itself would have no end.
const MAX_DEPTH: usize = 16;

/// A function of the model.
#[derive(Debug, Default)]
pub(crate) struct Function {
    pub name: String,
    pub domain: String,
    pub inputs: Vec<String>,
    pub outputs: Vec<String>,
    pub nodes: Vec<NodeProto>,
    /// Attributes of its nodes that are those of the call: node, attribute of the node, name of the call's attribute.
    pub references: Vec<[String; 3]>,
    /// Attributes a call may leave out.
    pub defaults: Vec<AttributeProto>,
    /// The default operator set its nodes mean, if it says one.
    pub opset: Option<i64>,
}

/// The nodes with every call of a function replaced by the function's nodes, in which tensors and nodes are named after the call.
pub(crate) fn inlined(nodes: Vec<NodeProto>, functions: &[Function], opset: i64) -> Result<Vec<NodeProto>, Problem> {
    if functions.is_empty() {
        return Ok(nodes);
    }
    let known = functions.iter().map(|function| ((function.domain.as_str(), function.name.as_str()), function));
    let inliner = Inliner { functions: known.collect(), opset };
    let mut expanded = vec![];
    inliner.expand(nodes, 0, &mut expanded)?;
    Ok(expanded)
}

struct Inliner<'a> {
    functions: BTreeMap<(&'a str, &'a str), &'a Function>,
    opset: i64,
}

impl Inliner<'_> {
    fn expand(&self, nodes: Vec<NodeProto>, depth: usize, into: &mut Vec<NodeProto>) -> Result<(), Problem> {
        for mut node in nodes {
            self.expand_graphs(&mut node, depth)?;
            let domain = node.domain.as_deref().unwrap_or("");
            match self.functions.get(&(domain, node.op_type.as_deref().unwrap_or(""))) {
                None => into.push(node),
                Some(function) => {
                    let call = format!("the function {:?} of the domain {:?}", function.name, function.domain);
                    if depth == MAX_DEPTH {
                        return Err(Problem::Model(format!("calls {call} more than {MAX_DEPTH} deep")));
                    }
                    if let Some(opset) = function.opset.filter(|&opset| opset != self.opset) {
                        let problem = format!(
                            "has {call}, of operator set {opset}, while it uses {}; one is expected",
                            self.opset
                        );
                        return Err(Problem::Model(problem));
                    }
                    self.expand(body(function, &node, into.len()), depth + 1, into)?;
                }
            }
            if into.len() > MAX_NODES {
                let problem = format!("has more than {MAX_NODES} nodes once its functions are put in place");
                return Err(Problem::Model(problem));
            }
        }
        Ok(())
    }

    /// Functions may be called in the graphs of an If, too.
    fn expand_graphs(&self, node: &mut NodeProto, depth: usize) -> Result<(), Problem> {
        for graph in node.attribute.iter_mut().filter_map(|attribute| attribute.g.as_mut()) {
            if depth == MAX_DEPTH {
                return Err(Problem::Model(format!("nests graphs more than {MAX_DEPTH} deep")));
            }
            let mut expanded = vec![];
            self.expand(std::mem::take(&mut graph.node), depth + 1, &mut expanded)?;
            graph.node = expanded;
        }
        Ok(())
    }
}

/// The nodes of one call, the `number`-th node.
fn body(function: &Function, call: &NodeProto, number: usize) -> Vec<NodeProto> {
    let given = call.name.iter().chain(call.output.first()).find(|name| !name.is_empty());
    let prefix = given.cloned().unwrap_or_else(|| format!("{}.{number}", function.name));
    let absent = String::new();
    let inputs = function.inputs.iter().zip(call.input.iter().chain(std::iter::repeat(&absent)));
    let outputs = function.outputs.iter().zip(call.output.iter().chain(std::iter::repeat(&absent)));
    // An output the call leaves out still has a name inside.
    let outputs = outputs.filter(|(_, outer)| !outer.is_empty());
    let names: HashMap<&str, &str> =
        inputs.chain(outputs).map(|(inner, outer)| (inner.as_str(), outer.as_str())).collect();
    let renamed = Renamed { prefix: &prefix, names };
    let nodes = function.nodes.iter().enumerate();
    nodes
        .map(|(index, node)| {
            let mut node = renamed.node(node);
            let own = function.nodes[index].output.first().map_or("", String::as_str);
            for [_, attribute, outer] in function.references.iter().filter(|[at, ..]| at == own) {
                let value =
                    call.attribute.iter().chain(&function.defaults).find(|value| value.name.as_ref() == Some(outer));
                node.attribute.retain(|old| old.name.as_ref() != Some(attribute));
                node.attribute
                    .extend(value.map(|value| AttributeProto { name: Some(attribute.clone()), ..value.clone() }));
            }
            node
        })
        .collect()
}

/// Tensors inside a function, by the names they get outside of it.
struct Renamed<'a> {
    prefix: &'a str,
    names: HashMap<&'a str, &'a str>,
}

impl Renamed<'_> {
    fn tensor(&self, name: &str) -> String {
        match self.names.get(name) {
            Some(outer) => (*outer).to_owned(),
            None if name.is_empty() => String::new(),
            None => format!("{}/{name}", self.prefix),
        }
    }

    fn node(&self, node: &NodeProto) -> NodeProto {
        let mut renamed = node.clone();
        let named = node.name.as_deref().filter(|name| !name.is_empty());
        renamed.name = named.map(|name| format!("{}/{name}", self.prefix));
        renamed.input.iter_mut().chain(&mut renamed.output).for_each(|name| *name = self.tensor(name));
        for graph in renamed.attribute.iter_mut().filter_map(|attribute| attribute.g.as_mut()) {
            self.graph(graph);
        }
        renamed
    }

    fn graph(&self, graph: &mut GraphProto) {
        graph.node = graph.node.iter().map(|node| self.node(node)).collect();
        let infos = graph.input.iter_mut().chain(&mut graph.output).filter_map(|info| info.name.as_mut());
        let tensors = graph.initializer.iter_mut().filter_map(|tensor| tensor.name.as_mut());
        infos.chain(tensors).for_each(|name| *name = self.tensor(name));
    }
}
