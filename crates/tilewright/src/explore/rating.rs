//! What the designs of a space recognise.

use super::kept_chips::KeptChips;
use super::{Dropped, Entrant, Heat, Outcome, Pricing, Race, Simulation, Space};
use crate::accuracy::{AccuracyError, Trial};
use crate::hardware::Design;
use crate::mapping::{Mapping, NetworkBits};
use crate::network::{Network, Tensor};
use crate::simulate::{Chip, Hardware, Programmable, SimulateError, recognised_digitally, rounded};
use crate::workers::{self, Watch};
use serde::Serialize;
use std::collections::BTreeMap;
use std::convert::Infallible;
use std::ops::{ControlFlow, Range};
use std::time::Instant;

/// Designs that are made ready at once.
const CHUNK: usize = 1024;

/// The images of a network.
#[derive(Clone, Copy)]
pub struct Shown<'a> {
    /// Test images, and how they are shown; all of them are, or the first of them up to the limit.
    pub trial: Trial<'a>,
    /// Normalised images that inputs are rounded and converters calibrated on.
    pub calibration: &'a [Tensor<f32>],
}

/// Keeps what chips recognise, and is told of the work.
pub trait Keeper {
    /// Why something cannot be kept.
    type Error;

    /// How many images of a heat are recognised, if that is known.
    ///
    /// # Errors
    /// If what is kept cannot be read.
    fn known(&mut self, heat: &Heat<'_>) -> Result<Option<u64>, Self::Error>;

    /// Keeps how many images of a heat are recognised.
    ///
    /// # Errors
    /// If it cannot be kept.
    fn keep(&mut self, heat: &Heat<'_>, correct: u64) -> Result<(), Self::Error>;

    /// Is told of a round: its images, and how many chips are shown them.
    fn begins(&mut self, images: &Range<usize>, chips: usize);

    /// Is told of crossbars programmed, then of images classified, of one chip; may end the work.
    fn watch(&self) -> Watch<'_>;

    /// The error of work that the watch ended.
    fn interrupted(&self) -> Self::Error;
}

/// Which of the heats that are left to do are done first, where several processes share them: those of its own part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    /// Which part, from 0.
    pub number: u64,
    /// Of how many, at least 1.
    pub of: u64,
}

/// Simulates the designs of a space.
pub struct Rating<'a> {
    /// The designs.
    pub pricing: Pricing<'a>,
    /// The images of each network of the space.
    pub shown: &'a BTreeMap<String, Shown<'a>>,
    /// Seed of the first chip of each design.
    pub first_seed: u64,
    /// Chips of each design, each programmed from a seed of its own; those that cannot differ are one.
    pub seeds: u32,
    /// Threads; the result does not depend on it.
    pub threads: usize,
}

/// What a race left.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rated {
    /// The designs dropped, in the order in which they were.
    pub dropped: Vec<Dropped>,
    /// How many designs are shown to compute the network in integers bit for bit ([`Plan::is_exact`](crate::simulate::Plan::is_exact)):
    /// its rate is theirs, and they are not simulated.
    pub exact: u64,
}

/// A design made ready to be simulated.
#[derive(Clone)]
struct Ready<'a> {
    network: &'a Network,
    /// The network's name in the space.
    name: &'a str,
    design: Design,
    bits: NetworkBits,
    hardware: Hardware,
    mapping: Mapping,
}

/// What the designs of one simulation have in common.
struct Common<'a> {
    /// The first of them.
    ready: Ready<'a>,
    identity: String,
    /// How the network is rounded, and where.
    digital: String,
    chips: u32,
    /// Whether they are shown to compute the network in integers.
    is_exact: bool,
}

impl<'a> Rating<'a> {
    /// Simulates designs that have a price, round by round as in a [`Race`], and puts into the outcome of each that is left at the end
    /// what it recognises of all images; a design that cannot be simulated has the reason as its outcome.
    ///
    /// # Errors
    /// What the keeper fails with.
    ///
    /// # Panics
    /// If a network of the space has no images.
    pub fn rate<K: Keeper>(
        &self,
        space: &Space,
        outcomes: &mut [Outcome],
        part: Part,
        keeper: &mut K,
    ) -> Result<Rated, K::Error> {
        let (mut entrants, commons) = self.entrants(space, outcomes);
        let most = self.shown.values().map(|shown| images_of(&shown.trial)).max();
        let Some(images) = most else { return Ok(Rated::default()) };
        let digital = self.digital(&commons, part, keeper)?;
        let mut simulations = Vec::with_capacity(commons.len());
        for (number, common) in commons.iter().enumerate() {
            let digital_percent = match &digital[&(common.ready.name, common.digital.as_str())] {
                Ok(correct) => 100.0 * (*correct as f64 / images as f64),
                Err(reason) => {
                    fail(outcomes, &mut entrants, number, reason);
                    0.0
                }
            };
            simulations.push(Simulation { chips: common.chips, digital_percent, is_exact: common.is_exact });
        }
        let exact = entrants.iter().filter(|entrant| commons[entrant.simulation].is_exact).count() as u64;
        let mut kept = KeptChips::default();
        let mut race = Race::new(space, entrants, simulations, images);
        while let Some((images, open)) = race.open() {
            let mut recognised = Vec::with_capacity(open.len());
            for (simulation, result) in self.round(&commons, &open, &images, (part, &mut kept), keeper)? {
                if let Err(reason) = &result {
                    let failed = race.entrants().filter(|entrant| entrant.simulation == simulation);
                    failed.for_each(|entrant| outcomes[index(entrant.place)] = Err(reason.as_str().into()));
                }
                recognised.push((simulation, result.ok()));
            }
            race.close(&recognised);
        }
        for (place, figures) in race.figures() {
            outcomes[index(place)] = Ok(figures);
        }
        Ok(Rated { dropped: race.dropped().to_vec(), exact })
    }

    /// The designs with a price that keep to the limits so far, and what the simulations are that they have; reasons why some have
    /// none become their outcomes.
    fn entrants(&self, space: &Space, outcomes: &mut [Outcome]) -> (Vec<Entrant>, Vec<Common<'a>>) {
        let kept = |outcome: &Outcome| outcome.as_ref().is_ok_and(|figures| space.keeps_limits(figures));
        let places: Vec<u64> =
            (0..).zip(&*outcomes).filter(|(_, outcome)| kept(outcome)).map(|(place, _)| place).collect();
        let (mut entrants, mut commons) = (vec![], vec![]);
        let mut numbers: BTreeMap<(&str, String), usize> = BTreeMap::new();
        // Most designs have a simulation that is known already: what is made of them is dropped soon.
        for places in places.chunks(CHUNK) {
            for (&place, common) in places.iter().zip(self.commons(places)) {
                let outcome = &mut outcomes[index(place)];
                match (common, &*outcome) {
                    (Ok(common), &Ok(figures)) => {
                        let key = (common.ready.name, common.identity.clone());
                        let simulation = *numbers.entry(key).or_insert_with(|| {
                            commons.push(common);
                            commons.len() - 1
                        });
                        entrants.push(Entrant { place, figures, simulation });
                    }
                    (Err(reason), _) => *outcome = Err(reason.into()),
                    (Ok(_), Err(_)) => {}
                }
            }
        }
        self.join_exact(&mut entrants, &mut commons);
        (entrants, commons)
    }

    /// Simulations that are shown to compute the same network in integers become one.
    fn join_exact(&self, entrants: &mut [Entrant], commons: &mut [Common<'a>]) {
        let go_on: Watch<'_> = &|_, _| ControlFlow::Continue(());
        let job = |job: usize| Ok::<_, Infallible>(self.is_exact(&commons[job].ready));
        let Ok(exact) = workers::run(&vec![1; commons.len()], self.threads, go_on, job);
        let mut firsts: BTreeMap<(&str, String), usize> = BTreeMap::new();
        let mut joined: Vec<usize> = (0..commons.len()).collect();
        for (number, common) in commons.iter_mut().enumerate() {
            common.is_exact = exact.as_ref().is_some_and(|exact| exact[number]);
            if common.is_exact {
                joined[number] = *firsts.entry((common.ready.name, common.digital.clone())).or_insert(number);
            }
        }
        entrants.iter_mut().for_each(|entrant| entrant.simulation = joined[entrant.simulation]);
    }

    /// Whether a design is shown to compute the network in integers; one that cannot be simulated is not, and says why when it is.
    fn is_exact(&self, ready: &Ready<'a>) -> bool {
        self.programmable(ready, 1).and_then(|ready| ready.plan().is_exact()).unwrap_or(false)
    }

    /// A design rounded and checked.
    fn programmable(&self, ready: &Ready<'a>, threads: usize) -> Result<Programmable<'a>, SimulateError> {
        let Ready { network, name, design, bits, hardware, mapping } = ready.clone();
        Programmable::new(network, self.shown[name].calibration, (design, bits), hardware, mapping, threads)
    }

    /// What says which simulation each of some designs has.
    fn commons(&self, places: &[u64]) -> impl Iterator<Item = Result<Common<'a>, String>> + use<'a> {
        let go_on: Watch<'_> = &|_, _| ControlFlow::Continue(());
        let job = |job: usize| Ok::<_, Infallible>(self.common(places[job]));
        let Ok(found) = workers::run(&vec![1; places.len()], self.threads, go_on, job);
        found.into_iter().flatten()
    }

    fn common(&self, place: u64) -> Result<Common<'a>, String> {
        let ready = self.ready(place)?;
        let Ready { design, bits, hardware, mapping, .. } = &ready;
        let weight_bits = mapping.layers.iter().map(|layer| layer.encoding.weight_bits).collect::<Vec<_>>();
        let rounding = (weight_bits, bits.inputs.bits, hardware.weight_range);
        let driven = design.given.contains("input-bits").then_some(design.input_bits);
        let tilings: Vec<_> = mapping.layers.iter().map(|layer| layer.tiling).collect();
        let targets: Vec<_> = mapping.layers.iter().map(|layer| (layer.crossbar, layer.encoding)).collect();
        let chips = if hardware.varies() { self.seeds } else { 1 };
        // Between layers that pass values on as they are, nothing is rounded.
        let digital = match hardware.neuron {
            Some(_) => text(&(&rounding, "inputs only"))?,
            None => text(&rounding)?,
        };
        let identity = text(&(rounding, driven, targets, tilings, mapping.holders(), hardware.record()))?;
        Ok(Common { ready, identity, digital, chips, is_exact: false })
    }

    /// A design as it is simulated.
    fn ready(&self, place: u64) -> Result<Ready<'a>, String> {
        let point = self.pricing.point(place);
        let (name, network) = self.pricing.network(&point);
        let mapped = self.pricing.mapped(&point).map_err(|error| error.to_string())?;
        let hardware = Hardware::of(&mapped.design).map_err(|error| error.to_string())?;
        let mut mapping = mapped.mapping;
        // Copies that come out alike recognise what one does.
        if !hardware.copies_differ() {
            mapping.layers.iter_mut().for_each(|layer| layer.tiling.replication = 1);
        }
        Ok(Ready { network, name, design: mapped.design, bits: mapped.bits, hardware, mapping })
    }

    /// What every network recognises of all images without a crossbar, by its name and how it is rounded.
    #[expect(clippy::type_complexity, reason = "by two names")]
    fn digital<'c, K: Keeper>(
        &self,
        commons: &'c [Common<'a>],
        part: Part,
        keeper: &mut K,
    ) -> Result<BTreeMap<(&'c str, &'c str), Result<u64, String>>, K::Error> {
        let named = commons.iter().rev().map(|common| ((common.ready.name, common.digital.as_str()), &common.ready));
        let firsts: BTreeMap<(&str, &str), &Ready<'a>> = named.collect();
        let heat = |(&(network, simulation), &ready): (&(&'c str, &'c str), &&'c Ready<'a>)| {
            let images = 0..images_of(&self.shown[network].trial);
            (Heat { network, simulation, seed: 0, images }, ready)
        };
        let heats: Vec<(Heat<'_>, &Ready<'a>)> = firsts.iter().map(heat).collect();
        if let Some((heat, _)) = heats.first() {
            keeper.begins(&heat.images, heats.len());
        }
        let found =
            self.all(&heats, part, keeper, |heat, ready, watch| self.recognised_digitally(heat, ready, watch))?;
        Ok(firsts.into_keys().zip(found).collect())
    }

    /// What each simulation that is open recognises of the images of a round, over all its chips.
    #[expect(clippy::type_complexity, reason = "a result a simulation")]
    fn round<K: Keeper>(
        &self,
        commons: &[Common<'a>],
        open: &[usize],
        images: &Range<usize>,
        (part, kept): (Part, &mut KeptChips),
        keeper: &mut K,
    ) -> Result<Vec<(usize, Result<u64, String>)>, K::Error> {
        let chips = open.iter().flat_map(|&number| {
            let Common { ready, identity, chips, .. } = &commons[number];
            (0..*chips).map(move |chip| {
                let seed = self.first_seed + u64::from(chip);
                (number, (Heat { network: ready.name, simulation: identity, seed, images: images.clone() }, ready))
            })
        });
        let (numbers, heats): (Vec<usize>, Vec<(Heat<'_>, &Ready<'a>)>) = chips.unzip();
        if !heats.is_empty() {
            keeper.begins(images, heats.len());
        }
        kept.retain(&heats);
        let found = self.all(&heats, part, keeper, |heat, ready, watch| self.recognised(heat, ready, kept, watch))?;
        let mut recognised: BTreeMap<usize, Result<u64, String>> = BTreeMap::new();
        for (number, found) in numbers.into_iter().zip(found) {
            let sum = recognised.entry(number).or_insert(Ok(0));
            *sum = sum.clone().and_then(|sum| Ok(sum + found?));
        }
        Ok(recognised.into_iter().collect())
    }

    /// How many images of each heat are `recognised`; those of the own part first, then what nobody has done meanwhile.
    fn all<K: Keeper>(
        &self,
        heats: &[(Heat<'_>, &Ready<'a>)],
        part: Part,
        keeper: &mut K,
        mut recognised: impl FnMut(&Heat<'_>, &Ready<'a>, Watch<'_>) -> Result<u64, SimulateError>,
    ) -> Result<Vec<Result<u64, String>>, K::Error> {
        let is_own = |place: usize| place as u64 % part.of == part.number;
        let (own, others): (Vec<usize>, Vec<usize>) = (0..heats.len()).partition(|&place| is_own(place));
        let mut found: Vec<Result<u64, String>> = vec![Ok(0); heats.len()];
        for place in own.into_iter().chain(others) {
            let (heat, ready) = &heats[place];
            found[place] = match keeper.known(heat)? {
                Some(known) => Ok(known),
                None => match recognised(heat, ready, keeper.watch()) {
                    Ok(correct) => {
                        keeper.keep(heat, correct)?;
                        Ok(correct)
                    }
                    Err(SimulateError::Interrupted | SimulateError::Accuracy(AccuracyError::Interrupted)) => {
                        return Err(keeper.interrupted());
                    }
                    Err(reason) => Err(reason.to_string()),
                },
            };
        }
        Ok(found)
    }

    /// How many images of a heat the chip of a design recognises, which is programmed unless it is kept.
    fn recognised(
        &self,
        heat: &Heat<'_>,
        ready: &Ready<'a>,
        kept: &mut KeptChips,
        watch: Watch<'_>,
    ) -> Result<u64, SimulateError> {
        let recognised = |chip: &Chip| Ok(chip.recognised(&self.trial(heat), watch)?.correct);
        if let Some(chip) = kept.find(heat) {
            return recognised(chip);
        }
        let start = Instant::now();
        let ready = self.programmable(ready, self.threads)?;
        let chip = Chip::program(&ready.plan(), heat.seed, watch)?;
        let spent = start.elapsed();
        let correct = recognised(&chip)?;
        kept.keep(heat, chip, spent);
        Ok(correct)
    }

    /// How many images of a heat the network of a design recognises without a crossbar.
    fn recognised_digitally(&self, heat: &Heat<'_>, ready: &Ready<'a>, watch: Watch<'_>) -> Result<u64, SimulateError> {
        let Ready { network, bits, hardware, mapping, .. } = ready;
        let layers = rounded(network, self.shown[heat.network].calibration, (mapping, bits), hardware.weight_range)?;
        Ok(recognised_digitally((network, &layers), hardware, &self.trial(heat), watch)?.correct)
    }

    fn trial(&self, heat: &Heat<'_>) -> Trial<'a> {
        let shown = &self.shown[heat.network];
        Trial { first: heat.images.start, limit: heat.images.len(), threads: self.threads, ..shown.trial }
    }
}

/// Takes the designs of a simulation that failed out of the race, with the reason as their outcome.
fn fail(outcomes: &mut [Outcome], entrants: &mut Vec<Entrant>, simulation: usize, reason: &str) {
    entrants.retain(|entrant| {
        let failed = entrant.simulation == simulation;
        if failed {
            outcomes[index(entrant.place)] = Err(reason.into());
        }
        !failed
    });
}

/// Images of a trial.
fn images_of(trial: &Trial<'_>) -> usize {
    trial.set.len().min(trial.limit)
}

fn text(value: &impl Serialize) -> Result<String, String> {
    serde_json::to_string(value).map_err(|error| error.to_string())
}

fn index(place: u64) -> usize {
    usize::try_from(place).expect("a place in a list")
}
