//! Values the file holds or that follow from them: weights, scales, and the integers of shape computations.

use std::sync::Arc;
use tilewright::network::Tensor;

/// A tensor known before the network runs, with all its ONNX axes.
#[derive(Clone, Debug)]
pub(crate) struct Constant {
    pub values: Values,
    /// Distance between neighbouring levels if the values came quantised.
    pub scale: Option<ChannelScale>,
}

/// The values of a [`Constant`]. Every integer type and bool is kept as `i64`, every floating type as `f32`.
#[derive(Clone, Debug)]
pub(crate) enum Values {
    Float(Arc<Tensor<f32>>),
    Int(Arc<Tensor<i64>>, IntType),
}

/// The stored type of integers, which decides the range a quantisation rounds to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum IntType {
    I4,
    U4,
    I8,
    U8,
    I16,
    U16,
    /// 32 and 64 bits and bool.
    Wide,
}

impl IntType {
    /// Least and greatest integer a quantisation to this type yields.
    pub(crate) const fn range(self) -> Option<[i32; 2]> {
        match self {
            Self::I4 => Some([-8, 7]),
            Self::U4 => Some([0, 15]),
            Self::I8 => Some([-128, 127]),
            Self::U8 => Some([0, 255]),
            Self::I16 => Some([-32768, 32767]),
            Self::U16 => Some([0, 65535]),
            Self::Wide => None,
        }
    }
}

/// One scale for all values, or one per index of `axis`.
#[derive(Clone, Debug)]
pub(crate) struct ChannelScale {
    pub per_channel: Arc<[f32]>,
    pub axis: usize,
}

impl Constant {
    pub(crate) fn float(shape: Vec<usize>, values: Vec<f32>) -> Self {
        Self { values: Values::Float(Arc::new(Tensor::new(shape, values))), scale: None }
    }

    pub(crate) fn int(shape: Vec<usize>, values: Vec<i64>, kind: IntType) -> Self {
        Self { values: Values::Int(Arc::new(Tensor::new(shape, values)), kind), scale: None }
    }

    /// The integers of a shape computation.
    pub(crate) fn list(values: Vec<i64>) -> Self {
        Self::int(vec![values.len()], values, IntType::Wide)
    }

    pub(crate) fn shape(&self) -> &[usize] {
        match &self.values {
            Values::Float(tensor) => tensor.shape(),
            Values::Int(tensor, _) => tensor.shape(),
        }
    }

    pub(crate) fn len(&self) -> usize {
        match &self.values {
            Values::Float(tensor) => tensor.values().len(),
            Values::Int(tensor, _) => tensor.values().len(),
        }
    }

    pub(crate) fn as_floats(&self) -> Option<&Tensor<f32>> {
        match &self.values {
            Values::Float(tensor) => Some(tensor),
            Values::Int(..) => None,
        }
    }

    pub(crate) fn as_ints(&self) -> Option<&Tensor<i64>> {
        match &self.values {
            Values::Int(tensor, _) => Some(tensor),
            Values::Float(_) => None,
        }
    }
}
