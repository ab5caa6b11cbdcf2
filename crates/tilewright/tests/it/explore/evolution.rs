//! Searched spaces against pricing every design.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::sync::Mutex;
use tilewright::cost::Library;
use tilewright::explore::{Evolution, ISLANDS, Memory, Outcome, Outcomes, Pricing, Sources, Space};
use tilewright::hardware::Design;
use tilewright::network::zoo;

const ALL: [u64; ISLANDS as usize] = [0, 1, 2, 3, 4, 5, 6, 7];
const SEARCH: Evolution = Evolution { trials: 4 * Evolution::FEWEST, seed: 5 };

/// What was priced, and by how many.
#[derive(Default)]
struct Notes(Mutex<BTreeMap<u64, Outcome>>);

impl Memory for Notes {
    type Error = String;

    fn known(&self, place: u64) -> Option<Outcome> {
        self.0.lock().expect("no panic").get(&place).cloned()
    }

    fn keep(&self, place: u64, outcome: &Outcome) -> Result<(), String> {
        let before = self.0.lock().expect("no panic").insert(place, outcome.clone());
        // Islands may price a design at once, but nobody prices what is known.
        before.is_none_or(|before| before == *outcome).then_some(()).ok_or("another outcome".into())
    }
}

/// 13 824 designs of two networks; some have no price, some are beyond the limit.
fn space() -> Space {
    let text = "networks = [\"lenet5\", \"lenet5-relu\"]\ndesigns = [\"generic-22nm\"]\nlimits = [\"area <= 9 mm2\"]\n\
                objectives.minimize = [\"area\", \"latency\", \"energy\"]\n[vary]\n\
                crossbar = [24, 32, 48, 64, 96, 128, 192, 256]\ncell-bits = [1, 2, 4, 8]\nactive-rows = [8, 16, 32, 64, 128, 256]\n\
                scheme = [\"im2col\", \"smd\", \"sdk\", \"vw-sdk\", \"kernel-position\", \"optimal\"]\n\
                schedule = [\"layer-by-layer\", \"pipelined\"]\nencoding = [\"differential\", \"offset\", \"single\"]";
    Space::parse("space.toml", text).expect("a space")
}

fn sources(space: &Space) -> Sources {
    let network = || zoo::build("lenet5").expect("of the zoo");
    let chips = space.designs.iter().map(|name| (name.clone(), Design::preset(name).expect("a preset")));
    let networks = space.networks.iter().map(|name| (name.clone(), network()));
    Sources::new(networks.collect(), chips.collect(), Library::built_in())
}

fn tried(search: Evolution, pricing: &Pricing<'_>, islands: &[u64], notes: &Notes, threads: usize) -> Outcomes {
    let watch = |done, total| {
        assert!(done <= total && total == search.trials / ISLANDS * islands.len() as u64);
        ControlFlow::Continue(())
    };
    search.tried(pricing, islands, notes, (threads, &watch)).expect("it is kept").expect("nothing ended it")
}

#[test]
fn a_searched_front_comes_close_to_that_of_all_designs() {
    let space = space();
    let sources = sources(&space);
    let pricing = Pricing::new(&space, &sources).expect("a space");
    let places: Vec<u64> = (0..space.size()).collect();
    let all: Outcomes =
        pricing.outcomes(&places, 2, &|_, _| ControlFlow::Continue(())).expect("nothing ended it").into();
    let found = tried(SEARCH, &pricing, &ALL, &Notes::default(), 2);
    assert!(found.len() as u64 <= SEARCH.trials + ISLANDS && found.len() < all.len() / 3, "{}", found.len());
    assert!(found.iter().all(|(place, outcome)| all.get(place) == Some(outcome)));
    assert!(!found.are_of_all() && found.get(u64::MAX).is_none());

    let front = pricing.front(&found);
    let values: Vec<&[f64]> = front.points().map(|(values, _)| values).collect();
    assert!(front.points().all(|(values, _)| values[0] <= 9.0), "beyond the limit");
    let best = pricing.front(&all);
    let factors = best.points().map(|(best, _)| {
        let worse = |values: &&[f64]| values.iter().zip(best).map(|(value, best)| value / best).fold(1.0, f64::max);
        values.iter().map(worse).fold(f64::INFINITY, f64::min)
    });
    let factors: Vec<f64> = factors.collect();
    assert!(factors.len() > 10, "a front of {} designs tells little", factors.len());
    let mean = factors.iter().sum::<f64>() / factors.len() as f64;
    assert!(mean < 1.05, "{mean}: {factors:?}");
}

#[test]
fn what_is_tried_depends_on_the_seed_alone() {
    let space = space();
    let sources = sources(&space);
    let pricing = Pricing::new(&space, &sources).expect("a space");
    let search = Evolution { trials: Evolution::FEWEST, seed: 0 };
    let notes = Notes::default();
    let whole = tried(search, &pricing, &ALL, &notes, 1);
    assert_eq!(whole, tried(search, &pricing, &ALL, &notes, 3), "known already, and on more threads");
    // By parts, each with notes of its own.
    let mut merged = BTreeMap::new();
    for part in [[0, 3, 6].as_slice(), &[1, 4, 7], &[2, 5]] {
        let found = tried(search, &pricing, part, &Notes::default(), 2);
        merged.extend(found.iter().map(|(place, outcome)| (place, outcome.clone())));
    }
    assert_eq!(whole, Outcomes::of_some(merged));
    assert_ne!(whole, tried(Evolution { seed: 1, ..search }, &pricing, &ALL, &notes, 2));
}

#[test]
fn a_search_ends_when_it_is_told_to_or_cannot_keep_what_it_finds() {
    struct Full;
    impl Memory for Full {
        type Error = &'static str;
        fn known(&self, _: u64) -> Option<Outcome> {
            None
        }
        fn keep(&self, _: u64, _: &Outcome) -> Result<(), &'static str> {
            Err("the disk is full")
        }
    }
    let space = space();
    let sources = sources(&space);
    let pricing = Pricing::new(&space, &sources).expect("a space");
    let on = |_, _| ControlFlow::Continue(());
    assert_eq!(SEARCH.tried(&pricing, &ALL, &Full, (1, &on)), Err("the disk is full"));
    let enough = |done, _| if done > 100 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) };
    let notes = Notes::default();
    assert_eq!(SEARCH.tried(&pricing, &ALL, &notes, (1, &enough)), Ok(None));
    assert!(notes.0.lock().expect("no panic").len() <= 101);
}
