use super::{Im2col, MappingError, RowSplit, Scheme, Target, Tiling, cuts, pack_groups, scope};
use crate::mapping::search::{Candidate, windows};
use crate::network::ConvShape;

/// **Idea.** Parallel windows of any height and width, with as many channels as fit beside them, trade rows for outputs.
///
/// **Rule.** Over all output windows: c = ⌊R / sub-image pixels⌋ input channels, m = ⌊columns / (cpw·ph·pw)⌋ output channels;
/// windows · ⌈C/c⌉ · ⌈M/m⌉ array activations, the fewest of them; im2col where no window beats it.
///
/// **Assumptions.** Exact: every window up to the whole output is covered (of windows that cut an axis into equally many parts
/// the smallest is never worse, so only these are tried). Ties go to fewer input loads, then the smaller window.
///
/// **Example.** 5×5×6 → 16 on a 14×14 image, 512×512, one column per weight: 5×5 outputs a window, 4 activations.
///
/// **Reference.** Rhe, Moon, Ko, "VW-SDK", DATE 2022. Its public script never tries a window as large as the image and can
/// return an older, worse window; this one equals exhaustive search.
#[derive(Clone, Copy, Debug)]
pub struct VwSdk;

impl Scheme for VwSdk {
    fn name(&self) -> &'static str {
        "vw-sdk"
    }

    fn summary(&self) -> &'static str {
        "parallel windows of any shape with the channels that fit, searched exactly"
    }

    fn tile(&self, shape: &ConvShape, target: &Target) -> Result<Tiling, MappingError> {
        let split = target.row_split.unwrap_or(RowSplit::Channel);
        let im2col = Im2col.tile(shape, target);
        let mut best = im2col.clone().ok().map(|tiling| Candidate::new(shape, tiling, target)).transpose()?;
        for window in windows(shape) {
            let (rows, columns) = cuts(shape, window, split, target);
            let tiling = Tiling { window, scope: scope(target), rows, columns, ..Tiling::IM2COL };
            // "Does not fit" is a value here: that window is simply not a candidate.
            let Ok(tiling) = pack_groups(shape, tiling, target) else { continue };
            let candidate = Candidate::new(shape, tiling, target)?;
            if best.as_ref().is_none_or(|best| candidate.by_activations() < best.by_activations()) {
                best = Some(candidate);
            }
        }
        best.map(|candidate| candidate.tiling).ok_or_else(|| im2col.expect_err("no candidate, not even im2col"))
    }
}
