//! What replacing a 3D kernel by a 2D and a 1D kernel saves.

use super::scheme::Scheme;
use super::{Target, Tiles};
use crate::network::ConvShape;

/// Crossbars of a 3D layer less those of the 2D and the 1D layer that replace it; 0 if any of them does not fit.
pub fn crossbars_saved(shape: &ConvShape, scheme: &dyn Scheme, target: &Target) -> i64 {
    let [height, width] = shape.output();
    let kernel_2d = ConvShape { out_channels: shape.in_channels, groups: shape.in_channels, ..*shape };
    let kernel_1d = ConvShape::new(shape.in_channels, [height, width], shape.out_channels, 1);
    let crossbars = |shape: &ConvShape| {
        let tiling = scheme.tile(shape, target).ok()?;
        let counts = Tiles::new(shape, tiling, target.crossbar, target.encoding).ok()?.counts().ok()?;
        i64::try_from(counts.crossbars).ok()
    };
    let saved = || Some(crossbars(shape)? - crossbars(&kernel_2d)? - crossbars(&kernel_1d)?);
    saved().unwrap_or(0)
}
