use super::turns::take_turns;
use super::{GroupRule, Im2col, MappingError, Packing, Scheme, Target, TargetRule, Tiling, free_slots};
use crate::network::ConvShape;
use crate::partition::Partition;

/// **Idea.** Copies of the kernel matrix stand block-diagonally in one crossbar, so that a load yields several output pixels.
///
/// **Rule.** im2col's tiles; p = min(⌊R / rows⌋, ⌊columns / tile columns⌋) of them a crossbar, first different groups, then
/// different output pixels.
///
/// **Assumptions.** Where the kernel matrix does not fit twice, this is im2col.
///
/// **Example.** 3×3×3 → 16 on 128×128, differential pairs: rows 27, columns 32, so p = 4 output pixels a load.
///
/// **Reference.** Sub-matrix duplication, as compared in Rhe, Moon, Ko, DATE 2022.
#[derive(Clone, Copy, Debug)]
pub struct Smd;

impl Scheme for Smd {
    fn name(&self) -> &'static str {
        "smd"
    }

    fn summary(&self) -> &'static str {
        "block-diagonal kernel copies, several output pixels per load"
    }

    fn follows(&self) -> &'static [TargetRule] {
        &[TargetRule::RowSplit, TargetRule::Groups]
    }

    fn tile(&self, shape: &ConvShape, target: &Target) -> Result<Tiling, MappingError> {
        let at_once = match target.groups {
            Some(GroupRule::Turns) => Target { groups: Some(GroupRule::Packed), ..*target },
            _ => *target,
        };
        let base = Im2col.tile(shape, &at_once)?;
        let spare = free_slots(shape, Tiling { packing: Packing::NONE, ..base }, target)? / base.packing.groups;
        let pixels = Partition::new(shape, base.window).windows();
        let windows = usize::try_from(pixels).unwrap_or(usize::MAX).min(spare);
        let packed = Tiling { packing: Packing { windows, ..base.packing }, ..base };
        match target.groups {
            Some(GroupRule::Turns) => take_turns(shape, packed, target),
            _ => Ok(packed),
        }
    }
}
