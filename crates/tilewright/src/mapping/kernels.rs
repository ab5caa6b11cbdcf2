//! What 2D+1D kernels save on crossbars: the value a kernel plan ranks its layers by.

use super::scheme::Scheme;
use super::search::Candidate;
use super::{MappingError, Target};
use crate::network::ConvShape;

/// Crossbars a standard convolution takes under a scheme minus those of the 2D and the 1D layer in its place; less than 0 if
/// the two take more.
///
/// # Errors
/// [`MappingError::DoesNotFit`] if one of the three does not fit the crossbar, or an overflow of its counts.
pub fn crossbars_saved(shape: &ConvShape, scheme: &dyn Scheme, target: &Target) -> Result<i64, MappingError> {
    let crossbars = |shape: &ConvShape| {
        let counts = Candidate::new(shape, scheme.tile(shape, target)?, target)?.counts;
        i64::try_from(counts.crossbars).map_err(|_| MappingError::Overflow { layer: String::new() })
    };
    let kernel_2d = ConvShape { out_channels: shape.in_channels, groups: shape.in_channels, ..*shape };
    let kernel_1d = ConvShape::new(shape.in_channels, shape.output(), shape.out_channels, 1);
    Ok(crossbars(shape)? - crossbars(&kernel_2d)? - crossbars(&kernel_1d)?)
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
        let saved = crossbars_saved(&shape, &scheme::SubImage, &target);
        assert_eq!(saved, Ok(4096 - 256 - 256));
        // im2col: 144 rows on 128 make 2 crossbars; 16 kernels of 9 rows, 14 a crossbar; 16 rows make 1.
        assert_eq!(crossbars_saved(&shape, &scheme::Im2col, &target), Ok(2 - 2 - 1));
    }
}
