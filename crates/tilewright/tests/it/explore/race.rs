//! Races against comparing all designs after all images.

use std::collections::{BTreeMap, BTreeSet};
use tilewright::explore::{Entrant, Figures, Race, Recognition, Simulation, Space, goals};
use tilewright::random::{Draws, Effect, Stream};

const IMAGES: usize = 2000;

/// Designs of a few simulations, some of which recognise nearly as much as others.
struct Case {
    space: Space,
    entrants: Vec<Entrant>,
    simulations: Vec<Simulation>,
    /// Images that each chip of each simulation recognises.
    recognised: Vec<Vec<Vec<bool>>>,
}

fn figures(area: f64, latency: f64) -> Figures {
    Figures {
        crossbars: 1,
        area_mm2: area,
        energy_uj: 1.0,
        latency_ms: latency,
        interval_ms: latency,
        power_mw: 1.0,
        gap_millionths: None,
        kernel_loss: None,
        recognition: None,
    }
}

fn space(minimize: &[&str], maximize: &[&str], limits: &[&str]) -> Space {
    Space {
        networks: vec!["a".into()],
        designs: vec!["b".into()],
        vary: vec![],
        goals: goals(minimize, maximize).expect("measures"),
        limits: limits.iter().map(|limit| limit.parse().expect("a limit")).collect(),
    }
}

impl Case {
    fn drawn(seed: u64) -> Self {
        let stream = Stream { seed, layer: 0, crossbar: 0, effect: Effect::Drift, sample: 0 };
        let mut draws = Draws::new(stream);
        let mut uniform = move || draws.uniform();
        let space = match seed % 4 {
            0 => space(&["area", "latency"], &["rate"], &[]),
            1 => space(&["area", "rate-lost"], &[], &["rate >= 60 %"]),
            2 => space(&["area"], &["rate"], &["rate-lost <= 20"]),
            _ => space(&["area*rate-lost", "latency"], &[], &["latency <= 7 ms"]),
        };
        let simulations: Vec<Simulation> = (0..6)
            .map(|number| Simulation {
                chips: 1 + number % 3,
                digital_percent: 80.0 + 20.0 * uniform(),
                is_exact: number == 3,
            })
            .collect();
        let rates: Vec<f64> = simulations.iter().map(|_| 0.5 + 0.5 * uniform()).collect();
        let recognised = simulations.iter().zip(&rates).map(|(simulation, rate)| {
            (0..simulation.chips).map(|_| (0..IMAGES).map(|_| uniform() < *rate).collect()).collect()
        });
        let recognised = recognised.collect();
        // Whole numbers, so that some are equal.
        let entrants = (0..40).map(|place| Entrant {
            place,
            figures: figures((1.0 + 9.0 * uniform()).floor(), (1.0 + 9.0 * uniform()).floor()),
            simulation: (6.0 * uniform()) as usize,
        });
        Self { space, entrants: entrants.collect(), simulations, recognised }
    }

    fn percent(&self, simulation: usize) -> f64 {
        if self.simulations[simulation].is_exact {
            return self.simulations[simulation].digital_percent;
        }
        let chips = &self.recognised[simulation];
        let correct = chips.iter().flatten().filter(|recognised| **recognised).count();
        100.0 * (correct as f64 / (IMAGES * chips.len()) as f64)
    }

    /// What each design is compared by after all images, of those that keep to the limits.
    fn values(&self) -> BTreeMap<u64, Vec<f64>> {
        let rated = self.entrants.iter().map(|entrant| {
            let digital = self.simulations[entrant.simulation].digital_percent;
            let recognition = Recognition::new(self.percent(entrant.simulation), digital);
            (entrant.place, entrant.figures.recognising(recognition))
        });
        let kept = rated.filter(|(_, figures)| self.space.limits.iter().all(|limit| limit.kept(figures)));
        kept.map(|(place, figures)| (place, self.space.values(&figures).expect("rated").to_vec())).collect()
    }
}

#[test]
fn what_is_left_is_the_front_of_all_designs_after_all_images() {
    let mut most_spared = 0;
    for seed in 0..400 {
        let case = Case::drawn(seed);
        let values = case.values();
        let beats = |one: &[f64], other: &[f64]| one != other && one.iter().zip(other).all(|(one, other)| one <= other);
        let is_best = |(_, own): &(&u64, &Vec<f64>)| !values.values().any(|other| beats(other, own));
        let expected: BTreeSet<String> =
            values.iter().filter(is_best).map(|(_, values)| format!("{values:?}")).collect();
        let mut race = Race::new(&case.space, case.entrants.clone(), case.simulations.clone(), IMAGES);
        let mut spared = case.simulations.len() * IMAGES;
        while let Some((images, open)) = race.open() {
            assert!(open.iter().all(|&simulation| !case.simulations[simulation].is_exact), "it needs no images");
            let count = |&simulation: &usize| {
                let chips = case.recognised[simulation].iter();
                let correct = chips.map(|chip| chip[images.clone()].iter().filter(|recognised| **recognised).count());
                (simulation, Some(correct.sum::<usize>() as u64))
            };
            spared -= open.len() * images.len();
            race.close(&open.iter().map(count).collect::<Vec<_>>());
        }
        let left: Vec<u64> = race.figures().map(|(place, _)| place).collect();
        // Of designs that are equal in all objectives one is enough.
        let found: BTreeSet<String> = left.iter().map(|place| format!("{:?}", values[place])).collect();
        assert_eq!(found, expected, "seed {seed}");
        assert_eq!(left.len() + race.dropped().len(), case.entrants.len());
        most_spared = most_spared.max(spared);
    }
    assert!(most_spared > 3 * IMAGES, "{most_spared}");
}

#[test]
fn designs_of_a_simulation_that_failed_are_out_and_drop_no_other() {
    let space = space(&["area"], &["rate"], &[]);
    let entrant = |place: u64, area, simulation| Entrant { place, figures: figures(area, 1.0), simulation };
    let entrants = vec![entrant(0, 1.0, 0), entrant(1, 2.0, 1), entrant(2, 3.0, 1)];
    let simulation = Simulation { chips: 1, digital_percent: 100.0, is_exact: false };
    let mut race = Race::new(&space, entrants, vec![simulation; 2], 100);
    // The third is dearer than the second and recognises the same.
    assert_eq!(race.dropped().iter().map(|dropped| (dropped.place, dropped.images)).collect::<Vec<_>>(), [(2, 0)]);
    assert_eq!(race.open(), Some((0..100, vec![0, 1])));
    race.close(&[(0, None), (1, Some(40))]);
    assert_eq!(race.open(), None);
    let left: Vec<(u64, Option<Recognition>)> =
        race.figures().map(|(place, figures)| (place, figures.recognition)).collect();
    assert_eq!(left, [(1, Some(Recognition::new(40.0, 100.0)))]);
}
