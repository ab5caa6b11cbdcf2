//! The mapping that costs least: area, energy, time, or a product of them.
//!
//! Each layer's choices are all tilings and numbers of copies. A combination of them is priced in full, as [`CostModel::cost`] does:
//! whole tiles, idle macros, leakage of all over the whole interval, parts of the chip, transport, buffers.
//!
//! Candidates for the best are the combinations that are least for many weights of energy, time and macros, each layer by itself;
//! and, where layers run at once, for many limits on the time of each. From the best of them the search goes on layer by
//! layer until no other choice for any one layer is better; of small networks every combination is priced. What is left open is
//! told: a lower bound, by sums over layers, says how much less any combination can take. Where it closes the result is the
//! optimum.

mod bound;
mod choice;
mod hull;
mod whole;

use self::bound::Bound;
use self::choice::{Choice, Reading, uncovered};
use self::whole::Whole;
use super::{CostError, CostModel};
use crate::hardware::Order;
use crate::mapping::scheme::Scheme;
use crate::mapping::search::latency::least_latency;
use crate::mapping::search::network::Chosen;
use crate::mapping::search::{Candidate, Objective, Point, Priced, SearchRecord, StopReason, keep_front};
use crate::mapping::{Encoding, Mapping, MappingError, Targets, Tiling, map_network_by};
use crate::network::{ConvShape, Network};

impl CostModel {
    /// The mapping of a network onto `target`, or onto [`Targets`], that is best for `least`; with a budget, using no more crossbars (latency only).
    ///
    /// # Errors
    /// [`CostError::Mapping`] if a layer does not fit or the budget is too small; [`CostError::Setting`] for a budget with another
    /// objective than latency, or settings of single layers.
    pub fn optimize(
        &self,
        network: &Network,
        scheme: &dyn Scheme,
        target: impl Into<Targets>,
        (least, budget): (Priced, Option<u64>),
    ) -> Result<Mapping, CostError> {
        let targets = target.into();
        targets.alike(&format!("the objective {}", least.name()))?;
        if budget.is_some() && least != Priced::Latency {
            let problem =
                "a crossbar budget goes with the objectives cycles and latency; area, energy and products take none";
            return Err(CostError::Setting { problem: problem.into() });
        }
        self.verify(network)?;
        map_network_by(network, scheme, &targets, |candidates| {
            let choices = Choices::new(self, network, candidates, (least, budget, &targets))?;
            let whole = Whole::new(self, network);
            let search = Search { whole: &whole, layers: &choices.of_layers(), least, budget };
            let (tilings, stop, combinations) = search.run()?;
            let record = SearchRecord {
                objective: Objective::Priced { least, budget },
                stop,
                compared: choices.compared + combinations,
            };
            Ok(Chosen { tilings, record })
        })
    }
}

/// The choices of layers; networks repeat their layers, so those alike are priced once.
struct Choices {
    kinds: Vec<(ConvShape, (Reading, Encoding), Vec<Choice>)>,
    /// For each layer its kind.
    layers: Vec<usize>,
    compared: u64,
}

impl Choices {
    fn new(
        model: &CostModel,
        network: &Network,
        candidates: &[&[Candidate]],
        (least, budget, targets): (Priced, Option<u64>, &Targets),
    ) -> Result<Self, CostError> {
        let mut choices = Self { kinds: vec![], layers: vec![], compared: 0 };
        for (layer, candidates) in network.layers().iter().zip(candidates) {
            let target = targets.of(&layer.name);
            let reading = model.reading(network, layer, &target.encoding)?;
            let read = (reading, target.encoding);
            let known = choices.kinds.iter().position(|kind| kind.0 == layer.shape && kind.1 == read);
            let kind = match known {
                Some(known) => known,
                None => {
                    let all = model.choices(layer, reading, candidates, (least, &target))?;
                    choices.compared += all.len() as u64;
                    choices.kinds.push((layer.shape, read, uncovered(all, budget.is_some())));
                    choices.kinds.len() - 1
                }
            };
            choices.layers.push(kind);
        }
        Ok(choices)
    }

    fn of_layers(&self) -> Vec<&[Choice]> {
        self.layers.iter().map(|&kind| self.kinds[kind].2.as_slice()).collect()
    }
}

/// A search for the least of something over combinations of choices.
struct Search<'a> {
    whole: &'a Whole<'a>,
    layers: &'a [&'a [Choice]],
    least: Priced,
    budget: Option<u64>,
}

/// A combination with its value: what is least, and what decides among equals.
#[derive(Clone)]
struct Found {
    chosen: Vec<Choice>,
    value: [f64; 2],
}

/// Powers of two around the middle that weights are tried in.
const WEIGHTS: std::ops::RangeInclusive<i32> = -24..=24;
/// Combinations that are all priced where the bound does not close.
const MOST_ENUMERATED: u64 = 100_000;
/// Limits on a layer's time that are tried where layers run at once.
const MOST_LIMITS: usize = 64;

impl Search<'_> {
    fn run(&self) -> Result<(Vec<Tiling>, StopReason, u64), MappingError> {
        let mut compared = 0;
        let mut best = self.within_budget()?;
        for chosen in self.starts() {
            compared += 1;
            self.keep_better(&mut best, chosen);
        }
        let Some(mut best) = best else {
            let problem = format!("no combination keeps to {} crossbars; raise the budget", self.budget.unwrap_or(0));
            return Err(MappingError::Infeasible { problem });
        };
        compared += self.improve(&mut best);
        let bound = Bound { whole: self.whole, layers: self.layers, budget: self.budget }.of(self.least);
        let combinations = self.layers.iter().map(|choices| choices.len() as u64).try_fold(1u64, u64::checked_mul);
        let few = combinations.filter(|&combinations| bound < best.value[0] && combinations <= MOST_ENUMERATED);
        let bound = few.map_or(bound, |combinations| {
            compared += combinations;
            bound.max(self.enumerate(&mut best))
        });
        let open = 1.0 - bound / best.value[0];
        let stop = if open <= 1e-9 {
            StopReason::BoundClosed
        } else {
            StopReason::Within { millionths: (open * 1e6).ceil() as u64 }
        };
        Ok((best.chosen.iter().map(|choice| choice.tiling).collect(), stop, compared))
    }

    fn keep_better(&self, best: &mut Option<Found>, chosen: Vec<Choice>) {
        if !self.is_within(&chosen) {
            return;
        }
        let value = self.whole.totals(&chosen).value(self.least);
        if best.as_ref().is_none_or(|best| value < best.value) {
            *best = Some(Found { chosen, value });
        }
    }

    fn is_within(&self, chosen: &[Choice]) -> bool {
        let crossbars = chosen.iter().fold(0u64, |sum, choice| sum.saturating_add(choice.crossbars));
        self.budget.is_none_or(|budget| crossbars <= budget)
    }

    /// Combinations that are least for some weights of energy, time and macros.
    fn starts(&self) -> Vec<Vec<Choice>> {
        let sum = |of: fn(&Choice) -> f64| -> f64 {
            self.layers.iter().map(|choices| choices.iter().map(of).fold(f64::INFINITY, f64::min)).sum()
        };
        let units = [sum(|choice| choice.own_pj), sum(|choice| choice.time.total_ns), sum(|choice| choice.macros)];
        let mut weights = vec![[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]];
        for power in WEIGHTS {
            let weight = 2f64.powi(power);
            weights.extend([[1.0, weight, 0.0], [1.0, 0.0, weight], [0.0, 1.0, weight]]);
            weights.extend([-12, -6, -3, 0, 3].map(|macros| [1.0, weight, 2f64.powi(macros)]));
        }
        let scaled = weights.iter().map(|weight| [0, 1, 2].map(|place| weight[place] / units[place].max(1e-300)));
        let mut starts: Vec<Vec<Choice>> =
            scaled.clone().filter_map(|weight| self.least_of(weight, f64::INFINITY)).collect();
        if self.whole.order() == Order::Pipelined {
            for limit_ns in self.limits() {
                let few = scaled.clone().step_by(7);
                starts.extend(few.filter_map(|weight| self.least_of(weight, limit_ns)));
            }
        }
        starts
    }

    /// Each layer's choice of least weighted sum among those that take no longer; none if a layer has none.
    fn least_of(&self, [energy, time, macros]: [f64; 3], limit_ns: f64) -> Option<Vec<Choice>> {
        let score = |choice: &Choice| energy * choice.own_pj + time * choice.time.total_ns + macros * choice.macros;
        let of = |choices: &&[Choice]| {
            let timely = choices.iter().filter(|choice| choice.time.total_ns <= limit_ns);
            timely.min_by(|a, b| score(a).total_cmp(&score(b))).copied()
        };
        self.layers.iter().map(of).collect()
    }

    /// Times of layers, evenly taken from all there are.
    fn limits(&self) -> Vec<f64> {
        let mut times: Vec<f64> =
            self.layers.iter().flat_map(|choices| choices.iter().map(|c| c.time.total_ns)).collect();
        times.sort_by(f64::total_cmp);
        times.dedup();
        let step = times.len().div_ceil(MOST_LIMITS).max(1);
        times.into_iter().step_by(step).collect()
    }

    /// Prices every combination, and returns what none is better than: the least of them with the least transport there can be, since
    /// choices that need no more of anything else were dropped without a look at transport.
    fn enumerate(&self, best: &mut Found) -> f64 {
        let least_transport_pj = self.whole.least_transport_pj(self.layers.len());
        let mut bound = f64::INFINITY;
        let mut places = vec![0; self.layers.len()];
        loop {
            let chosen: Vec<Choice> = places.iter().zip(self.layers).map(|(&place, choices)| choices[place]).collect();
            if self.is_within(&chosen) {
                bound = bound.min(self.whole.totals_with(&chosen, least_transport_pj).value(self.least)[0]);
                let value = self.whole.totals(&chosen).value(self.least);
                if value < best.value {
                    *best = Found { chosen, value };
                }
            }
            // Counts on, the first layer fastest.
            let Some(layer) = (0..places.len()).find(|&layer| places[layer] + 1 < self.layers[layer].len()) else {
                return bound;
            };
            places[layer] += 1;
            places[..layer].fill(0);
        }
    }

    /// Goes from choice to choice, one layer at a time, until no other one is better; returns how many were compared.
    fn improve(&self, best: &mut Found) -> u64 {
        let mut compared = 0;
        loop {
            let before = best.value;
            for layer in 0..self.layers.len() {
                let mut chosen = best.chosen.clone();
                for &choice in self.layers[layer] {
                    chosen[layer] = choice;
                    compared += 1;
                    if !self.is_within(&chosen) {
                        continue;
                    }
                    let value = self.whole.totals(&chosen).value(self.least);
                    if value < best.value {
                        *best = Found { chosen: chosen.clone(), value };
                    }
                }
            }
            if best.value >= before {
                return compared;
            }
        }
    }

    /// With a budget, the combination of least time one after another that keeps to it: the mapping stage's knapsack, in picoseconds.
    fn within_budget(&self) -> Result<Option<Found>, MappingError> {
        let Some(budget) = self.budget else { return Ok(None) };
        let fewest: u64 =
            self.layers.iter().filter_map(|choices| choices.iter().map(|choice| choice.crossbars).min()).sum();
        if fewest > budget {
            let problem =
                format!("a budget of {budget} crossbars, but one copy of every layer takes {fewest}; raise the budget");
            return Err(MappingError::Infeasible { problem });
        }
        let fronts: Vec<Vec<Point>> = self.layers.iter().map(|choices| front(choices, budget)).collect();
        let Some(found) = least_latency(&fronts, budget) else { return Ok(None) };
        let places = found.points.iter().zip(&fronts).map(|(&place, front)| front[place].candidate);
        let mut best = None;
        self.keep_better(&mut best, places.zip(self.layers).map(|(place, choices)| choices[place]).collect());
        Ok(best)
    }
}

/// Options no other one beats in both crossbars and time, fewest crossbars first.
fn front(choices: &[Choice], budget: u64) -> Vec<Point> {
    let mut points: Vec<Point> = choices
        .iter()
        .enumerate()
        .filter(|(_, option)| option.crossbars <= budget)
        .map(|(candidate, option)| {
            let cycles = (option.time.total_ns * 1e3).round() as u64;
            Point { crossbars: option.crossbars, cycles, candidate, copies: option.tiling.replication }
        })
        .collect();
    points.sort_by_key(|point| (point.crossbars, point.cycles, point.candidate));
    keep_front(&mut points, |point| point.cycles);
    points
}
