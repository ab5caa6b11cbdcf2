//! The device whose faults are set by hand, and the ideal one.

use super::{assert_moments, draws, programmed};
use proptest::prelude::*;
use tilewright::circuit::CellCurve;
use tilewright::circuit::device::{ConductanceRange, Device, DeviceError, Generic, Ideal, Levels, Programming};
use tilewright::random::Effect;

const CELLS: u32 = 20_000;

fn device(settings: Generic) -> Box<dyn Device> {
    settings.device().expect("settings that are allowed")
}

proptest! {
    #[test]
    fn without_faults_it_is_ideal_bit_for_bit(
        on in 1e-9f64..1.0,
        ratio in prop_oneof![Just(f64::INFINITY), 1.01f64..1e6],
        levels in proptest::option::of(2u32..5000),
        place in 0.0f64..=1.0,
        seconds in 0.0f64..1e9,
        verify in any::<bool>(),
        cell in any::<u32>(),
    ) {
        let generic = device(Generic { on, on_off_ratio: ratio, levels, ..Generic::default() });
        let range = ConductanceRange { off: on / ratio, on };
        let ideal = Ideal::new(range, levels.map_or(Levels::Continuous, Levels::Equidistant)).expect("a range");
        prop_assert_eq!(generic.range(), range);
        prop_assert_eq!(generic.levels(), ideal.levels());
        let programming = match verify {
            true => Programming::WriteVerify { tolerance: 1e-9, max_pulses: 5 },
            false => Programming::OneShot,
        };
        let target = range.off + place * (range.on - range.off);
        let run = |device: &dyn Device| {
            let cell_draws = |effect| draws(effect, cell);
            let programmed = device.program(target, programming, &mut cell_draws(Effect::Programming)).expect("in range");
            let drifted = device.drifted(programmed.conductance, seconds, &mut cell_draws(Effect::Drift)).expect("a time");
            let stuck = device.stuck().draw(&mut cell_draws(Effect::Stuck));
            let noise = device.read_noise(drifted, seconds);
            let bits = [programmed.conductance, drifted, noise].map(f64::to_bits);
            (bits, programmed.pulses, programmed.verified, stuck)
        };
        let nearest = range.nearest(target.min(on), generic.levels());
        prop_assert_eq!(run(&*generic), run(&ideal));
        prop_assert_eq!(run(&*generic), ([nearest, nearest, 0.0].map(f64::to_bits), 1, true, None));
        prop_assert_eq!(generic.curve(), CellCurve::Linear);
    }
}

#[test]
fn programming_errors_are_as_large_as_set() {
    let on = 1e-4;
    for (coefficients, deviations) in [
        (vec![0.02], [0.02, 0.02, 0.02]),
        (vec![0.0, 0.05], [0.0125, 0.025, 0.05]),
        (vec![0.01, 0.0, 0.02], [0.01125, 0.015, 0.03]),
    ] {
        let device = device(Generic { programming_error: coefficients.clone(), ..Generic::default() });
        for (share, deviation) in [0.25, 0.5, 1.0].into_iter().zip(deviations) {
            let cells = programmed(&*device, share * on, CELLS);
            assert_moments(&format!("{coefficients:?} at {share}"), &cells, share * on, deviation * on, 0.0);
        }
    }
}

#[test]
fn no_conductance_is_negative() {
    let device = device(Generic { programming_error: vec![1.0], read_noise: vec![0.1, -1.0], ..Generic::default() });
    let cells = programmed(&*device, 5e-6, CELLS);
    assert!(cells.iter().all(|&g| g >= 0.0));
    let zeros = cells.iter().filter(|&&g| g == 0.0).count() as f64 / f64::from(CELLS);
    assert!((zeros - 0.48).abs() < 0.015, "half of the errors lead below zero: {zeros}");
    assert_eq!(device.read_noise(5e-5, 0.0), 0.0, "a polynomial that is negative is no noise");
}

#[test]
fn cells_are_stuck_as_often_as_set() {
    let device = device(Generic { stuck_on: 0.01, stuck_off: 0.04, ..Generic::default() });
    let stuck = device.stuck();
    let places: Vec<Option<f64>> = (0..100_000).map(|cell| stuck.draw(&mut draws(Effect::Stuck, cell))).collect();
    for (conductance, rate) in [(1e-4, 0.01), (1e-6, 0.04)] {
        let found = places.iter().filter(|place| **place == Some(conductance)).count() as f64;
        let expected = rate * 100_000.0;
        assert!((found - expected).abs() < 4.0 * f64::sqrt(expected), "{found} stuck at {conductance}, not {expected}");
    }
    assert_eq!(places.iter().flatten().filter(|&&g| g != 1e-4 && g != 1e-6).count(), 0);
}

#[test]
fn drift_is_a_power_of_time() {
    let settings = Generic { drift: 0.05, drift_deviation: 0.01, drift_start: 20.0, ..Generic::default() };
    let device = device(settings);
    let drifted = |cell, seconds| device.drifted(5e-5, seconds, &mut draws(Effect::Drift, cell)).expect("a time");
    for seconds in [0.0, 60.0, 86_400.0] {
        let logarithm = (1.0 + seconds / 20.0f64).ln();
        let cells: Vec<f64> = (0..CELLS).map(|cell| (drifted(cell, seconds) / 5e-5).ln()).collect();
        assert_moments(&format!("{seconds} s"), &cells, -0.05 * logarithm, 0.01 * logarithm, 1e-12);
    }
    // One cell keeps its exponent.
    let exponent = |seconds: f64| (drifted(3, seconds) / 5e-5).ln() / (1.0 + seconds / 20.0).ln();
    assert!((exponent(10.0) - exponent(1e6)).abs() < 1e-12);
}

#[test]
fn reads_are_as_noisy_as_set_and_currents_bend_as_set() {
    let device = device(Generic { read_noise: vec![0.001, 0.01], sinh_volts: Some(0.4), ..Generic::default() });
    assert!((device.read_noise(2e-5, 7.0) - 3e-7).abs() < 1e-18);
    assert_eq!(device.curve(), CellCurve::Sinh { k: 2.5 });
}

#[test]
fn wrong_settings_name_the_field() {
    let d = Generic::default;
    for (settings, key, found) in [
        (Generic { on: -1.0, ..d() }, "on", "-1"),
        (Generic { on: f64::NAN, ..d() }, "on", "NaN"),
        (Generic { on_off_ratio: 1.0, ..d() }, "on_off_ratio", "1"),
        (Generic { on_off_ratio: f64::NAN, ..d() }, "on_off_ratio", "NaN"),
        (Generic { levels: Some(1), ..d() }, "levels", "1"),
        (Generic { programming_error: vec![0.1, f64::INFINITY], ..d() }, "programming_error", "inf"),
        (Generic { read_noise: vec![f64::NAN], ..d() }, "read_noise", "NaN"),
        (Generic { on: 1e4, ..d() }, "on", "10000"),
        (Generic { programming_error: vec![5.0], ..d() }, "programming_error", "5"),
        (Generic { programming_error: vec![-0.1], ..d() }, "programming_error", "-0.1"),
        (Generic { read_noise: vec![0.0, 2.0], ..d() }, "read_noise", "2"),
        (Generic { drift: -0.1, ..d() }, "drift", "-0.1"),
        (Generic { drift: 5.0, ..d() }, "drift", "5"),
        (Generic { drift_deviation: -0.1, ..d() }, "drift_deviation", "-0.1"),
        (Generic { drift_start: 0.0, ..d() }, "drift_start", "0"),
        (Generic { stuck_on: 1.5, ..d() }, "stuck_on", "1.5"),
        (Generic { stuck_on: 0.75, stuck_off: 0.5, ..d() }, "stuck_off", "0.5"),
        (Generic { stuck_off: 5.0, ..d() }, "stuck_off", "5"),
        (Generic { sinh_volts: Some(0.0), ..d() }, "sinh_volts", "0"),
    ] {
        match settings.device() {
            Err(DeviceError::Value { key: named, found: value, .. }) => {
                assert_eq!((named.as_str(), value.as_str()), (key, found));
            }
            other => panic!("{key}: {other:?}"),
        }
    }
    let percent = Generic { programming_error: vec![5.0], ..d() }.device().expect_err("a percentage").to_string();
    assert_eq!(
        percent,
        "device generic: programming_error is 5; allowed is 0 to 1, a share of the greatest conductance; did you mean 0.05 for 5 %?"
    );
    let range = ConductanceRange { off: 2e-6, on: 1e-6 };
    let error = Ideal::new(range, Levels::Continuous).expect_err("no range").to_string();
    assert_eq!(
        error,
        "device ideal: conductance range is 2e-6 to 1e-6 S; allowed is from 0 or more up to more than that"
    );
}
