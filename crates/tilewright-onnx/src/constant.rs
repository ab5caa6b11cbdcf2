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
    I32,
    U32,
    Bool,
    /// 64 bits, and what comes of computing with any of the others.
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
            Self::I32 | Self::U32 | Self::Bool | Self::Wide => None,
        }
    }

    /// Bits of a type that a quantisation yields.
    pub(crate) fn bits(self) -> Option<u32> {
        let [least, most] = self.range()?;
        Some(most.abs_diff(least).count_ones())
    }

    /// The integer this type holds after a cast of `value`: the lower bits, read as the type reads them, or whether it is not 0.
    pub(crate) const fn cast(self, value: i64) -> i64 {
        let bits = match self {
            Self::Bool => return (value != 0) as i64,
            Self::Wide => return value,
            Self::I4 | Self::U4 => 4,
            Self::I8 | Self::U8 => 8,
            Self::I16 | Self::U16 => 16,
            Self::I32 | Self::U32 => 32,
        };
        let unused = 64 - bits;
        match self {
            Self::U4 | Self::U8 | Self::U16 | Self::U32 => ((value as u64) << unused >> unused) as i64,
            _ => value << unused >> unused,
        }
    }
}

/// One scale for all values, or one per index of `axis`.
#[derive(Clone, Debug)]
pub(crate) struct ChannelScale {
    pub per_channel: Arc<[f32]>,
    pub axis: usize,
    /// Bits of the integers, if they have a type of their own.
    pub bits: Option<u32>,
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

    /// The type of integers; `None` for floats.
    pub(crate) const fn kind(&self) -> Option<IntType> {
        match &self.values {
            Values::Float(_) => None,
            Values::Int(_, kind) => Some(*kind),
        }
    }

    /// Bits of the integers that the values came as.
    pub(crate) fn bits(&self) -> Option<u32> {
        self.scale.as_ref().and_then(|scale| scale.bits)
    }

    /// The values as floats, whatever their type.
    pub(crate) fn to_floats(&self) -> Arc<Tensor<f32>> {
        match &self.values {
            Values::Float(tensor) => tensor.clone(),
            Values::Int(tensor, _) => Arc::new(tensor.map(|&x| x as f32)),
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
