//! Simulated spaces against simulating every design by itself.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::ops::{ControlFlow, Range};
use std::sync::Arc;
use tilewright::accuracy::Trial;
use tilewright::cost::Library;
use tilewright::dataset::{Dataset, Normalization};
use tilewright::explore::{
    ExploreError, Heat, Keeper, Outcome, Part, Pricing, Rating, Recognition, Shown, Sources, Space,
};
use tilewright::hardware::{Design, setting};
use tilewright::mapping::{map_network, scheme};
use tilewright::network::{Conv, Dense, Network, Op, Tensor, Weights, executor::Executor, zoo};
use tilewright::simulate::{Chip, Hardware, Programmable, Watch};

const IMAGES: usize = 260;
const GO_ON: Watch<'static> = &|_, _| ControlFlow::Continue(());
const WHOLE: Part = Part { number: 0, of: 1 };

/// What is known is kept in memory; how often something new was.
#[derive(Default)]
struct Memory(BTreeMap<String, u64>, usize);

impl Keeper for Memory {
    type Error = Infallible;

    fn known(&mut self, heat: &Heat<'_>) -> Result<Option<u64>, Infallible> {
        Ok(self.0.get(&serde_json::to_string(heat).expect("text")).copied())
    }

    fn keep(&mut self, heat: &Heat<'_>, correct: u64) -> Result<(), Infallible> {
        assert!(self.0.insert(serde_json::to_string(heat).expect("text"), correct).is_none(), "done twice");
        self.1 += 1;
        Ok(())
    }

    fn begins(&mut self, images: &Range<usize>, chips: usize) {
        assert!(images.end <= IMAGES && chips > 0);
    }

    fn watch(&self) -> Watch<'_> {
        GO_ON
    }

    fn interrupted(&self) -> Infallible {
        panic!("nothing ended it")
    }
}

/// LeNet-5 with random weights, and images whose classes are what it takes most of them for.
struct Case {
    network: Network,
    set: Dataset,
    normalization: Normalization,
    calibration: Vec<Tensor<f32>>,
}

impl Case {
    fn new() -> Self {
        let network = zoo::build("lenet5").and_then(|network| network.initialize(3)).expect("a network of the zoo");
        let shape = network.shape(network.input()).to_vec();
        let pixels = |image: usize| -> Vec<u8> {
            let image = network.random_image(image as u64);
            image.values().iter().map(|value| (128.0 + 60.0 * value).clamp(0.0, 255.0) as u8).collect()
        };
        let pixels: Vec<u8> = (0..IMAGES).flat_map(pixels).collect();
        let normalization = Normalization::identity(1);
        let set = |labels: Vec<u32>| {
            Dataset::new("drawn", shape.clone(), tilewright::dataset::Values::Pixels(pixels.clone()), labels, 10)
                .expect("images")
        };
        let unlabelled = set(vec![0; IMAGES]);
        let images: Vec<Tensor<f32>> = (0..IMAGES).map(|image| unlabelled.image(image, &normalization)).collect();
        let scores = Executor::new(&network).and_then(|executor| executor.run(&images)).expect("scores");
        let best = |scores: &Tensor<f32>| {
            let best = scores.values().iter().enumerate().max_by(|one, other| one.1.total_cmp(other.1));
            best.map_or(0, |(class, _)| class as u32)
        };
        let labels = scores.iter().enumerate().map(|(image, scores)| if image % 7 == 0 { 0 } else { best(scores) });
        let set = set(labels.collect());
        let calibration = images[..16].to_vec();
        Self { network, set, normalization, calibration }
    }

    fn trial(&self) -> Trial<'_> {
        Trial { set: &self.set, first: 0, limit: usize::MAX, normalization: &self.normalization, top: 1, threads: 1 }
    }

    fn sources(&self) -> Sources {
        let networks = BTreeMap::from([("lenet5".into(), self.network.clone())]);
        let chips = ["generic-22nm", "puma"].map(|name| (name.into(), Design::preset(name).expect("a preset")));
        Sources::new(networks, chips.into(), Library::built_in())
    }

    /// What a design recognises, programmed by hand.
    fn by_hand(&self, design: &str, settings: &[(&str, &str)], seeds: u64) -> Recognition {
        let mut design = Design::preset(design).expect("a preset");
        for (name, value) in settings.iter().filter(|(name, _)| *name != "scheme") {
            design.set(setting(name).expect("a setting"), value).expect("a value");
        }
        let named = settings.iter().find(|(name, _)| *name == "scheme").map_or("im2col", |(_, value)| value);
        let (design, bits) = design.for_network(&self.network).expect("bits in range");
        let target = tilewright::mapping::Target {
            weight_bits_from: bits.weights.origin,
            ..tilewright::mapping::Target::new(design.crossbar, design.encoding())
        };
        let mapping =
            map_network(&self.network, scheme::find(named).expect("a scheme"), &target, None).expect("it fits");
        let hardware = Hardware::of(&design).expect("simulated");
        let made = |hardware| {
            let bits = bits.clone();
            Programmable::new(&self.network, &self.calibration, (design.clone(), bits), hardware, mapping.clone(), 1)
                .expect("ready")
        };
        let percent = |ready: &Programmable<'_>, seeds: u64| {
            let correct = |seed| {
                let chip = Chip::program(&ready.plan(), seed, GO_ON).expect("programmed");
                chip.recognised(&self.trial(), GO_ON).expect("classified").correct
            };
            100.0 * ((0..seeds).map(correct).sum::<u64>() as f64 / (seeds as usize * IMAGES) as f64)
        };
        let ready = made(hardware);
        let chips = if ready.hardware.varies() { seeds } else { 1 };
        let exact = percent(&made(ready.hardware.without_errors()), 1);
        Recognition::new(percent(&ready, chips), exact)
    }
}

fn space(designs: &[&str], text: &str) -> Space {
    let text = format!("networks = [\"lenet5\"]\ndesigns = {designs:?}\n{text}");
    Space::parse("space.toml", &text).expect("a space")
}

fn priced(pricing: &Pricing<'_>, space: &Space) -> Vec<Outcome> {
    (0..space.size()).map(|place| pricing.outcome(place)).collect()
}

#[test]
fn the_front_has_the_rates_of_designs_simulated_one_by_one() {
    let case = Case::new();
    let space = space(
        &["generic-22nm"],
        "objectives.minimize = [\"area\"]\nobjectives.maximize = [\"rate\"]\n[vary]\ncell-bits = [2, 4]\n\
         programming-error = [0.045, 0.05]\nschedule = [\"layer-by-layer\", \"pipelined\"]",
    );
    let sources = case.sources();
    let pricing = Pricing::new(&space, &sources).expect("a space");
    let prices = priced(&pricing, &space);
    let shown = BTreeMap::from([("lenet5".to_owned(), Shown { trial: case.trial(), calibration: &case.calibration })]);
    let rating = Rating { pricing: pricing.clone(), shown: &shown, first_seed: 0, seeds: 2, threads: 2 };
    assert!(pricing.any_hardware(Hardware::varies));
    let (mut outcomes, mut memory) = (prices.clone(), Memory::default());
    let Ok(rated) = rating.rate(&space, &mut outcomes, WHOLE, &mut memory);

    let by_hand: Vec<Outcome> = (0..)
        .zip(&prices)
        .map(|(place, priced)| {
            let figures = priced.clone().expect("it is priced");
            Ok(figures.recognising(case.by_hand("generic-22nm", &space.point(place).settings, 2)))
        })
        .collect();
    let front = |outcomes: &[Outcome]| -> Vec<(Vec<f64>, u64)> {
        let front = pricing.front(&outcomes.to_vec().into());
        front.points().map(|(values, place)| (values.to_vec(), *place)).collect()
    };
    assert_eq!(front(&outcomes), front(&by_hand));
    assert!(front(&outcomes).len() > 1 && !rated.dropped.is_empty(), "{by_hand:?}");
    // Designs that differ in their schedule alone are one simulation: of 24 designs at most 12 were simulated, on two chips or one, in
    // two rounds, beside the network in integers.
    assert!(memory.1 <= 1 + 2 * (4 + 8 * 2), "{}", memory.1);

    // Again with all of it known, and by parts that share what they keep: nothing else comes out, and nothing is done twice.
    let before = memory.1;
    let mut again = prices.clone();
    let Ok(rated_again) = rating.rate(&space, &mut again, WHOLE, &mut memory);
    assert_eq!((&again, &rated_again, memory.1), (&outcomes, &rated, before));
    let mut shared = Memory::default();
    for number in [2, 0, 1] {
        let mut of_part = prices.clone();
        let Ok(_) = rating.rate(&space, &mut of_part, Part { number, of: 3 }, &mut shared);
        assert_eq!(of_part, outcomes);
    }
    assert_eq!(shared.0, memory.0);
}

/// Designs whose neurons pass values on have rates, beside those of the network without rounding, which is none in integers.
#[test]
fn neurons_have_rates() {
    let case = Case::new();
    let text = "objectives.minimize = [\"area\"]\nobjectives.maximize = [\"rate\"]\n[vary]\nneuron-offset = [0.0, 0.1]";
    let seed = BTreeMap::from([("seed".into(), Design::preset("seed").expect("a preset"))]);
    let networks = BTreeMap::from([("lenet5".into(), case.network.clone())]);
    let (space, sources) = (space(&["seed"], text), Sources::new(networks, seed, Library::built_in()));
    let pricing = Pricing::new(&space, &sources).expect("a space");
    let (mut outcomes, mut memory) = (priced(&pricing, &space), Memory::default());
    let shown = BTreeMap::from([("lenet5".to_owned(), Shown { trial: case.trial(), calibration: &case.calibration })]);
    let rating = Rating { pricing: pricing.clone(), shown: &shown, first_seed: 0, seeds: 2, threads: 2 };
    let Ok(rated) = rating.rate(&space, &mut outcomes, WHOLE, &mut memory);
    let best = outcomes[0].as_ref().expect("rated").recognition.expect("a rate");
    assert_eq!((best, rated.exact), (case.by_hand("seed", &space.point(0).settings, 2), 0));
    assert_eq!(best.rate_percent, best.digital_percent);
    let worse = case.by_hand("seed", &space.point(1).settings, 2);
    assert!(worse.rate_percent < best.rate_percent, "{worse:?}");
}

/// Two layers with the same weights have errors of their own, or the same.
#[test]
fn weights_held_once_are_another_simulation() {
    let weights = |shape: Vec<usize>| {
        let values = (0..shape.iter().product()).map(|at: usize| (at * 7 % 11) as f32 / 11.0 - 0.4).collect();
        Some(Weights { values: Arc::new(Tensor::new(shape, values)), scale: None })
    };
    let mut network = Network::new("twice", vec![1, 28, 28]);
    let mut last = network.input();
    for name in ["a", "b"] {
        let conv = Conv { weights: weights(vec![1, 1, 3, 3]), ..Conv::same(1, 3) };
        last = network.conv(name, last, conv).expect("a layer");
    }
    last = network.flatten(last).expect("a vector");
    let dense = Dense { weights: weights(vec![10, 784]), ..Dense::new(10) };
    network.push("fc", Op::Dense(dense), &[last]).expect("a layer");
    let case = Case { network, ..Case::new() };
    let text = "objectives.minimize = [\"area\"]\nobjectives.maximize = [\"rate\"]\n[vary]\n\
                shared-weights = [\"apart\", \"once\"]\nprogramming-error = [0.05]";
    let (space, sources) = (space(&["generic-22nm"], text), case.sources());
    let pricing = Pricing::new(&space, &sources).expect("a space");
    let (mut outcomes, mut memory) = (priced(&pricing, &space), Memory::default());
    let shown = BTreeMap::from([("lenet5".to_owned(), Shown { trial: case.trial(), calibration: &case.calibration })]);
    let rating = Rating { pricing: pricing.clone(), shown: &shown, first_seed: 0, seeds: 1, threads: 2 };
    let Ok(_) = rating.rate(&space, &mut outcomes, WHOLE, &mut memory);
    let simulation =
        |heat: &String| serde_json::from_str::<serde_json::Value>(heat).expect("text")["simulation"].clone();
    let mut simulations: Vec<String> = memory.0.keys().map(|heat| simulation(heat).to_string()).collect();
    simulations.sort_unstable();
    simulations.dedup();
    // Beside the network in integers.
    assert_eq!(simulations.len(), 1 + 2, "{simulations:?}");
}

#[test]
fn what_cannot_be_simulated_has_its_reason_and_settings_without_effect_are_refused() {
    let case = Case::new();
    let of_rates = "objectives.maximize = [\"rate\"]\n[vary]\n";
    let some = space(&["generic-22nm", "puma"], of_rates);
    let sources = case.sources();
    let pricing = Pricing::new(&some, &sources).expect("a space");
    let mut outcomes = priced(&pricing, &some);
    let shown = BTreeMap::from([("lenet5".to_owned(), Shown { trial: case.trial(), calibration: &case.calibration })]);
    let rating = Rating { pricing: pricing.clone(), shown: &shown, first_seed: 0, seeds: 1, threads: 1 };
    let Ok(_) = rating.rate(&some, &mut outcomes, WHOLE, &mut Memory::default());
    assert!(outcomes[0].as_ref().is_ok_and(|figures| figures.recognition.is_some()));
    assert!(outcomes[1].as_ref().is_err_and(|reason| reason.contains("converters")), "{:?}", outcomes[1]);
    assert!(!pricing.any_hardware(Hardware::varies));
    for (text, part) in [
        (format!("{of_rates}kernels = [\"2d1d\"]"), "trained with such kernels"),
        ("objectives.minimize = [\"area\"]\n[vary]\nwire = [0, 1]".into(), "wire changes no price"),
    ] {
        let refused = Pricing::new(&space(&["generic-22nm"], &text), &sources).map(drop);
        assert!(matches!(&refused, Err(ExploreError::Space { problem }) if problem.contains(part)), "{refused:?}");
    }
}
