//! The mapping that costs least: area, energy, time, or a product of them.
//!
//! Each layer's choices are all tilings and numbers of copies; each is priced by itself, with its macros' share of tiles, its own
//! time, and the leakage of its own macros over that time. Rounding up to whole tiles, idle macros, transport between tiles and
//! buffers are not part of the search; [`CostModel::cost`] prices the result in full.
//!
//! Sums are least where every layer's term is. A product of two sums, (Σx)·(Σt), is quasi-concave for positive numbers, so over all
//! combinations it is least at a corner of their convex hull, and every corner takes, for some weight w, each layer's least
//! x + w·t. The corners are walked by merging the layers' lower convex hulls, steepest step first: exact, in O(n log n).

use super::activity::{Activity, Event, Work};
use super::chip::Level;
use super::{CostError, CostModel};
use crate::mapping::scheme::Scheme;
use crate::mapping::search::latency::least_latency;
use crate::mapping::search::network::Chosen;
use crate::mapping::search::{Candidate, Objective, Point, Priced, SearchRecord, StopReason};
use crate::mapping::{LayerMapping, Mapping, MappingError, Target, Tiling, map_network_by};
use crate::network::{ConvShape, Layer, Network};
use std::collections::{BTreeMap, btree_map::Entry};

/// One option of a layer, priced.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Choice {
    tiling: Tiling,
    crossbars: u64,
    area_um2: f64,
    energy_pj: f64,
    time_ns: f64,
}

impl CostModel {
    /// The mapping of a network onto `target` that is best for `least`; with a budget, using no more crossbars (latency only).
    ///
    /// # Errors
    /// [`CostError::Mapping`] if a layer does not fit or the budget is too small; [`CostError::Setting`] for a budget with another
    /// objective than latency.
    pub fn optimize(
        &self,
        network: &Network,
        scheme: &dyn Scheme,
        target: &Target,
        (least, budget): (Priced, Option<u64>),
    ) -> Result<Mapping, CostError> {
        if budget.is_some() && least != Priced::Latency {
            let problem =
                "a crossbar budget goes with the objectives cycles and latency; area, energy and products take none";
            return Err(CostError::Setting { problem: problem.into() });
        }
        let layers = network.layers();
        map_network_by(network, scheme, target, |candidates| {
            let mut compared = 0;
            // Networks repeat their layers, so each shape is priced once.
            let mut known: BTreeMap<ConvShape, Vec<Choice>> = BTreeMap::new();
            for (layer, candidates) in layers.iter().zip(candidates) {
                if let Entry::Vacant(place) = known.entry(layer.shape) {
                    let choices = self.choices(layer, candidates, least)?;
                    compared += choices.len() as u64;
                    place.insert(worth_keeping(choices, least, budget));
                }
            }
            let choices: Vec<&[Choice]> = layers.iter().map(|layer| known[&layer.shape].as_slice()).collect();
            let (chosen, stop) = choose(&choices, least, budget)?;
            let tilings = chosen.iter().zip(&choices).map(|(&place, choices)| choices[place].tiling).collect();
            let objective = Objective::Priced { least, budget };
            Ok(Chosen { tilings, record: SearchRecord { objective, stop, compared } })
        })
    }

    /// Every candidate with every number of copies that saves a cycle; one copy only where copies cannot help.
    fn choices(&self, layer: &Layer, candidates: &[Candidate], least: Priced) -> Result<Vec<Choice>, MappingError> {
        let mut choices = Vec::new();
        for candidate in candidates {
            let mapped = LayerMapping {
                name: layer.name.clone(),
                kind: layer.shape.kind(),
                shape: layer.shape,
                tiling: candidate.tiling,
                counts: candidate.counts,
            };
            let work = Work::new(&mapped, &self.target(), self.chip())?;
            let mut copies = 1;
            loop {
                choices.push(self.price(&work, candidate, copies));
                let cycles = candidate.counts.windows.div_ceil(copies);
                if cycles == 1 || least == Priced::Area {
                    break;
                }
                copies = candidate.counts.windows.div_ceil(cycles - 1);
            }
        }
        Ok(choices)
    }

    fn price(&self, one_copy: &Work, candidate: &Candidate, copies: u64) -> Choice {
        let windows = candidate.counts.windows;
        let mut work = *one_copy;
        work.crossbars *= copies as f64;
        work.cycles = windows.div_ceil(copies) as f64;
        let macros = self.macros(&work);
        let time_ns = self.clockwork.layer(self.chip(), &work, macros).total_ns;
        let mut activity: Activity = *work.events();
        let strength = self.mean_read();
        activity[Event::WeightRead] *= strength;
        activity[Event::EmptyRead] *= strength;
        activity[Event::OffsetRead] *= strength;
        self.at_work(&mut activity, time_ns, macros);
        let (mut area_um2, mut energy_pj) = (0.0, 0.0);
        for part in &self.parts {
            let instances = match part.level {
                Level::Macro => macros,
                Level::Tile => macros / f64::from(self.chip().macros_per_tile),
                Level::Chip => 0.0,
            };
            area_um2 += part.price.area_um2 * instances;
            energy_pj += part.leakage_mw * instances * time_ns;
            energy_pj += part.price.charges.iter().map(|charge| charge.energy_pj * activity[charge.event]).sum::<f64>();
        }
        let tiling = Tiling { replication: copies, ..candidate.tiling };
        let crossbars = candidate.counts.crossbars.saturating_mul(copies);
        let area_um2 = area_um2 * (1.0 + self.chip().layout_overhead);
        Choice { tiling, crossbars, area_um2, energy_pj, time_ns }
    }
}

impl Choice {
    /// What is summed over layers: what is least first, or the two factors of a product.
    const fn coordinates(&self, least: Priced) -> [f64; 2] {
        match least {
            Priced::Area | Priced::AreaDelay => [self.area_um2, self.time_ns],
            Priced::Energy | Priced::EnergyDelay => [self.energy_pj, self.time_ns],
            Priced::Latency => [self.time_ns, self.area_um2],
        }
    }
}

/// The choices that can be part of the best combination.
fn worth_keeping(choices: Vec<Choice>, least: Priced, budget: Option<u64>) -> Vec<Choice> {
    let points: Vec<[f64; 2]> = choices.iter().map(|choice| choice.coordinates(least)).collect();
    match least {
        _ if budget.is_some() => choices,
        Priced::Area | Priced::Energy | Priced::Latency => vec![choices[least_first(&points)]],
        Priced::EnergyDelay | Priced::AreaDelay => {
            lower_hull(&points).into_iter().map(|place| choices[place]).collect()
        }
    }
}

/// A place in each layer's choices.
fn choose(layers: &[&[Choice]], least: Priced, budget: Option<u64>) -> Result<(Vec<usize>, StopReason), MappingError> {
    if let Some(budget) = budget {
        return within(layers, budget);
    }
    let points: Vec<Vec<[f64; 2]>> =
        layers.iter().map(|choices| choices.iter().map(|choice| choice.coordinates(least)).collect()).collect();
    Ok(match least {
        Priced::Area | Priced::Energy | Priced::Latency => {
            (points.iter().map(|points| least_first(points)).collect(), StopReason::Exhausted)
        }
        Priced::EnergyDelay | Priced::AreaDelay => (least_product(&points), StopReason::BoundClosed),
    })
}

/// The point of least first coordinate, ties by the second.
fn least_first(points: &[[f64; 2]]) -> usize {
    let order =
        |a: &usize, b: &usize| points[*a][0].total_cmp(&points[*b][0]).then(points[*a][1].total_cmp(&points[*b][1]));
    (0..points.len()).min_by(order).unwrap_or(0)
}

/// One point of each layer such that the product of the two sums is least.
fn least_product(layers: &[Vec<[f64; 2]>]) -> Vec<usize> {
    let hulls: Vec<Vec<usize>> = layers.iter().map(|points| lower_hull(points)).collect();
    let mut steps: Vec<(f64, usize)> = Vec::new();
    for (layer, hull) in hulls.iter().enumerate() {
        for pair in hull.windows(2) {
            let [from, to] = [layers[layer][pair[0]], layers[layer][pair[1]]];
            steps.push(((from[1] - to[1]) / (to[0] - from[0]), layer));
        }
    }
    // Steepest first; the steps of one hull are in this order already, and a stable sort keeps it among equals.
    steps.sort_by(|a, b| b.0.total_cmp(&a.0));
    let mut places = vec![0; layers.len()];
    let mut best = places.clone();
    let product = |places: &[usize]| {
        let sum = |axis: usize| -> f64 {
            places.iter().enumerate().map(|(layer, &place)| layers[layer][hulls[layer][place]][axis]).sum()
        };
        sum(0) * sum(1)
    };
    let mut least = product(&places);
    for (_, layer) in steps {
        places[layer] += 1;
        let found = product(&places);
        if found < least {
            (least, best) = (found, places.clone());
        }
    }
    best.iter().zip(&hulls).map(|(&place, hull)| hull[place]).collect()
}

/// The corners that are least for some positive weights of the two coordinates, by ascending first coordinate.
fn lower_hull(points: &[[f64; 2]]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..points.len()).collect();
    order.sort_by(|&a, &b| points[a][0].total_cmp(&points[b][0]).then(points[a][1].total_cmp(&points[b][1])));
    let mut hull: Vec<usize> = Vec::new();
    for next in order {
        if hull.last().is_some_and(|&last| points[next][1] >= points[last][1]) {
            continue;
        }
        while let [.., before, last] = hull[..]
            && turns_up(points[before], points[last], points[next])
        {
            hull.pop();
        }
        hull.push(next);
    }
    hull
}

/// Whether `b` lies on or above the line from `a` to `c`.
fn turns_up(a: [f64; 2], b: [f64; 2], c: [f64; 2]) -> bool {
    (b[0] - a[0]) * (c[1] - a[1]) <= (b[1] - a[1]) * (c[0] - a[0])
}

/// Least time within a crossbar budget: the mapping stage's knapsack, in picoseconds.
fn within(layers: &[&[Choice]], budget: u64) -> Result<(Vec<usize>, StopReason), MappingError> {
    let fewest: u64 = layers.iter().filter_map(|choices| choices.iter().map(|choice| choice.crossbars).min()).sum();
    if fewest > budget {
        let problem =
            format!("a budget of {budget} crossbars, but one copy of every layer takes {fewest}; raise --budget");
        return Err(MappingError::Infeasible { problem });
    }
    let fronts: Vec<Vec<Point>> = layers.iter().map(|choices| front(choices, budget)).collect();
    let choice = least_latency(&fronts, budget).ok_or_else(|| MappingError::Infeasible {
        problem: format!("no combination keeps to {budget} crossbars; raise --budget"),
    })?;
    let places = choice.points.iter().zip(&fronts).map(|(&place, front)| front[place].candidate).collect();
    Ok((places, choice.stop))
}

/// Options no other one beats in both crossbars and time, fewest crossbars first.
fn front(choices: &[Choice], budget: u64) -> Vec<Point> {
    let mut points: Vec<Point> = choices
        .iter()
        .enumerate()
        .filter(|(_, option)| option.crossbars <= budget)
        .map(|(candidate, option)| {
            let cycles = (option.time_ns * 1e3).round() as u64;
            Point { crossbars: option.crossbars, cycles, candidate, copies: option.tiling.replication }
        })
        .collect();
    points.sort_by_key(|point| (point.crossbars, point.cycles, point.candidate));
    let mut fastest = u64::MAX;
    points.retain(|point| {
        let keep = point.cycles < fastest;
        fastest = fastest.min(point.cycles);
        keep
    });
    points
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every combination tried.
    fn enumerate(layers: &[Vec<[f64; 2]>]) -> f64 {
        let mut sums = vec![[0.0, 0.0]];
        for points in layers {
            sums = sums.iter().flat_map(|s| points.iter().map(move |p| [s[0] + p[0], s[1] + p[1]])).collect();
        }
        sums.iter().map(|s: &[f64; 2]| s[0] * s[1]).fold(f64::INFINITY, f64::min)
    }

    #[test]
    fn the_least_product_equals_enumeration() {
        let mut state = 7u64;
        let mut next = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            1.0 + (state >> 40) as f64 % 40.0
        };
        for _ in 0..2000 {
            let count = 1 + next() as usize % 4;
            let layers: Vec<Vec<[f64; 2]>> =
                (0..count).map(|_| (0..1 + next() as usize % 6).map(|_| [next(), next()]).collect()).collect();
            let chosen = least_product(&layers);
            let sum =
                |axis: usize| -> f64 { chosen.iter().zip(&layers).map(|(&place, points)| points[place][axis]).sum() };
            assert_eq!(sum(0) * sum(1), enumerate(&layers), "{layers:?}");
        }
    }
}
