//! Levels, targets, and write and verify.

use super::draws;
use proptest::prelude::*;
use tilewright::circuit::device::{ConductanceRange, DeviceError, Generic, Levels, Programmed, Programming};
use tilewright::random::Effect;

const RANGE: ConductanceRange = ConductanceRange { off: 1e-6, on: 1e-4 };
const CELLS: u32 = 20_000;

/// How likely a normal number is within one standard deviation.
const WITHIN_ONE: f64 = 0.682_689_492_137_086;

fn program(settings: Generic, tolerance: f64, max_pulses: u32) -> Vec<Programmed> {
    let device = settings.device().expect("settings that are allowed");
    let programming = Programming::WriteVerify { tolerance, max_pulses };
    let one = |cell| device.program(5e-5, programming, &mut draws(Effect::Programming, cell)).expect("within range");
    (0..CELLS).map(one).collect()
}

proptest! {
    #[test]
    fn levels_are_equally_far_apart_and_their_own_nearest(count in 2u32..300, index in 0u32..300) {
        let index = index % count;
        let level = RANGE.level(index, count);
        let step = (RANGE.on - RANGE.off) / f64::from(count - 1);
        prop_assert!((level - RANGE.off - f64::from(index) * step).abs() < 1e-18);
        for place in [-0.49, 0.0, 0.49] {
            let near = (level + place * step).clamp(RANGE.off, RANGE.on);
            prop_assert_eq!(RANGE.nearest(near, Levels::Equidistant(count)), level);
        }
    }
}

#[test]
fn the_ends_of_the_range_are_exact() {
    let uneven = ConductanceRange { off: 0.1, on: 0.7 };
    assert_eq!([uneven.level(0, 7), uneven.level(6, 7)], [0.1, 0.7]);
}

#[test]
fn attempts_are_counted_until_a_read_is_near_enough() {
    // Attempts have an error of 5 % of g_on, 5 µS; a tolerance of 5/99 of the range is one standard deviation.
    let settings = Generic { programming_error: vec![0.05], ..Generic::default() };
    let cells = program(settings, 5.0 / 99.0, 1000);
    assert!(cells.iter().all(|cell| cell.verified && (cell.conductance - 5e-5).abs() <= 5.000_001e-6));
    let mean = cells.iter().map(|cell| f64::from(cell.pulses)).sum::<f64>() / f64::from(CELLS);
    // Attempts are geometric, 1/p in the mean with the variance (1 − p)/p².
    let p = WITHIN_ONE;
    let error = 4.0 * ((1.0 - p) / (p * p) / f64::from(CELLS)).sqrt();
    assert!((mean - 1.0 / p).abs() < error, "{mean} attempts, expected {}", 1.0 / p);
}

#[test]
fn attempts_end_and_the_cell_says_that_it_failed() {
    let settings = Generic { programming_error: vec![0.05], ..Generic::default() };
    let cells = program(settings, 5.0 / 99.0, 2);
    let failed = cells.iter().filter(|cell| !cell.verified);
    assert!(failed.clone().all(|cell| cell.pulses == 2 && (cell.conductance - 5e-5).abs() > 4.999_999e-6));
    let (rate, expected) = (failed.count() as f64 / f64::from(CELLS), (1.0 - WITHIN_ONE).powi(2));
    assert!((rate - expected).abs() < 4.0 * (expected / f64::from(CELLS)).sqrt(), "{rate} failed, expected {expected}");
}

#[test]
fn noisy_reads_let_worse_cells_pass() {
    let settings = Generic { programming_error: vec![0.05], read_noise: vec![0.02], ..Generic::default() };
    let cells = program(settings, 1.0 / 99.0, 1000);
    let beyond = cells.iter().filter(|cell| (cell.conductance - 5e-5).abs() > 1e-6).count() as f64 / f64::from(CELLS);
    // Of errors of deviation 5, read with noise of deviation 2 and passed within ±1: how many are beyond ±1, by quadrature.
    let normal = |x: f64, deviation: f64| (-0.5 * (x / deviation).powi(2)).exp() / deviation;
    let passes = |g: f64| (-100..100).map(|step| normal(g - (f64::from(step) + 0.5) * 0.01, 2.0)).sum::<f64>();
    let (all, far) = (-4000..4000).map(|step| (f64::from(step) + 0.5) * 0.005).fold((0.0, 0.0), |(all, far), g| {
        let weight = normal(g, 5.0) * passes(g);
        (all + weight, far + if g.abs() > 1.0 { weight } else { 0.0 })
    });
    let expected = far / all;
    let error = 4.0 * (expected * (1.0 - expected) / f64::from(CELLS)).sqrt();
    assert!((beyond - expected).abs() < error, "{beyond} beyond the tolerance, expected {expected}");
}

#[test]
fn a_target_outside_the_range_is_an_error_and_rounding_is_not() {
    let device = Generic::default().device().expect("settings that are allowed");
    let program = |target| device.program(target, Programming::OneShot, &mut draws(Effect::Programming, 0));
    for target in [9.9e-7, 1.01e-4, -1e-6, f64::NAN, f64::INFINITY] {
        match program(target) {
            Err(DeviceError::Target { found, range, .. }) => {
                assert_eq!((found.to_bits(), range), (target.to_bits(), device.range()));
            }
            other => panic!("{target}: {other:?}"),
        }
    }
    assert_eq!(
        program(2e-4).expect_err("too large").to_string(),
        "device generic: a conductance of 2e-4 S; allowed is 1e-6 to 1e-4 S: map the weights into this range"
    );
    assert_eq!(program(1e-4 * (1.0 + 1e-15)).map(|cell| cell.conductance), Ok(1e-4));
}

#[test]
fn wrong_ways_of_programming_name_what_is_allowed() {
    let device = Generic::default().device().expect("settings that are allowed");
    for (tolerance, max_pulses, message) in [
        (0.0, 5, "write and verify: tolerance is 0; allowed is a positive share of the device's range"),
        (f64::NAN, 5, "write and verify: tolerance is NaN; allowed is 0 to 1, a share of the device's range"),
        (
            2.0,
            5,
            "write and verify: tolerance is 2; allowed is 0 to 1, a share of the device's range; did you mean 0.02 for 2 %?",
        ),
        (0.1, 0, "write and verify: max_pulses is 0; allowed is 1 to 1000000"),
    ] {
        let programming = Programming::WriteVerify { tolerance, max_pulses };
        let error = device.program(5e-5, programming, &mut draws(Effect::Programming, 0)).expect_err("not allowed");
        assert_eq!(error.to_string(), message);
    }
}
