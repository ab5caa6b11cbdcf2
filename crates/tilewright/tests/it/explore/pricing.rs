//! Priced spaces against pricing every design by itself.

use crate::simulate::determinism::fnv;
use proptest::prelude::*;
use proptest::sample::subsequence;
use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::sync::Arc;
use tilewright::cost::{CostModel, Library, Settings};
use tilewright::explore::{Figures, Outcome, PRICES_VERSION, Pricing, Sources, Space, Variable, goals};
use tilewright::hardware::{Design, Order};
use tilewright::mapping::CrossbarSize;
use tilewright::mapping::scheme::find;
use tilewright::network::{Dense, Network, Op, zoo};

const SIZES: [&str; 4] = ["32", "64x32", "64", "128"];
const SCHEMES: [&str; 4] = ["im2col", "vw-sdk", "sub-image", "unfolded"];
const ORDERS: [&str; 2] = ["layer-by-layer", "pipelined"];

fn space(designs: &[&str], vary: &[(&str, Vec<&str>)], minimize: &[&str]) -> Space {
    let owned = |values: &[&str]| values.iter().map(ToString::to_string).collect();
    Space {
        networks: vec!["lenet5".into()],
        designs: owned(designs),
        vary: vary.iter().map(|(name, values)| Variable { name: (*name).into(), values: owned(values) }).collect(),
        goals: goals(minimize, &["throughput"]).expect("measures"),
        limits: vec!["area <= 60 mm2".parse().expect("a limit")],
    }
}

fn sources(space: &Space) -> Sources {
    let networks = space.networks.iter().map(|name| (name.clone(), zoo::build(name).expect("of the zoo")));
    let chips = space.designs.iter().map(|name| (name.clone(), Design::preset(name).expect("a preset")));
    Sources::new(networks.collect(), chips.collect(), Library::built_in())
}

fn outcomes(space: &Space, threads: usize) -> Vec<Outcome> {
    let sources = sources(space);
    let places: Vec<u64> = (0..space.size()).collect();
    let pricing = Pricing::new(space, &sources).expect("a space");
    pricing.outcomes(&places, threads, &|_, _| ControlFlow::Continue(())).expect("nothing ended it")
}

/// A design by the cost stage alone, its settings put into the chip by hand.
fn by_hand(design: &str, settings: &BTreeMap<&str, &str>) -> Option<Figures> {
    let size: CrossbarSize = settings["crossbar"].parse().expect("a size");
    let schedule = if settings["schedule"] == "pipelined" { Order::Pipelined } else { Order::LayerByLayer };
    let chip = Design { crossbar: size, schedule, ..Design::preset(design).expect("a preset") };
    let network = zoo::build("lenet5").expect("of the zoo");
    let model = CostModel::new(&chip, &Library::built_in(), Settings::default()).ok()?;
    let mapping = model.map(&network, find(settings["scheme"]).expect("a scheme")).ok()?;
    model.cost(&network, &mapping).ok().map(|cost| Figures::of(&cost))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn the_front_is_that_of_all_designs_one_by_one(
        sizes in subsequence(&SIZES[..], 1..=4),
        schemes in subsequence(&SCHEMES[..], 1..=4),
        orders in subsequence(&ORDERS[..], 1..=2),
        designs in subsequence(vec!["generic-22nm", "isaac", "seed"], 1..=2),
        minimize in subsequence(vec!["area", "latency", "energy", "area*latency"], 1..=3),
    ) {
        let space = space(&designs, &[("scheme", schemes), ("crossbar", sizes), ("schedule", orders)], &minimize);
        let found = outcomes(&space, 2);
        let mut kept: Vec<(u64, Vec<f64>)> = vec![];
        for (place, outcome) in (0..).zip(&found) {
            let point = space.point(place);
            let expected = by_hand(point.design, &point.settings.iter().copied().collect());
            prop_assert_eq!(outcome.as_ref().ok(), expected.as_ref());
            if let Some(figures) = expected.filter(|figures| figures.area_mm2 <= 60.0) {
                kept.push((place, space.values(&figures).expect("priced").to_vec()));
            }
        }
        let beaten = |&(place, ref values): &(u64, Vec<f64>)| kept.iter().any(|(other, others)| {
            others.iter().zip(values).all(|(other, own)| other <= own) && (others != values || *other < place)
        });
        let mut expected: Vec<u64> = kept.iter().filter(|design| !beaten(design)).map(|(place, _)| *place).collect();
        let sources = sources(&space);
        let front = Pricing::new(&space, &sources).expect("a space").front(&found.into());
        let mut places: Vec<u64> = front.points().map(|(_, &place)| place).collect();
        places.sort_unstable();
        expected.sort_unstable();
        prop_assert_eq!(places, expected);
    }
}

#[test]
fn outcomes_are_the_same_on_any_number_of_threads_and_those_of_their_version() {
    let vary = [
        ("scheme", vec!["im2col", "optimal"]),
        ("kernels", vec!["3d", "2d1d"]),
        ("objective", vec!["area", "energy-delay", "latency:40"]),
        ("adc-bits", vec!["6", "8"]),
        ("crossbar", vec!["2", "64"]),
    ];
    let space = space(&["generic-22nm"], &vary, &["area"]);
    let found = outcomes(&space, 1);
    assert_eq!(found, outcomes(&space, 3));
    let reasons: Vec<&Arc<str>> = found.iter().filter_map(|outcome| outcome.as_ref().err()).collect();
    assert!(!reasons.is_empty() && reasons.len() < found.len(), "{reasons:?}");
    let text = serde_json::to_string(&found.iter().flatten().collect::<Vec<_>>()).expect("figures have a JSON form");
    let now = format!("{PRICES_VERSION} {:016x}\n", fnv(text.bytes()));
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/explore/prices_version.txt");
    let recorded = std::fs::read_to_string(path).unwrap_or_default();
    let is_raised = !recorded.starts_with(&format!("{PRICES_VERSION} "));
    if is_raised && std::env::var_os("TILEWRIGHT_BLESS").is_some_and(|value| value == "1") {
        std::fs::write(path, &now).expect("the tests' folder is writable");
        return;
    }
    assert_eq!(now, recorded, "designs have other figures: raise PRICES_VERSION in src/explore/pricing.rs, then bless");
}

/// Inputs of 8 bits, then of 4.
#[test]
fn each_layer_is_priced_by_the_bits_of_its_own_inputs() {
    let mut network = Network::new("mixed", vec![2]);
    for (name, range) in [("wide", [-128, 127]), ("narrow", [0, 15])] {
        let rounded = Op::FakeQuantize { scale: 0.5, zero_point: 0, range };
        let rounded = network.then(network.output(), rounded).expect("it rounds a vector");
        network.push(name, Op::Dense(Dense::new(2)), &[rounded]).expect("a layer");
    }
    let space = space(&["generic-22nm"], &[("scheme", vec!["im2col"])], &["energy"]);
    let networks = [("mixed".to_owned(), network.clone())].into_iter().collect();
    let sources = Sources { networks, ..sources(&space) };
    let space = Space { networks: vec!["mixed".into()], ..space };
    let found = Pricing::new(&space, &sources).expect("a space").outcome(0).expect("it is priced");
    let chip = Design::preset("generic-22nm").expect("a preset");
    let (chip, bits) = chip.for_network(&network).expect("bits in range");
    let figures = |settings| {
        let model = CostModel::new(&chip, &Library::built_in(), settings).expect("a valid chip");
        let mapping = model.map(&network, find("im2col").expect("a scheme")).expect("it fits");
        Figures::of(&model.cost(&network, &mapping).expect("it is priced"))
    };
    assert_eq!(found, figures(Settings { layer_inputs: bits.layer_inputs.clone(), ..Settings::default() }));
    assert!(found.energy_uj < figures(Settings::default()).energy_uj);
}

#[test]
fn settings_and_values_are_checked_before_anything_is_priced() {
    for (setting, value, part) in [
        ("crosbar", "64", "did you mean crossbar?"),
        ("crossbar", "big", "crossbar = big"),
        ("scheme", "im2cool", "im2col"),
        ("adc", "walden", "walden-typical"),
        ("objective", "area-delay:50", "a limit goes with latency"),
        ("objective", "area:0", "1e-9 to 1e7 ms"),
        ("objective", "energy:soon", "\"soon\" is not a latency in ms"),
        ("macro-kinds", "crossbar=64", "let objective vary too"),
        ("objective", "latency:0", "at least one crossbar"),
        ("objective", "size", "energy-delay"),
        ("schedule", "later", "pipelined"),
        ("kernels", "ratio=2", "kernels = ratio=2"),
    ] {
        let space = space(&["generic-22nm"], &[(setting, vec![value])], &["area"]);
        let error = Pricing::new(&space, &sources(&space)).expect_err(setting).to_string();
        assert!(error.contains(part), "{setting} = {value}: {error}");
    }
}
