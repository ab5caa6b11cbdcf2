//! The tilings of one layer that can be best for some objective.

use crate::mapping::{
    BlockScope, ColumnCut, Counts, GroupRule, MappingError, Packing, RowCut, RowSplit, Target, Tiles, Tiling,
};
use crate::network::ConvShape;
use crate::partition::Partition;

/// One tiling with one copy, and what it takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// The tiling.
    pub tiling: Tiling,
    /// Its counts.
    pub counts: Counts,
}

impl Candidate {
    /// A tiling with its counts.
    ///
    /// # Errors
    /// If it does not fit or its counts overflow.
    pub fn new(shape: &ConvShape, tiling: Tiling, target: &Target) -> Result<Self, MappingError> {
        let counts = Tiles::new(shape, tiling, target.crossbar, target.encoding)?.counts()?;
        Ok(Self { tiling, counts })
    }

    /// Order by array activations; ties go to fewer input loads, then the smaller window, then fewer crossbars.
    pub fn by_activations(&self) -> impl Ord + use<> {
        (self.counts.array_activations, self.tie_break(), self.counts.crossbars)
    }

    /// Order by the crossbars it takes to keep to a cycle limit; ties as in [`Candidate::by_activations`].
    pub fn by_crossbars(&self, max_cycles: u64) -> impl Ord + use<> {
        (self.crossbars_within(max_cycles), self.tie_break(), self.copies_within(max_cycles))
    }

    /// Crossbars of as many copies as keep to a cycle limit.
    pub fn crossbars_within(&self, max_cycles: u64) -> u64 {
        self.counts.crossbars.saturating_mul(self.copies_within(max_cycles))
    }

    /// Copies that keep to a cycle limit: ⌈loads / limit⌉.
    pub const fn copies_within(&self, max_cycles: u64) -> u64 {
        self.counts.windows.div_ceil(max_cycles)
    }

    const fn tie_break(&self) -> (u64, usize, usize) {
        let [height, width] = self.tiling.window;
        (self.counts.input_loads, height * width, height)
    }
}

/// Output windows that can be best: of those that cut an axis into equally many parts only the smallest.
///
/// A larger one touches no fewer pixels and yields no fewer outputs, so it needs no fewer rows, columns or loads.
pub fn windows(shape: &ConvShape) -> impl Iterator<Item = [usize; 2]> + use<> {
    let [heights, widths] = shape.output().map(smallest_of_each_count);
    heights.into_iter().flat_map(move |height| widths.clone().into_iter().map(move |width| [height, width]))
}

/// For every number of windows an axis can be cut into, the smallest window that does so; ascending.
fn smallest_of_each_count(output: usize) -> Vec<usize> {
    let mut windows = vec![output];
    while let Some(&window) = windows.last()
        && window > 1
    {
        // More parts than now: the largest window that makes them has as few parts as possible.
        let parts = output.div_ceil(window - 1);
        windows.push(output.div_ceil(parts));
    }
    windows.reverse();
    windows
}

/// Every tiling of a layer that can be best for some objective, one copy each.
///
/// The space: output windows up to the whole output; row blocks cut after every R rows or after as many whole channels as fit
/// (as the target's row split says; after every R rows is never worse, so that alone is tried by default), or per kernel
/// position; columns cut when full; groups block by block or as one block with zeros; every packing of groups and windows;
/// and the whole layer's band. Left out is only what another candidate equals or beats in crossbars, loads, activations,
/// input loads and window.
///
/// # Errors
/// [`MappingError::DoesNotFit`] if no tiling fits; [`MappingError::Overflow`] if counts exceed 64 bits.
pub fn candidates(shape: &ConvShape, target: &Target) -> Result<Vec<Candidate>, MappingError> {
    let mut found = Vec::new();
    let mut misfit = None;
    let mut add = |tiling: Tiling| match packings(shape, tiling, target) {
        Ok(packings) => packings.into_iter().try_for_each(|packing| {
            found.push(Candidate::new(shape, Tiling { packing, ..tiling }, target)?);
            Ok(())
        }),
        Err(error @ MappingError::DoesNotFit { .. }) => {
            misfit.get_or_insert(error);
            Ok(())
        }
        Err(error) => Err(error),
    };
    for &scope in scopes(shape, target) {
        let base = Tiling { scope, ..Tiling::IM2COL };
        for window in windows(shape) {
            add(Tiling { window, rows: row_cut(shape, scope, window, target), ..base })?;
        }
        add(Tiling { rows: RowCut::Position, ..base })?;
        if target.row_split != Some(RowSplit::Channel) {
            add(Tiling { window: shape.output(), rows: RowCut::Band, ..base })?;
        }
    }
    match (found.is_empty(), misfit) {
        (true, Some(error)) => Err(error),
        _ => Ok(found),
    }
}

const fn scopes(shape: &ConvShape, target: &Target) -> &'static [BlockScope] {
    match target.groups {
        _ if shape.groups == 1 => &[BlockScope::Group],
        None => &[BlockScope::Group, BlockScope::Layer],
        Some(GroupRule::Packed | GroupRule::Separate) => &[BlockScope::Group],
        Some(GroupRule::Dense) => &[BlockScope::Layer],
    }
}

fn row_cut(shape: &ConvShape, scope: BlockScope, window: [usize; 2], target: &Target) -> RowCut {
    match target.row_split {
        None | Some(RowSplit::Element) => RowCut::Element,
        Some(RowSplit::Channel) => {
            let fitting = target.crossbar.rows / Partition::new(shape, window).touched_pixels();
            let inputs = if scope == BlockScope::Group { shape.group_inputs() } else { shape.in_channels };
            RowCut::Channel(fitting.min(inputs))
        }
    }
}

/// The packings worth trying: for each number of crossbars the groups can share, as many windows as then fit.
fn packings(shape: &ConvShape, tiling: Tiling, target: &Target) -> Result<Vec<Packing>, MappingError> {
    debug_assert_eq!(tiling.columns, ColumnCut::Element);
    let tiles = Tiles::new(shape, tiling, target.crossbar, target.encoding)?;
    let slots = (target.crossbar.rows / tiles.tile_rows()).min(tiles.weights_per_row() / tiles.tile_columns());
    let mut groups_at_most = match target.groups {
        Some(GroupRule::Separate) => 1,
        _ => tiles.blocks.min(slots),
    };
    let windows_at_most = usize::try_from(tiles.partition.windows()).unwrap_or(usize::MAX);
    let mut packings = Vec::new();
    while groups_at_most > 0 {
        // Of the packings that need equally many crossbars, the one of the fewest groups leaves most room for windows.
        let groups = tiles.blocks.div_ceil(tiles.blocks.div_ceil(groups_at_most));
        packings.push(Packing { groups, windows: (slots / groups).min(windows_at_most) });
        groups_at_most = groups - 1;
    }
    Ok(packings)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn smallest_windows_reach_every_count() {
        for output in 1..200usize {
            let mut expected: Vec<usize> = Vec::new();
            for window in 1..=output {
                let smallest = (1..=window).find(|&smaller| output.div_ceil(smaller) == output.div_ceil(window));
                expected.extend(smallest);
            }
            expected.dedup();
            assert_eq!(smallest_of_each_count(output), expected, "{output}");
        }
    }
}
