//! Errors of converters against closed forms.

use super::one_layer::{image, map, network, run};
use crate::mapping::problem::{MappingProblem, problems};
use proptest::prelude::*;
use std::ops::ControlFlow;
use tilewright::hardware::{AdcErrors, AdcSteps, Cells, Copies};
use tilewright::mapping::{CrossbarSize, Encoding, SignRule, Target, map_network, scheme};
use tilewright::network::{ConvShape, Rounding, Tensor, integer_layers, zoo};
use tilewright::simulate::{Adc, Chip, ConverterErrors, Hardware, Plan};

const CHIPS: u64 = 1000;

/// Ten columns on one crossbar, each with a converter of 12 bits, in a range that none of the errors here leaves.
fn problem() -> MappingProblem {
    let encoding = Encoding { sign: SignRule::Differential, weight_bits: 6, cell_bits: 5 };
    let target = Target::new(CrossbarSize { rows: 64, columns: 40 }, encoding);
    MappingProblem { shape: ConvShape::dense(40, 10), target, seed: 11 }
}

fn hardware(errors: AdcErrors, columns: u32) -> Hardware {
    let errors = Some(ConverterErrors { errors, columns });
    Hardware { adc: Some(Adc { errors, ..Adc::new(12) }), ..Hardware::ideal() }
}

/// The sums `[image][channel]` that a chip's digital logic has, in levels, of the problem's image so many times; its converters are calibrated
/// on twice the image, so that all codes are at most half of the greatest.
fn sums(problem: &MappingProblem, hardware: &Hardware, seed: u64, images: usize) -> Vec<Vec<f64>> {
    let network = network(problem);
    let layers = integer_layers(&network, &[], Rounding::to_bits(6, 8)).expect("whole numbers");
    let mapping = map(problem, scheme::find("im2col").expect("a scheme")).expect("it fits");
    let half = Tensor::new(image(problem).shape().to_vec(), halves(problem));
    let plan = Plan {
        network: &network,
        mapping: &mapping,
        layers: &layers,
        hardware,
        calibration: &[half.map(|x| x * 2.0)],
        threads: 1,
    };
    let chip = Chip::program(&plan, seed, &|_, _| ControlFlow::Continue(())).expect("programmed");
    let scores = chip.scores(0, &vec![half; images]).expect("scores");
    scores.iter().map(in_levels).collect()
}

/// The problem's image at half the inputs, rounded down.
fn halves(problem: &MappingProblem) -> Vec<f32> {
    problem.input().values().iter().map(|&x| (x / 2) as f32 * 0.25).collect()
}

fn in_levels(scores: &Tensor<f32>) -> Vec<f64> {
    let of = |(channel, &real): (usize, &f32)| {
        (f64::from(real) - (channel as f64 - 1.5)) / (0.25 * f64::from(0.5 / (1 + channel) as f32))
    };
    scores.values().iter().enumerate().map(of).collect()
}

/// What digital logic has without errors, and the levels that a code stands for.
fn exact() -> (Vec<f64>, f64) {
    let exact = sums(&problem(), &Hardware::ideal(), 0, 1).remove(0);
    let twice: Vec<i64> = {
        let network = network(&problem());
        let layers = integer_layers(&network, &[], Rounding::to_bits(6, 8)).expect("whole numbers");
        let weights = &layers[0].weights;
        let inputs: Vec<i64> = problem().input().values().iter().map(|&x| i64::from(x / 2 * 2)).collect();
        let rows = weights.values().chunks_exact(inputs.len());
        rows.map(|row| row.iter().zip(&inputs).map(|(&weight, input)| i64::from(weight) * input).sum()).collect()
    };
    let greatest = twice.iter().map(|sum| sum.unsigned_abs()).max().expect("ten sums") as f64;
    (exact, (greatest / 2047.0).max(1.0))
}

fn deviation(values: &[f64]) -> (f64, f64) {
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    let squares = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>();
    (mean, (squares / values.len() as f64).sqrt())
}

/// Whether values have a mean of 0 and this deviation, within four standard errors.
fn assert_spread(what: &str, values: &[f64], expected: f64) {
    let (mean, found) = deviation(values);
    let count = (values.len() as f64).sqrt();
    assert!(mean.abs() < 4.0 * expected / count, "{what}: mean {mean}, deviation expected {expected}");
    assert!((found / expected - 1.0).abs() < 4.0 / (2f64.sqrt() * count), "{what}: {found}, expected {expected}");
}

/// Errors of one channel over many chips.
fn over_chips(errors: AdcErrors, columns: u32, of: impl Fn(&[f64]) -> f64) -> Vec<f64> {
    let hardware = hardware(errors, columns);
    (0..CHIPS).map(|seed| of(&sums(&problem(), &hardware, seed, 1)[0])).collect()
}

#[test]
fn offsets_spread_by_their_codes() {
    let (exact, step) = exact();
    let found = over_chips(AdcErrors { offset: 30.0, ..AdcErrors::default() }, 1, |sums| sums[3] - exact[3]);
    assert_spread("offset", &found, (900.0f64 + 1.0 / 12.0).sqrt() * step);
}

#[test]
fn gains_spread_by_the_sum() {
    let (exact, step) = exact();
    let largest = (0..10).max_by(|&a, &b| exact[a].abs().total_cmp(&exact[b].abs())).expect("ten sums");
    let found = over_chips(AdcErrors { gain: 0.05, ..AdcErrors::default() }, 1, |sums| sums[largest] - exact[largest]);
    let rounding = step * step / 12.0;
    assert_spread("gain", &found, ((0.05 * exact[largest]).powi(2) + rounding).sqrt());
}

#[test]
fn noise_is_drawn_anew_for_every_conversion() {
    let (exact, step) = exact();
    let found = sums(&problem(), &hardware(AdcErrors { noise: 8.0, ..AdcErrors::default() }, 1), 3, 4000);
    for channel in [0, 7] {
        let errors: Vec<f64> = found.iter().map(|sums| sums[channel] - exact[channel]).collect();
        assert_spread("noise", &errors, (64.0f64 + 1.0 / 12.0).sqrt() * step);
    }
    let covariance = found.iter().map(|sums| (sums[0] - exact[0]) * (sums[7] - exact[7])).sum::<f64>() / 4000.0;
    assert!(covariance.abs() < 4.0 * 64.0 * step * step / 4000f64.sqrt(), "channels are independent: {covariance}");
}

/// Neighbouring columns that share a converter share its offset.
#[test]
fn columns_share_converters() {
    let (exact, step) = exact();
    let errors = AdcErrors { offset: 100.0, ..AdcErrors::default() };
    let found = &sums(&problem(), &hardware(errors, 4), 1, 1)[0];
    let offsets: Vec<f64> = found.iter().zip(&exact).map(|(found, exact)| (found - exact) / step).collect();
    for (channel, offset) in offsets.iter().enumerate() {
        assert!((offset - offsets[channel / 4 * 4]).abs() <= 1.001, "{offsets:?}");
    }
    assert!((offsets[0] - offsets[4]).abs() > 2.0 && (offsets[4] - offsets[8]).abs() > 2.0, "{offsets:?}");
}

/// Of a ramp all converters of a crossbar have the same steps; of a SAR each has its own.
#[test]
fn a_ramp_is_one_for_all_columns() {
    let (exact, step) = exact();
    let errors = |steps: AdcSteps| AdcErrors { mismatch: 0.3, steps, ..AdcErrors::default() };
    let found = over_chips(errors(AdcSteps::Ramp), 1, |sums| (sums[3] - exact[3]) / step);
    // Channel 3's code counted from the least one.
    let code = 2048.0 + exact[3] / step;
    let bridge = 0.3 * (code * (4095.0 - code) / 4095.0).sqrt();
    assert_spread("ramp", &found, (bridge * bridge + 1.0 / 12.0).sqrt());
    let shares = |steps: AdcSteps| {
        let of = |columns: u32| sums(&problem(), &hardware(errors(steps), columns), 5, 1);
        of(1) == of(10)
    };
    assert!(shares(AdcSteps::Ramp) && !shares(AdcSteps::Sar));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    /// Nothing wrong with converters of errors of magnitude 0, whatever the scheme; copies change nothing.
    #[test]
    fn errors_of_magnitude_0_change_no_bit(problem in problems(), bits in 3..=9u32, steps in any::<bool>()) {
        let steps = if steps { AdcSteps::Ramp } else { AdcSteps::Sar };
        let errors = Some(ConverterErrors { errors: AdcErrors { steps, ..AdcErrors::default() }, columns: 2 });
        for scheme in scheme::SCHEMES {
            let Ok(mapping) = map(&problem, scheme) else { continue };
            if mapping.layers[0].tiling.turns > 1 {
                continue;
            }
            let found = [None, errors].map(|errors| {
                let hardware = Hardware { adc: Some(Adc { errors, ..Adc::new(bits) }), cells: Cells { copies: Copies::Apart, ..Cells::default() }, ..Hardware::ideal() };
                run(&problem, &mapping, &hardware, 1, &[image(&problem)]).expect("it runs")
            });
            prop_assert_eq!(&found[0], &found[1], "{}", scheme.name());
        }
    }
}

/// LeNet-5 on small crossbars, copies of some layers, with everything that converters can do wrong.
#[test]
fn threads_and_batches_do_not_matter() {
    let network = zoo::build("lenet5").and_then(|network| network.initialize(3)).expect("a network of the zoo");
    let target = Target::new(CrossbarSize { rows: 48, columns: 40 }, Encoding::whole(SignRule::Differential));
    let mapping = map_network(&network, scheme::find("vw-sdk").expect("a scheme"), &target, None).expect("it fits");
    let images: Vec<Tensor<f32>> = (100..121).map(|seed| network.random_image(seed)).collect();
    let layers = integer_layers(&network, &images, Rounding::to_bits(8, 8)).expect("weights");
    let of = |threads: usize, seed: u64, steps: AdcSteps| {
        let errors = AdcErrors { offset: 1.0, gain: 0.02, noise: 0.5, mismatch: 0.05, steps };
        let hardware = hardware(errors, 3);
        let plan = Plan {
            network: &network,
            mapping: &mapping,
            layers: &layers,
            hardware: &hardware,
            calibration: &images[..4],
            threads,
        };
        let chip = Chip::program(&plan, seed, &|_, _| ControlFlow::Continue(())).expect("programmed");
        let all = chip.scores(0, &images).expect("scores");
        for image in [0, 20] {
            let alone = chip.scores(image, &images[image as usize..][..1]).expect("scores");
            assert_eq!(alone[0], all[image as usize], "an image does not depend on the others");
        }
        all
    };
    for steps in [AdcSteps::Sar, AdcSteps::Ramp] {
        assert_eq!(of(1, 2, steps), of(3, 2, steps));
        assert_ne!(of(1, 2, steps), of(1, 3, steps));
    }
}

#[test]
fn errors_out_of_range_are_refused() {
    let refused = |errors: AdcErrors, bits: u32, columns: u32| {
        let adc = Adc { errors: Some(ConverterErrors { errors, columns }), ..Adc::new(bits) };
        Hardware { adc: Some(adc), ..Hardware::ideal() }.verify().expect_err("out of range").to_string()
    };
    let none = AdcErrors::default();
    for (message, part) in [
        (refused(AdcErrors { offset: -1.0, ..none }, 8, 1), "offset of a converter: found -1; give 0 to 65536 codes"),
        (refused(AdcErrors { gain: 2.0, ..none }, 8, 1), "gain error of a converter: found 2; give 0 to 1"),
        (refused(AdcErrors { noise: f64::NAN, ..none }, 8, 1), "noise of a converter: found NaN"),
        (refused(none, 8, 0), "columns that share a converter: found 0; give 1 or more"),
        (refused(AdcErrors { mismatch: 0.1, steps: AdcSteps::Ramp, ..none }, 13, 1), "found 13; give 1 to 12"),
    ] {
        assert!(message.contains(part), "{part:?} is not in: {message}");
    }
}
