use super::{MappingError, Scheme, Target, TargetRule, Tiling};
use crate::mapping::search::fewest_activations;
use crate::network::ConvShape;

/// **Idea.** The best point of the whole mapping space.
///
/// **Rule.** The fewest array activations over every output window, cut of rows and columns, group rule and packing; ties go to
/// fewer crossbars, then fewer input loads, then the smaller window. Other objectives and whole networks: [`Objective`](crate::mapping::search::Objective).
///
/// **Assumptions.** The space is that of `docs/decisions/002-mapping-space.md`; it contains what every other scheme yields, or something no worse.
///
/// **Example.** 3×3×512 → 512 on 512×512, one column per weight: 9 row blocks, not the 10 of whole channels.
///
/// **Reference.** Exact search; nothing published does it.
#[derive(Clone, Copy, Debug)]
pub struct Optimal;

impl Scheme for Optimal {
    fn name(&self) -> &'static str {
        "optimal"
    }

    fn summary(&self) -> &'static str {
        "the best of the whole mapping space for an objective, exactly"
    }

    fn follows(&self) -> &'static [TargetRule] {
        &[TargetRule::RowSplit, TargetRule::Groups]
    }

    fn tile(&self, shape: &ConvShape, target: &Target) -> Result<Tiling, MappingError> {
        Ok(fewest_activations(shape, target)?.tiling)
    }
}
