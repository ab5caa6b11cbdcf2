use super::{Im2col, MappingError, RowSplit, Scheme, Target, TargetRule, Tiles, Tiling, cuts, pack_groups, scope};
use crate::network::ConvShape;

/// **Idea.** Shifted and duplicated kernels share the rows of a square parallel window, so that inputs are reused, as long as
/// no more crossbars are needed than by im2col.
///
/// **Rule.** Grow the window d×d while the row blocks and column blocks stay those of im2col, that is while P²·C ≤ AR·R and
/// d²·M·cpw ≤ AC·columns with P = (d−1)·s + K; take the last window that is not worse.
///
/// **Assumptions.** All channels; an axis shorter than d keeps its full length.
///
/// **Example.** 3×3×64 → 64 on a 224×224 image, 512×512, one column per weight: d = 2, 111² windows · 2 · 1 = 24 642 activations.
///
/// **Reference.** Zhang et al., IEEE TCAD 2020 (SDK), in the convention of Rhe, Moon, Ko, DATE 2022.
#[derive(Clone, Copy, Debug)]
pub struct Sdk;

impl Scheme for Sdk {
    fn name(&self) -> &'static str {
        "sdk"
    }

    fn summary(&self) -> &'static str {
        "square parallel windows, no more crossbars than im2col"
    }

    fn follows(&self) -> &'static [TargetRule] {
        &[TargetRule::RowSplit, TargetRule::Groups]
    }

    fn tile(&self, shape: &ConvShape, target: &Target) -> Result<Tiling, MappingError> {
        let split = target.row_split.unwrap_or(RowSplit::Element);
        let output = shape.output();
        let tiles = |side: usize| {
            let window = output.map(|length| length.min(side));
            let (rows, columns) = cuts(shape, window, split, target);
            let tiling = Tiling { window, scope: scope(target), rows, columns, ..Tiling::IM2COL };
            Tiles::new(shape, pack_groups(shape, tiling, target)?, target.crossbar, target.encoding)
        };
        let mut best = Tiles::new(shape, Im2col.tile(shape, target)?, target.crossbar, target.encoding)?;
        let cuts_of = |tiles: &Tiles| (tiles.group_packs() * tiles.row_cuts(), tiles.column_cuts());
        let activations = |tiles: &Tiles| {
            let of_load = tiles.packs() as u128 * tiles.row_cuts() as u128 * tiles.column_cuts() as u128;
            u128::from(tiles.loads()) * of_load
        };
        let (row_blocks, column_blocks) = cuts_of(&best);
        for side in 2..=output[0].max(output[1]) {
            // "Does not fit" ends the growth like any other breach of the rule.
            let Ok(grown) = tiles(side) else { break };
            let (rows, columns) = cuts_of(&grown);
            if rows > row_blocks || columns > column_blocks {
                break;
            }
            if activations(&grown) <= activations(&best) {
                best = grown;
            }
        }
        Ok(best.tiling)
    }
}
