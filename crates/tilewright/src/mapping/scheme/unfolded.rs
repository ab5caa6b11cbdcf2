use super::{BlockScope, GroupRule, MappingError, RowCut, Scheme, Target, TargetRule, Tiling, pack_groups, scope};
use crate::network::ConvShape;

/// **Idea.** The whole layer is one matrix from all input pixels to all output pixels, a banded Toeplitz matrix, and all of it
/// is held at once: one step per image.
///
/// **Rule.** One window, the whole output; rows run through the channels of a pixel, columns through the output channels of a
/// pixel; the matrix is cut into R×C crossbars, and those that lie outside the band, without a weight, are left out.
///
/// **Assumptions.** Zeros of the padding are driven like pixels.
///
/// **Example.** 1×1×1 → 1 on an image of 2×2 with 2×2 crossbars, one column per weight: a matrix of 4×4, a grid of 2·2 crossbars, of
/// which the 2 on the diagonal are held.
///
/// **Reference.** The one-step limit that folded mappings trade cycles against; e.g. Oh, An, Min 2023 before partitioning.
#[derive(Clone, Copy, Debug)]
pub struct Unfolded;

impl Scheme for Unfolded {
    fn name(&self) -> &'static str {
        "unfolded"
    }

    fn summary(&self) -> &'static str {
        "the whole layer as one Toeplitz band, one step"
    }

    fn follows(&self) -> &'static [TargetRule] {
        &[TargetRule::Groups]
    }

    fn tile(&self, shape: &ConvShape, target: &Target) -> Result<Tiling, MappingError> {
        if target.groups == Some(GroupRule::Turns) && shape.groups > 1 {
            let problem = "its whole Toeplitz band is driven in one step, in which its groups cannot take turns";
            return Err(MappingError::misfit(problem.into()));
        }
        // A band holds no crossbar without a weight, between groups as outside it.
        let scope = if scope(target) == BlockScope::Stored { BlockScope::Layer } else { BlockScope::Group };
        let tiling = Tiling { window: shape.output(), scope, rows: RowCut::Band, ..Tiling::IM2COL };
        pack_groups(shape, tiling, target)
    }
}
