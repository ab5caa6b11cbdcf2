//! Layers that share crossbars: the used corners of partly filled crossbars, packed as rectangles.
//!
//! Each crossbar of a mapping uses a rectangle of rows × columns from its corner. Packing these rectangles into fewer crossbars
//! is two-dimensional bin packing without rotation. Members of a shared crossbar may have rows or columns in common, so they
//! take turns: while one is driven, the rows of the others are held at zero and their columns are not read. Layers of one image run one
//! after another anyway, but crossbars of one layer are driven at once by the mapping; where several of them lie in one shared crossbar,
//! each of the layer's cycles takes as many turns ([`Sharing::cycles`]).
//!
//! Guaranteed: members lie inside their crossbar and no two overlap in a cell. [`lower_bound`] says how far the packing can be
//! from the optimum.

mod bound;
mod rectangles;

pub use bound::lower_bound;
pub use rectangles::{Place, Rectangle, pack};

use super::{Mapping, MappingError, Tiles};
use std::collections::BTreeMap;

/// The most crossbars a mapping may have to be packed.
pub const MOST_CROSSBARS: u64 = 100_000;

/// One crossbar of the mapping inside a shared one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Member {
    /// Place of the layer in the mapping.
    pub layer: usize,
    /// Which copy of the layer.
    pub copy: u64,
    /// Place of the crossbar in [`placement::crossbars`](super::placement::crossbars).
    pub crossbar: usize,
    /// Rows and columns it uses.
    pub size: Rectangle,
    /// Where it lies.
    pub place: Place,
}

/// A mapping whose crossbars are shared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sharing {
    /// Shared crossbars.
    pub crossbars: u64,
    /// No packing of these rectangles takes fewer.
    pub lower_bound: u64,
    /// Steps in series for an image: each cycle of a layer counts as often as the shared crossbar that holds most of the layer's crossbars
    /// holds of them. Members without a row or column in common could be driven together; they are counted apart.
    pub cycles: u64,
    /// Every crossbar of the mapping, layer by layer, copy by copy.
    pub members: Vec<Member>,
}

/// Packs the crossbars of a mapping into as few shared ones as best-fit finds.
///
/// # Errors
/// [`MappingError::Setting`] if the mapping has more than [`MOST_CROSSBARS`] crossbars, [`MappingError::Overflow`] if its cycles exceed 64 bits.
pub fn share_crossbars(mapping: &Mapping) -> Result<Sharing, MappingError> {
    let target = mapping.target;
    let crossbars = mapping.total()?.crossbars;
    if crossbars > MOST_CROSSBARS {
        let problem = format!(
            "packing layers together takes at most {MOST_CROSSBARS} crossbars, the mapping has {crossbars}; \
             take a folded scheme, an objective or larger crossbars"
        );
        return Err(MappingError::Setting { problem });
    }
    // An offset column stays in place for all members, so it is not packed.
    let bin =
        Rectangle { rows: target.crossbar.rows, columns: target.crossbar.columns - target.encoding.extra_columns() };
    let mut members = Vec::new();
    for (layer, mapped) in mapping.layers.iter().enumerate() {
        let tiles = Tiles::new(&mapped.shape, mapped.tiling, target.crossbar, target.encoding)?;
        let sizes: Vec<Rectangle> = tiles.used_rectangles().collect();
        for copy in 0..mapped.tiling.replication {
            let member = |(crossbar, &size)| Member { layer, copy, crossbar, size, place: Place::default() };
            members.extend(sizes.iter().enumerate().map(member));
        }
    }
    let sizes: Vec<Rectangle> = members.iter().map(|member| member.size).collect();
    let (places, used) = pack(&sizes, bin);
    members.iter_mut().zip(places).for_each(|(member, place)| member.place = place);
    let cycles = cycles(mapping, &members)?;
    Ok(Sharing { crossbars: used as u64, lower_bound: lower_bound(&sizes, bin) as u64, cycles, members })
}

/// Cycles of all layers, each as often as it takes turns.
fn cycles(mapping: &Mapping, members: &[Member]) -> Result<u64, MappingError> {
    let mut together: BTreeMap<(usize, usize), u64> = BTreeMap::new();
    for member in members {
        *together.entry((member.layer, member.place.bin)).or_default() += 1;
    }
    let mut turns = vec![1; mapping.layers.len()];
    for ((layer, _), members) in together {
        turns[layer] = members.max(turns[layer]);
    }
    let of_layers = mapping.layers.iter().zip(turns);
    of_layers
        .map(|(layer, turns)| layer.counts.cycles.checked_mul(turns))
        .try_fold(0_u64, |sum, cycles| sum.checked_add(cycles?))
        .ok_or_else(|| MappingError::Overflow { layer: mapping.network.clone() })
}
