//! Which designs are simulated on how many images, where a rate says which are best.

use super::{Figures, Front, Recognition, Space};
use crate::accuracy::interval;
use serde::Serialize;
use std::collections::BTreeSet;
use std::ops::Range;

/// Images after which designs are compared, before all are shown.
const ROUNDS: [usize; 2] = [250, 1000];

/// How many standard deviations a rate may be off: 99.9 % of normal deviates lie within.
const DEVIATIONS: f64 = 3.290_526_731_491_926;

/// Stands for what designs recognise that all recognise the same.
const ANY: Recognition = Recognition::new(50.0, 51.0);

/// A design that has a price.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Entrant {
    /// Its place in the space.
    pub place: u64,
    /// Its price.
    pub figures: Figures,
    /// Which simulation says what it recognises: designs that differ in their price alone have one.
    pub simulation: usize,
}

/// What several designs have in common that differ in their price alone.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Simulation {
    /// Chips, at least one; each is shown every image.
    pub chips: u32,
    /// What hardware without errors recognises of all images, in percent.
    pub digital_percent: f64,
    /// Whether its chips recognise the same, so that none is shown an image.
    pub is_exact: bool,
}

/// A design that cannot be on the front.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Dropped {
    /// Its place in the space.
    pub place: u64,
    /// Images that its chips had been shown, or all where they need none to be told what they recognise: 0 if another one that recognises the same is better whatever that is, or if no rate could
    /// make it keep to the limits.
    pub images: usize,
    /// Ends of the interval that its rate was in, in percent.
    pub rate_percent: [f64; 2],
}

/// Designs that are shown more images, round by round, as long as they can be on the front.
///
/// A design is dropped once another one is at least as good in every objective and better in one, its rate taken at the lower end of
/// its interval and that of the dropped one at the upper end, or once it cannot keep to a limit. Intervals are of 99.9 % (Wilson 1927,
/// eq. 1), so that two rates have to be off by more than three standard deviations each for a design to be dropped wrongly; the rates of
/// the last round are those of all images. What is dropped follows from the results alone.
pub struct Race<'a> {
    space: &'a Space,
    simulations: Vec<Simulation>,
    /// Recognised so far, over all chips of each simulation.
    correct: Vec<u64>,
    entrants: Vec<Entrant>,
    dropped: Vec<Dropped>,
    /// Images shown in all after each round.
    ends: Vec<usize>,
    round: usize,
}

impl<'a> Race<'a> {
    /// Begins with designs that have a price, each with one of the `simulations`, and so many test images.
    ///
    /// # Panics
    /// If there are no images.
    pub fn new(space: &'a Space, entrants: Vec<Entrant>, simulations: Vec<Simulation>, images: usize) -> Self {
        assert!(images > 0, "a rate is of at least one image");
        let ends = ROUNDS.into_iter().filter(|&end| end < images).chain([images]).collect();
        let correct = vec![0; simulations.len()];
        let mut race = Self { space, simulations, correct, entrants, dropped: vec![], ends, round: 0 };
        race.drop_dearer();
        race.drop_beaten();
        race
    }

    /// The images that the chips of some simulations are shown next, perhaps of no simulation; none once all are over.
    pub fn open(&self) -> Option<(Range<usize>, Vec<usize>)> {
        let end = *self.ends.get(self.round)?;
        let is_open = |&simulation: &usize| !self.simulations[simulation].is_exact;
        let mut simulations: Vec<usize> =
            self.entrants.iter().map(|entrant| entrant.simulation).filter(is_open).collect();
        simulations.sort_unstable();
        simulations.dedup();
        Some((self.shown()..end, simulations))
    }

    /// Ends a round with how many of its images each simulation recognised, over all its chips, or that it failed: then its designs are
    /// no longer in the race.
    ///
    /// # Panics
    /// If the race is over.
    pub fn close(&mut self, recognised: &[(usize, Option<u64>)]) {
        self.round += 1;
        assert!(self.round <= self.ends.len(), "the race is over");
        for &(simulation, correct) in recognised {
            match correct {
                Some(correct) => self.correct[simulation] += correct,
                None => self.entrants.retain(|entrant| entrant.simulation != simulation),
            }
        }
        self.drop_beaten();
    }

    /// The designs that are left.
    pub fn entrants(&self) -> impl Iterator<Item = &Entrant> {
        self.entrants.iter()
    }

    /// The designs that are left, with what they recognise of the images so far.
    pub fn figures(&self) -> impl Iterator<Item = (u64, Figures)> {
        self.entrants.iter().map(|entrant| {
            let [middle, _, _] = self.rates(entrant.simulation);
            (entrant.place, self.at(entrant, middle))
        })
    }

    /// The designs that were dropped, in the order in which they were.
    pub fn dropped(&self) -> &[Dropped] {
        &self.dropped
    }

    /// Images shown so far.
    pub fn shown(&self) -> usize {
        self.round.checked_sub(1).map_or(0, |round| self.ends[round])
    }

    /// Images shown in all at the end.
    fn all(&self) -> usize {
        self.ends[self.ends.len() - 1]
    }

    /// Rate of a simulation so far, and the ends of its interval, in percent.
    fn rates(&self, simulation: usize) -> [f64; 3] {
        let (shown, all) = (self.shown() as f64, self.all() as f64);
        if self.simulations[simulation].is_exact {
            return [self.simulations[simulation].digital_percent; 3];
        }
        if shown == 0.0 {
            return [50.0, 0.0, 100.0];
        }
        let rate = self.correct[simulation] as f64 / (shown * f64::from(self.simulations[simulation].chips));
        if shown == all {
            return [100.0 * rate; 3];
        }
        let [least, most] = interval(rate, shown, DEVIATIONS);
        [rate, least, most].map(|rate| 100.0 * rate)
    }

    /// A design's figures if it recognises so many percent.
    fn at(&self, entrant: &Entrant, rate_percent: f64) -> Figures {
        let digital = self.simulations[entrant.simulation].digital_percent;
        entrant.figures.recognising(Recognition::new(rate_percent, digital))
    }

    /// Of designs with the same simulation those stay that no other of them beats, whatever their rate is.
    fn drop_dearer(&mut self) {
        let mut fronts: Vec<Front<u64>> = vec![Front::new(); self.simulations.len()];
        for entrant in self.entrants.iter().filter(|entrant| self.space.keeps_limits(&entrant.figures)) {
            if let Some(values) = self.space.values(&entrant.figures.recognising(ANY)) {
                fronts[entrant.simulation].offer(values, entrant.place);
            }
        }
        let places = fronts.iter().flat_map(Front::points).map(|(_, place)| *place);
        let kept: BTreeSet<u64> = places.collect();
        self.keep(|_, entrant| kept.contains(&entrant.place));
    }

    /// Those stay that can keep to the limits and that no other one surely beats.
    fn drop_beaten(&mut self) {
        let mut front = Front::new();
        for entrant in &self.entrants {
            let [_, least, _] = self.rates(entrant.simulation);
            let worst = self.at(entrant, least);
            if let Some(values) = self.space.values(&worst).filter(|_| self.space.keeps_limits(&worst)) {
                front.offer(values, ());
            }
        }
        self.keep(|race, entrant| {
            let [_, _, most] = race.rates(entrant.simulation);
            let best = race.at(entrant, most);
            let beaten = race.space.values(&best).is_some_and(|values| front.beats(&values));
            race.space.keeps_limits(&best) && !beaten
        });
    }

    fn keep(&mut self, is_kept: impl Fn(&Self, &Entrant) -> bool) {
        let (kept, dropped): (Vec<Entrant>, Vec<Entrant>) =
            self.entrants.iter().partition(|entrant| is_kept(self, entrant));
        for Entrant { place, simulation, .. } in dropped {
            let [_, least, most] = self.rates(simulation);
            let images = if self.simulations[simulation].is_exact { self.all() } else { self.shown() };
            self.dropped.push(Dropped { place, images, rate_percent: [least, most] });
        }
        self.entrants = kept;
    }
}
