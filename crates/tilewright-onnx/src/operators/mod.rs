//! One file per family of operators; one line each in [`OPERATORS`].

mod activation;
mod arithmetic;
mod attention;
mod blocked;
mod convolution;
mod dense;
mod einsum;
mod indexing;
mod integer_operators;
mod layout;
mod normalization;
pub(crate) mod offset;
mod pooling;
mod quantization;
mod ranking;
mod recurrent;
mod reduction;
mod resize;
mod selection;
mod spatial;
mod transposed;
mod window;

use crate::building::Import;
use crate::error::Problem;
use crate::node::OnnxNode;
use crate::value::{Feature, Value};
pub(crate) use activation::operator_of_activation;
pub(crate) use arithmetic::operator_of_pair;
pub(crate) use blocked::channels_of_block;
pub(crate) use dense::matrix_product;
pub(crate) use reduction::operator_of_reduction;
use tilewright::network::NodeId;
pub(crate) use window::{Window, as_sequence};

/// What a node has become.
pub(crate) enum Outcome {
    /// These outputs, in order; later outputs of the node are not supported.
    Values(Vec<Value>),
    /// An operation this crate knows by name only.
    Digital,
}

/// A tensor whose batch axis is the first.
impl From<NodeId> for Outcome {
    fn from(id: NodeId) -> Self {
        Feature::image(id).into()
    }
}

impl From<Feature> for Outcome {
    fn from(feature: Feature) -> Self {
        Self::Values(vec![Value::Node(feature)])
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

/// What recurrent layers become.
const RECURRENT: &str = "a layer for the inputs of all steps and one for each step's state, mapped onto crossbars; constant weights and first state";

const fn operator(name: &'static str, import: ImportFn, becomes: &'static str) -> Operator {
    Operator { name, becomes, import }
}

/// All supported operators by name. A node whose inputs are all constants is computed at import.
pub const OPERATORS: &[Operator] = &[
    operator("Abs", activation::plain, "`Activation::Abs`"),
    operator("Acos", activation::plain, "`Activation::Acos`"),
    operator("Acosh", activation::plain, "`Activation::Acosh`"),
    operator("Add", arithmetic::add, "`Op::Add`"),
    operator("And", arithmetic::pairwise, "`Pairwise::And`"),
    operator("ArgMax", ranking::arg_extreme, "`Op::TopK`, any axis but the batch"),
    operator("ArgMin", ranking::arg_extreme, "`Op::TopK`, any axis but the batch"),
    operator("Asin", activation::plain, "`Activation::Asin`"),
    operator("Asinh", activation::plain, "`Activation::Asinh`"),
    operator("Atan", activation::plain, "`Activation::Atan`"),
    operator("Atanh", activation::plain, "`Activation::Atanh`"),
    operator("Attention", attention::attention, "`Op::MatMul`, `Op::Softmax`, digital"),
    operator("AveragePool", pooling::average, "`Op::Pool`, one after the other for more than two axes"),
    operator("BatchNormalization", normalization::batch_norm, "`Op::BatchNorm`"),
    operator("BitShift", layout::constant_only, "a constant"),
    operator("BitwiseAnd", layout::constant_only, "a constant"),
    operator("BitwiseNot", layout::constant_only, "a constant"),
    operator("BitwiseOr", layout::constant_only, "a constant"),
    operator("BitwiseXor", layout::constant_only, "a constant"),
    operator(
        "Cast",
        layout::cast,
        "a rounding between floats, `Activation::NonZero` to BOOL, `Activation::Truncate` to INT32 and INT64, else opaque",
    ),
    operator("CastLike", layout::cast_like, "nothing between floats, else opaque"),
    operator("Ceil", activation::plain, "`Activation::Ceil`"),
    operator("Celu", activation::celu, "`Activation::Celu`"),
    operator("CenterCropPad", indexing::center_crop_pad, "`Op::Slice` or `Op::Pad` per axis, constant lengths"),
    operator(
        "Clip",
        activation::clip,
        "`Activation::Clip`, constant limits; of quantised integers, the range of `Op::FakeQuantize`",
    ),
    operator("Compress", indexing::compress, "`Op::Select`, constant condition"),
    operator("Concat", layout::concat, "`Op::Concat`, any axis but the batch"),
    operator("Constant", layout::constant_only, "a constant"),
    operator("ConstantOfShape", layout::constant_only, "a constant"),
    operator(
        "Conv",
        convolution::conv,
        "`Op::Conv`, mapped onto crossbars, of any number of spatial axes, and of what is merged into the batch axis; constant weights",
    ),
    operator(
        "ConvInteger",
        quantization::integer_layer,
        "`Op::Conv` once its sums are scaled, mapped onto crossbars; input from DynamicQuantizeLinear",
    ),
    operator(
        "ConvTranspose",
        convolution::conv_transpose,
        "an `Op::Conv` for each phase of the output, mapped onto crossbars; constant weights",
    ),
    operator("Cos", activation::plain, "`Activation::Cos`"),
    operator("Cosh", activation::plain, "`Activation::Cosh`"),
    operator("CumSum", indexing::cumulative_sum, "`Op::Interpolate` with weights of 1, any axis but the batch"),
    operator("DepthToSpace", layout::depth_space, "`Op::Reshape`, `Op::Transpose`"),
    operator(
        "DequantizeLinear",
        quantization::dequantize,
        "the end of `Op::FakeQuantize`, or folded: weights keep their scale",
    ),
    operator("Div", arithmetic::div, "`Op::Mul` by the reciprocal of a constant, else `Pairwise::Div`"),
    operator("Dropout", layout::dropout, "nothing"),
    operator("DynamicQuantizeLinear", quantization::dynamic_quantize, "`Op::DynamicQuantize`"),
    operator(
        "Einsum",
        einsum::einsum,
        "a 1×1 `Op::Conv` with constant weights, mapped onto crossbars, else `Op::MatMul`; sums, diagonals and transpositions",
    ),
    operator("Elu", activation::elu, "`Activation::Elu`"),
    operator("Equal", arithmetic::pairwise, "`Pairwise::Equal`"),
    operator("Erf", activation::plain, "`Activation::Erf`"),
    operator("Exp", activation::plain, "`Activation::Exp`"),
    operator("Expand", layout::expand, "`Op::Select` per axis that gets longer"),
    operator("EyeLike", indexing::eye_like, "a constant"),
    operator("Flatten", layout::flatten, "`Op::Reshape`"),
    operator("Floor", activation::plain, "`Activation::Floor`"),
    operator("GRU", recurrent::gru, RECURRENT),
    operator("Gather", selection::gather, "`Op::Slice` or `Op::Select`, constant indices, any axis but the batch"),
    operator("GatherElements", indexing::gather_elements, "`Op::Select`, constant indices, any axis but the batch"),
    operator("GatherND", indexing::gather_nd, "`Op::Select`, constant indices"),
    operator("Gelu", activation::gelu, "`Activation::Gelu`, `Activation::GeluTanh`"),
    operator(
        "Gemm",
        dense::gemm,
        "`Op::Dense`, or a 1×1 `Op::Conv` of several rows, mapped onto crossbars; constant weights",
    ),
    operator("GlobalAveragePool", pooling::global_average, "`Op::Mean`"),
    operator("GlobalMaxPool", pooling::global_max, "`Op::Pool`"),
    operator("Greater", arithmetic::pairwise, "`Pairwise::Greater`"),
    operator("GreaterOrEqual", arithmetic::pairwise, "`Pairwise::GreaterOrEqual`"),
    operator("GroupNormalization", normalization::group_norm, "`Op::Standardize` per group, constant scale and shift"),
    operator("HardSigmoid", activation::hard_sigmoid, "`Activation::HardSigmoid`"),
    operator("HardSwish", activation::plain, "`Activation::HardSwish`"),
    operator("Hardmax", ranking::hardmax, "`Op::TopK`, `Pairwise::Equal`"),
    operator("Identity", layout::identity, "nothing"),
    operator("If", layout::constant_only, "the branch that a constant condition chooses"),
    operator(
        "InstanceNormalization",
        normalization::instance_norm,
        "`Op::Standardize` per channel, constant scale and shift",
    ),
    operator("IsInf", ranking::is_infinite, "`Activation::IsInfinite`"),
    operator("IsNaN", activation::plain, "`Activation::IsNan`"),
    operator(
        "LRN",
        normalization::local_response,
        "`Op::Interpolate` of squares along the channels, `Pairwise::Pow`, `Pairwise::Div`",
    ),
    operator("LSTM", recurrent::lstm, RECURRENT),
    operator("LayerNormalization", normalization::layer_norm, "`Op::Standardize`, constant scale and shift"),
    operator("LeakyRelu", activation::leaky_relu, "`Activation::LeakyRelu`"),
    operator("Less", arithmetic::pairwise, "`Pairwise::Less`"),
    operator("LessOrEqual", arithmetic::pairwise, "`Pairwise::LessOrEqual`"),
    operator("Log", activation::plain, "`Activation::Log`"),
    operator("LogSoftmax", normalization::softmax, "`Op::LogSoftmax`"),
    operator("LpNormalization", normalization::lp_norm, "`Op::Reduce`, `Pairwise::Div`"),
    operator("LpPool", pooling::lp, "`Pairwise::Pow` around `Op::Pool`"),
    operator(
        "MatMul",
        dense::mat_mul,
        "`Op::Dense`, or a 1×1 `Op::Conv` of several rows, mapped onto crossbars, with a constant matrix; `Op::MatMul` of two feature maps, digital",
    ),
    operator(
        "MatMulInteger",
        quantization::integer_layer,
        "as MatMul once its sums are scaled; input from DynamicQuantizeLinear",
    ),
    operator("Max", arithmetic::pairwise, "`Pairwise::Max`"),
    operator("MaxPool", pooling::max, "`Op::Pool`, one after the other for more than two axes"),
    operator("Mean", arithmetic::mean, "`Op::Add`, `Op::Mul`"),
    operator("MeanVarianceNormalization", normalization::mean_variance, "`Op::Standardize`"),
    operator("Min", arithmetic::pairwise, "`Pairwise::Min`"),
    operator("Mish", activation::plain, "`Activation::Mish`"),
    operator("Mod", arithmetic::modulo, "`Pairwise::Mod`, `Pairwise::Fmod`"),
    operator("Mul", arithmetic::mul, "`Op::Mul`"),
    operator("Neg", activation::plain, "`Activation::Neg`"),
    operator("Not", activation::plain, "`Activation::Not`"),
    operator("OneHot", indexing::one_hot, "`Pairwise::Equal` and `Op::Where`, constant depth and values"),
    operator("Or", arithmetic::pairwise, "`Pairwise::Or`"),
    operator("PRelu", arithmetic::prelu, "`Pairwise::PRelu`"),
    operator("Pad", selection::pad, "`Op::Pad`; `Op::Select` of the modes reflect, edge and wrap"),
    operator("Pow", arithmetic::pairwise, "`Pairwise::Pow`"),
    operator("QLinearConv", integer_operators::conv, "`Op::Conv`, mapped onto crossbars, and `Op::FakeQuantize`"),
    operator("QLinearMatMul", integer_operators::mat_mul, "as MatMul, and `Op::FakeQuantize`"),
    operator("QuantizeLinear", quantization::quantize, "`Op::FakeQuantize`, one scale"),
    operator("RMSNormalization", normalization::layer_norm, "`Op::Standardize`, constant scale"),
    operator("RNN", recurrent::plain, RECURRENT),
    operator("Reciprocal", activation::plain, "`Activation::Reciprocal`"),
    operator("ReduceL1", reduction::reduce, "`Reduction::L1`, any axes but the batch"),
    operator("ReduceL2", reduction::reduce, "`Reduction::L2`, any axes but the batch"),
    operator("ReduceLogSum", reduction::reduce, "`Reduction::LogSum`, any axes but the batch"),
    operator("ReduceLogSumExp", reduction::reduce, "`Reduction::LogSumExp`, any axes but the batch"),
    operator("ReduceMax", reduction::reduce, "`Reduction::Max`, any axes but the batch"),
    operator("ReduceMean", reduction::reduce, "`Op::Mean`, any axes but the batch"),
    operator("ReduceMin", reduction::reduce, "`Reduction::Min`, any axes but the batch"),
    operator("ReduceProd", reduction::reduce, "`Reduction::Product`, any axes but the batch"),
    operator("ReduceSum", reduction::reduce, "`Reduction::Sum`, any axes but the batch"),
    operator("ReduceSumSquare", reduction::reduce, "`Reduction::SumOfSquares`, any axes but the batch"),
    operator("Relu", activation::plain, "`Activation::Relu`"),
    operator("Reshape", layout::reshape, "`Op::Reshape`"),
    operator(
        "Resize",
        resize::resize,
        "`Op::Select` (nearest) or `Op::Interpolate` (linear, cubic) per axis, any axis but the batch; constant scales or sizes",
    ),
    operator("ReverseSequence", indexing::reverse_sequence, "`Op::Select`, constant lengths"),
    operator("Round", activation::plain, "`Activation::Round`"),
    operator("Scatter", indexing::scatter_elements, "as ScatterElements"),
    operator("ScatterElements", indexing::scatter_elements, "`Op::Concat` and `Op::Select`, constant indices"),
    operator("ScatterND", indexing::scatter_nd, "`Op::Concat` and `Op::Select`, constant indices"),
    operator("Selu", activation::selu, "`Activation::Selu`"),
    operator("Shape", layout::shape, "a constant"),
    operator("Shrink", activation::shrink, "`Activation::Shrink`"),
    operator("Sigmoid", activation::plain, "`Activation::Sigmoid`"),
    operator("Sign", activation::plain, "`Activation::Sign`"),
    operator("Sin", activation::plain, "`Activation::Sin`"),
    operator("Sinh", activation::plain, "`Activation::Sinh`"),
    operator("Size", layout::shape, "a constant"),
    operator("Slice", selection::slice, "`Op::Slice` per axis, `Op::Select` with a negative step"),
    operator("Softmax", normalization::softmax, "`Op::Softmax`, any axis but the batch"),
    operator("Softplus", activation::plain, "`Activation::Softplus`"),
    operator("Softsign", activation::plain, "`Activation::Softsign`"),
    operator("SpaceToDepth", layout::depth_space, "`Op::Reshape`, `Op::Transpose`"),
    operator("Split", selection::split, "`Op::Slice` per output"),
    operator("Sqrt", activation::plain, "`Activation::Sqrt`"),
    operator("Squeeze", layout::squeeze, "`Op::Reshape`"),
    operator("Sub", arithmetic::sub, "`Op::Add` of a negated constant, or of the input times −1"),
    operator("Sum", arithmetic::add, "`Op::Add`"),
    operator("Swish", activation::swish, "`Activation::Swish`"),
    operator("Tan", activation::plain, "`Activation::Tan`"),
    operator("Tanh", activation::plain, "`Activation::Tanh`"),
    operator("ThresholdedRelu", activation::thresholded_relu, "`Activation::ThresholdedRelu`"),
    operator("Tile", layout::tile, "`Op::Select` per axis that is repeated"),
    operator("TopK", ranking::top_k, "`Op::TopK`, constant k, any axis but the batch"),
    operator("Transpose", layout::transpose, "`Op::Transpose`; the batch axis may move"),
    operator("Trilu", indexing::trilu, "`Op::Where` with a constant mask"),
    operator("Unsqueeze", layout::unsqueeze, "`Op::Reshape`"),
    operator("Upsample", resize::upsample, "as Resize"),
    operator("Where", arithmetic::choose, "`Op::Where`"),
    operator("Xor", arithmetic::pairwise, "`Pairwise::Xor`"),
    operator("com.microsoft.nchwc::AveragePool", pooling::average, "as AveragePool"),
    operator("com.microsoft.nchwc::Conv", blocked::conv, "as Conv, its weights put back in order"),
    operator("com.microsoft.nchwc::GlobalAveragePool", pooling::global_average, "as GlobalAveragePool"),
    operator("com.microsoft.nchwc::GlobalMaxPool", pooling::global_max, "as GlobalMaxPool"),
    operator("com.microsoft.nchwc::MaxPool", pooling::max, "as MaxPool"),
    operator("com.microsoft.nchwc::ReorderInput", blocked::reorder_input, "nothing"),
    operator(
        "com.microsoft.nchwc::ReorderOutput",
        blocked::reorder_output,
        "`Op::Slice` where channels were filled up, else nothing",
    ),
    operator("com.microsoft::BiasGelu", arithmetic::bias_gelu, "`Op::Add`, `Activation::Gelu`"),
    operator("com.microsoft::DequantizeLinear", quantization::dequantize, "as DequantizeLinear"),
    operator("com.microsoft::FastGelu", activation::plain, "`Activation::GeluTanh`"),
    operator("com.microsoft::FusedConv", convolution::fused_conv, "as Conv, with the sum and activation fused into it"),
    operator("com.microsoft::FusedGemm", dense::fused_gemm, "as Gemm, with the activation fused into it"),
    operator("com.microsoft::Gelu", activation::plain, "`Activation::Gelu`"),
    operator("com.microsoft::QGemm", integer_operators::gemm, "as Gemm, and `Op::FakeQuantize`"),
    operator("com.microsoft::QLinearAdd", integer_operators::combine, "as Add, and `Op::FakeQuantize`"),
    operator("com.microsoft::QLinearAveragePool", integer_operators::average, "as AveragePool, and `Op::FakeQuantize`"),
    operator("com.microsoft::QLinearConcat", integer_operators::concat, "as Concat, and `Op::FakeQuantize`"),
    operator(
        "com.microsoft::QLinearGlobalAveragePool",
        integer_operators::global_average,
        "as GlobalAveragePool, and `Op::FakeQuantize`",
    ),
    operator("com.microsoft::QLinearLeakyRelu", integer_operators::leaky_relu, "as LeakyRelu, and `Op::FakeQuantize`"),
    operator("com.microsoft::QLinearMul", integer_operators::combine, "as Mul, and `Op::FakeQuantize`"),
    operator("com.microsoft::QLinearSigmoid", integer_operators::sigmoid, "as Sigmoid, and `Op::FakeQuantize`"),
    operator("com.microsoft::QLinearSoftmax", integer_operators::softmax, "as Softmax, and `Op::FakeQuantize`"),
    operator("com.microsoft::QuantizeLinear", quantization::quantize, "as QuantizeLinear"),
    operator("com.microsoft::QuickGelu", activation::swish, "`Activation::Swish`"),
    operator(
        "com.microsoft::SkipLayerNormalization",
        normalization::skip_layer_norm,
        "`Op::Add`, then as LayerNormalization",
    ),
    operator(
        "com.microsoft::SkipSimplifiedLayerNormalization",
        normalization::skip_layer_norm,
        "`Op::Add`, then as RMSNormalization",
    ),
    operator(
        "qonnx.custom_op.general::BipolarQuant",
        quantization::bipolar,
        "`Activation::Bipolar`, or folded: weights keep their scale",
    ),
    operator(
        "qonnx.custom_op.general::Quant",
        quantization::quant,
        "`Op::FakeQuantize`, or folded: weights keep their scale",
    ),
    operator(
        "qonnx.custom_op.general::Trunc",
        quantization::trunc,
        "`Activation::Round` and `Activation::Floor` of multiples",
    ),
];

/// Imports a node; an operator without a line above stays digital.
pub(crate) fn import(import: &mut Import, node: &OnnxNode<'_>) -> Result<Outcome, Problem> {
    match OPERATORS.iter().find(|operator| operator.name == node.operator) {
        Some(operator) => (operator.import)(import, node),
        None => Ok(Outcome::Digital),
    }
}
