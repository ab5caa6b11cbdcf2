//! The levels of ONNX's `DynamicQuantizeLinear`, which each image chooses by its own values.

/// 256 levels from the least to the greatest value and 0.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct DynamicScale {
    scale: f32,
    zero_point: f32,
}

impl DynamicScale {
    /// The levels for these values: ONNX operator `DynamicQuantizeLinear`, version 11.
    pub(super) fn of(values: impl Iterator<Item = f32>) -> Self {
        let (least, greatest) = values.fold((0f32, 0f32), |(least, greatest), x| (least.min(x), greatest.max(x)));
        if least == greatest {
            return Self { scale: 1.0, zero_point: 0.0 };
        }
        let scale = (greatest - least) / 255.0;
        Self { scale, zero_point: (0.0 - least / scale).clamp(0.0, 255.0).round_ties_even() }
    }

    /// The value of the level nearest to `x`.
    pub(super) fn round(&self, x: f32) -> f32 {
        let level = ((x / self.scale).round_ties_even() + self.zero_point).clamp(0.0, 255.0);
        (level - self.zero_point) * self.scale
    }
}
