//! One file per family of operators; one line each in [`OPERATORS`].

mod activation;
mod arithmetic;
mod convolution;
mod dense;
mod layout;
mod normalization;
mod pooling;
mod quantization;
mod selection;
mod window;

use crate::building::Import;
use crate::error::Problem;
use crate::node::OnnxNode;
use crate::value::Value;
use tilewright::network::{NodeId, Op};

/// What a node has become.
pub(crate) enum Outcome {
    /// These outputs, in order; later outputs of the node are not supported.
    Values(Vec<Value>),
    /// An operation this crate knows by name only.
    Digital,
}

impl From<NodeId> for Outcome {
    fn from(id: NodeId) -> Self {
        Self::Values(vec![Value::Node(id)])
    }
}

type ImportFn = fn(&mut Import, &OnnxNode<'_>) -> Result<Outcome, Problem>;

/// A supported ONNX operator.
#[derive(Debug)]
pub struct Operator {
    /// Its name; of the default domain unless it says otherwise.
    pub name: &'static str,
    /// What it becomes, for people.
    pub becomes: &'static str,
    import: ImportFn,
}

const fn operator(name: &'static str, import: ImportFn, becomes: &'static str) -> Operator {
    Operator { name, becomes, import }
}

/// All supported operators by name. A node whose inputs are all constants is computed at import where its line says "folded".
pub const OPERATORS: &[Operator] = &[
    operator("Add", arithmetic::add, "`Op::Add`, broadcast; folded"),
    operator("AveragePool", pooling::average, "`Op::Pool`, 1-D or 2-D"),
    operator("BatchNormalization", normalization::batch_norm, "`Op::BatchNorm`"),
    operator("Cast", layout::cast, "nothing between floats, else opaque; folded"),
    operator("CastLike", layout::cast_like, "nothing between floats, else opaque; folded"),
    operator(
        "Clip",
        activation::clip,
        "`Activation::Clip`, constant limits; of quantised integers, the range of `Op::FakeQuantize`",
    ),
    operator("Concat", layout::concat, "`Op::Concat`, any axis but the batch; folded"),
    operator("Constant", layout::constant_only, "a constant"),
    operator("ConstantOfShape", layout::constant_only, "a constant"),
    operator("Conv", convolution::conv, "`Op::Conv`, mapped onto crossbars; 1-D or 2-D, constant weights"),
    operator(
        "DequantizeLinear",
        quantization::dequantize,
        "the end of `Op::FakeQuantize`, or folded: weights keep their scale",
    ),
    operator("Div", arithmetic::div, "`Op::Mul` by the reciprocal of a constant; folded"),
    operator("Dropout", layout::dropout, "nothing"),
    operator("Expand", layout::expand, "nothing if it keeps the shape, else opaque; folded"),
    operator("Flatten", layout::flatten, "`Op::Reshape`"),
    operator("Gather", selection::gather, "`Op::Slice`, constant indices, any axis but the batch; folded"),
    operator("Gemm", dense::gemm, "`Op::Dense`, mapped onto crossbars; constant weights"),
    operator("GlobalAveragePool", pooling::global_average, "`Op::Mean`"),
    operator("GlobalMaxPool", pooling::global_max, "`Op::Pool`"),
    operator("HardSigmoid", activation::hard_sigmoid, "`Activation::HardSigmoid`"),
    operator("HardSwish", activation::hard_swish, "`Activation::HardSwish`"),
    operator("Identity", layout::identity, "nothing"),
    operator("LeakyRelu", activation::leaky_relu, "`Activation::LeakyRelu`"),
    operator(
        "MatMul",
        dense::mat_mul,
        "`Op::Dense`, or a 1×1 `Op::Conv` where the last of several axes meets the matrix, mapped onto crossbars",
    ),
    operator("MaxPool", pooling::max, "`Op::Pool`, 1-D or 2-D"),
    operator("Mul", arithmetic::mul, "`Op::Mul`, broadcast; folded"),
    operator("Pad", selection::pad, "`Op::Pad`, constant mode"),
    operator("QuantizeLinear", quantization::quantize, "`Op::FakeQuantize`, one scale; folded"),
    operator("ReduceMean", pooling::reduce_mean, "`Op::Mean`, any axes but the batch"),
    operator("Relu", activation::relu, "`Activation::Relu`"),
    operator("Reshape", layout::reshape, "`Op::Reshape`, batch axis first; folded"),
    operator("Shape", layout::shape, "a constant"),
    operator("Sigmoid", activation::sigmoid, "`Activation::Sigmoid`"),
    operator("Slice", selection::slice, "`Op::Slice` per axis, positive steps; folded"),
    operator("Softmax", normalization::softmax, "`Op::Softmax`"),
    operator("Split", selection::split, "`Op::Slice` per output"),
    operator("Squeeze", layout::squeeze, "`Op::Reshape`; folded"),
    operator("Sub", arithmetic::sub, "`Op::Add` of a negated constant, or of the input times −1; folded"),
    operator("Sum", arithmetic::sum, "`Op::Add`"),
    operator("Tanh", activation::tanh, "`Activation::Tanh`"),
    operator("Transpose", layout::transpose, "`Op::Transpose`, batch axis first; folded"),
    operator("Unsqueeze", layout::unsqueeze, "`Op::Reshape`; folded"),
    operator("com.microsoft::DequantizeLinear", quantization::dequantize, "as `DequantizeLinear`"),
    operator("com.microsoft::QuantizeLinear", quantization::quantize, "as `QuantizeLinear`"),
];

/// Operators that are not executed but whose output is known to have the shape of their first input.
pub const SHAPE_KEEPING: &[&str] = &[
    "Abs",
    "Ceil",
    "Celu",
    "Elu",
    "Erf",
    "Exp",
    "Floor",
    "Gelu",
    "GroupNormalization",
    "InstanceNormalization",
    "LRN",
    "LayerNormalization",
    "Log",
    "LogSoftmax",
    "LpNormalization",
    "MeanVarianceNormalization",
    "Mish",
    "Neg",
    "PRelu",
    "RMSNormalization",
    "Reciprocal",
    "Round",
    "Selu",
    "Sign",
    "Softplus",
    "Softsign",
    "Sqrt",
    "Swish",
    "ThresholdedRelu",
];

/// Imports a node; an operator without a line above stays digital.
pub(crate) fn import(import: &mut Import, node: &OnnxNode<'_>) -> Result<Outcome, Problem> {
    match OPERATORS.iter().find(|operator| operator.name == node.operator) {
        Some(operator) => (operator.import)(import, node),
        None if SHAPE_KEEPING.contains(&node.operator.as_str()) && node.outputs.len() == 1 => keep_shape(import, node),
        None => Ok(Outcome::Digital),
    }
}

fn keep_shape(import: &mut Import, node: &OnnxNode<'_>) -> Result<Outcome, Problem> {
    let Some(Value::Node(input)) = node.input(0) else { return Ok(Outcome::Digital) };
    let op =
        Op::Opaque { operator: node.operator.clone(), shape: import.network.shape(*input).to_vec(), macs: Some(0) };
    node.attributes.ignore_all();
    Ok(import.push(node, op, &[*input])?.into())
}
