//! Devices fitted to measurements.

use std::fmt::Write;
use tilewright::circuit::device::{
    Between, ConductanceUnit, Device, DeviceError, DeviceFit, Generic, Goodness, Levels, Measurements, Programming,
    Shape, from_toml,
};
use tilewright::random::{Draws, Effect, Stream};

fn draws(sample: u32) -> Draws {
    Draws::new(Stream { seed: 5, layer: 0, crossbar: 0, effect: Effect::Programming, sample })
}

fn read(text: &str) -> Result<Measurements, DeviceError> {
    Measurements::from_csv(text, "measured.csv", ConductanceUnit::Siemens)
}

fn fit(text: &str) -> DeviceFit {
    DeviceFit::new(&read(text).expect("a table"), Between::Interpolated).expect("a fit")
}

fn device(fit: &DeviceFit) -> Box<dyn Device> {
    from_toml(&fit.toml("mine", "test"), "mine.toml").unwrap_or_else(|error| panic!("{error}"))
}

/// A table of what a function makes of targets, so many cells each.
fn table(targets: &[f64], cells: u32, mut measured: impl FnMut(f64, u32) -> f64) -> String {
    let mut text = "target,measured\n".to_owned();
    for (level, &target) in targets.iter().enumerate() {
        for cell in 0..cells {
            let siemens = measured(target, level as u32 * cells + cell);
            writeln!(text, "{target:e},{siemens:e}").expect("a string");
        }
    }
    text
}

#[test]
fn measurements_without_noise_come_back_exactly() {
    let measured = |target: f64| 1.1 * target + 1e-7;
    let targets = [1e-6, 3e-6, 1e-5, 4e-5];
    let fit = fit(&table(&targets, 7, |target, _| measured(target)));
    assert!(fit.holds());
    for level in &fit.levels {
        let exact = (Shape::Normal, measured(level.target), 0.0, 0.0);
        let distribution = level.distribution;
        assert_eq!((distribution.shape, distribution.mean, distribution.deviation, level.goodness[0].ks), exact);
    }
    let device = device(&fit);
    assert_eq!((device.range().off, device.range().on), (1e-6, 4e-5));
    for target in targets {
        let programmed = device.program(target, Programming::OneShot, &mut draws(0)).expect("within the range");
        assert_eq!(programmed.conductance, measured(target));
    }
    let between = device.attempt(2e-5, &mut draws(0));
    assert!((between - measured(2e-5)).abs() < 1e-19, "{between:e}");
    assert!(device.varies(), "cells are not where they were asked to be");
}

/// Targets met exactly are met exactly between the levels too.
#[test]
fn an_exact_device_is_ideal() {
    let device = device(&fit(&table(&[1e-6, 3e-6, 4e-5], 2, |target, _| target)));
    assert!(!device.varies());
    for step in 0..=100 {
        let target = 1e-6 + (4e-5 - 1e-6) * (f64::from(step) / 100.0);
        assert_eq!(device.attempt(target, &mut draws(step)), target);
    }
}

/// Eight unequal levels of 2 500 cells, every second one lognormal.
#[test]
fn twenty_thousand_cells_give_back_what_they_were_drawn_from() {
    const CELLS: u32 = 2500;
    let targets = [1e-6, 2e-6, 4e-6, 8e-6, 16e-6, 32e-6, 64e-6, 100e-6];
    let lognormal = |target: f64| [2e-6, 8e-6, 32e-6, 100e-6].contains(&target);
    let text = table(&targets, CELLS, |target, cell| {
        let z = draws(cell).normal();
        if lognormal(target) { target * (0.5 * z).exp() } else { target + 0.2 * target * z }
    });
    let fit = fit(&text);
    assert_eq!((fit.measurements, fit.levels.len(), fit.times), (20_000, 8, None));
    assert!(fit.holds(), "{fit:?}");
    for level in &fit.levels {
        let (target, found) = (level.target, level.distribution);
        // Mean and deviation of a lognormal distribution of median 1 and s = 0.5.
        let (shape, mean, deviation) = if lognormal(target) {
            (Shape::Lognormal, 0.125f64.exp(), 0.125f64.exp() * (0.25f64.exp() - 1.0).sqrt())
        } else {
            (Shape::Normal, 1.0, 0.2)
        };
        assert_eq!(found.shape, shape, "{target:e}");
        assert!((found.mean / target - mean).abs() < 4.0 * deviation / f64::from(CELLS).sqrt(), "{found:?}");
        assert!(
            (found.deviation / target - deviation).abs() < 4.0 * deviation * 0.9 / f64::from(CELLS).sqrt(),
            "{found:?}"
        );
        let [goodness] = level.goodness[..] else { panic!("one sample a level") };
        assert!(goodness.critical.is_some_and(|critical| goodness.ks < critical && critical < 0.021), "{goodness:?}");
    }
    // Drawn from the file again, the moments are those of the file.
    let device = device(&fit);
    for level in &fit.levels {
        let drawn: Vec<f64> =
            (0..20_000).map(|cell| device.attempt(level.target, &mut draws(1 << 20 | cell))).collect();
        let mean = drawn.iter().sum::<f64>() / 20_000.0;
        let variance = drawn.iter().map(|siemens| (siemens - mean).powi(2)).sum::<f64>() / 20_000.0;
        let expected = level.distribution;
        assert!((mean / expected.mean - 1.0).abs() < 0.02, "{mean:e} {expected:?}");
        assert!((variance.sqrt() / expected.deviation - 1.0).abs() < 0.05, "{variance:e} {expected:?}");
    }
}

/// Cells of another model, read three times.
#[test]
fn drift_gives_back_what_it_was_drawn_from() {
    let generic = Generic {
        programming_error: vec![0.02],
        drift: 0.06,
        drift_deviation: 0.02,
        on_off_ratio: 5.0,
        ..Generic::default()
    };
    let generic = generic.device().expect("a device");
    let mut text = "time,measured,target\n".to_owned();
    for (level, target) in [2e-5, 5e-5, 1e-4].into_iter().enumerate() {
        for (time, seconds) in [0.0, 1e3, 1e5].into_iter().enumerate() {
            for cell in 0..2500 {
                let mut draws = draws((level * 3 + time) as u32 * 2500 + cell);
                let start = generic.attempt(target, &mut draws);
                writeln!(text, "{seconds},{:e},{target:e}", generic.drift(start, seconds, &mut draws))
                    .expect("a string");
            }
        }
    }
    let fit = fit(&text);
    assert_eq!(fit.times.map(|times| [times.first, times.offset, times.longest]), Some([0.0, 1.0, 1e5]));
    assert!(fit.holds(), "{fit:?}");
    for level in &fit.levels {
        let drift = level.drift.expect("there are times");
        assert!((drift.mean - 0.06).abs() < 1e-3 && (drift.deviation - 0.02).abs() < 1e-3, "{drift:?}");
        assert_eq!(
            level.goodness.iter().map(|goodness| goodness.seconds).collect::<Vec<_>>(),
            [Some(0.0), Some(1e3), Some(1e5)]
        );
    }
    let device = device(&fit);
    assert!(matches!(device.drifted(5e-5, 1e6, &mut draws(0)), Err(DeviceError::Time { .. })));
    assert_eq!(device.drift(5e-5, 0.0, &mut draws(0)), 5e-5);
}

/// g (t / 20 s)^−ν with ν = 0.1 at one level and 0.02 at the other.
#[test]
fn exact_drift_comes_back_exactly() {
    let exponent = |target: f64| if target == 1e-5 { 0.1 } else { 0.02 };
    let mut text = "target,measured,time\n".to_owned();
    for target in [1e-5, 5e-5] {
        for seconds in [20.0f64, 300.0, 86_400.0] {
            let line = format!("{target:e},{:e},{seconds}\n", target * (seconds / 20.0).powf(-exponent(target)));
            text += &line.repeat(3);
        }
    }
    let fit = fit(&text);
    assert!(fit.holds(), "{fit:?}");
    let device = device(&fit);
    for level in &fit.levels {
        let drift = level.drift.expect("there are times");
        assert!((drift.mean - exponent(level.target)).abs() < 1e-14 && drift.deviation == 0.0, "{drift:?}");
        assert!(level.goodness.iter().all(|goodness| goodness.ks == 0.0));
        let drifted = device.drift(level.target, 5000.0, &mut draws(0));
        assert!((drifted / (level.target * 250f64.powf(-exponent(level.target))) - 1.0).abs() < 1e-13);
    }
    // Half way between the means, half way between the exponents.
    let drifted = device.drift(3e-5, 2e4, &mut draws(0));
    assert!((drifted / (3e-5 * 1e3f64.powf(-0.06)) - 1.0).abs() < 1e-13, "{drifted:e}");
    assert_eq!(device.longest(), 86_400.0);
}

#[test]
fn between_levels_quantiles_are_interpolated_or_the_nearest_level_is_taken() {
    let noisy = table(&[1e-5, 2e-5, 6e-5], 1000, |target, cell| target * (1.0 + 0.1 * draws(cell).normal()));
    let fits = [Between::Interpolated, Between::Measured]
        .map(|between| DeviceFit::new(&read(&noisy).expect("a table"), between));
    let [interpolated, measured] = fits.map(|fit| device(&fit.expect("a fit")));
    let [of_level, between] = [2e-5, 3e-5].map(|target| interpolated.attempt(target, &mut draws(9)));
    let of_next = interpolated.attempt(6e-5, &mut draws(9));
    assert!((between - (0.75 * of_level + 0.25 * of_next)).abs() < 1e-18, "{between:e}");
    assert_eq!(interpolated.levels(), Levels::Continuous);
    assert_eq!(measured.levels(), Levels::Listed(&[1e-5, 2e-5, 6e-5]));
    for (target, level) in [(1e-5, 1e-5), (1.49e-5, 1e-5), (3.9e-5, 2e-5), (4.1e-5, 6e-5), (6e-5, 6e-5)] {
        let programmed = measured.program(target, Programming::OneShot, &mut draws(3)).expect("within the range");
        assert_eq!(programmed.conductance, measured.attempt(level, &mut draws(3)), "{target:e}");
    }
}

/// 1, 3, 7, 9 and 10 µS: mean 6, deviation √15; the greatest difference is just below 7 µS: Φ(1 / √15) = 0.601873 and two of five.
#[test]
fn the_statistic_by_hand() {
    let level = "2e-5,7e-6\n2e-5,1e-6\n2e-5,3e-6\n2e-5,1e-5\n2e-5,9e-6\n";
    let fit = fit(&format!("target,measured\n1e-5,1e-6\n1e-5,1e-6\n{level}"));
    let [_, level] = &fit.levels[..] else { panic!("two levels") };
    let Goodness { measurements, ks, critical, seconds } = level.goodness[0];
    assert_eq!((measurements, seconds), (5, None));
    assert_eq!(level.distribution.shape, Shape::Normal);
    assert!((ks - (0.601_873 - 0.4)).abs() < 1e-6, "{ks}");
    // 1.035 / (√5 − 0.01 + 0.85 / √5).
    assert!(critical.is_some_and(|critical| (critical - 0.397_130).abs() < 1e-6), "{critical:?}");
    assert_eq!(fit.levels[0].goodness[0].critical, None);
}

/// 99 measurements of 1 to 99 µS: those in the middle of 48 parts.
#[test]
fn curves_are_of_the_sample_and_its_distribution() {
    let rows: String = (1..=99).map(|micro| format!("5e-5,{:e}\n6e-5,6e-5\n", f64::from(micro) / 1e6)).collect();
    let measurements = read(&format!("target,measured\n{rows}")).expect("a table");
    let fit = DeviceFit::new(&measurements, Between::Interpolated).expect("a fit");
    let [even, exact] = &fit.curves(&measurements)[..] else { panic!("two levels") };
    assert_eq!((even.points.len(), even.points[0].siemens, even.points[47].siemens), (48, 2e-6, 98e-6));
    assert_eq!([even.points[0].measured, even.points[47].measured], [1.5 / 99.0, 97.5 / 99.0]);
    let distribution = fit.levels[0].distribution;
    assert_eq!(distribution.shape, Shape::Normal);
    for point in &even.points {
        assert!((point.measured - (point.siemens * 1e6 - 0.5) / 99.0).abs() < 1e-12, "{point:?}");
        assert!((point.fitted - point.measured).abs() < 0.08, "{point:?}");
        let mirrored = even.points.iter().find(|other| (other.siemens + point.siemens - 1e-4).abs() < 1e-12);
        assert!(mirrored.is_none_or(|other| (other.fitted + point.fitted - 1.0).abs() < 1e-9), "{point:?}");
    }
    assert!(exact.points.iter().all(|point| point.siemens == 6e-5 && point.fitted == point.measured));
}

/// In 1 % of samples of a normal distribution the statistic exceeds what is called its critical value.
#[test]
fn the_critical_value_is_that_of_one_percent() {
    const SAMPLES: u32 = 8000;
    let mut beyond = 0;
    for sample in 0..SAMPLES / 2 {
        // Far from 0 a lognormal distribution is as good as a normal one, so that the choice between them wins nothing.
        let text = table(&[0.5, 0.6], 40, |_, cell| 0.5 + 1e-4 * draws(sample * 80 + cell).normal());
        beyond += fit(&text).levels.iter().filter(|level| !level.goodness[0].holds()).count();
    }
    let share = beyond as f64 / f64::from(SAMPLES);
    assert!((0.006..0.014).contains(&share), "{share}");
}

#[test]
fn units_blanks_quotes_and_marks_are_read() {
    let plain = read("target,measured\n2.5e-5,2.5e-5\n2.5e-5,3e-5\n1e-5,0\n1e-5,1e-5\n").expect("a table");
    let spelled = "\u{feff}\"measured\" , target\r\n\r\n25, 25 \r\n \"30\",25\r\n-0,10\r\n10,10\r\n";
    let micro = Measurements::from_csv(spelled, "measured.csv", ConductanceUnit::Microsiemens).expect("a table");
    assert_eq!(micro, plain);
    assert_eq!(micro.count(), 4);
}

#[test]
fn what_is_wrong_in_a_table_is_named() {
    for (text, parts) in [
        ("", ["it is empty", "measured.csv"]),
        ("target,value\n1,1\n", ["column \"value\" is unknown to a fit", "target, measured and time"]),
        ("target\n1e-5\n", ["no column \"measured\"", "its first line names the columns"]),
        ("1e-5,1e-5\n", ["column \"1e-5\"", "allowed are target"]),
        ("target,target,measured\n", ["column \"target\" is there twice", "number 2"]),
        ("target,measured,cycle\n", ["column \"cycle\" describes wear", "leave it out"]),
        ("target,voltage,current\n", ["column \"voltage\" belongs to a current-voltage curve", "device file"]),
        ("target,measured\n1e-5\n", ["line 2 is 1 values", "allowed is 2"]),
        ("target,measured\n1e-5,much\n", ["line 2, column measured is \"much\"", "0 to 1 S"]),
        ("target,measured\n1e-5,nan\n", ["column measured is \"nan\"", "0 to 1 S"]),
        ("target,measured\n\n1e-5,-1e-6\n", ["line 3, column measured is \"-1e-6\"", "0 to 1 S"]),
        ("target,measured\n50,49\n", ["column target is \"50\"", "uS"]),
        ("target,measured,time\n1e-5,1e-5,-1\n", ["column time is \"-1\"", "0 seconds"]),
        ("target,measured\n", ["target is missing", "two levels or more"]),
        ("target,measured\n1e-5,1e-5\n1e-5,2e-5\n", ["target is 1e-5 S in all rows", "two levels or more"]),
        ("target,measured\n1e-5,1e-5\n2e-5,2e-5\n2e-5,2e-5\n", ["level 1e-5 S is measured once", "twice or more"]),
        (
            "target,measured,time\n1e-5,1e-5,1\n1e-5,1e-5,1\n2e-5,2e-5,1\n2e-5,2e-5,1\n",
            ["time is 1 s in all rows", "two times"],
        ),
        (
            "target,measured,time\n1e-5,1e-5,1\n1e-5,1e-5,1\n2e-5,2e-5,2\n2e-5,2e-5,2\n",
            ["level 1e-5 S is measured at 1 s only", "two times or more"],
        ),
        (
            "target,measured,time\n1e-5,1,1\n1e-5,1,1\n1e-5,1,2\n1e-5,1,2\n2e-5,2e-5,2\n2e-5,2e-5,2\n",
            ["level 2e-5 S is not measured at 1 s", "the first time"],
        ),
        (
            "target,measured,time\n0,0,1\n0,0,1\n0,0,2\n0,0,2\n1,1,1\n1,1,1\n1,1,2\n1,1,2\n",
            ["level 0e0 S is 0 S at 1 s", "a power of time"],
        ),
    ] {
        let message = read(text).expect_err(text).to_string();
        parts.iter().for_each(|part| assert!(message.contains(part), "{part:?} is not in: {message}"));
        assert!(!message.contains('\n'), "{message}");
    }
    let crossed = "target,measured,time\n1e-5,3e-5,1\n1e-5,3e-5,1\n1e-5,3e-5,2\n1e-5,3e-5,2\n2e-5,2e-5,1\n2e-5,2e-5,1\n2e-5,2e-5,2\n2e-5,2e-5,2\n";
    let message =
        DeviceFit::new(&read(crossed).expect("a table"), Between::Interpolated).expect_err("no order").to_string();
    assert_eq!(message, "measured.csv: level.mean is 2e-5 S after 3e-5 S; allowed is rising from level to level");
}

#[test]
fn what_is_wrong_in_a_file_is_named() {
    let text = fit(&table(&[1e-5, 2e-5], 2, |target, _| target)).toml("mine \"2\"", "test");
    assert_eq!(from_toml(&text, "mine.toml").expect("a device").name(), "mine \"2\"");
    for (from, to, part) in [
        (
            "target = 1e-5",
            "target = 3e-5",
            "level.target is 2e-5 S after 3e-5 S; allowed is rising from level to level",
        ),
        ("mean = 1e-5", "mean = -1.0", "level.mean is -1; allowed is 0 to 1 S"),
        ("deviation = 0e0", "deviation = nan", "level.deviation is NaN; allowed is 0 to 1 S"),
        ("deviation = 0e0", "deviation = 0.0\ndrift = 0.1", "level.drift is 0.1; allowed is left out"),
        ("\"normal\"\nmean = 1e-5", "\"lognormal\"\nmean = 0.0", "level.mean is 0; allowed is more than 0 S"),
        (
            "[measured]",
            "[measured.drift]\nfirst = 0\noffset = 0\nlongest = 1\n[measured]",
            "more than 0 seconds where `first` is 0",
        ),
    ] {
        assert!(text.contains(from), "{from} is not in {text}");
        let message = from_toml(&text.replacen(from, to, 1), "mine.toml").expect_err(to).to_string();
        assert!(message.contains(part), "{part:?} is not in: {message}");
    }
}
