//! Least total cycles within a crossbar budget: a multiple-choice knapsack, solved exactly.
//!
//! Layers are added one by one. Of the combinations so far only those are kept that no other one beats in both crossbars and
//! cycles, and whose cycles plus a lower bound for the remaining layers do not exceed the best whole combination known. The
//! bound is the linear relaxation: the lower convex hulls of the remaining layers, bought steepest step first
//! (Sinha, Zoltners 1979).

use super::StopReason;
use super::front::{Point, keep_front};

/// Combinations kept at once; beyond this the search gives up on proving optimality.
const MOST_COMBINATIONS: usize = 4_000_000;

/// One point chosen for every layer.
pub struct Choice {
    /// A place in each layer's front.
    pub points: Vec<usize>,
    /// Why the search stopped.
    pub stop: StopReason,
    /// Combinations compared.
    pub compared: u64,
}

#[derive(Clone, Copy)]
struct Combination {
    crossbars: u64,
    cycles: u64,
    parent: u32,
    point: u32,
}

/// Picks a point of every front such that all crossbars together keep to `budget` and the cycles' sum is least.
///
/// `None` if even the fewest crossbars of every layer exceed the budget.
pub fn least_latency(fronts: &[Vec<Point>], budget: u64) -> Option<Choice> {
    if fronts.iter().any(Vec::is_empty) {
        return None;
    }
    let relaxed: Vec<Relaxation> = (0..=fronts.len()).map(|first| Relaxation::new(&fronts[first..])).collect();
    if relaxed[0].crossbars > budget {
        return None;
    }
    let (mut known, mut known_points) = round_down(fronts, budget);
    let mut levels = vec![vec![Combination { crossbars: 0, cycles: 0, parent: 0, point: 0 }]];
    let mut compared = 0u64;
    for (layer, front) in fronts.iter().enumerate() {
        let rest = &relaxed[layer + 1];
        let mut next = Vec::new();
        for (parent, before) in levels[layer].iter().enumerate() {
            for (point, choice) in front.iter().enumerate() {
                let (crossbars, cycles) = (before.crossbars + choice.crossbars, before.cycles + choice.cycles);
                if crossbars + rest.crossbars > budget {
                    break;
                }
                compared += 1;
                if cycles + rest.least_cycles(budget - crossbars) <= known {
                    next.push(Combination { crossbars, cycles, parent: parent as u32, point: point as u32 });
                }
            }
        }
        keep_undominated(&mut next);
        if next.len() > MOST_COMBINATIONS {
            let bound = relaxed[0].least_cycles(budget);
            return Some(Choice { points: known_points, stop: StopReason::CombinationLimit { bound }, compared });
        }
        levels.push(next);
    }
    let best = levels[fronts.len()].iter().enumerate().min_by_key(|(_, end)| (end.cycles, end.crossbars));
    if let Some((mut place, end)) = best
        && end.cycles <= known
    {
        known = end.cycles;
        for layer in (0..fronts.len()).rev() {
            let combination = levels[layer + 1][place];
            known_points[layer] = combination.point as usize;
            place = combination.parent as usize;
        }
    }
    debug_assert_eq!(known, known_points.iter().zip(fronts).map(|(&point, front)| front[point].cycles).sum::<u64>());
    Some(Choice { points: known_points, stop: StopReason::BoundClosed, compared })
}

fn keep_undominated(combinations: &mut Vec<Combination>) {
    combinations.sort_unstable_by_key(|combination| (combination.crossbars, combination.cycles));
    keep_front(combinations, |combination| combination.cycles);
}

/// A first whole combination: steps of the hulls bought steepest first while they fit, then any step that still fits.
fn round_down(fronts: &[Vec<Point>], budget: u64) -> (u64, Vec<usize>) {
    let mut chosen = vec![0; fronts.len()];
    let mut spent: u64 = fronts.iter().map(|front| front[0].crossbars).sum();
    let mut steps = steps(fronts);
    steps.sort_by(|a, b| b.steepness().total_cmp(&a.steepness()));
    for step in &steps {
        if fronts[step.layer][chosen[step.layer]].crossbars == step.from && spent + step.crossbars <= budget {
            chosen[step.layer] = step.to;
            spent += step.crossbars;
        }
    }
    for (layer, front) in fronts.iter().enumerate() {
        let affordable = front[chosen[layer]].crossbars + (budget - spent);
        let last = front.partition_point(|point| point.crossbars <= affordable) - 1;
        spent += front[last].crossbars - front[chosen[layer]].crossbars;
        chosen[layer] = last;
    }
    (chosen.iter().zip(fronts).map(|(&point, front)| front[point].cycles).sum(), chosen)
}

/// A step along the lower convex hull of one layer's front.
struct Step {
    layer: usize,
    /// Crossbars before the step.
    from: u64,
    /// Place in the front after it.
    to: usize,
    /// Crossbars it adds.
    crossbars: u64,
    /// Cycles it saves.
    cycles: u64,
}

impl Step {
    fn steepness(&self) -> f64 {
        self.cycles as f64 / self.crossbars as f64
    }
}

fn steps(fronts: &[Vec<Point>]) -> Vec<Step> {
    let mut steps = Vec::new();
    for (layer, front) in fronts.iter().enumerate() {
        let mut hull: Vec<usize> = Vec::new();
        for (place, point) in front.iter().enumerate() {
            // Drop the last corner while it lies on or above the line from the one before it to the new point.
            while let [.., a, b] = hull[..] {
                let (a, b) = (front[a], front[b]);
                let old = u128::from(a.cycles - b.cycles) * u128::from(point.crossbars - a.crossbars);
                let new = u128::from(a.cycles - point.cycles) * u128::from(b.crossbars - a.crossbars);
                if old > new {
                    break;
                }
                hull.pop();
            }
            hull.push(place);
        }
        steps.extend(hull.windows(2).map(|pair| Step {
            layer,
            from: front[pair[0]].crossbars,
            to: pair[1],
            crossbars: front[pair[1]].crossbars - front[pair[0]].crossbars,
            cycles: front[pair[0]].cycles - front[pair[1]].cycles,
        }));
    }
    steps
}

/// The linear relaxation of some layers: least cycles as a function of the crossbars spent on them.
struct Relaxation {
    /// Fewest crossbars.
    crossbars: u64,
    /// Cycles with the fewest crossbars.
    cycles: u64,
    /// Crossbars added and cycles saved after each step, steepest first.
    corners: Vec<(u64, u64)>,
}

impl Relaxation {
    fn new(fronts: &[Vec<Point>]) -> Self {
        let mut steps = steps(fronts);
        steps.sort_by(|a, b| b.steepness().total_cmp(&a.steepness()));
        let mut corners = vec![(0, 0)];
        for step in steps {
            let (crossbars, cycles) = corners[corners.len() - 1];
            corners.push((crossbars + step.crossbars, cycles + step.cycles));
        }
        Self {
            crossbars: fronts.iter().map(|front| front[0].crossbars).sum(),
            cycles: fronts.iter().map(|front| front[0].cycles).sum(),
            corners,
        }
    }

    /// A lower bound of the cycles with at most `budget` ≥ `self.crossbars` crossbars.
    fn least_cycles(&self, budget: u64) -> u64 {
        let extra = budget - self.crossbars;
        let after = self.corners.partition_point(|&(crossbars, _)| crossbars <= extra);
        let (crossbars, cycles) = self.corners[after - 1];
        let partial = self.corners.get(after).map_or(0, |&(next_crossbars, next_cycles)| {
            let share = u128::from(next_cycles - cycles) * u128::from(extra - crossbars);
            (share / u128::from(next_crossbars - crossbars)) as u64
        });
        self.cycles - cycles - partial
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Fronts of up to six points each, more crossbars and fewer cycles from point to point.
    fn fronts() -> impl Strategy<Value = Vec<Vec<Point>>> {
        let step = (1..9u64, 1..9u64);
        let front = prop::collection::vec(step, 1..=6).prop_map(|steps| {
            let mut cycles: u64 = steps.iter().map(|(_, cycles)| cycles).sum::<u64>() + 1;
            let mut crossbars = 0;
            let point = |(place, (more, fewer)): (usize, (u64, u64))| {
                crossbars += more;
                cycles -= fewer;
                Point { crossbars, cycles, candidate: place, copies: 1 }
            };
            steps.into_iter().enumerate().map(point).collect()
        });
        prop::collection::vec(front, 1..=5)
    }

    /// Fewest cycles by trying every combination.
    fn fewest_cycles(fronts: &[Vec<Point>], budget: u64) -> Option<u64> {
        let Some((front, rest)) = fronts.split_first() else { return Some(0) };
        let with = |point: &Point| Some(point.cycles + fewest_cycles(rest, budget.checked_sub(point.crossbars)?)?);
        front.iter().filter_map(with).min()
    }

    proptest! {
        #[test]
        fn equals_trying_every_combination(fronts in fronts(), budget in 1..120u64) {
            let found = least_latency(&fronts, budget).map(|choice| {
                assert_eq!(choice.stop, StopReason::BoundClosed);
                let points = || fronts.iter().zip(&choice.points).map(|(front, &place)| front[place]);
                assert!(points().map(|point| point.crossbars).sum::<u64>() <= budget);
                points().map(|point| point.cycles).sum::<u64>()
            });
            prop_assert_eq!(found, fewest_cycles(&fronts, budget));
        }
    }
}
