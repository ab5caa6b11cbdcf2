use super::{MappingError, RowCut, Scheme, Target, TargetRule, Tiling, pack_groups, scope};
use crate::network::ConvShape;

/// **Idea.** Each of the K·K kernel positions is a C×M matrix in crossbars of its own, so that an input pixel is passed from
/// one to the next instead of being fetched again.
///
/// **Rule.** Windows of 1×1; K²·⌈C / R⌉ row blocks, ⌈M·cpw / columns⌉ column blocks.
///
/// **Assumptions.** The channel groups of one kernel position share a crossbar block-diagonally unless told otherwise.
///
/// **Example.** 3×3×64 → 64 on 128×128, differential pairs: 9 crossbars, half of their rows used.
///
/// **Reference.** Peng, Liu, Yu, IEEE TCAS-I 2020 ("Optimizing weight mapping and data flow for convolutional neural networks
/// on processing-in-memory architectures").
#[derive(Clone, Copy, Debug)]
pub struct KernelPosition;

impl Scheme for KernelPosition {
    fn name(&self) -> &'static str {
        "kernel-position"
    }

    fn summary(&self) -> &'static str {
        "one crossbar per kernel position, inputs passed on"
    }

    fn follows(&self) -> &'static [TargetRule] {
        &[TargetRule::Groups]
    }

    fn tile(&self, shape: &ConvShape, target: &Target) -> Result<Tiling, MappingError> {
        pack_groups(shape, Tiling { scope: scope(target), rows: RowCut::Position, ..Tiling::IM2COL }, target)
    }
}
