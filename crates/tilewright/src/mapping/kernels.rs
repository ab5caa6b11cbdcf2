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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mapping::{CrossbarSize, Encoding, SignRule, scheme};
    use crate::network::Padding;

    #[test]
    fn saved_by_hand() {
        let crossbar = CrossbarSize::new(128, 128).expect("a size within the limits");
        let target = Target::new(crossbar, Encoding::whole(SignRule::Differential));
        let shape = ConvShape { padding: Padding::all(1), ..ConvShape::new(16, [32, 32], 16, 3) };
        // 16 windows of 8×8: 16·16·16 crossbars; 2D 16·16; 1D 1024 pixels, 4 a crossbar.
        assert_eq!(crossbars_saved(&shape, &scheme::SubImage, &target), 4096 - 256 - 256);
        // im2col: 144 rows on 128 make 2 crossbars; 16 kernels of 9 rows, 14 a crossbar; 16 rows make 1.
        assert_eq!(crossbars_saved(&shape, &scheme::Im2col, &target), 2 - 2 - 1);
    }
}
