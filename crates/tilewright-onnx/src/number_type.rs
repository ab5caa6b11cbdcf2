//! Which numbers a tensor holds that is computed at run time: every node of the network yields floats of 32 bits.

use crate::constant::Constant;
use crate::node::OnnxNode;
use crate::value::Value;
use rten_onnx::onnx::DataType;
use std::collections::HashMap;
use tilewright::network::{Activation, Tensor};

/// A type of numbers, as far as it matters to what is computed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum NumberType {
    /// Floats of 32 bits, and of 64, which are rounded to them.
    #[default]
    Float,
    /// IEEE 754's binary16.
    Float16,
    Bfloat16,
    /// Integers, whose quotients, for example, are others.
    Integer,
    Bool,
}

/// Operators that yield values of their inputs, or ones of no more digits: nothing is to be rounded.
const EXACT: &[&str] = &[
    "Abs",
    "ArgMax",
    "ArgMin",
    "Cast",
    "CastLike",
    "Ceil",
    "CenterCropPad",
    "Clip",
    "Compress",
    "Concat",
    "DepthToSpace",
    "Dropout",
    "Expand",
    "Flatten",
    "Floor",
    "Gather",
    "GatherElements",
    "GatherND",
    "GlobalMaxPool",
    "Hardmax",
    "Identity",
    "Max",
    "MaxPool",
    "Min",
    "Neg",
    "OneHot",
    "Pad",
    "ReduceMax",
    "ReduceMin",
    "Relu",
    "Reshape",
    "ReverseSequence",
    "Round",
    "ScatterElements",
    "ScatterND",
    "Sign",
    "Slice",
    "SpaceToDepth",
    "Split",
    "Squeeze",
    "Tile",
    "TopK",
    "Transpose",
    "Trilu",
    "Unsqueeze",
    "Where",
];
/// Those that do to integers what they do to floats that hold the same numbers.
const OF_INTEGERS: &[&str] = &[
    "Abs",
    "Add",
    "ArgMax",
    "ArgMin",
    "Cast",
    "CastLike",
    "Compress",
    "Concat",
    "Equal",
    "Expand",
    "Flatten",
    "Gather",
    "GatherElements",
    "GatherND",
    "Greater",
    "GreaterOrEqual",
    "Identity",
    "Less",
    "LessOrEqual",
    "Max",
    "Min",
    "Neg",
    "OneHot",
    "ReduceMax",
    "ReduceMin",
    "Reshape",
    "ReverseSequence",
    "Shape",
    "Sign",
    "Size",
    "Slice",
    "Split",
    "Squeeze",
    "Sub",
    "Tile",
    "Transpose",
    "Unsqueeze",
    "Where",
];
/// Those that yield truth values.
const TRUTH: &[&str] =
    &["And", "Equal", "Greater", "GreaterOrEqual", "IsInf", "IsNaN", "Less", "LessOrEqual", "Not", "Or", "Xor"];

impl NumberType {
    /// The type of a tensor that a file says.
    pub(crate) const fn of(kind: DataType) -> Self {
        match kind {
            DataType::FLOAT16 => Self::Float16,
            DataType::BFLOAT16 => Self::Bfloat16,
            DataType::BOOL => Self::Bool,
            DataType::FLOAT | DataType::DOUBLE => Self::Float,
            _ => Self::Integer,
        }
    }

    /// What rounds floats to this type; `None` if there is nothing to do.
    pub(crate) const fn rounding(self) -> Option<Activation> {
        match self {
            Self::Float16 => Some(Activation::ToFloat16),
            Self::Bfloat16 => Some(Activation::ToBfloat16),
            Self::Float | Self::Integer | Self::Bool => None,
        }
    }

    /// A constant in this type of floats.
    pub(crate) fn rounded(self, constant: Constant) -> Constant {
        let Some(rounding) = self.rounding() else { return constant };
        let Some(floats) = constant.as_floats() else { return constant };
        let values: Tensor<f32> = floats.map(|&x| rounding.of(x));
        Constant { scale: constant.scale.clone(), ..Constant::float(values.shape().to_vec(), values.values().to_vec()) }
    }
}

/// The types of the tensors that are not plain floats.
#[derive(Debug, Default)]
pub(crate) struct NumberTypes {
    types: HashMap<String, NumberType>,
}

impl NumberTypes {
    pub(crate) fn set(&mut self, tensor: &str, kind: NumberType) {
        if kind != NumberType::Float {
            self.types.insert(tensor.into(), kind);
        }
    }

    pub(crate) fn of(&self, tensor: &str) -> NumberType {
        self.types.get(tensor).copied().unwrap_or_default()
    }

    /// Whether a node takes integers that depend on the image and is not known to treat them as floats.
    pub(crate) fn needs_integers(&self, node: &OnnxNode<'_>) -> bool {
        let of_integers = |(tensor, value): (&String, &Option<Value>)| {
            matches!(value, Some(Value::Node(_))) && self.of(tensor) == NumberType::Integer
        };
        !OF_INTEGERS.contains(&node.operator.as_str()) && node.proto.input.iter().zip(&node.inputs).any(of_integers)
    }

    /// The type of a node's output, which is that of its data unless its operator says another.
    pub(crate) fn of_output(&self, node: &OnnxNode<'_>, index: usize) -> NumberType {
        let operator = node.operator.as_str();
        if TRUTH.contains(&operator) {
            return NumberType::Bool;
        }
        let data = match (operator, index) {
            ("ArgMax" | "ArgMin", _) | ("TopK", 1) => return NumberType::Integer,
            ("Constant" | "ConstantOfShape", _) => {
                let stored = node.attributes.tensor("value").ok().flatten().and_then(|tensor| tensor.data_type);
                return stored.map_or(NumberType::Float, NumberType::of);
            }
            ("Cast", _) => {
                return crate::arguments::cast_target(node).map_or(NumberType::Float, NumberType::of);
            }
            ("Where" | "CastLike" | "DequantizeLinear", _) => 1,
            ("OneHot", _) => 2,
            _ => 0,
        };
        node.proto.input.get(data).map_or(NumberType::Float, |tensor| self.of(tensor))
    }

    /// What rounds an output to the type it has; `None` for what is in it already.
    pub(crate) fn rounding(&self, node: &OnnxNode<'_>, index: usize) -> Option<Activation> {
        let narrows = ["Cast", "CastLike"].contains(&node.operator.as_str());
        if EXACT.contains(&node.operator.as_str()) && !narrows {
            return None;
        }
        self.of_output(node, index).rounding()
    }
}
