//! The multiple-choice knapsack problem, solved exactly: one option for each layer, least loss within a crossbar budget.
//!
//! Layers are added one by one. Of the combinations so far only those are kept that no other one beats in both crossbars and
//! loss, since whatever is added later is the same for both (Nemhauser, Ullmann 1969; Kellerer, Pferschy, Pisinger,
//! "Knapsack Problems", 2004, chapter 11). What is left at the end is the whole front: the best combination for every budget.
//!
//! Losses are added in the order of the layers, in `f64`. Rounding never turns two sums around, so leaving out what is beaten
//! stays exact, and "least" and "equal" mean these rounded sums.

use super::ExploreError;
use crate::mapping::search::keep_front;
use std::cmp::{Ordering, Reverse};

/// Combinations kept in all, before the search is given up: some hundred megabytes.
const LIMIT: usize = 1 << 22;

/// One option of a layer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Choice {
    /// Crossbars it takes.
    pub crossbars: u64,
    /// What it loses, below 0 if it gains; finite.
    pub loss: f64,
}

/// One option for every layer.
#[derive(Clone, Debug, PartialEq)]
pub struct Combination {
    /// Crossbars of all layers.
    pub crossbars: u64,
    /// Losses of all layers, added in their order.
    pub loss: f64,
    /// The place of each layer's option in its list.
    pub choices: Vec<usize>,
}

/// A combination of the layers so far.
#[derive(Clone, Copy)]
struct Partial {
    crossbars: u64,
    loss: f64,
    /// Sum of the places of its options.
    changes: usize,
    /// Its place among those kept, by which choices come first among equals.
    rank: usize,
    /// What it extends by which option.
    step: Step,
}

#[derive(Clone, Copy)]
struct Step {
    parent: usize,
    choice: usize,
}

impl Partial {
    const NOTHING: Self = Self { crossbars: 0, loss: 0.0, changes: 0, rank: 0, step: Step { parent: 0, choice: 0 } };

    /// Fewer crossbars first, then the lower loss, then as [`Partial::by_choices`] among equals.
    fn order(&self, other: &Self) -> Ordering {
        let by_counts = self.crossbars.cmp(&other.crossbars).then(self.loss.total_cmp(&other.loss));
        by_counts.then(self.changes.cmp(&other.changes)).then_with(|| self.by_choices().cmp(&other.by_choices()))
    }

    /// Which of two comes first in the order of the layers: that which changes the first layer in which they differ. While
    /// its layer is being added, `rank` is still that of the combination it extends.
    const fn by_choices(&self) -> (usize, Reverse<usize>) {
        (self.rank, Reverse(self.step.choice))
    }
}

/// All combinations of at most `budget` crossbars that no other one beats: fewest crossbars first, each with a lower loss than
/// the one before. None if no combination keeps to the budget.
///
/// Of combinations equal in both, the one with the least sum of `choices` is taken (where option 0 of each layer is "as it
/// is": the fewest changes), and of these the one with the later option in the first layer in which they differ. Time and
/// memory grow with the combinations kept: at most one per number of crossbars, layer by layer.
///
/// # Errors
/// [`ExploreError::TooMany`] if those kept exceed four million.
pub fn front(layers: &[Vec<Choice>], budget: u64) -> Result<Vec<Combination>, ExploreError> {
    let fewest = |layer: &Vec<Choice>| layer.iter().map(|choice| u128::from(choice.crossbars)).min().unwrap_or(0);
    // The fewest crossbars of the layers still to come.
    let mut after: u128 = layers.iter().map(fewest).sum();
    let mut partials = vec![Partial::NOTHING];
    let mut steps: Vec<Vec<Step>> = Vec::with_capacity(layers.len());
    let mut kept = 0;
    for layer in layers {
        after -= fewest(layer);
        let Some(room) = u128::from(budget).checked_sub(after) else { return Ok(vec![]) };
        if kept + partials.len() * layer.len() > LIMIT {
            return Err(ExploreError::TooMany { limit: LIMIT });
        }
        partials = unbeaten(extended(&partials, layer, room));
        kept += partials.len();
        steps.push(partials.iter().map(|partial| partial.step).collect());
    }
    let combination = |(place, partial): (usize, &Partial)| Combination {
        crossbars: partial.crossbars,
        loss: partial.loss,
        choices: choices(&steps, place),
    };
    Ok(partials.iter().enumerate().map(combination).collect())
}

/// Every combination with every option of the next layer, as far as there is room.
fn extended(partials: &[Partial], layer: &[Choice], room: u128) -> Vec<Partial> {
    let mut extended = Vec::with_capacity(partials.len() * layer.len());
    for (parent, partial) in partials.iter().enumerate() {
        for (choice, option) in layer.iter().enumerate() {
            // Beyond 64 bits there is no room either.
            if let Some(crossbars) = partial.crossbars.checked_add(option.crossbars)
                && u128::from(crossbars) <= room
            {
                let (loss, changes) = (partial.loss + option.loss, partial.changes + choice);
                extended.push(Partial { crossbars, loss, changes, rank: partial.rank, step: Step { parent, choice } });
            }
        }
    }
    extended
}

/// Those that no other one beats, fewest crossbars first, with their ranks.
fn unbeaten(mut partials: Vec<Partial>) -> Vec<Partial> {
    partials.sort_unstable_by(Partial::order);
    keep_front(&mut partials, |partial| partial.loss);
    let mut order: Vec<usize> = (0..partials.len()).collect();
    order.sort_unstable_by_key(|&place| partials[place].by_choices());
    for (rank, place) in order.into_iter().enumerate() {
        partials[place].rank = rank;
    }
    partials
}

/// The options that led to the combination at a place after the last step.
fn choices(steps: &[Vec<Step>], mut place: usize) -> Vec<usize> {
    let mut choices: Vec<usize> = steps
        .iter()
        .rev()
        .map(|step| {
            let Step { parent, choice } = step[place];
            place = parent;
            choice
        })
        .collect();
    choices.reverse();
    choices
}
