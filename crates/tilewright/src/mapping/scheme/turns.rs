//! Packs of groups that take turns: how many of a layer's groups are driven at once, and how many packs a crossbar holds.

use super::{BlockScope, MappingError, Packing, RowCut, Target, Tiles, Tiling};
use crate::network::ConvShape;

/// Of a tiling whose packs may be smaller: as few crossbars as rectangles can take, then as few turns, then as many groups at once.
///
/// A pack of g groups holds them on its diagonal, so larger packs waste cells and save turns.
pub(super) fn take_turns(shape: &ConvShape, tiling: Tiling, target: &Target) -> Result<Tiling, MappingError> {
    if tiling.scope != BlockScope::Group || tiling.rows == RowCut::Band {
        return Ok(tiling);
    }
    let mut best = None;
    for groups in (1..=tiling.packing.groups).rev() {
        let packing = Packing { groups, ..tiling.packing };
        let tiles = Tiles::new(shape, Tiling { packing, ..tiling }, target.crossbar, target.encoding)?.filled();
        let taken = (tiles.group_packs(), tiles.tiling.turns);
        if best.is_none_or(|(least, _)| taken < least) {
            best = Some((taken, tiles.tiling));
        }
    }
    Ok(best.map_or(tiling, |(_, tiling)| tiling))
}
