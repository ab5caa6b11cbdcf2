//! What a node of the graph computes.
//!
//! [`Op::Conv`] and [`Op::Dense`] are mapped onto crossbars; every other operation stays digital.

use super::{Activation, ConvShape, Padding, Pairwise, Reduction, Tensor, TopK};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// The operation of one node. Axes count from 0 and there is no batch axis.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Op {
    /// The image `[channels, height, width]`; the first node of every network and no other.
    Input,
    /// A convolution of one feature map.
    Conv(Conv),
    /// A fully connected layer of one vector `[features]`.
    Dense(Dense),
    /// Scale and shift per channel.
    BatchNorm(BatchNorm),
    /// A function of each value.
    Activation(Activation),
    /// Maximum or average over windows of a feature map.
    Pool(Pool),
    /// Average over `axes`, which become 1 (`keep_axes`) or vanish. Global average pooling is `axes = [1, 2]`.
    Mean {
        /// Axes averaged over, ascending.
        axes: Vec<usize>,
        /// Whether the averaged axes stay with length 1.
        keep_axes: bool,
    },
    /// Sum of two or more inputs, broadcast as in numpy.
    Add,
    /// Product of two or more inputs, broadcast as in numpy.
    Mul,
    /// A function of two inputs, value by value, broadcast as in numpy.
    Pairwise(Pairwise),
    /// The second input where the first is not 0, else the third; broadcast as in numpy.
    Where,
    /// Product of two feature maps: the last two axes are matrices `[rows, inner]` and `[inner, columns]`, those before broadcast as in
    /// numpy.
    MatMul,
    /// The values along `axes` made one; the axes become 1 (`keep_axes`) or vanish. [`Op::Mean`] is one of its own.
    Reduce {
        /// What they are made into.
        reduction: Reduction,
        /// Axes reduced, ascending.
        axes: Vec<usize>,
        /// Whether the reduced axes stay with length 1.
        keep_axes: bool,
    },
    /// (x − mean) / √(variance + `epsilon`) over `axes` together, or x / √(mean of squares + `epsilon`) without a `mean`: the part of
    /// layer, instance, group and RMS normalisation that has no parameters.
    Standardize {
        /// Axes normalised over, ascending.
        axes: Vec<usize>,
        /// What keeps the divisor from 0.
        epsilon: f32,
        /// Whether the mean is taken off.
        mean: bool,
    },
    /// The greatest or least values along an axis, or where they are.
    TopK(TopK),
    /// Inputs joined along `axis`.
    Concat {
        /// The axis joined.
        axis: usize,
    },
    /// The same values in row-major order under another shape.
    Reshape {
        /// The new shape.
        shape: Vec<usize>,
    },
    /// Axes permuted: output axis `i` is input axis `order[i]`.
    Transpose {
        /// A permutation of the axes.
        order: Vec<usize>,
    },
    /// Every `step`-th element of `axis` from `start` up to, not including, `end`.
    Slice {
        /// The axis cut.
        axis: usize,
        /// First element taken.
        start: usize,
        /// First element past the last one that may be taken.
        end: usize,
        /// Distance between elements taken, at least 1.
        step: usize,
    },
    /// The elements of `axis` at these places, in this order, any of them any number of times.
    Select {
        /// The axis.
        axis: usize,
        /// Where each element of the output is in the input.
        indices: Arc<[usize]>,
    },
    /// Weighted sums of elements of `axis`: linear and cubic interpolation.
    Interpolate {
        /// The axis.
        axis: usize,
        /// For each element of the output, the elements of the input that count, with their weights.
        taps: Arc<[Vec<(usize, f32)>]>,
    },
    /// A constant put around the input.
    Pad {
        /// Elements added before each axis.
        before: Vec<usize>,
        /// Elements added after each axis.
        after: Vec<usize>,
        /// The constant.
        value: f32,
    },
    /// Normalised exponential along `axis`.
    Softmax {
        /// The axis that sums to 1.
        axis: usize,
    },
    /// Logarithm of [`Op::Softmax`].
    LogSoftmax {
        /// The axis along which the exponentials sum to 1.
        axis: usize,
    },
    /// Rounding to 256 levels that span each image's own values and 0: ONNX's `DynamicQuantizeLinear`, dequantised.
    DynamicQuantize,
    /// Rounding to `scale · (q − zero_point)`, q an integer within `range`: a quantise–dequantise pair.
    FakeQuantize {
        /// Distance between neighbouring values.
        scale: f32,
        /// The integer that stands for 0.
        zero_point: i32,
        /// Least and greatest integer.
        range: [i32; 2],
    },
    /// Values known in advance.
    Constant(Arc<Tensor<f32>>),
    /// A digital operation known by name and shape only; it can be listed but not executed.
    Opaque {
        /// Its name in the format it came from.
        operator: String,
        /// Its output shape.
        shape: Vec<usize>,
        /// Its multiply-accumulates per image, 0 if it multiplies by no weights and no two feature maps; `None` if that is not known.
        macs: Option<u64>,
    },
}

impl Op {
    /// The operation's name for tables and node names.
    pub fn name(&self) -> &str {
        match self {
            Self::Input => "input",
            Self::Conv(_) => "conv",
            Self::Dense(_) => "dense",
            Self::BatchNorm(_) => "batch_norm",
            Self::Activation(activation) => activation.name(),
            Self::Pool(Pool { kind: PoolKind::Max, .. }) => "max_pool",
            Self::Pool(Pool { kind: PoolKind::Average { .. }, .. }) => "average_pool",
            Self::Mean { .. } => "mean",
            Self::Add => "add",
            Self::Mul => "mul",
            Self::Pairwise(pairwise) => pairwise.name(),
            Self::Where => "where",
            Self::MatMul => "mat_mul",
            Self::Reduce { reduction, .. } => reduction.name(),
            Self::Standardize { .. } => "standardize",
            Self::TopK(top) => top.name(),
            Self::Concat { .. } => "concat",
            Self::Reshape { .. } => "reshape",
            Self::Transpose { .. } => "transpose",
            Self::Slice { .. } => "slice",
            Self::Select { .. } => "select",
            Self::Interpolate { .. } => "interpolate",
            Self::Pad { .. } => "pad",
            Self::Softmax { .. } => "softmax",
            Self::LogSoftmax { .. } => "log_softmax",
            Self::DynamicQuantize => "dynamic_quantize",
            Self::FakeQuantize { .. } => "fake_quantize",
            Self::Constant(_) => "constant",
            Self::Opaque { operator, .. } => operator,
        }
    }

    /// The weights of a convolution or dense layer, if it has any.
    pub const fn weights(&self) -> Option<&Weights> {
        match self {
            Self::Conv(Conv { weights, .. }) | Self::Dense(Dense { weights, .. }) => weights.as_ref(),
            _ => None,
        }
    }

    /// The biases of a convolution or dense layer, one per output channel, if it has any.
    pub const fn bias(&self) -> Option<&Arc<[f32]>> {
        match self {
            Self::Conv(Conv { bias, .. }) | Self::Dense(Dense { bias, .. }) => bias.as_ref(),
            _ => None,
        }
    }

    /// The weights and biases of a convolution or dense layer, to be changed; `None` for any other operation.
    pub const fn parameters_mut(&mut self) -> Option<ParametersMut<'_>> {
        match self {
            Self::Conv(Conv { weights, bias, .. }) | Self::Dense(Dense { weights, bias, .. }) => {
                Some(ParametersMut { weights, bias })
            }
            _ => None,
        }
    }

    /// Whether it multiplies by weights: a convolution or a dense layer.
    pub const fn is_weighted(&self) -> bool {
        matches!(self, Self::Conv(_) | Self::Dense(_))
    }
}

/// What a convolution or dense layer multiplies by and adds, to be changed.
#[derive(Debug)]
pub struct ParametersMut<'a> {
    /// The weights.
    pub weights: &'a mut Option<Weights>,
    /// One bias per output channel.
    pub bias: &'a mut Option<Arc<[f32]>>,
}

/// Weights of a convolution or dense layer, shared between copies of the network.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Weights {
    /// `[out_channels, in_channels / groups, kernel height, kernel width]` of a convolution, `[out, in]` of a dense layer.
    pub values: Arc<Tensor<f32>>,
    /// Distance between neighbouring weight levels per output channel (one entry: for all), if the model came quantised.
    pub scale: Option<Vec<f32>>,
}

/// A convolution; the input channels come from the graph.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Conv {
    /// Output channels, a multiple of `groups`.
    pub out_channels: usize,
    /// Kernel size `[height, width]`.
    pub kernel: [usize; 2],
    /// Pixels between neighbouring outputs `[height, width]`.
    pub stride: [usize; 2],
    /// Pixels between neighbouring taps `[height, width]`.
    pub dilation: [usize; 2],
    /// Zeros around the image.
    pub padding: Padding,
    /// Channel groups that do not see each other.
    pub groups: usize,
    /// The weights, absent from an untrained network of the zoo.
    pub weights: Option<Weights>,
    /// One bias per output channel, added digitally.
    pub bias: Option<Arc<[f32]>>,
}

impl Conv {
    /// A square kernel, stride 1, "same" padding for odd kernels, one group, no weights.
    pub const fn same(out_channels: usize, kernel: usize) -> Self {
        Self {
            out_channels,
            kernel: [kernel, kernel],
            stride: [1, 1],
            dilation: [1, 1],
            padding: Padding::all(kernel / 2),
            groups: 1,
            weights: None,
            bias: None,
        }
    }

    /// With this stride on both axes.
    #[must_use]
    pub const fn stride(mut self, stride: usize) -> Self {
        self.stride = [stride, stride];
        self
    }

    /// With this padding on all sides.
    #[must_use]
    pub const fn padding(mut self, pixels: usize) -> Self {
        self.padding = Padding::all(pixels);
        self
    }

    /// With this many groups.
    #[must_use]
    pub const fn groups(mut self, groups: usize) -> Self {
        self.groups = groups;
        self
    }

    /// The layer's shape on an input `[channels, height, width]`.
    pub const fn on(&self, input: [usize; 3]) -> ConvShape {
        ConvShape {
            in_channels: input[0],
            out_channels: self.out_channels,
            input: [input[1], input[2]],
            kernel: self.kernel,
            stride: self.stride,
            dilation: self.dilation,
            padding: self.padding,
            groups: self.groups,
        }
    }
}

/// A fully connected layer; the input features come from the graph.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Dense {
    /// Output features.
    pub out_features: usize,
    /// The weights `[out, in]`, absent from an untrained network of the zoo.
    pub weights: Option<Weights>,
    /// One bias per output feature, added digitally.
    pub bias: Option<Arc<[f32]>>,
}

impl Dense {
    /// A layer without weights.
    pub const fn new(out_features: usize) -> Self {
        Self { out_features, weights: None, bias: None }
    }
}

/// Batch normalisation at inference: `scale[c] · x + shift[c]` for channel `c` (axis 0).
///
/// Without parameters (an untrained network of the zoo) it is the identity, as a new layer is.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct BatchNorm {
    /// Scale and shift per channel.
    pub parameters: Option<ScaleShift>,
}

/// One scale and one shift per channel.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ScaleShift {
    /// Factor per channel.
    pub scale: Arc<[f32]>,
    /// Summand per channel.
    pub shift: Arc<[f32]>,
}

/// What a pooling window yields.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum PoolKind {
    /// The greatest value; padding never wins.
    Max,
    /// The mean.
    Average {
        /// Whether padding zeros count in the divisor.
        count_padding: bool,
    },
}

/// Pooling over windows of a feature map.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pool {
    /// Maximum or average.
    pub kind: PoolKind,
    /// Window size `[height, width]`.
    pub kernel: [usize; 2],
    /// Pixels between neighbouring windows `[height, width]`.
    pub stride: [usize; 2],
    /// Pixels between neighbouring taps `[height, width]`.
    pub dilation: [usize; 2],
    /// Padding around the image.
    pub padding: Padding,
    /// Whether a last, partial window that starts inside the image or its leading padding counts.
    pub ceil: bool,
}

impl Pool {
    /// Maximum over square windows without padding.
    pub const fn max(kernel: usize, stride: usize) -> Self {
        Self {
            kind: PoolKind::Max,
            kernel: [kernel, kernel],
            stride: [stride, stride],
            dilation: [1, 1],
            padding: Padding::all(0),
            ceil: false,
        }
    }

    /// Average over square windows without padding.
    pub const fn average(kernel: usize, stride: usize) -> Self {
        Self { kind: PoolKind::Average { count_padding: true }, ..Self::max(kernel, stride) }
    }

    /// With this padding on all sides.
    #[must_use]
    pub const fn padding(mut self, pixels: usize) -> Self {
        self.padding = Padding::all(pixels);
        self
    }

    /// Output length on an axis for an input of `length`, or `None` if no window fits.
    pub fn output(&self, axis: usize, length: usize) -> Option<usize> {
        let [before, after] = self.padding.on_axis(axis);
        let extent = (self.kernel[axis] - 1) * self.dilation[axis] + 1;
        let room = (length + before + after).checked_sub(extent)?;
        let stride = self.stride[axis];
        if !self.ceil {
            return Some(room / stride + 1);
        }
        let last = room.div_ceil(stride);
        Some(if last * stride < length + before { last + 1 } else { last })
    }
}
