//! Functions of values, one by one, in pairs and by a condition.

use super::WriteError;
use super::graph::{Attribute, Graph, OPSET_OF_GELU, Type};
use crate::operators::{operator_of_activation, operator_of_pair};
use tilewright::network::{Activation, Node, Pairwise};

pub(super) fn activation(graph: &mut Graph<'_>, node: &Node, activation: Activation) -> Result<(), WriteError> {
    use Activation as A;
    let input = &graph.features(node)?[..1];
    let floats = |names: &[(&'static str, f32)]| -> Vec<(&'static str, Attribute<'static>)> {
        names.iter().map(|&(name, value)| (name, Attribute::Float(value))).collect()
    };
    let to = |kind: Type| [("to", Attribute::Int(kind as i64))];
    match activation {
        A::Clip { min, max } => {
            let limits = [("min", min), ("max", max)].map(|(end, value)| graph.number(&node.name, end, value));
            graph.yields(node, "Clip", &[input, &limits].concat(), &[]);
        }
        A::LeakyRelu { slope } => graph.yields(node, "LeakyRelu", input, &floats(&[("alpha", slope)])),
        A::HardSigmoid { slope, offset } => {
            graph.yields(node, "HardSigmoid", input, &floats(&[("alpha", slope), ("beta", offset)]));
        }
        A::Elu { alpha } => graph.yields(node, "Elu", input, &floats(&[("alpha", alpha)])),
        A::Selu { alpha, gamma } => graph.yields(node, "Selu", input, &floats(&[("alpha", alpha), ("gamma", gamma)])),
        A::Celu { alpha } => graph.yields(node, "Celu", input, &floats(&[("alpha", alpha)])),
        A::ThresholdedRelu { threshold } => {
            graph.yields(node, "ThresholdedRelu", input, &floats(&[("alpha", threshold)]));
        }
        A::Shrink { bias, threshold } => {
            graph.yields(node, "Shrink", input, &floats(&[("bias", bias), ("lambd", threshold)]));
        }
        A::Gelu | A::GeluTanh => {
            graph.opset = graph.opset.max(OPSET_OF_GELU);
            let form = if activation == A::Gelu { "none" } else { "tanh" };
            graph.yields(node, "Gelu", input, &[("approximate", Attribute::Text(form))]);
        }
        A::Swish { slope } => swish(graph, node, &input[0], slope),
        A::Bipolar { scale } => bipolar(graph, node, &input[0], scale),
        A::Truncate => graph.yields_typed(node, "Cast", input, &to(Type::I64)),
        A::ToFloat16 => graph.yields_typed(node, "Cast", input, &to(Type::Float16)),
        A::ToBfloat16 => graph.yields_typed(node, "Cast", input, &to(Type::Bfloat16)),
        A::NonZero => graph.yields_typed(node, "Cast", input, &to(Type::Bool)),
        A::Not => {
            let truth = graph.cast(node, &input[0], Type::Bool);
            graph.yields_typed(node, "Not", &[truth], &[]);
        }
        A::IsNan => graph.yields_typed(node, "IsNaN", input, &[]),
        A::IsInfinite { positive, negative } => {
            let signs = [("detect_positive", positive), ("detect_negative", negative)];
            let signs = signs.map(|(sign, counts)| (sign, Attribute::Int(counts.into())));
            graph.yields_typed(node, "IsInf", input, &signs);
        }
        plain => graph.yields(node, known(node, operator_of_activation(plain))?, input, &[]),
    }
    Ok(())
}

/// The operator that the reader knows a function by.
pub(super) fn known(node: &Node, operator: Option<&'static str>) -> Result<&'static str, WriteError> {
    operator.ok_or_else(|| WriteError::node(node, "is a function that ONNX does not have"))
}

/// x / (1 + e^(−slope · x)), an operator of its own in later operator sets than runtimes have.
fn swish(graph: &mut Graph<'_>, node: &Node, input: &str, slope: f32) {
    let mut exponent = input.to_owned();
    if slope != 1.0 {
        let slope = graph.number(&node.name, "slope", slope);
        exponent = graph.step(node, "Mul", &[input, &slope]);
    }
    let gate = graph.step(node, "Sigmoid", &[exponent]);
    graph.yields(node, "Mul", &[input, &gate], &[]);
}

fn bipolar(graph: &mut Graph<'_>, node: &Node, input: &str, scale: f32) {
    let [zero, plus, minus] =
        [("zero", 0.0), ("plus", scale), ("minus", -scale)].map(|(what, value)| graph.number(&node.name, what, value));
    let truth = graph.step(node, "GreaterOrEqual", &[input, &zero]);
    graph.yields(node, "Where", &[&truth, &plus, &minus], &[]);
}

pub(super) fn pairwise(graph: &mut Graph<'_>, node: &Node, pairwise: Pairwise) -> Result<(), WriteError> {
    use Pairwise as P;
    let mut inputs = graph.aligned(node);
    match pairwise {
        P::Fmod => graph.yields(node, "Mod", &inputs, &[("fmod", Attribute::Int(1))]),
        P::Mod => {
            return Err(WriteError::node(
                node,
                "has the rest of a division with the divisor's sign; ONNX has it for integers",
            ));
        }
        P::Less | P::LessOrEqual | P::Greater | P::GreaterOrEqual | P::Equal | P::And | P::Or | P::Xor => {
            if matches!(pairwise, P::And | P::Or | P::Xor) {
                inputs = inputs.iter().map(|input| graph.cast(node, input, Type::Bool)).collect();
            }
            graph.yields_typed(node, known(node, operator_of_pair(pairwise))?, &inputs, &[]);
        }
        P::Div | P::Pow | P::Min | P::Max | P::PRelu => {
            graph.yields(node, known(node, operator_of_pair(pairwise))?, &inputs, &[]);
        }
    }
    Ok(())
}

/// The second input where the first is not 0, else the third.
pub(super) fn choose(graph: &mut Graph<'_>, node: &Node) {
    let mut inputs = graph.aligned(node);
    inputs[0] = graph.cast(node, &inputs[0], Type::Bool);
    graph.yields(node, "Where", &inputs, &[]);
}
