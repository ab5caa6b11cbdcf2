use super::{ColumnCut, MappingError, RowCut, RowSplit, Scheme, Smd, Target, TargetRule, Tiles, Tiling};
use super::{cuts, pack_groups, scope};
use crate::mapping::SubImageWindow;
use crate::network::ConvShape;
use crate::partition::Partition;

/// **Idea.** The feature map is cut into sub-images, each convolved by crossbars of its own, all at once.
///
/// **Rule, largest window** (our reading of the paper). The largest m×m output window whose single-channel sub-image fits,
/// (m+K−1)² ≤ R and cpw·m² ≤ columns, as many copies as there are windows, and
/// - 3D kernels: ⌈H/m⌉·⌈W/m⌉·C·M crossbars, one input and one output channel each;
/// - 2D kernels: ⌈H/m⌉·⌈W/m⌉·⌈C/p⌉, p channels packed block-diagonally where a small feature map leaves room;
/// - 1D kernels: no halo; p = min(⌊R/C⌋, ⌊columns/(cpw·M)⌋) pixels packed block-diagonally, else ⌈C/R⌉·⌈cpw·M/columns⌉ a pixel.
///
/// With `Best` or a given side, a crossbar takes as many channels as fit instead of one: ⌊R / sub-image pixels⌋ inputs and
/// ⌊columns / (cpw·m²)⌋ outputs.
///
/// **Assumptions.** The rule does not mention stride. A strided sub-image is larger than m allows, so the ⌈H/m⌉·⌈W/m⌉ copies
/// hold the largest strided window that fits and take several cycles: the count is the rule's, the time is honest.
///
/// **Example.** 3×3×16 → 16 on 32×32, padded, 128×128, differential pairs: m = 8, 16·16·16 = 4 096 crossbars, 1 cycle.
///
/// **Reference.** Oh, An, Min, Micromachines 14(2):309, 2023.
#[derive(Clone, Copy, Debug)]
pub struct SubImage;

impl Scheme for SubImage {
    fn name(&self) -> &'static str {
        "sub-image"
    }

    fn summary(&self) -> &'static str {
        "all sub-images convolved at once, largest-window reading"
    }

    fn follows(&self) -> &'static [TargetRule] {
        &TargetRule::ALL
    }

    fn tile(&self, shape: &ConvShape, target: &Target) -> Result<Tiling, MappingError> {
        if shape.taps() == 1 && shape.groups == 1 {
            return pixels(shape, target);
        }
        let sides = 1..=shape.output().into_iter().max().unwrap_or(1);
        match target.window {
            SubImageWindow::Largest => largest(shape, target),
            SubImageWindow::Side(side) => unfold(shape, filled(shape, side, target)?, target),
            SubImageWindow::Best => {
                let tilings = sides.map_while(|side| unfold(shape, filled(shape, side, target).ok()?, target).ok());
                let cost = |tiling: &Tiling| {
                    let counts = Tiles::new(shape, *tiling, target.crossbar, target.encoding)?.counts()?;
                    Ok((counts.crossbars, counts.input_loads))
                };
                let costs: Result<Vec<_>, MappingError> = tilings.map(|tiling| Ok((cost(&tiling)?, tiling))).collect();
                let best = costs?.into_iter().min_by_key(|(cost, _)| *cost);
                best.map(|(_, tiling)| tiling).ok_or_else(|| misfit(shape, target))
            }
        }
    }
}

/// A pointwise or dense layer: packed pixels, all at once.
fn pixels(shape: &ConvShape, target: &Target) -> Result<Tiling, MappingError> {
    unfold(shape, Smd.tile(shape, target)?, target)
}

/// One channel pair a crossbar (2D kernels: as many channels as there is room for) and the rule's number of copies.
fn largest(shape: &ConvShape, target: &Target) -> Result<Tiling, MappingError> {
    let at_stride_1 = ConvShape { stride: [1, 1], ..*shape };
    let rule = largest_side(&at_stride_1, target).ok_or_else(|| misfit(shape, target))?;
    let side = largest_side(shape, target).ok_or_else(|| misfit(shape, target))?;
    let tiling = Tiling {
        window: window(shape, side),
        scope: scope(target),
        rows: RowCut::Channel(1),
        columns: ColumnCut::Channel(1),
        ..Tiling::IM2COL
    };
    let is_2d = shape.groups == shape.in_channels && shape.groups == shape.out_channels;
    let tiling = if is_2d { pack_groups(shape, tiling, target)? } else { tiling };
    let copies = Partition::new(shape, window(shape, rule)).windows();
    let windows = Partition::new(shape, tiling.window).windows();
    Ok(Tiling { replication: copies.min(windows), ..tiling })
}

/// The largest m whose single-channel sub-image fits the rows and whose outputs fit the columns.
fn largest_side(shape: &ConvShape, target: &Target) -> Option<usize> {
    let fits = |side: &usize| {
        let partition = Partition::new(shape, window(shape, *side));
        partition.touched_pixels() <= target.crossbar.rows && partition.window_pixels() <= target.weights_per_row()
    };
    (1..=shape.output().into_iter().max()?).take_while(fits).last()
}

/// Windows of a given side with as many channels a crossbar as fit.
fn filled(shape: &ConvShape, side: usize, target: &Target) -> Result<Tiling, MappingError> {
    if side == 0 {
        return Err(MappingError::Setting { problem: "a sub-image window of side 0; give at least 1".into() });
    }
    let window = window(shape, side);
    let (rows, columns) = cuts(shape, window, RowSplit::Channel, target);
    let tiling = Tiling { window, scope: scope(target), rows, columns, ..Tiling::IM2COL };
    pack_groups(shape, tiling, target)
}

/// The same tiling with one copy per load.
fn unfold(shape: &ConvShape, tiling: Tiling, target: &Target) -> Result<Tiling, MappingError> {
    let loads = Tiles::new(shape, Tiling { replication: 1, ..tiling }, target.crossbar, target.encoding)?.loads();
    Ok(Tiling { replication: loads, ..tiling })
}

/// A square window, an axis shorter than its side keeping its full length.
fn window(shape: &ConvShape, side: usize) -> [usize; 2] {
    shape.output().map(|length| length.min(side))
}

fn misfit(shape: &ConvShape, target: &Target) -> MappingError {
    MappingError::misfit(format!(
        "a single-channel sub-image of one output takes {} rows and {} columns, the crossbar has {}",
        shape.taps(),
        target.encoding.columns_per_weight(),
        target.crossbar
    ))
}
