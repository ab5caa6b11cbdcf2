//! How many products operations do that are kept by name and shape only.

use crate::building::Import;
use crate::node::OnnxNode;
use crate::value::Value;

/// Operators that multiply by no weights and no two feature maps: what they do is moving, selecting, comparing and counting.
const WITHOUT_PRODUCTS: &[&str] = &[
    "ArgMax",
    "ArgMin",
    "Cast",
    "CastLike",
    "Clip",
    "Compress",
    "CumSum",
    "Expand",
    "Gather",
    "GatherElements",
    "GatherND",
    "GridSample",
    "MaxRoiPool",
    "MaxUnpool",
    "NonMaxSuppression",
    "NonZero",
    "OneHot",
    "PRelu",
    "Pad",
    "Resize",
    "ReverseSequence",
    "RoiAlign",
    "Scatter",
    "ScatterElements",
    "ScatterND",
    "Slice",
    "Tile",
    "TopK",
    "Upsample",
    "Where",
];

/// Multiply-accumulates per image of a node whose outputs have `outputs` as shapes without the batch axis; `None` if the node has a
/// matrix or more of constants and is of a kind whose products are not known.
pub(crate) fn macs(import: &Import, node: &OnnxNode<'_>, outputs: &[&[usize]]) -> Option<u64> {
    let operator = node.operator.rsplit("::").next().unwrap_or_default();
    let shape = |index: usize| shape(import, node, index);
    let output = product(outputs.first().copied().unwrap_or(&[]));
    match operator {
        "Conv" | "FusedConv" | "NhwcFusedConv" | "ConvInteger" | "QLinearConv" => {
            let weights = shape(if operator == "QLinearConv" { 3 } else { 1 })?;
            let positions = output.checked_div(*weights.first()? as u64)?;
            product(&weights).checked_mul(positions)
        }
        "ConvTranspose" => {
            let (weights, input) = (shape(1)?, shape(0)?);
            product(&weights).checked_mul(product(input.get(2..)?))
        }
        "MatMul" | "MatMulInteger" | "FusedMatMul" | "Gemm" | "FusedGemm" | "QLinearMatMul" | "QGemm" => {
            output.checked_mul(*shape(0)?.last()? as u64)
        }
        "LSTM" | "GRU" | "RNN" => {
            let steps = *shape(0)?.first()? as u64;
            product(&shape(1)?).checked_add(product(&shape(2)?))?.checked_mul(steps)
        }
        _ if WITHOUT_PRODUCTS.contains(&operator) => Some(0),
        _ => {
            let matrix = |value: &Value| match value {
                Value::Constant(constant) => constant.shape().iter().filter(|&&length| length > 1).count() > 1,
                _ => false,
            };
            (!node.inputs.iter().flatten().any(matrix)).then_some(0)
        }
    }
}

/// The ONNX shape of an input.
fn shape(import: &Import, node: &OnnxNode<'_>, index: usize) -> Option<Vec<usize>> {
    match node.input(index)? {
        Value::Node(feature) | Value::DynamicLevels(feature) => Some(import.full_shape(*feature)),
        Value::Quantized(quantized) => Some(import.full_shape(quantized.source)),
        Value::Constant(constant) => Some(constant.shape().to_vec()),
        Value::DynamicZeroPoint(_) | Value::DynamicScale(_) | Value::Pending(_) => None,
    }
}

fn product(shape: &[usize]) -> u64 {
    shape.iter().fold(1, |values, &length| values.saturating_mul(length as u64))
}
