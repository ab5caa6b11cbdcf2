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
mod kinds;
mod whole;

use self::bound::Bound;
use self::choice::{Choice, More, Offer, Reading, uncovered};
use self::whole::Whole;
use super::{CostError, CostModel};
use crate::hardware::{Chains, Order};
use crate::mapping::scheme::Scheme;
use crate::mapping::search::latency::least_latency;
use crate::mapping::search::network::Chosen;
use crate::mapping::search::{Candidate, Objective, Point, Priced, SearchRecord, StopReason, Within, keep_front};
use crate::mapping::{Mapping, MappingError, Target, Targets, map_network_by};
use crate::network::{ConvShape, Network};

impl CostModel {
    /// The mapping of a network onto `target`, or onto [`Targets`], that is best for `least`; with a
    /// limit, using no more crossbars (latency only) or taking no longer (area and energy only).
    ///
    /// # Errors
    /// [`CostError::Mapping`] if a layer does not fit or the limit cannot be kept; [`CostError::Setting`] for a limit with
    /// another objective.
    pub fn optimize(
        &self,
        network: &Network,
        scheme: &dyn Scheme,
        target: impl Into<Targets>,
        (least, within): (Priced, Option<Within>),
    ) -> Result<Mapping, CostError> {
        let targets = target.into();
        verify_limit(least, within)?;
        self.verify(network)?;
        map_network_by(network, scheme, &targets, |candidates| {
            let offers = network.layers().into_iter().zip(candidates).map(|(layer, candidates)| {
                let model = self.of_layer(&layer.name);
                vec![Offer { kind: 0, model, target: targets.of(&layer.name), candidates }]
            });
            let best = self.least_of(network, &offers.collect::<Vec<_>>(), (least, within))?;
            let tilings = best.chosen.iter().map(|choice| choice.tiling).collect();
            let (budget, max_latency_ps) = (within.and_then(Within::crossbars), within.and_then(Within::latency_ps));
            let objective = Objective::Priced { least, budget, max_latency_ps };
            Ok(Chosen { tilings, record: SearchRecord { objective, stop: best.stop(), compared: best.compared } })
        })
        .map(|mapping| {
            // What was compared are mappings whose maps are all stored.
            let search = mapping.search.filter(|_| self.chip.chains == Chains::Stored);
            Mapping { search, ..mapping }
        })
    }

    /// The best combination of what layers are offered.
    fn least_of(
        &self,
        network: &Network,
        offers: &[Vec<Offer<'_>>],
        (least, within): (Priced, Option<Within>),
    ) -> Result<Optimum, CostError> {
        let choices = Choices::new(self, network, offers, (least, within))?;
        let whole = Whole::new(self, network);
        let search = Search { whole: &whole, layers: &choices.of_layers(), least, within };
        let best = search.run()?;
        Ok(Optimum { compared: choices.compared + best.compared, ..best })
    }
}

fn verify_limit(least: Priced, within: Option<Within>) -> Result<(), CostError> {
    let problem = match (within, least) {
        (None, _)
        | (Some(Within::Crossbars(_)), Priced::Latency)
        | (Some(Within::Latency(_)), Priced::Area | Priced::Energy) => return Ok(()),
        (Some(Within::Crossbars(_)), _) => {
            "a crossbar budget goes with the objectives cycles and latency; area, energy and products take none"
        }
        (Some(Within::Latency(_)), _) => "a limit on latency goes with the objectives area and energy alone",
    };
    Err(CostError::Setting { problem: problem.into() })
}

/// The choices of layers; networks repeat their layers, so those alike are priced once.
struct Choices<'a> {
    alike: Vec<(ConvShape, Vec<Read<'a>>, Vec<Choice>)>,
    /// For each layer its place there.
    layers: Vec<usize>,
    compared: u64,
}

/// What tells the offers of layers of one shape apart.
#[derive(PartialEq)]
struct Read<'a> {
    kind: usize,
    /// Settings of the layer's own.
    own: Option<String>,
    target: Target,
    candidates: &'a [Candidate],
    reading: Reading,
}

impl<'a> Choices<'a> {
    fn new(
        model: &CostModel,
        network: &Network,
        offers: &[Vec<Offer<'a>>],
        (least, within): (Priced, Option<Within>),
    ) -> Result<Self, CostError> {
        let mut choices = Self { alike: vec![], layers: vec![], compared: 0 };
        // Copies on macros that are smaller than the design's may take the place of idle ones in the last tile.
        let fills = |offer: &Offer<'_>| More::of(offer.model, model).area_um2 < 0.0;
        let copied = least != Priced::Area || within.is_some() || offers.iter().flatten().any(fills);
        for (layer, offers) in network.layers().iter().zip(offers) {
            let read =
                |&Offer { kind, model: of_kind, target, candidates }: &Offer<'a>| -> Result<Read<'a>, CostError> {
                    let reading = of_kind.reading(network, layer, &target.encoding)?;
                    let own = model.chip.layers.of(&layer.name);
                    Ok(Read { kind, own, target, candidates, reading })
                };
            let reads = offers.iter().map(read).collect::<Result<Vec<_>, _>>()?;
            let known = choices.alike.iter().position(|alike| alike.0 == layer.shape && alike.1 == reads);
            let place = match known {
                Some(known) => known,
                None => {
                    let mut all = Vec::new();
                    for (offer, read) in offers.iter().zip(&reads) {
                        all.extend(model.choices(layer, read.reading, offer, (least, copied))?);
                    }
                    choices.compared += all.len() as u64;
                    choices.alike.push((
                        layer.shape,
                        reads,
                        uncovered(all, within.and_then(Within::crossbars).is_some()),
                    ));
                    choices.alike.len() - 1
                }
            };
            choices.layers.push(place);
        }
        Ok(choices)
    }

    fn of_layers(&self) -> Vec<&[Choice]> {
        self.layers.iter().map(|&place| self.alike[place].2.as_slice()).collect()
    }
}

/// A search for the least of something over combinations of choices.
struct Search<'a> {
    whole: &'a Whole<'a>,
    layers: &'a [&'a [Choice]],
    least: Priced,
    within: Option<Within>,
}

/// A combination, what it is worth, and what none is better than.
struct Optimum {
    chosen: Vec<Choice>,
    value: f64,
    bound: f64,
    compared: u64,
}

impl Optimum {
    fn stop(&self) -> StopReason {
        let open = 1.0 - self.bound / self.value;
        if open <= 1e-9 {
            StopReason::BoundClosed
        } else {
            StopReason::Within { millionths: (open * 1e6).ceil() as u64 }
        }
    }
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
    fn run(&self) -> Result<Optimum, MappingError> {
        let mut compared = 0;
        let mut best = self.within_budget()?;
        for chosen in self.starts().into_iter().chain(self.within_latency()) {
            compared += 1;
            self.keep_better(&mut best, chosen);
        }
        let Some(mut best) = best else { return Err(self.infeasible()) };
        compared += self.improve(&mut best);
        let bound = Bound { whole: self.whole, layers: self.layers, within: self.within }.of(self.least);
        let combinations = self.layers.iter().map(|choices| choices.len() as u64).try_fold(1u64, u64::checked_mul);
        let few = combinations.filter(|&combinations| bound < best.value[0] && combinations <= MOST_ENUMERATED);
        let bound = few.map_or(bound, |combinations| {
            compared += combinations;
            bound.max(self.enumerate(&mut best))
        });
        Ok(Optimum { chosen: best.chosen, value: best.value[0], bound, compared })
    }

    /// Why no combination was found that keeps to the limit.
    fn infeasible(&self) -> MappingError {
        let problem = match self.within {
            Some(Within::Latency(ps)) => {
                let fastest = self
                    .starts()
                    .iter()
                    .map(|chosen| self.whole.totals(chosen).latency_ns)
                    .fold(f64::INFINITY, f64::min);
                format!(
                    "no combination takes at most {} ms; the fastest found takes {} ms",
                    ps as f64 / 1e9,
                    fastest * 1e-6
                )
            }
            within => {
                let budget = within.and_then(Within::crossbars).unwrap_or(0);
                format!("no combination keeps to {budget} crossbars; raise the budget")
            }
        };
        MappingError::Infeasible { problem }
    }

    fn keep_better(&self, best: &mut Option<Found>, chosen: Vec<Choice>) {
        let Some(value) = self.value(&chosen) else { return };
        if best.as_ref().is_none_or(|best| value < best.value) {
            *best = Some(Found { chosen, value });
        }
    }

    /// What a combination is worth; nothing if it does not keep to the limit.
    fn value(&self, chosen: &[Choice]) -> Option<[f64; 2]> {
        if let Some(Within::Crossbars(budget)) = self.within {
            let crossbars = chosen.iter().fold(0u64, |sum, choice| sum.saturating_add(choice.crossbars));
            if crossbars > budget {
                return None;
            }
        }
        let totals = self.whole.totals(chosen);
        let limit_ns = self.limit_ns();
        (totals.latency_ns <= limit_ns).then(|| totals.value(self.least))
    }

    /// The longest time there may be.
    fn limit_ns(&self) -> f64 {
        self.within.and_then(Within::latency_ps).map_or(f64::INFINITY, |ps| ps as f64 * 1e-3)
    }

    /// Combinations that are least for some weights of energy, time and macros.
    fn starts(&self) -> Vec<Vec<Choice>> {
        let sum = |of: &dyn Fn(&Choice) -> f64| -> f64 {
            self.layers.iter().map(|choices| choices.iter().map(of).fold(f64::INFINITY, f64::min)).sum()
        };
        let macros = |choice: &Choice| self.whole.worth(choice);
        let units = [sum(&|choice| choice.own_pj), sum(&|choice| choice.time.total_ns), sum(&macros)];
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
        let score =
            |choice: &Choice| energy * choice.own_pj + time * choice.time.total_ns + macros * self.whole.worth(choice);
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
            if let Some(value) = self.value(&chosen) {
                bound = bound.min(self.whole.totals_with(&chosen, least_transport_pj).value(self.least)[0]);
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
                    let Some(value) = self.value(&chosen) else { continue };
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
        let Some(Within::Crossbars(budget)) = self.within else { return Ok(None) };
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

/// Parts of the longest time that layers' times are counted in, rounded up.
const PARTS: u64 = 4096;
/// Parts that are left out of it, for combinations whose rounding leaves less to be gained.
const SPARED: [u64; 5] = [0, 16, 64, 256, 512];

impl Search<'_> {
    /// With a limit on latency, combinations of least area, or of least energy, whose times one after another keep to it: the mapping
    /// stage's knapsack, its crossbars being parts of the time and its cycles the area or energy.
    fn within_latency(&self) -> Vec<Vec<Choice>> {
        let limit_ns = self.limit_ns() - self.whole.products.total_ns;
        if limit_ns.is_infinite() || limit_ns <= 0.0 {
            return vec![];
        }
        let bound = Bound { whole: self.whole, layers: self.layers, within: self.within };
        let takes = |choice: &Choice| bound.takes(self.least, choice);
        let least: f64 =
            self.layers.iter().map(|choices| choices.iter().map(takes).fold(f64::INFINITY, f64::min)).sum();
        let point = |(candidate, choice): (usize, &Choice)| Point {
            crossbars: (choice.time.total_ns / limit_ns * PARTS as f64).ceil() as u64,
            cycles: (takes(choice) / least * 1e9).round() as u64,
            candidate,
            copies: choice.tiling.replication,
        };
        let fronts: Vec<Vec<Point>> = (self.layers.iter())
            .map(|choices| {
                let mut points: Vec<Point> =
                    choices.iter().enumerate().map(point).filter(|point| point.crossbars <= PARTS).collect();
                points.sort_by_key(|point| (point.crossbars, point.cycles, point.candidate));
                keep_front(&mut points, |point| point.cycles);
                points
            })
            .collect();
        let of = |spared: u64| {
            let found = least_latency(&fronts, PARTS - spared)?;
            let places = found.points.iter().zip(&fronts).map(|(&place, front)| front[place].candidate);
            Some(places.zip(self.layers).map(|(place, choices)| choices[place]).collect())
        };
        SPARED.into_iter().filter_map(of).collect()
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
