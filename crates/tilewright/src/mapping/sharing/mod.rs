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
mod members;
mod rectangles;

pub use bound::lower_bound;
pub use members::{Member, Sharing};
pub use rectangles::{Place, Rectangle, pack};

use super::{GroupRule, Mapping, MappingError, Packing, Tiles, Tiling};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The most crossbars, or packs that take turns in them, a mapping may have to be packed.
pub const MOST_CROSSBARS: u64 = 100_000;

/// Packs the crossbars of a mapping into as few shared ones as best-fit finds.
///
/// # Errors
/// [`MappingError::Setting`] if the mapping has more than [`MOST_CROSSBARS`] crossbars, packs that take turns, or layers on crossbars or in
/// an encoding of their own; [`MappingError::Overflow`] if its cycles exceed 64 bits.
pub fn share_crossbars(mapping: &Mapping) -> Result<Sharing, MappingError> {
    mapping.alike("sharing crossbars")?;
    let at_once = mapping.layers.iter().map(|layer| layer.tiling.packing.groups).max().unwrap_or(1);
    let smallest = match mapping.target.groups {
        Some(GroupRule::Turns) => Rectangles::new(mapping, 1)?,
        _ => Rectangles::new(mapping, usize::MAX)?,
    };
    // A larger pack holds smaller ones side by side, so what no packing of these can do, no other can.
    let lower_bound = lower_bound(&smallest.sizes(), smallest.bin) as u64;
    let mut best = smallest.packed(mapping, lower_bound)?;
    let mut limit = at_once;
    while mapping.target.groups == Some(GroupRule::Turns) && limit > 1 {
        let shared = Rectangles::new(mapping, limit)?.packed(mapping, lower_bound)?;
        if (shared.crossbars, shared.cycles) < (best.crossbars, best.cycles) {
            best = shared;
        }
        limit /= 2;
    }
    Ok(best)
}

impl Mapping {
    /// The same mapping on crossbars that its layers share: each layer has its tiling of [`Sharing::tilings`] and cycles in turns. A search
    /// for an objective was one of layers apart, so what it says of the optimum is left out.
    ///
    /// # Errors
    /// As [`share_crossbars`].
    pub fn shared(mut self) -> Result<Self, MappingError> {
        let sharing = share_crossbars(&self)?;
        for ((layer, &tiling), &turns) in self.layers.iter_mut().zip(&sharing.tilings).zip(&sharing.turns) {
            layer.tiling = tiling;
            layer.counts = layer.tiles()?.counts()?;
            let cycles = layer.counts.windows.div_ceil(tiling.replication).checked_mul(turns);
            layer.counts.cycles = cycles.ok_or_else(|| MappingError::Overflow { layer: layer.name.clone() })?;
        }
        Ok(Self { sharing: Some(Arc::new(sharing)), search: None, ..self })
    }
}

/// The rectangles of a mapping, not yet placed.
struct Rectangles {
    /// What a shared crossbar has for them.
    bin: Rectangle,
    tilings: Vec<Tiling>,
    members: Vec<Member>,
}

impl Rectangles {
    /// Those of a mapping's layers, where groups take turns with at most so many of them at once.
    fn new(mapping: &Mapping, at_once: usize) -> Result<Self, MappingError> {
        let target = mapping.target;
        // An offset column stays in place for all members, so it is not packed.
        let columns = target.crossbar.columns - target.encoding.extra_columns();
        let bin = Rectangle { rows: target.crossbar.rows, columns };
        let (mut tilings, mut members, mut count) = (vec![], vec![], 0u128);
        for (layer, mapped) in mapping.layers.iter().enumerate() {
            let tiles = smaller_packs(mapped.tiles()?, at_once)?;
            tilings.push(tiles.tiling);
            if mapped.held_by.is_some() {
                continue;
            }
            count += tiles.load().activations * u128::from(mapped.tiling.replication);
            check(count)?;
            let sizes: Vec<Rectangle> = tiles.used_rectangles().collect();
            for copy in 0..mapped.tiling.replication {
                let member = |(crossbar, &size)| Member { layer, copy, crossbar, size, place: Place::default() };
                members.extend(sizes.iter().enumerate().map(member));
            }
        }
        Ok(Self { bin, tilings, members })
    }

    fn sizes(&self) -> Vec<Rectangle> {
        self.members.iter().map(|member| member.size).collect()
    }

    fn packed(mut self, mapping: &Mapping, lower_bound: u64) -> Result<Sharing, MappingError> {
        let (places, used) = pack(&self.sizes(), self.bin);
        self.members.iter_mut().zip(places).for_each(|(member, place)| member.place = place);
        let Self { tilings, members, .. } = self;
        let turns = turns(mapping, &members);
        let cycles = cycles(mapping, &tilings, &turns)?;
        Ok(Sharing { crossbars: used as u64, lower_bound, cycles, turns, tilings, members })
    }
}

/// A layer whose groups take turns, with at most so many of them at once; any other as it is.
fn smaller_packs(tiles: Tiles, at_once: usize) -> Result<Tiles, MappingError> {
    let packing = tiles.tiling.packing;
    if packing.groups <= at_once || !tiles.may_take_turns() {
        return Ok(tiles);
    }
    let tiling = Tiling { packing: Packing { groups: at_once, ..packing }, turns: 1, ..tiles.tiling };
    Ok(Tiles::new(&tiles.shape, tiling, tiles.crossbar, tiles.encoding)?.filled())
}

fn check(crossbars: u128) -> Result<(), MappingError> {
    if crossbars <= u128::from(MOST_CROSSBARS) {
        return Ok(());
    }
    let problem = format!(
        "packing layers together takes at most {MOST_CROSSBARS} crossbars or packs that take turns, the mapping has {crossbars} or more; \
         take a folded scheme, an objective or larger crossbars"
    );
    Err(MappingError::Setting { problem })
}

/// For each layer how many of its members the shared crossbar holds that holds most of them.
fn turns(mapping: &Mapping, members: &[Member]) -> Vec<u64> {
    let mut together: BTreeMap<(usize, usize), u64> = BTreeMap::new();
    for member in members {
        *together.entry((member.layer, member.place.bin)).or_default() += 1;
    }
    let mut turns = vec![1; mapping.layers.len()];
    for ((layer, _), members) in together {
        turns[layer] = members.max(turns[layer]);
    }
    mapping.holders().into_iter().map(|holder| turns[holder]).collect()
}

/// Cycles of all layers, each as often as it takes turns.
fn cycles(mapping: &Mapping, tilings: &[Tiling], turns: &[u64]) -> Result<u64, MappingError> {
    let of_layers = mapping.layers.iter().zip(tilings).zip(turns);
    of_layers
        .map(|((layer, tiling), &turns)| layer.counts.windows.div_ceil(tiling.replication).checked_mul(turns))
        .try_fold(0_u64, |sum, cycles| sum.checked_add(cycles?))
        .ok_or_else(|| MappingError::Overflow { layer: mapping.network.clone() })
}
