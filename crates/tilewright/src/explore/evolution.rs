//! The search of a space that has more designs than can be tried: NSGA-II (Deb, Pratap, Agarwal, Meyarivan 2002).

use super::{Outcome, Outcomes, Pricing};
use crate::workers::{self, Watch};
use forge_core::problem::MultiProblem;
use forge_core::rng::mix_seed;
use forge_core::{NsgaII, Termination};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicU64, Ordering};

/// Populations that evolve apart, each from a seed of its own, so that what is tried does not depend on threads and processes.
pub const ISLANDS: u64 = 8;

/// Designs of one population.
const POPULATION: usize = 64;

/// Deb's indices are for real numbers. The values of a setting are few, and steps from one to the next but one are no less likely to be
/// good than those to the next.
const CROSSOVER_INDEX: f64 = 2.0;
const MUTATION_INDEX: f64 = 2.0;

/// What a design that misses a limit is worth, before how much it misses is added: more than any that keeps to all.
const BEYOND_LIMITS: f64 = 1e100;

/// How far to search, and where to begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Evolution {
    /// Designs to try, over all islands; those that come up again count again.
    pub trials: u64,
    /// What the islands' seeds follow from.
    pub seed: u64,
}

/// Keeps what designs cost, perhaps where other processes look too.
pub trait Memory: Sync {
    /// Why something cannot be kept.
    type Error: Send;

    /// The outcome of a design, if it is known.
    fn known(&self, place: u64) -> Option<Outcome>;

    /// Keeps the outcome of a design.
    ///
    /// # Errors
    /// If it cannot be kept; the search ends.
    fn keep(&self, place: u64, outcome: &Outcome) -> Result<(), Self::Error>;
}

impl Evolution {
    /// The fewest trials: every population is of designs drawn at random, and of as many that came of them.
    pub const FEWEST: u64 = 2 * ISLANDS * POPULATION as u64;

    /// The designs that some of the islands try, on so many threads; the same on any number. `None` if the watch, which is told of
    /// trials, ended the work.
    ///
    /// # Errors
    /// What the memory fails with.
    ///
    /// # Panics
    /// If the space has one design only, or for fewer trials than [`Evolution::FEWEST`].
    pub fn tried<M: Memory>(
        self,
        pricing: &Pricing<'_>,
        islands: &[u64],
        memory: &M,
        (threads, watch): (usize, Watch<'_>),
    ) -> Result<Option<Outcomes>, M::Error> {
        assert!(self.trials >= Self::FEWEST, "a search has at least {} trials", Self::FEWEST);
        let trials = usize::try_from(self.trials / ISLANDS).unwrap_or(usize::MAX);
        let (done, total) = (AtomicU64::new(0), self.trials / ISLANDS * islands.len() as u64);
        let tell = || watch((done.fetch_add(1, Ordering::Relaxed) + 1).min(total), total);
        let search = NsgaII {
            pop_size: POPULATION,
            crossover_eta: CROSSOVER_INDEX,
            mutation_eta: MUTATION_INDEX,
            ..NsgaII::default()
        };
        let evolve = |job: usize| {
            let island = Island::new(pricing, memory, &tell);
            let search = NsgaII { seed: mix_seed(self.seed, islands[job]), ..search };
            search.optimize(&island, &Termination::budget(trials));
            island.found.into_inner()
        };
        let untold: Watch<'_> = &|_, _| ControlFlow::Continue(());
        let found = workers::run(&vec![1; islands.len()], threads, untold, evolve)?;
        let Some(found) = found.and_then(|found| found.into_iter().collect::<Option<Vec<_>>>()) else {
            return Ok(None);
        };
        Ok(Some(Outcomes::of_some(found.into_iter().flatten().collect())))
    }
}

/// What a population has tried; nothing if the watch ended the work.
type Found = Option<BTreeMap<u64, Outcome>>;

/// A space as one population sees it: a number from 0 to the count of values for each axis that has a choice.
struct Island<'a, M: Memory> {
    pricing: &'a Pricing<'a>,
    memory: &'a M,
    tell: &'a dyn Fn() -> ControlFlow<()>,
    bounds: Vec<(f64, f64)>,
    found: RefCell<Result<Found, M::Error>>,
}

impl<'a, M: Memory> Island<'a, M> {
    fn new(pricing: &'a Pricing<'a>, memory: &'a M, tell: &'a dyn Fn() -> ControlFlow<()>) -> Self {
        let choices = pricing.space().axes().filter(|&values| values > 1);
        let bounds = choices.map(|values| (0.0, values as f64)).collect();
        Self { pricing, memory, tell, bounds, found: RefCell::new(Ok(Some(BTreeMap::new()))) }
    }

    /// The design at a point.
    fn place(&self, point: &[f64]) -> u64 {
        let mut chosen = point.iter();
        let values = self.pricing.space().axes().map(|values| match values {
            1 => 0,
            // The upper bound is no value of its own.
            values => chosen.next().map_or(0, |&at| (at as usize).min(values - 1)),
        });
        self.pricing.space().place(&values.collect::<Vec<_>>())
    }

    /// The outcome of a design, priced if nobody knows it; nothing once the search has ended.
    fn outcome(&self, place: u64) -> Option<Outcome> {
        let mut found = self.found.borrow_mut();
        let Ok(Some(tried)) = &mut *found else { return None };
        if (self.tell)().is_break() {
            *found = Ok(None);
            return None;
        }
        if let Some(known) = tried.get(&place).cloned().or_else(|| self.memory.known(place)) {
            tried.insert(place, known.clone());
            return Some(known);
        }
        let outcome = self.pricing.outcome(place);
        if let Err(error) = self.memory.keep(place, &outcome) {
            *found = Err(error);
            return None;
        }
        tried.insert(place, outcome.clone());
        Some(outcome)
    }
}

impl<M: Memory> MultiProblem for Island<'_, M> {
    fn dim(&self) -> usize {
        self.bounds.len()
    }

    fn bounds(&self) -> &[(f64, f64)] {
        &self.bounds
    }

    /// NSGA-II compares at least two; one that is there twice is compared once.
    fn n_objectives(&self) -> usize {
        self.pricing.space().goals.len().max(2)
    }

    /// A design that keeps to all limits beats one that does not; of two that do not, the one that misses less (Deb et al. 2002,
    /// section VI). One without a price is beaten by all.
    fn objectives(&self, point: &[f64]) -> Vec<f64> {
        let alike = |value| vec![value; self.n_objectives()];
        let Some(Ok(figures)) = self.outcome(self.place(point)) else { return alike(f64::INFINITY) };
        let space = self.pricing.space();
        let missed = space.missed_by(&figures);
        if missed > 0.0 {
            return alike(BEYOND_LIMITS * (1.0 + missed));
        }
        let Some(values) = space.values(&figures) else { return alike(f64::INFINITY) };
        values.iter().copied().cycle().take(self.n_objectives()).collect()
    }
}
