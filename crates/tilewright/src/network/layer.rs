//! The one layer a crossbar computes: a convolution, in all its shapes.
//!
//! Standard, grouped, depthwise, pointwise, dilated and strided convolutions are values of [`ConvShape`]; a dense layer is a
//! 1×1 convolution of a 1×1 image, and a 1-D convolution has height 1.

use super::NetworkError;
use serde::{Deserialize, Serialize};
use std::fmt;

/// The longest image side, kernel side, stride, dilation or padding a layer may have.
pub const MAX_SIDE: usize = 1 << 16;
/// The most input or output channels a layer may have.
pub const MAX_CHANNELS: usize = 1 << 24;
/// The most values one input, output or weight tensor of a layer may hold.
pub const MAX_VALUES: u128 = 1 << 40;

/// Zeros added around an image, in pixels.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Padding {
    /// Rows above the first.
    pub top: usize,
    /// Columns left of the first.
    pub left: usize,
    /// Rows below the last.
    pub bottom: usize,
    /// Columns right of the last.
    pub right: usize,
}

impl Padding {
    /// The same padding on all four sides.
    pub const fn all(pixels: usize) -> Self {
        Self { top: pixels, left: pixels, bottom: pixels, right: pixels }
    }

    /// `[before, after]` on the height (0) or width (1) axis.
    pub const fn on_axis(&self, axis: usize) -> [usize; 2] {
        if axis == 0 { [self.top, self.bottom] } else { [self.left, self.right] }
    }
}

/// What a layer is called in the field; decides which published rule applies to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum LayerKind {
    /// Standard convolution: a K×K×C kernel per output channel.
    #[serde(rename = "3d")]
    Kernel3d,
    /// Depthwise convolution: a K×K kernel per channel.
    #[serde(rename = "2d")]
    Kernel2d,
    /// Pointwise convolution: a 1×1×C kernel per output channel.
    #[serde(rename = "1d")]
    Kernel1d,
    /// Grouped convolution that is not depthwise.
    #[serde(rename = "grouped")]
    Grouped,
    /// Fully connected layer.
    #[serde(rename = "dense")]
    Dense,
}

impl LayerKind {
    /// All kinds.
    pub const ALL: [Self; 5] = [Self::Kernel3d, Self::Kernel2d, Self::Kernel1d, Self::Grouped, Self::Dense];

    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Kernel3d => "3d",
            Self::Kernel2d => "2d",
            Self::Kernel1d => "1d",
            Self::Grouped => "grouped",
            Self::Dense => "dense",
        }
    }
}

impl fmt::Display for LayerKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// The shape of a convolution: everything a mapping needs to know about a layer except its weights.
///
/// Input `[in_channels, height, width]`, weights `[out_channels, in_channels / groups, kernel height, kernel width]`, output
/// `[out_channels, output height, output width]`. All pairs are `[height, width]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ConvShape {
    /// Input channels, a multiple of `groups`.
    pub in_channels: usize,
    /// Output channels, a multiple of `groups`.
    pub out_channels: usize,
    /// Image size in pixels, padding not counted.
    pub input: [usize; 2],
    /// Kernel size in taps.
    pub kernel: [usize; 2],
    /// Pixels between neighbouring outputs.
    pub stride: [usize; 2],
    /// Pixels between neighbouring kernel taps.
    pub dilation: [usize; 2],
    /// Zeros around the image.
    pub padding: Padding,
    /// Number of channel groups that do not see each other.
    pub groups: usize,
}

impl ConvShape {
    /// A square-kernel convolution of stride 1 without dilation, padding or groups.
    pub const fn new(in_channels: usize, input: [usize; 2], out_channels: usize, kernel: usize) -> Self {
        Self {
            in_channels,
            out_channels,
            input,
            kernel: [kernel, kernel],
            stride: [1, 1],
            dilation: [1, 1],
            padding: Padding::all(0),
            groups: 1,
        }
    }

    /// A fully connected layer.
    pub const fn dense(in_features: usize, out_features: usize) -> Self {
        Self::new(in_features, [1, 1], out_features, 1)
    }

    /// Output size `[height, width]` in pixels.
    pub fn output(&self) -> [usize; 2] {
        [0, 1].map(|axis| {
            let padded = self.input[axis] + self.padding.on_axis(axis).iter().sum::<usize>();
            (padded - self.kernel_extent(axis)) / self.stride[axis] + 1
        })
    }

    /// Pixels a kernel spans on an axis, dilation included.
    pub const fn kernel_extent(&self, axis: usize) -> usize {
        (self.kernel[axis] - 1) * self.dilation[axis] + 1
    }

    /// Kernel taps per channel: kernel height × kernel width.
    pub const fn taps(&self) -> usize {
        self.kernel[0] * self.kernel[1]
    }

    /// Input channels one output channel sees.
    pub const fn group_inputs(&self) -> usize {
        self.in_channels / self.groups
    }

    /// Output channels of one group.
    pub const fn group_outputs(&self) -> usize {
        self.out_channels / self.groups
    }

    /// Number of weights, biases not counted.
    pub fn weights(&self) -> u64 {
        (self.out_channels * self.group_inputs() * self.taps()) as u64
    }

    /// Multiply-accumulate operations per image, those on padding zeros counted (the usual published convention).
    pub fn macs(&self) -> u64 {
        self.weights() * self.output().iter().product::<usize>() as u64
    }

    /// What the field calls this layer.
    pub fn kind(&self) -> LayerKind {
        match (self.groups, self.taps()) {
            (1, 1) if self.input == [1, 1] => LayerKind::Dense,
            (1, 1) => LayerKind::Kernel1d,
            // One channel to one is the only case that is both 3D and 2D; the cheaper name says that nothing is left to split.
            (1, _) if self.in_channels == 1 && self.out_channels == 1 => LayerKind::Kernel2d,
            (1, _) => LayerKind::Kernel3d,
            (groups, _) if groups == self.in_channels => LayerKind::Kernel2d,
            _ => LayerKind::Grouped,
        }
    }

    /// Checks that every size is sane and that the layer has an output.
    ///
    /// # Errors
    /// [`NetworkError::Layer`] naming `layer`, the offending size and what is allowed.
    pub fn verify(&self, layer: &str) -> Result<(), NetworkError> {
        let fail = |problem: String| Err(NetworkError::Layer { layer: layer.into(), problem });
        for (name, channels) in [("input channels", self.in_channels), ("output channels", self.out_channels)] {
            if channels == 0 || channels > MAX_CHANNELS {
                return fail(format!("has {channels} {name}; give 1 to {MAX_CHANNELS}"));
            }
            if self.groups == 0 || !channels.is_multiple_of(self.groups) {
                return fail(format!("has {channels} {name} in {} groups; give groups that divide them", self.groups));
            }
        }
        for axis in [0, 1] {
            let side = ["height", "width"][axis];
            let [before, after] = self.padding.on_axis(axis);
            for (name, size, least) in [
                ("input", self.input[axis], 1),
                ("kernel", self.kernel[axis], 1),
                ("stride", self.stride[axis], 1),
                ("dilation", self.dilation[axis], 1),
                ("padding", before.max(after), 0),
            ] {
                if size < least || size > MAX_SIDE {
                    return fail(format!("has {name} {side} {size}; give {least} to {MAX_SIDE}"));
                }
            }
            let (extent, padded) = (self.kernel_extent(axis), self.input[axis] + before + after);
            if extent > padded {
                return fail(format!(
                    "has a kernel spanning {extent} pixels of {side} on a padded image of {padded}; \
                     shrink the kernel or pad the image"
                ));
            }
        }
        let output = self.output();
        let image = |channels: usize, [h, w]: [usize; 2]| channels as u128 * h as u128 * w as u128;
        for (name, values) in [
            ("input", image(self.in_channels, self.input)),
            ("output", image(self.out_channels, output)),
            ("weight", image(self.out_channels, self.kernel) * self.group_inputs() as u128),
        ] {
            if values > MAX_VALUES {
                return fail(format!("has {values} {name} values; at most {MAX_VALUES} are supported"));
            }
        }
        Ok(())
    }
}

impl fmt::Display for ConvShape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { in_channels, out_channels, input, kernel, stride, .. } = self;
        write!(f, "{in_channels}×{}×{} → {out_channels}, {}×{}", input[0], input[1], kernel[0], kernel[1])?;
        if *stride != [1, 1] {
            write!(f, ", stride {}×{}", stride[0], stride[1])?;
        }
        if self.groups > 1 {
            write!(f, ", {} groups", self.groups)?;
        }
        Ok(())
    }
}
