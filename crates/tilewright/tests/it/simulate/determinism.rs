//! Same seed, same result: for any number of threads, any batch and any lane.

use std::fs;
use std::ops::ControlFlow;
use std::sync::Arc;
use tilewright::circuit::Wiring;
use tilewright::circuit::device::Generic;
use tilewright::hardware::{Cells, Compensation};
use tilewright::mapping::{CrossbarSize, Encoding, SignRule, Target, map_network, scheme};
use tilewright::network::{Rounding, Tensor, integer_layers, zoo};
use tilewright::simulate::{Adc, Chip, Hardware, Plan, RESULTS_VERSION, layer_errors};

/// LeNet-5 on small crossbars with every effect there is.
fn with_chip<T>(seed: u64, threads: usize, of: impl Fn(&Chip, &Plan<'_>) -> T) -> T {
    let network = zoo::build("lenet5").and_then(|network| network.initialize(3)).expect("a network of the zoo");
    let device = Generic {
        programming_error: vec![0.02],
        read_noise: vec![0.01],
        stuck_on: 0.002,
        stuck_off: 0.002,
        drift: 0.01,
        drift_deviation: 0.01,
        ..Generic::default()
    };
    let hardware = Hardware {
        cells: Cells { age: 3600.0, ..Cells::default() },
        wiring: Wiring::wires(0.5),
        adc: Some(Adc::new(7)),
        dac_bits: Some(4),
        compensation: Compensation { refresh: true, ..Compensation::default() },
        ..Hardware::new(Arc::from(device.device().expect("a device")))
    };
    let target = Target::new(CrossbarSize { rows: 48, columns: 40 }, Encoding::whole(SignRule::Differential));
    let mapping = map_network(&network, scheme::find("vw-sdk").expect("a scheme"), &target, None).expect("it fits");
    let calibration: Vec<Tensor<f32>> = (100..120).map(|seed| network.random_image(seed)).collect();
    let layers = integer_layers(&network, &calibration, Rounding::to_bits(8, 8)).expect("weights");
    let plan = Plan {
        network: &network,
        mapping: &mapping,
        layers: &layers,
        hardware: &hardware,
        calibration: &calibration,
        threads,
    };
    of(&Chip::program(&plan, seed, &|_, _| ControlFlow::Continue(())).expect("programmed"), &plan)
}

fn images(plan: &Plan<'_>) -> Vec<Tensor<f32>> {
    (0..21).map(|seed| plan.network.random_image(seed)).collect()
}

#[test]
fn threads_do_not_matter() {
    let of = |threads: usize| {
        with_chip(5, threads, |chip, plan| {
            let images = images(plan);
            (
                chip.scores(0, &images).expect("scores"),
                layer_errors(chip, &plan.ideal().expect("programmed"), plan, &images).expect("errors"),
            )
        })
    };
    assert_eq!(of(1), of(3));
}

#[test]
fn neither_the_batch_nor_the_lane_matters() {
    with_chip(5, 2, |chip, plan| {
        let images = images(plan);
        let together = chip.scores(0, &images).expect("scores");
        for (number, image) in images.iter().enumerate() {
            let alone = chip.scores(number as u64, std::slice::from_ref(image)).expect("scores");
            assert_eq!(alone[0], together[number], "image {number}");
        }
        assert_eq!(chip.scores(3, &images[3..8]).expect("scores"), together[3..8]);
    });
}

#[test]
fn another_seed_or_another_number_of_the_image_gives_other_scores() {
    let of = |seed: u64, first: u64| {
        with_chip(seed, 2, |chip, plan| chip.scores(first, &images(plan)[..1]).expect("scores"))
    };
    assert_ne!(of(5, 0), of(6, 0));
    assert_ne!(of(5, 0), of(5, 1));
}

/// Stores tell results apart by their version, so it is raised whenever a seed makes something else of a network.
///
/// `TILEWRIGHT_BLESS=1` records the results of a version that was raised.
#[test]
fn results_are_those_of_their_version() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/simulate/results_version.txt");
    let recorded = fs::read_to_string(path).unwrap_or_default();
    let scores = with_chip(5, 2, |chip, plan| chip.scores(0, &images(plan)[..4]).expect("scores"));
    let bytes = scores.iter().flat_map(Tensor::values).flat_map(|score| score.to_le_bytes());
    let now = format!("{RESULTS_VERSION} {:016x}\n", fnv(bytes));
    let is_raised = !recorded.starts_with(&format!("{RESULTS_VERSION} "));
    if is_raised && std::env::var_os("TILEWRIGHT_BLESS").is_some_and(|value| value == "1") {
        fs::write(path, &now).expect("the tests' folder is writable");
        return;
    }
    assert_eq!(now, recorded, "a seed gives other results: raise RESULTS_VERSION in src/simulate/mod.rs, then bless");
}

/// FNV-1a of 64 bits (Fowler, Noll, Vo).
pub(crate) fn fnv(bytes: impl Iterator<Item = u8>) -> u64 {
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3))
}
