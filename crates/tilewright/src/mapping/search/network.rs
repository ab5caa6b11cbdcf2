//! A candidate and a number of copies for every layer of a network.
//!
//! Layers share only the limit, so fewest crossbars within a cycle limit is the sum of each layer's fewest; the fewest cycles
//! of the slowest layer within a budget follow by bisection of that limit; least total cycles are a knapsack
//! ([`latency`](super)).

use super::front::{Point, front};
use super::{Candidate, Objective, SearchRecord, StopReason, latency};
use crate::mapping::{MappingError, Tiling};

/// One tiling per layer and what the search did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chosen {
    /// The tiling of each layer, copies included.
    pub tilings: Vec<Tiling>,
    /// Why the search stopped.
    pub record: SearchRecord,
}

/// Picks for every layer the candidate and the number of copies that together are best.
///
/// `layers` has the candidates of each layer, none of them empty.
///
/// # Errors
/// [`MappingError::Infeasible`] if the budget is below the fewest crossbars that hold one copy of every layer.
pub fn choose(layers: &[&[Candidate]], objective: Objective) -> Result<Chosen, MappingError> {
    let all: u64 = layers.iter().map(|candidates| candidates.len() as u64).sum();
    let (tilings, stop, compared) = match objective {
        Objective::Activations => {
            let best = layers.iter().map(|candidates| {
                let best = candidates.iter().min_by_key(|candidate| candidate.by_activations());
                best.expect("every layer has a candidate").tiling
            });
            (best.collect(), StopReason::Exhausted, all)
        }
        Objective::Crossbars { max_cycles } => {
            (fewest_crossbars(layers, max_cycles.unwrap_or(u64::MAX)), StopReason::Exhausted, all)
        }
        Objective::Cycles { budget } => fewest_bottleneck_cycles(layers, budget)?,
        Objective::Latency { budget: None } => (fewest_crossbars(layers, 1), StopReason::Exhausted, all),
        Objective::Latency { budget: Some(budget) } => least_latency(layers, budget)?,
        Objective::Priced { .. } => {
            let problem = "an area, an energy or a time needs a cost model: search by the cost stage".into();
            return Err(MappingError::Setting { problem });
        }
    };
    Ok(Chosen { tilings, record: SearchRecord { objective, stop, compared } })
}

fn fewest_crossbars(layers: &[&[Candidate]], max_cycles: u64) -> Vec<Tiling> {
    let best = |candidates: &[Candidate]| {
        let best = candidates.iter().min_by_key(|candidate| candidate.by_crossbars(max_cycles));
        let best = best.expect("every layer has a candidate");
        Tiling { replication: best.copies_within(max_cycles), ..best.tiling }
    };
    layers.iter().map(|candidates| best(candidates)).collect()
}

/// Crossbars of [`fewest_crossbars`], saturating.
fn crossbars_within(layers: &[&[Candidate]], max_cycles: u64) -> u64 {
    let fewest = |candidates: &&[Candidate]| candidates.iter().map(|c| c.crossbars_within(max_cycles)).min();
    layers.iter().filter_map(fewest).fold(0, u64::saturating_add)
}

fn fewest_bottleneck_cycles(
    layers: &[&[Candidate]],
    budget: Option<u64>,
) -> Result<(Vec<Tiling>, StopReason, u64), MappingError> {
    let all: u64 = layers.iter().map(|candidates| candidates.len() as u64).sum();
    let budget = budget.unwrap_or(u64::MAX);
    let (mut least, mut most) = (1, slowest(layers));
    check_budget(layers, budget)?;
    let mut rounds = 1;
    while least < most {
        let middle = least + (most - least) / 2;
        if crossbars_within(layers, middle) <= budget {
            most = middle;
        } else {
            least = middle + 1;
        }
        rounds += 1;
    }
    let stop = match most {
        1 => StopReason::Exhausted,
        _ => StopReason::NextLimitTakes { crossbars: crossbars_within(layers, most - 1) },
    };
    Ok((fewest_crossbars(layers, most), stop, all * rounds))
}

fn least_latency(layers: &[&[Candidate]], budget: u64) -> Result<(Vec<Tiling>, StopReason, u64), MappingError> {
    check_budget(layers, budget)?;
    let fewest = crossbars_within(layers, u64::MAX);
    let fronts: Vec<Vec<Point>> = layers
        .iter()
        .map(|candidates| {
            let own = candidates.iter().map(|candidate| candidate.counts.crossbars).min().unwrap_or(0);
            front(candidates, budget - (fewest - own))
        })
        .collect();
    let choice = latency::least_latency(&fronts, budget).expect("one copy of every layer keeps to the budget");
    let tiling = |(layer, &place): (usize, &usize)| {
        let point = fronts[layer][place];
        Tiling { replication: point.copies, ..layers[layer][point.candidate].tiling }
    };
    Ok((choice.points.iter().enumerate().map(tiling).collect(), choice.stop, choice.compared))
}

/// Cycles of the slowest layer when every layer has the fewest crossbars.
fn slowest(layers: &[&[Candidate]]) -> u64 {
    layers.iter().flat_map(|candidates| candidates.iter().map(|c| c.counts.windows)).max().unwrap_or(1)
}

fn check_budget(layers: &[&[Candidate]], budget: u64) -> Result<(), MappingError> {
    let fewest = crossbars_within(layers, u64::MAX);
    if fewest <= budget {
        return Ok(());
    }
    let problem =
        format!("a budget of {budget} crossbars, but one copy of every layer takes {fewest}; raise the budget");
    Err(MappingError::Infeasible { problem })
}
