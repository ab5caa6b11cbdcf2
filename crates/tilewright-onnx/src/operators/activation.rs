//! Functions of each value.

use super::{Outcome, quantization};
use crate::building::Import;
use crate::error::Problem;
use crate::node::OnnxNode;
use crate::value::{Feature, Value};
use tilewright::network::{Activation, Op};

fn push(import: &mut Import, node: &OnnxNode<'_>, activation: Activation) -> Result<Outcome, Problem> {
    Ok(import.push_on(node, Op::Activation(activation), node.runtime(0)?)?.into())
}

/// Functions without attributes, by their operators.
const PLAIN: &[(&str, Activation)] = &[
    ("Abs", Activation::Abs),
    ("Acos", Activation::Acos),
    ("Acosh", Activation::Acosh),
    ("Asin", Activation::Asin),
    ("Asinh", Activation::Asinh),
    ("Atan", Activation::Atan),
    ("Atanh", Activation::Atanh),
    ("Ceil", Activation::Ceil),
    ("Cos", Activation::Cos),
    ("Cosh", Activation::Cosh),
    ("Erf", Activation::Erf),
    ("Exp", Activation::Exp),
    ("Floor", Activation::Floor),
    ("HardSwish", Activation::HardSwish),
    ("IsNaN", Activation::IsNan),
    ("Log", Activation::Log),
    ("Mish", Activation::Mish),
    ("Neg", Activation::Neg),
    ("Not", Activation::Not),
    ("Reciprocal", Activation::Reciprocal),
    ("Relu", Activation::Relu),
    ("Round", Activation::Round),
    ("Sigmoid", Activation::Sigmoid),
    ("Sign", Activation::Sign),
    ("Sin", Activation::Sin),
    ("Sinh", Activation::Sinh),
    ("Softplus", Activation::Softplus),
    ("Softsign", Activation::Softsign),
    ("Sqrt", Activation::Sqrt),
    ("Tan", Activation::Tan),
    ("Tanh", Activation::Tanh),
    ("com.microsoft::FastGelu", Activation::GeluTanh),
    ("com.microsoft::Gelu", Activation::Gelu),
];

/// The operator of a function without attributes, of the default domain.
pub(crate) fn operator_of_activation(activation: Activation) -> Option<&'static str> {
    PLAIN
        .iter()
        .find(|(operator, plain)| *plain == activation && !operator.contains("::"))
        .map(|(operator, _)| *operator)
}

/// A function without attributes.
pub(super) fn plain(import: &mut Import, node: &OnnxNode<'_>) -> Result<Outcome, Problem> {
    if let (Some(Value::Quantized(quantized)), "Relu") = (node.input(0), node.operator.as_str()) {
        return Ok(quantization::relu(quantized));
    }
    let found = PLAIN.iter().find(|(operator, _)| *operator == node.operator);
    let Some((_, activation)) = found else { return Ok(Outcome::Digital) };
    if node.operator == "com.microsoft::FastGelu" && node.input(1).is_some() {
        return Ok(Outcome::Digital);
    }
    push(import, node, *activation)
}

pub(super) fn elu(import: &mut Import, node: &OnnxNode<'_>) -> Result<Outcome, Problem> {
    let alpha = node.attributes.float("alpha", 1.0)?;
    push(import, node, Activation::Elu { alpha })
}

pub(super) fn selu(import: &mut Import, node: &OnnxNode<'_>) -> Result<Outcome, Problem> {
    let alpha = node.attributes.float("alpha", 1.673_263_2)?;
    let gamma = node.attributes.float("gamma", 1.050_701)?;
    push(import, node, Activation::Selu { alpha, gamma })
}

pub(super) fn celu(import: &mut Import, node: &OnnxNode<'_>) -> Result<Outcome, Problem> {
    let alpha = node.attributes.float("alpha", 1.0)?;
    if alpha == 0.0 {
        return Err(node.attributes.unsupported("alpha", alpha, "any other number is allowed"));
    }
    push(import, node, Activation::Celu { alpha })
}

pub(super) fn gelu(import: &mut Import, node: &OnnxNode<'_>) -> Result<Outcome, Problem> {
    match node.attributes.string("approximate", "none")? {
        "none" => push(import, node, Activation::Gelu),
        "tanh" => push(import, node, Activation::GeluTanh),
        other => {
            let found = format!("{other:?}");
            Err(node.attributes.unsupported("approximate", found, "\"none\" and \"tanh\" are allowed"))
        }
    }
}

/// Swish, QuickGelu: x / (1 + e^(−alpha x)).
pub(super) fn swish(import: &mut Import, node: &OnnxNode<'_>) -> Result<Outcome, Problem> {
    let slope = node.attributes.float("alpha", if node.operator == "Swish" { 1.0 } else { 1.702 })?;
    push(import, node, Activation::Swish { slope })
}

pub(super) fn thresholded_relu(import: &mut Import, node: &OnnxNode<'_>) -> Result<Outcome, Problem> {
    let threshold = node.attributes.float("alpha", 1.0)?;
    push(import, node, Activation::ThresholdedRelu { threshold })
}

pub(super) fn shrink(import: &mut Import, node: &OnnxNode<'_>) -> Result<Outcome, Problem> {
    let (bias, threshold) = (node.attributes.float("bias", 0.0)?, node.attributes.float("lambd", 0.5)?);
    push(import, node, Activation::Shrink { bias, threshold })
}

pub(super) fn hard_sigmoid(import: &mut Import, node: &OnnxNode<'_>) -> Result<Outcome, Problem> {
    let (slope, offset) = (node.attributes.float("alpha", 0.2)?, node.attributes.float("beta", 0.5)?);
    push(import, node, Activation::HardSigmoid { slope, offset })
}

pub(super) fn leaky_relu(import: &mut Import, node: &OnnxNode<'_>) -> Result<Outcome, Problem> {
    let slope = node.attributes.float("alpha", 0.01)?;
    push(import, node, Activation::LeakyRelu { slope })
}

/// The limits are attributes before operator set 11 and inputs since.
pub(super) fn clip(import: &mut Import, node: &OnnxNode<'_>) -> Result<Outcome, Problem> {
    if let Some(Value::Quantized(quantized)) = node.input(0) {
        return quantization::clip(node, quantized);
    }
    if node.varies(1) || node.varies(2) {
        return Ok(Outcome::Digital);
    }
    let min = node.number(1)?.map_or_else(|| node.attributes.float("min", f32::MIN), Ok)?;
    let max = node.number(2)?.map_or_else(|| node.attributes.float("max", f32::MAX), Ok)?;
    if min.is_nan() || max.is_nan() {
        return Err(node.fail(format!("limits values to {min}…{max}; numbers are expected")));
    }
    // JSON has no infinity.
    let [min, max] = [min, max].map(|limit| limit.clamp(f32::MIN, f32::MAX));
    push(import, node, Activation::Clip { min, max })
}

/// The activation that a runtime has fused into a layer, after the layer: `activation` and its parameters.
pub(super) fn fused(import: &mut Import, node: &OnnxNode<'_>, layer: Feature) -> Result<Feature, Problem> {
    let name = node.attributes.string("activation", "")?;
    let parameters = node.attributes.floats("activation_params")?.unwrap_or(&[]);
    let activation = match (name, parameters) {
        ("", _) => return Ok(layer),
        ("Relu", []) => Activation::Relu,
        ("Tanh", []) => Activation::Tanh,
        ("Sigmoid", []) => Activation::Sigmoid,
        ("HardSwish", []) => Activation::HardSwish,
        ("LeakyRelu", &[slope]) => Activation::LeakyRelu { slope },
        ("Clip", &[min, max]) => Activation::Clip { min: min.max(f32::MIN), max: max.min(f32::MAX) },
        ("HardSigmoid", &[slope, offset]) => Activation::HardSigmoid { slope, offset },
        _ => {
            let allowed =
                "Relu, Tanh, Sigmoid, HardSwish, LeakyRelu, Clip and HardSigmoid with their parameters are allowed";
            return Err(node.attributes.unsupported("activation", format!("{name:?} {parameters:?}"), allowed));
        }
    };
    let id = import.push_part(node, Op::Activation(activation), &[layer.id])?;
    Ok(Feature { id, ..layer })
}
