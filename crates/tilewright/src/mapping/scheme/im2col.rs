use super::{MappingError, RowSplit, Scheme, Target, TargetRule, Tiling, cuts, pack_groups, scope};
use crate::network::ConvShape;

/// **Idea.** Every kernel is one column; one output pixel a load.
///
/// **Rule.** Windows of 1×1, ⌈K²·C / R⌉ row blocks (element split; ⌈C / ⌊R/K²⌋⌉ under the channel split),
/// ⌈M·cpw / columns⌉ column blocks, reused for all output pixels in turn.
///
/// **Assumptions.** Groups share a crossbar block-diagonally unless told otherwise.
///
/// **Example.** 3×3×512 → 512 on 512×512, one column per weight: 9 row blocks (10 under the channel split), 1 column block.
///
/// **Reference.** Shafiee et al., ISCA 2016 (ISAAC); the name is that of the matrix lowering.
#[derive(Clone, Copy, Debug)]
pub struct Im2col;

impl Scheme for Im2col {
    fn name(&self) -> &'static str {
        "im2col"
    }

    fn summary(&self) -> &'static str {
        "one kernel per column, one output pixel per load"
    }

    fn follows(&self) -> &'static [TargetRule] {
        &[TargetRule::RowSplit, TargetRule::Groups]
    }

    fn tile(&self, shape: &ConvShape, target: &Target) -> Result<Tiling, MappingError> {
        let split = target.row_split.unwrap_or(RowSplit::Element);
        let (rows, columns) = match (split, cuts(shape, [1, 1], split, target)) {
            // Columns of 1×1 windows are whole output channels anyway.
            (RowSplit::Channel, (rows, _)) => (rows, Tiling::IM2COL.columns),
            (RowSplit::Element, cuts) => cuts,
        };
        pack_groups(shape, Tiling { scope: scope(target), rows, columns, ..Tiling::IM2COL }, target)
    }
}
