//! Single effects against closed forms.

use super::one_layer::{expected, image, map, run};
use crate::mapping::problem::{MappingProblem, problems};
use proptest::prelude::*;
use std::sync::Arc;
use tilewright::circuit::device::Generic;
use tilewright::hardware::{Cells, RangeRule, RangeScope, Reads};
use tilewright::mapping::{CrossbarSize, Encoding, SignRule, Target, scheme};
use tilewright::network::{ConvShape, Tensor};
use tilewright::simulate::{Adc, Hardware, SimulateError};

fn dense(cell_bits: u32) -> MappingProblem {
    let encoding = Encoding { sign: SignRule::Differential, weight_bits: 6, cell_bits };
    let target = Target::new(CrossbarSize { rows: 64, columns: 40 }, encoding);
    MappingProblem { shape: ConvShape::dense(40, 10), target, seed: 11 }
}

fn on(device: Generic) -> Hardware {
    Hardware::new(Arc::from(device.device().expect("a device")))
}

/// Outputs of the dense layer for the same image under many numbers.
fn outputs(problem: &MappingProblem, hardware: &Hardware, images: usize) -> Vec<Tensor<f32>> {
    let mapping = map(problem, scheme::find("im2col").expect("a scheme")).expect("it fits");
    run(problem, &mapping, hardware, 1, &vec![image(problem); images]).expect("it runs")
}

/// What an output is without its bias, by the exact one.
fn ratio(found: f32, exact: f32, channel: usize) -> f64 {
    let bias = channel as f64 - 1.5;
    (f64::from(found) - bias) / (f64::from(exact) - bias)
}

#[test]
fn cells_that_are_all_stuck_leave_the_bias() {
    let hardware = on(Generic { stuck_on: 1.0, ..Generic::default() });
    for (channel, found) in outputs(&dense(5), &hardware, 1)[0].values().iter().enumerate() {
        assert_eq!(*found, channel as f32 - 1.5);
    }
}

#[test]
fn drift_scales_every_sum() {
    let problem = dense(5);
    let hardware =
        Hardware { cells: Cells { age: 1e4, ..Cells::default() }, ..on(Generic { drift: 0.05, ..Generic::default() }) };
    let factor = (1.0 + 1e4f64).powf(-0.05);
    let (found, exact) = (outputs(&problem, &hardware, 1), expected(&problem));
    for (channel, (&found, &exact)) in found[0].values().iter().zip(exact.values()).enumerate() {
        let ratio = ratio(found, exact, channel);
        assert!((ratio - factor).abs() < 1e-5, "{ratio}, wanted {factor}");
    }
}

#[test]
fn read_noise_has_the_variance_of_its_cells() {
    const IMAGES: usize = 4096;
    let problem = dense(2);
    let (share, on_off) = (0.02, 10.0);
    let hardware = on(Generic { read_noise: vec![share], on_off_ratio: on_off, ..Generic::default() });
    let (found, exact) = (outputs(&problem, &hardware, IMAGES), expected(&problem));
    // Three slices of two bits, two cells each: of each the deviation is `share` of the greatest conductance, that is of
    // 3 levels / (1 − 1 / ratio).
    let slices: f64 = (0..3).map(|slice| 2.0 * 16f64.powi(slice)).sum();
    let squares: f64 = problem.input().values().iter().map(|&x| f64::from(x).powi(2)).sum();
    let deviation = (slices * squares).sqrt() * share * 3.0 / (1.0 - 1.0 / on_off);
    for channel in 0..10 {
        let scale = 0.25 * f64::from(0.5 / (1 + channel) as f32);
        let errors = found.iter().map(|found| f64::from(found.values()[channel] - exact.values()[channel]) / scale);
        let errors: Vec<f64> = errors.collect();
        let mean = errors.iter().sum::<f64>() / IMAGES as f64;
        let variance = errors.iter().map(|error| (error - mean).powi(2)).sum::<f64>() / IMAGES as f64;
        assert!(mean.abs() < 4.0 * deviation / (IMAGES as f64).sqrt(), "mean {mean}");
        let off = variance.sqrt() / deviation - 1.0;
        assert!(off.abs() < 4.0 / (2.0 * IMAGES as f64).sqrt(), "deviation {}, wanted {deviation}", variance.sqrt());
    }
}

/// Noise that is slower than a run is drawn once a chip: the same for all images, and over the chips of the variance of single reads.
#[test]
fn reads_that_are_alike_share_the_noise_of_one() {
    const CHIPS: u64 = 1024;
    let problem = dense(2);
    let mapping = map(&problem, scheme::find("im2col").expect("a scheme")).expect("it fits");
    let (share, on_off) = (0.02, 2.0);
    let noisy = Generic { read_noise: vec![share], on_off_ratio: on_off, ..Generic::default() };
    let alike = |device: Generic| Hardware { cells: Cells { reads: Reads::Alike, ..Cells::default() }, ..on(device) };
    let of_chip = |hardware: &Hardware, seed: u64| {
        let found = run(&problem, &mapping, hardware, seed, &vec![image(&problem); 3]).expect("it runs");
        assert!(found.iter().all(|one| *one == found[0]), "reads of chip {seed} differ");
        found[0].clone()
    };
    let (exact, hardware) = (expected(&problem), alike(noisy.clone()));
    let slices: f64 = (0..3).map(|slice| 2.0 * 16f64.powi(slice)).sum();
    let squares: f64 = problem.input().values().iter().map(|&x| f64::from(x).powi(2)).sum();
    let deviation = (slices * squares).sqrt() * share * 3.0 / (1.0 - 1.0 / on_off);
    let scale = 0.25 * 0.5;
    let errors: Vec<f64> =
        (0..CHIPS).map(|seed| f64::from(of_chip(&hardware, seed).values()[0] - exact.values()[0]) / scale).collect();
    let chips = CHIPS as f64;
    let mean = errors.iter().sum::<f64>() / chips;
    let variance = errors.iter().map(|error| (error - mean).powi(2)).sum::<f64>() / chips;
    assert!(mean.abs() < 4.0 * deviation / chips.sqrt(), "mean {mean}");
    let off = variance.sqrt() / deviation - 1.0;
    assert!(off.abs() < 4.0 / (2.0 * chips).sqrt(), "deviation {}, wanted {deviation}", variance.sqrt());
    assert!(hardware.varies() && !alike(Generic::default()).varies());

    // A stuck cell is read with noise, too.
    let stuck = alike(Generic { stuck_on: 1.0, ..noisy });
    assert_ne!(of_chip(&stuck, 1), of_chip(&stuck, 2));
    // Where there is no noise, nothing changes.
    assert_eq!(of_chip(&alike(Generic::default()), 1), exact);
}

#[test]
fn a_converter_rounds_to_its_step_and_clips_at_its_ends() {
    let problem = dense(5);
    let exact = expected(&problem);
    let sums = |outputs: &Tensor<f32>| -> Vec<f64> {
        let of = |(channel, &real): (usize, &f32)| {
            (f64::from(real) - (channel as f64 - 1.5)) / (0.25 * f64::from(0.5 / (1 + channel) as f32))
        };
        outputs.values().iter().enumerate().map(of).collect()
    };
    let exact = sums(&exact);
    let greatest = exact.iter().fold(0.0, |most: f64, sum| most.max(sum.abs()));
    let hardware = |adc: Adc| Hardware { adc: Some(adc), ..Hardware::ideal() };
    let step = greatest / 31.0;
    let found = sums(&outputs(&problem, &hardware(Adc::new(6)), 1)[0]);
    for (found, exact) in found.iter().zip(&exact) {
        assert!((found - exact).abs() <= 0.501 * step, "{found} of {exact}, steps of {step}");
        assert!((found / step - (found / step).round()).abs() < 1e-3, "{found} is no multiple of {step}");
    }
    let half = Adc { bits: 12, range: RangeRule::Percentile(50.0), scope: RangeScope::Layer, errors: None };
    let clipped = sums(&outputs(&problem, &hardware(half), 1)[0]);
    let most = clipped.iter().fold(0.0, |most: f64, sum| most.max(sum.abs()));
    assert!(most < 0.99 * greatest, "{most} of {greatest} is not clipped");
    // The fifth of ten magnitudes is the range's end, and the five above it are clipped to it.
    assert_eq!(clipped.iter().filter(|sum| sum.abs() > 0.99 * most).count(), 6);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn converters_with_bits_enough_lose_nothing(problem in problems(), together in 1..=5usize, by_columns in any::<bool>()) {
        let mut problem = problem;
        problem.target.encoding = Encoding { sign: SignRule::Differential, weight_bits: 3, cell_bits: 2 };
        // 3 · 255 · 40 is less than 2¹⁵.
        problem.target.crossbar.rows = problem.target.crossbar.rows.min(40);
        problem.target.crossbar.columns = problem.target.crossbar.columns.max(2);
        let scope = if by_columns { RangeScope::Columns(together) } else { RangeScope::Layer };
        let hardware = Hardware { adc: Some(Adc { scope, ..Adc::new(16) }), ..on(Generic::default()) };
        for scheme in scheme::SCHEMES {
            let Ok(mapping) = map(&problem, scheme) else { continue };
            let found = run(&problem, &mapping, &hardware, 1, &[image(&problem)]);
            if by_columns && mapping.layers[0].tiling.turns > 1 {
                prop_assert!(matches!(found, Err(SimulateError::Layer { .. })), "packs would share a range");
                continue;
            }
            prop_assert_eq!(&found.expect("it runs")[0], &expected(&problem), "{}", scheme.name());
        }
    }
}
