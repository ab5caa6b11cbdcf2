//! The search of a space that has too many designs to price them all.

use super::store::Store;
use crate::args::explore::{ExploreArgs, Shard};
use crate::progress;
use anyhow::{Context, Result, anyhow};
use std::sync::{Mutex, MutexGuard, PoisonError};
use tilewright::explore::{Evolution, ISLANDS, MOST, Memory, Outcome, Outcomes, Pricing, Space};

/// Trials of a search unless others are asked for.
const TRIALS: u64 = 100_000;

/// How a space is searched; not at all if all of its designs are priced.
pub(super) fn asked(args: &ExploreArgs, space: &Space) -> Result<Option<Evolution>> {
    let size = space.size();
    if args.trials.is_none() && size <= MOST {
        return Ok(None);
    }
    let trials = args.trials.unwrap_or(TRIALS);
    if trials >= size {
        return Err(anyhow!(
            "the space has {size} designs, fewer than --trials {trials}; leave it out to price them all"
        ));
    }
    if space.asks_rates() {
        return Err(anyhow!(
            "rates are measured where all designs are priced, of spaces of at most {MOST}, without --trials; this one has {size}: fix a \
             setting, or leave the rate out"
        ));
    }
    Ok(Some(Evolution { trials, seed: args.search_seed }))
}

/// The designs that the islands of a part try, or all of them.
pub(super) fn searched(
    evolution: Evolution,
    pricing: &Pricing<'_>,
    store: Store<'_>,
    (shard, threads): (Option<Shard>, usize),
) -> Result<Outcomes> {
    let islands: Vec<u64> = (0..ISLANDS).filter(|&island| shard.is_none_or(|shard| shard.has(island))).collect();
    let bar = progress::bar("trials");
    let found = evolution.tried(pricing, &islands, &Shared(Mutex::new(store)), (threads, &progress::on(&bar)))?;
    bar.finish_and_clear();
    found.context("nothing ended the work")
}

/// A store that the islands of a search share.
struct Shared<'a>(Mutex<Store<'a>>);

impl<'a> Shared<'a> {
    fn store(&self) -> MutexGuard<'_, Store<'a>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Memory for Shared<'_> {
    type Error = anyhow::Error;

    fn known(&self, place: u64) -> Option<Outcome> {
        self.store().known(place).cloned()
    }

    fn keep(&self, place: u64, outcome: &Outcome) -> Result<()> {
        self.store().keep(&[place], vec![outcome.clone()])
    }
}
