//! A whole network mapped.

use super::scheme::{self, Scheme};
use super::search::network::{Chosen, choose};
use super::search::{Candidate, Objective, SearchRecord, candidates};
use super::shared_weights;
use super::sharing::Sharing;
use super::targets::{OwnTarget, not_alike};
use super::{Counts, CrossbarSize, Encoding, GroupRule, MappingError, SharedWeights, Target, Targets, Tiles, Tiling};
use crate::network::{ConvShape, Layer, LayerKind, Network};
use serde::Serialize;
use std::collections::BTreeMap;
use std::sync::Arc;

/// One layer on crossbars.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LayerMapping {
    /// The layer's name.
    pub name: String,
    /// What the field calls it.
    pub kind: LayerKind,
    /// Its shape.
    pub shape: ConvShape,
    /// The unit crossbar that it is on.
    pub crossbar: CrossbarSize,
    /// How its weights become cells.
    pub encoding: Encoding,
    /// The scheme that tiled it.
    pub scheme: &'static str,
    /// How it is cut into tiles and copied.
    pub tiling: Tiling,
    /// What it takes.
    pub counts: Counts,
    /// The place of the earlier layer on whose crossbars its weights are, where those with the same weights are held once.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub held_by: Option<usize>,
}

/// A network on crossbars.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Mapping {
    /// The network's name.
    pub network: String,
    /// The scheme's name.
    pub scheme: &'static str,
    /// What layers were mapped onto, unless they had a target of their own.
    pub target: Target,
    /// The layers in execution order.
    pub layers: Vec<LayerMapping>,
    /// What the search for an objective did, if there was one.
    pub search: Option<SearchRecord>,
    /// Where layers lie that share crossbars ([`Mapping::shared`]); none if each has crossbars of its own.
    #[serde(skip)]
    pub sharing: Option<Arc<Sharing>>,
}

/// Maps every layer of a network by a scheme onto a target, or onto one for each layer ([`Targets`]).
///
/// With an objective, `optimal` searches its whole space for it, and every other scheme chooses the number of copies of its
/// own tiling; without one, each layer is tiled as the scheme says.
///
/// # Errors
/// [`MappingError::DoesNotFit`] naming the first layer the scheme cannot fit onto the crossbar, an overflow of the counts, or
/// an objective whose limit cannot be met.
pub fn map_network(
    network: &Network,
    scheme: &dyn Scheme,
    target: impl Into<Targets>,
    objective: Option<Objective>,
) -> Result<Mapping, MappingError> {
    let targets = target.into();
    let Some(objective) = objective else {
        targets.verify(network)?;
        let layers = network.layers();
        let tilings = tile(&layers, scheme, &targets)?;
        return place(network, scheme, &targets, layers.into_iter().zip(tilings), None);
    };
    map_network_by(network, scheme, &targets, |options| choose(options, objective))
}

/// Maps every layer of a network by a scheme, the tilings chosen among the options of each layer by `choose`.
///
/// The options of `optimal` are the whole mapping space, those of any other scheme its one tiling, each with one copy.
///
/// # Errors
/// As [`map_network`], or what `choose` returns.
pub fn map_network_by<E: From<MappingError>>(
    network: &Network,
    scheme: &dyn Scheme,
    target: impl Into<Targets>,
    choose: impl FnOnce(&[&[Candidate]]) -> Result<Chosen, E>,
) -> Result<Mapping, E> {
    let targets = target.into();
    targets.verify(network)?;
    verify_searched(&targets.common)?;
    let layers = network.layers();
    let options = Options::new(&layers, scheme, &targets);
    let of = |layer: &Layer| options.of(layer, &targets).map_err(|error| error.of_layer(&layer.name));
    let of_layers: Vec<&[Candidate]> = layers.iter().map(of).collect::<Result<_, _>>()?;
    let Chosen { tilings, record } = choose(&of_layers)?;
    Ok(place(network, scheme, &targets, layers.iter().cloned().zip(tilings), Some(record))?)
}

/// The tilings that a scheme leaves to choose from, layer by layer, or why none fits. Layers alike share theirs.
pub(crate) struct Options(BTreeMap<Alike, Result<Vec<Candidate>, MappingError>>);

impl Options {
    pub(crate) fn new(layers: &[Layer], scheme: &dyn Scheme, targets: &Targets) -> Self {
        let mut known = BTreeMap::new();
        for layer in layers {
            let of = || options(&layer.shape, targets.scheme(&layer.name, scheme), &targets.of(&layer.name));
            known.entry(alike(layer, targets)).or_insert_with(of);
        }
        Self(known)
    }

    /// Those of a layer, onto the targets that they were made for.
    pub(crate) fn of(&self, layer: &Layer, targets: &Targets) -> Result<&[Candidate], MappingError> {
        self.0[&alike(layer, targets)].as_deref().map_err(Clone::clone)
    }
}

/// What layers that are tiled alike have in common: their shape, and their target where it is their own.
type Alike = (ConvShape, Option<(CrossbarSize, Encoding, Option<&'static str>)>);

fn alike(layer: &Layer, targets: &Targets) -> Alike {
    (layer.shape, targets.own(&layer.name))
}

/// Checks that a search for an objective counts what the target says. Copies shorten what is loaded in turn, not the turns of a crossbar, so
/// what it rules out holds without turns only; and it counts the crossbars of every layer, also of those that use another one's.
pub(crate) fn verify_searched(target: &Target) -> Result<(), MappingError> {
    let problem = if target.groups == Some(GroupRule::Turns) {
        "an objective with groups that take turns, which no search compares yet; take the groups packed or separate, or no objective"
    } else if target.shared_weights == SharedWeights::Once {
        "an objective with weights that are held once, which no search compares yet; hold them apart, or take no objective"
    } else {
        return Ok(());
    };
    Err(MappingError::Setting { problem: problem.into() })
}

/// The tiling of each layer as its scheme says. Networks repeat their layers, so those alike are tiled once.
fn tile(layers: &[Layer], scheme: &dyn Scheme, targets: &Targets) -> Result<Vec<Tiling>, MappingError> {
    let mut known = BTreeMap::new();
    let mut tilings = Vec::with_capacity(layers.len());
    for layer in layers {
        let tiling = match known.get(&alike(layer, targets)) {
            Some(&tiling) => tiling,
            None => {
                let (scheme, target) = (targets.scheme(&layer.name, scheme), targets.of(&layer.name));
                scheme.tile(&layer.shape, &target).map_err(|error| error.of_layer(&layer.name))?
            }
        };
        known.insert(alike(layer, targets), tiling);
        tilings.push(tiling);
    }
    Ok(tilings)
}

/// The layers with their tilings and counts.
fn place(
    network: &Network,
    scheme: &dyn Scheme,
    targets: &Targets,
    tiled: impl Iterator<Item = (Layer, Tiling)>,
    search: Option<SearchRecord>,
) -> Result<Mapping, MappingError> {
    let mapped = tiled.map(|(layer, tiling)| {
        let Target { crossbar, encoding, .. } = targets.of(&layer.name);
        let tiles = Tiles::new(&layer.shape, tiling, crossbar, encoding);
        let counts = tiles.and_then(|tiles| tiles.counts()).map_err(|error| error.of_layer(&layer.name))?;
        Ok(LayerMapping {
            kind: layer.shape.kind(),
            shape: layer.shape,
            crossbar,
            encoding,
            scheme: targets.scheme(&layer.name, scheme).name(),
            tiling,
            counts,
            held_by: None,
            name: layer.name,
        })
    });
    let mut layers = mapped.collect::<Result<Vec<_>, MappingError>>()?;
    if targets.common.shared_weights == SharedWeights::Once {
        let cells = |place: usize| {
            let LayerMapping { shape, crossbar, encoding, tiling, .. } = layers[place];
            (shape, crossbar, encoding, tiling)
        };
        let holders = shared_weights::holders(network, |one, other| cells(one) == cells(other))?;
        layers.iter_mut().zip(holders).for_each(|(layer, holder)| layer.held_by = holder);
    }
    Ok(Mapping {
        network: network.name.clone(),
        scheme: scheme.name(),
        target: targets.common,
        layers,
        search,
        sharing: None,
    })
}

fn options(shape: &ConvShape, scheme: &dyn Scheme, target: &Target) -> Result<Vec<Candidate>, MappingError> {
    if scheme.name() == super::scheme::Optimal.name() {
        return candidates(shape, target);
    }
    let tiling = Tiling { replication: 1, ..scheme.tile(shape, target)? };
    Ok(vec![Candidate::new(shape, tiling, target)?])
}

impl LayerMapping {
    /// The layer with its tiling, its crossbar and its encoding.
    ///
    /// # Errors
    /// As [`Tiles::new`].
    pub fn tiles(&self) -> Result<Tiles, MappingError> {
        Tiles::new(&self.shape, self.tiling, self.crossbar, self.encoding)
    }

    /// Crossbars of its own: none where those of an earlier layer hold its weights.
    pub const fn own_crossbars(&self) -> u64 {
        if self.held_by.is_some() { 0 } else { self.counts.crossbars }
    }
}

impl Mapping {
    /// What its layers were mapped onto.
    pub fn targets(&self) -> Targets {
        let mut targets = Targets::from(&self.target);
        for LayerMapping { name, crossbar, encoding, scheme, .. } in &self.layers {
            let scheme = (*scheme != self.scheme).then(|| scheme::find(scheme).ok()).flatten();
            if (*crossbar, *encoding) != (self.target.crossbar, self.target.encoding) || scheme.is_some() {
                let own = OwnTarget { crossbar: *crossbar, encoding: *encoding, scheme, asked: false };
                targets.insert(name, own);
            }
        }
        targets
    }

    /// Checks that all layers are on crossbars of one size, with or without an offset column.
    ///
    /// # Errors
    /// [`MappingError::Setting`] naming `what` and the first layer that differs.
    pub fn alike(&self, what: &str) -> Result<(), MappingError> {
        let Target { crossbar, encoding, .. } = self.target;
        let differs = |layer: &&LayerMapping| {
            layer.crossbar != crossbar || layer.encoding.extra_columns() != encoding.extra_columns()
        };
        self.layers.iter().find(differs).map_or(Ok(()), |other| Err(not_alike(&other.name, what)))
    }

    /// The layer whose crossbars hold the weights of the layer at a place: itself, but where layers with the same weights are held once.
    ///
    /// # Panics
    /// If there is no layer at the place.
    pub fn holder(&self, place: usize) -> usize {
        self.layers[place].held_by.unwrap_or(place)
    }

    /// That of each layer.
    pub fn holders(&self) -> Vec<usize> {
        (0..self.layers.len()).map(|place| self.holder(place)).collect()
    }

    /// Crossbars of the network, all copies of all layers.
    pub fn crossbars(&self) -> u64 {
        let apart = || self.layers.iter().fold(0u64, |sum, layer| sum.saturating_add(layer.own_crossbars()));
        self.sharing.as_ref().map_or_else(apart, |sharing| sharing.crossbars)
    }

    /// Crossbars that a layer lies on, all copies: its own, none if another layer holds its weights, or those that it shares.
    ///
    /// # Panics
    /// If there is no layer at the place.
    pub fn crossbars_of(&self, place: usize) -> u64 {
        let apart = || self.layers[place].own_crossbars();
        self.sharing.as_ref().map_or_else(apart, |sharing| sharing.crossbars_of(place).len() as u64)
    }

    /// Cells of all crossbars held, all copies of all layers.
    pub fn cells(&self) -> f64 {
        self.layers.iter().map(|layer| layer.own_crossbars() as f64 * layer.crossbar.cells() as f64).sum()
    }

    /// The sum over all layers; `windows` and blocks too, though only crossbars, activations, cycles and loads mean something.
    ///
    /// # Errors
    /// [`MappingError::Overflow`] if a sum exceeds 64 bits.
    pub fn total(&self) -> Result<Counts, MappingError> {
        let sum_of = |field: &dyn Fn(&LayerMapping) -> u64| {
            let sum = self.layers.iter().try_fold(0u64, |sum, layer| sum.checked_add(field(layer)));
            sum.ok_or_else(|| MappingError::Overflow { layer: self.network.clone() })
        };
        let sum = |field: fn(&Counts) -> u64| sum_of(&|layer| field(&layer.counts));
        Ok(Counts {
            crossbars: sum_of(&LayerMapping::own_crossbars)?,
            windows: sum(|counts| counts.windows)?,
            row_blocks: sum(|counts| counts.row_blocks)?,
            column_blocks: sum(|counts| counts.column_blocks)?,
            array_activations: sum(|counts| counts.array_activations)?,
            cycles: sum(|counts| counts.cycles)?,
            weight_cells: sum_of(&|layer| if layer.held_by.is_some() { 0 } else { layer.counts.weight_cells })?,
            input_loads: sum(|counts| counts.input_loads)?,
        })
    }

    /// Cycles of the slowest layer, or of all layers on the same crossbars: the time between images of a pipeline.
    pub fn bottleneck_cycles(&self) -> u64 {
        let mut cycles = vec![0u64; self.layers.len()];
        for (layer, holder) in self.layers.iter().zip(self.holders()) {
            cycles[holder] = cycles[holder].saturating_add(layer.counts.cycles);
        }
        cycles.into_iter().max().unwrap_or(0)
    }
}
