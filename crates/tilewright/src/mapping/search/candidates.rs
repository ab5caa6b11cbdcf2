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
pub(in crate::mapping) fn smallest_of_each_count(output: usize) -> Vec<usize> {
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
/// The space: output windows up to the whole output; row blocks cut after every R rows (unless the target asks for whole
/// channels), after any number of whole channels, or per kernel position; column blocks cut when full or after any number of
/// whole output channels; groups block by block or as one block with zeros; every packing of groups and windows; and the whole
/// layer's band. Left out is only what another candidate equals or beats in crossbars and loads, activations, input loads and
/// window: larger windows of equally many parts, smaller tiles and packings of equally many crossbars.
///
/// # Errors
/// [`MappingError::DoesNotFit`] if no tiling fits; [`MappingError::Overflow`] if counts exceed 64 bits.
pub fn candidates(shape: &ConvShape, target: &Target) -> Result<Vec<Candidate>, MappingError> {
    let mut found = Vec::new();
    let mut misfit = None;
    for tiling in unpacked(shape, target) {
        let tiles = match Tiles::new(shape, tiling, target.crossbar, target.encoding) {
            Err(error @ MappingError::DoesNotFit { .. }) => {
                misfit.get_or_insert(error);
                continue;
            }
            tiles => tiles?,
        };
        for packing in packings(&tiles, target) {
            found.push(Candidate::new(shape, Tiling { packing, ..tiling }, target)?);
        }
    }
    match (found.is_empty(), misfit) {
        (true, Some(error)) => Err(error),
        _ => Ok(found),
    }
}

/// The tilings worth trying before packing.
fn unpacked(shape: &ConvShape, target: &Target) -> Vec<Tiling> {
    let whole_channels = target.row_split == Some(RowSplit::Channel);
    let mut tilings = Vec::new();
    for &scope in scopes(shape, target) {
        let base = Tiling { scope, ..Tiling::IM2COL };
        let slots_at_most = if scope == BlockScope::Group { shape.groups } else { 1 };
        for window in windows(shape) {
            let base = Tiling { window, ..base };
            let partition = Partition::new(shape, window);
            let least = [partition.touched_pixels(), partition.window_pixels()];
            let windows = usize::try_from(partition.windows()).unwrap_or(usize::MAX);
            if !whole_channels {
                tilings.push(base);
            }
            let sizes = tile_sizes(least, slots_at_most.saturating_mul(windows), target);
            tilings.extend(sizes.skip(usize::from(!whole_channels)).map(|[inputs, outputs]| Tiling {
                rows: RowCut::Channel(inputs),
                columns: ColumnCut::Channel(outputs),
                ..base
            }));
        }
        let positions = tile_sizes([1, 1], usize::MAX, target).map(|[_, outputs]| ColumnCut::Channel(outputs));
        let columns = std::iter::once(ColumnCut::Element).chain(positions);
        tilings.extend(columns.map(|columns| Tiling { rows: RowCut::Position, columns, ..base }));
        if !whole_channels {
            tilings.push(Tiling { window: shape.output(), rows: RowCut::Band, ..base });
        }
    }
    tilings
}

const fn scopes(shape: &ConvShape, target: &Target) -> &'static [BlockScope] {
    match target.groups {
        _ if shape.groups == 1 => &[BlockScope::Group],
        None => &[BlockScope::Group, BlockScope::Layer],
        Some(GroupRule::Packed | GroupRule::Separate) => &[BlockScope::Group],
        Some(GroupRule::Dense) => &[BlockScope::Layer],
    }
}

/// Input and output channels of a tile, for every number of tiles that can share a crossbar: as many as then fit.
///
/// `least` has the rows of one input channel and the weight columns of one output channel. With s tiles a crossbar, more
/// channels a tile than ⌊R / (s·rows)⌋ do not fit and fewer only make more tiles; so s alone is enumerated.
fn tile_sizes(least: [usize; 2], slots_at_most: usize, target: &Target) -> impl Iterator<Item = [usize; 2]> + use<> {
    let most = [target.crossbar.rows / least[0], target.weights_per_row() / least[1]];
    (1..=most[0].min(most[1]).min(slots_at_most)).map(move |slots| most.map(|channels| channels / slots))
}

/// The packings worth trying: for each number of crossbars the groups can share, as many windows as then fit.
fn packings(tiles: &Tiles, target: &Target) -> Vec<Packing> {
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
    packings
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
