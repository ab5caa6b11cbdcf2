//! Which layers get 2D+1D kernels, so that the network keeps to a crossbar budget at the least loss.

use super::knapsack::{Choice, Combination, front};
use super::{ExploreError, PlannedKernels};
use crate::mapping::kernels::{Kernels2d, crossbars, crossbars_2d1d};
use crate::mapping::scheme::Scheme;
use crate::mapping::{MappingError, Target};
use crate::network::{ConvShape, Layer, NamedLayer, Network, ReplacedLayers, nearest};
use serde::{Serialize, Serializer};
use std::collections::{BTreeMap, btree_map::Entry};
use std::{fmt, iter};

/// The greatest magnitude of a loss: sums stay finite.
pub const MAX_LOSS: f64 = 1e100;

/// The kernels a layer can have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kernels {
    /// As it is.
    Kernel3d,
    /// 2D kernels and a 1D kernel.
    Kernel2d1d {
        /// 2D kernels per input channel.
        rank: usize,
    },
}

/// As the kernel plan that gives all layers these kernels.
impl fmt::Display for Kernels {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let layers = match *self {
            Self::Kernel3d => ReplacedLayers::None,
            Self::Kernel2d1d { rank } => ReplacedLayers::All { rank },
        };
        layers.fmt(f)
    }
}

impl Serialize for Kernels {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// One way to lay a layer out.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct KernelOption {
    /// Its kernels.
    pub kernels: Kernels,
    /// Crossbars they take.
    pub crossbars: u64,
    /// What they lose; 0 for the layer as it is.
    pub loss: f64,
}

/// A replaceable layer with its options.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LayerOptions {
    /// The layer's name.
    pub name: String,
    /// Those that fit the crossbar, the layer as it is first, then by rank; never none.
    pub options: Vec<KernelOption>,
}

impl LayerOptions {
    /// The option with these kernels, if it fits the crossbar.
    pub fn option(&self, kernels: Kernels) -> Option<&KernelOption> {
        self.options.iter().find(|option| option.kernels == kernels)
    }
}

/// The search for the best kernel plans of a network under one scheme on one crossbar.
///
/// ```
/// use std::collections::BTreeMap;
/// use tilewright::explore::KernelSearch;
/// use tilewright::mapping::{CrossbarSize, Encoding, SignRule, Target, scheme::SubImage};
/// use tilewright::network::zoo;
///
/// let network = zoo::build("resnet20")?;
/// let target = Target::new(CrossbarSize::new(128, 128)?, Encoding::whole(SignRule::Differential));
/// // Say every layer loses as much, but the first one ten times that.
/// let mut losses: BTreeMap<String, Vec<f64>> =
///     network.replaceable_layers().into_iter().map(|layer| (layer.name, vec![0.125])).collect();
/// losses.insert("conv1".into(), vec![1.25]);
///
/// let search = KernelSearch::new(&network, &losses, &SubImage, &target)?;
/// let planned = search.best(40_000)?;
/// assert_eq!((planned.crossbars, planned.loss, planned.replaced.len()), (39_041, 1.0, 8));
/// let smaller = planned.plan().select(&network)?.apply(&network)?;
/// assert_eq!(smaller.layers().len(), 28);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct KernelSearch {
    /// The network's name.
    pub network: String,
    /// The scheme the crossbars are counted under.
    pub scheme: &'static str,
    /// What the network is mapped onto.
    pub target: Target,
    /// Crossbars of the layers that cannot be replaced.
    pub fixed_crossbars: u64,
    /// The replaceable layers in execution order.
    pub layers: Vec<LayerOptions>,
}

impl KernelSearch {
    /// Counts the crossbars of every option. `losses` has the losses of replacing each replaceable layer by kernels of rank 1,
    /// 2, …, by its name; of as many ranks as are to be considered.
    ///
    /// # Errors
    /// [`ExploreError::Losses`] if a name is no replaceable layer's, a replaceable layer has no loss or losses of ranks beyond
    /// its full one, or a loss is not a number within ±[`MAX_LOSS`]; [`ExploreError::Mapping`] if a layer fits the crossbar
    /// under no option.
    pub fn new(
        network: &Network,
        losses: &BTreeMap<String, Vec<f64>>,
        scheme: &dyn Scheme,
        target: &Target,
    ) -> Result<Self, ExploreError> {
        target.encoding.verify()?;
        let losses = &by_own_names(network, losses)?;
        check(network, losses)?;
        let mut search = Self {
            network: network.name.clone(),
            scheme: scheme.name(),
            target: *target,
            fixed_crossbars: 0,
            layers: vec![],
        };
        // Networks repeat their layers, so each shape is counted once.
        let mut known: BTreeMap<(ConvShape, usize), Vec<(Kernels, u64)>> = BTreeMap::new();
        for layer in network.layers() {
            let of_ranks = losses.get(&layer.name);
            let ranks = of_ranks.map_or(0, Vec::len);
            let counted = match known.entry((layer.shape, ranks)) {
                Entry::Occupied(counted) => counted.into_mut(),
                Entry::Vacant(place) => {
                    let counted = count(&layer.shape, (ranks, Kernels2d::of(network)), scheme, target);
                    place.insert(counted.map_err(|error| error.of_layer(&layer.name))?)
                }
            };
            if let Some(of_ranks) = of_ranks {
                let option = |&(kernels, crossbars)| {
                    let loss = match kernels {
                        Kernels::Kernel3d => 0.0,
                        Kernels::Kernel2d1d { rank } => of_ranks[rank - 1],
                    };
                    KernelOption { kernels, crossbars, loss }
                };
                search.layers.push(LayerOptions { name: layer.name, options: counted.iter().map(option).collect() });
            } else {
                let sum = search.fixed_crossbars.checked_add(counted[0].1);
                search.fixed_crossbars = sum.ok_or(MappingError::Overflow { layer: layer.name })?;
            }
        }
        Ok(search)
    }

    /// The plan with the least loss whose network takes at most `budget` crossbars.
    ///
    /// Of plans that lose the same the one with fewer crossbars is taken, then that with the lesser sum of ranks (with ranks of
    /// 1: fewer layers replaced), then that with the greater rank in the first layer in which they differ.
    ///
    /// # Errors
    /// [`ExploreError::Budget`] if no plan keeps to the budget, with the least that one does; [`ExploreError::TooMany`] if the
    /// layers have more combinations than can be kept.
    pub fn best(&self, budget: u64) -> Result<PlannedKernels, ExploreError> {
        let least = self.least_crossbars();
        self.front_within(budget)?.pop().ok_or(ExploreError::Budget { budget, least })
    }

    /// The best plan for every budget: fewest crossbars first, each with a lower loss than the one before, ties as in
    /// [`KernelSearch::best`].
    ///
    /// # Errors
    /// [`ExploreError::TooMany`] if the layers have more combinations than can be kept; [`ExploreError::Mapping`] if even
    /// the fewest crossbars exceed 64 bits.
    pub fn front(&self) -> Result<Vec<PlannedKernels>, ExploreError> {
        let front = self.front_within(u64::MAX)?;
        if front.is_empty() {
            return Err(MappingError::Overflow { layer: self.network.clone() }.into());
        }
        Ok(front)
    }

    /// The fewest crossbars a plan can have; saturating.
    pub fn least_crossbars(&self) -> u64 {
        let fewest = |layer: &LayerOptions| layer.options.iter().map(|option| option.crossbars).min();
        self.layers.iter().filter_map(fewest).fold(self.fixed_crossbars, u64::saturating_add)
    }

    fn front_within(&self, budget: u64) -> Result<Vec<PlannedKernels>, ExploreError> {
        let Some(budget) = budget.checked_sub(self.fixed_crossbars) else { return Ok(vec![]) };
        let choice = |option: &KernelOption| Choice { crossbars: option.crossbars, loss: option.loss };
        let layers: Vec<Vec<Choice>> =
            self.layers.iter().map(|layer| layer.options.iter().map(choice).collect()).collect();
        let planned = |Combination { crossbars, loss, choices }: Combination| {
            let chosen = self.layers.iter().zip(choices);
            let replaced = chosen.filter_map(|(layer, choice)| match layer.options[choice].kernels {
                Kernels::Kernel3d => None,
                Kernels::Kernel2d1d { rank } => Some(NamedLayer { name: layer.name.clone(), rank }),
            });
            PlannedKernels {
                crossbars: self.fixed_crossbars + crossbars,
                loss,
                replaceable: self.layers.len(),
                replaced: replaced.collect(),
            }
        };
        Ok(front(&layers, budget)?.into_iter().map(planned).collect())
    }
}

/// Crossbars of a layer as it is and with 2D+1D kernels of rank 1 to `ranks`, as far as they fit the crossbar; an error if
/// none does.
fn count(
    shape: &ConvShape,
    (ranks, kernels_2d): (usize, Kernels2d),
    scheme: &dyn Scheme,
    target: &Target,
) -> Result<Vec<(Kernels, u64)>, MappingError> {
    let kernel_3d = crossbars(shape, scheme, target);
    let of_rank = |rank| (Kernels::Kernel2d1d { rank }, crossbars_2d1d(shape, (rank, kernels_2d), scheme, target));
    let mut options = Vec::new();
    for (kernels, counted) in iter::once((Kernels::Kernel3d, kernel_3d.clone())).chain((1..=ranks).map(of_rank)) {
        match counted {
            Ok(crossbars) => options.push((kernels, crossbars)),
            Err(MappingError::DoesNotFit { .. }) => {}
            Err(error) => return Err(error),
        }
    }
    if options.is_empty() { kernel_3d.map(|_| options) } else { Ok(options) }
}

/// The losses by the names that layers have, where they are called by further names of theirs.
fn by_own_names(
    network: &Network,
    losses: &BTreeMap<String, Vec<f64>>,
) -> Result<BTreeMap<String, Vec<f64>>, ExploreError> {
    let mut by_own = BTreeMap::new();
    for (named, losses) in losses {
        let name = network.name_of(named).to_owned();
        if by_own.insert(name.clone(), losses.clone()).is_some() {
            let problem = format!("name {named:?}, which is {name:?}, and that too; give one of the two");
            return Err(ExploreError::Losses { problem });
        }
    }
    Ok(by_own)
}

/// Whether each replaceable layer, and no other, has losses that can be added.
fn check(network: &Network, losses: &BTreeMap<String, Vec<f64>>) -> Result<(), ExploreError> {
    let fail = |problem: String| Err(ExploreError::Losses { problem });
    let layers = network.replaceable_layers();
    let names = || layers.iter().map(|layer| layer.name.as_str());
    for (name, of_ranks) in losses {
        let Some(Layer { shape, .. }) = layers.iter().find(|layer| layer.name == *name) else {
            let hint = nearest(name, names()).map(|near| format!("; did you mean {near:?}?")).unwrap_or_default();
            return fail(format!("name {name:?}, which is not a replaceable layer of {:?}{hint}", network.name));
        };
        if let Some(loss) = of_ranks.iter().find(|loss| loss.is_nan() || loss.abs() > MAX_LOSS) {
            return fail(format!("have {loss} for {name:?}; give a number between -1e100 and 1e100"));
        }
        if of_ranks.len() > shape.full_rank() {
            let (ranks, most) = (of_ranks.len(), shape.full_rank());
            return fail(format!("have {ranks} ranks for {name:?}, which has {most}; give one for each rank from 1"));
        }
    }
    let missing: Vec<&str> = names().filter(|name| losses.get(*name).is_none_or(Vec::is_empty)).collect();
    match missing[..] {
        [] => Ok(()),
        [first, ..] => fail(format!(
            "have no number for {} of the {} replaceable layers of {:?}, the first is {first:?}; give one for each",
            missing.len(),
            layers.len(),
            network.name
        )),
    }
}
