//! Inputs driven bit by bit. Those that are never negative switch rows on or off, and are summed by another loop than all others: it has the
//! same bits.

use super::one_layer::{INPUT_SCALE, map, network_within, run_network, weight_scale};
use crate::mapping::problem::{MappingProblem, problems};
use proptest::prelude::*;
use std::sync::Arc;
use tilewright::circuit::Wiring;
use tilewright::circuit::device::Generic;
use tilewright::hardware::{AdcErrors, Subtraction};
use tilewright::mapping::{CrossbarSize, Encoding, Mapping, SignRule, Target, scheme};
use tilewright::network::reference::integer;
use tilewright::network::{ConvShape, Tensor};
use tilewright::simulate::{Adc, ConverterErrors, Hardware, SimulateError};

/// Inputs of 0 to 255 from those of the problem, others for each image.
fn integers(problem: &MappingProblem, image: i32) -> Tensor<i32> {
    problem.input().map(|x| x.abs() * (image + 1) % 256)
}

fn images(problem: &MappingProblem, count: i32) -> Vec<Tensor<f32>> {
    (0..count).map(|image| integers(problem, image).map(|&x| x as f32 * INPUT_SCALE)).collect()
}

/// What the layer yields for an image by plain integer convolution.
fn expected(problem: &MappingProblem, image: i32) -> Tensor<f32> {
    let sums = integer::convolve(&problem.shape, &integers(problem, image), &problem.weights());
    let pixels: usize = problem.shape.output().iter().product();
    let real = |(at, &sum): (usize, &i64)| {
        let channel = at / pixels;
        let scale = f64::from(INPUT_SCALE) * f64::from(weight_scale(channel));
        (sum as f64 * scale + channel as f64 - 1.5) as f32
    };
    Tensor::new(sums.shape().to_vec(), sums.values().iter().enumerate().map(real).collect())
}

/// Scores of 19 images where inputs have a sign and where they have none.
fn signed_and_unsigned(
    problem: &MappingProblem,
    mapping: &Mapping,
    hardware: &Hardware,
) -> [Result<Vec<Tensor<f32>>, SimulateError>; 2] {
    let images = images(problem, 19);
    [-255, 0].map(|least| {
        let network = network_within(problem, [least, 255]);
        run_network(&network, mapping, hardware, (3, &images), &images)
    })
}

/// What may be wrong with hardware that is driven bit by bit.
#[derive(Clone, Debug)]
struct Settings {
    programming_error: f64,
    read_noise: f64,
    adc: Option<Adc>,
    wire: f64,
    pairs: Subtraction,
    active_rows: Option<usize>,
}

impl Settings {
    fn hardware(&self, rows: usize) -> Hardware {
        let device = Generic {
            programming_error: vec![self.programming_error],
            read_noise: vec![self.read_noise],
            stuck_on: self.programming_error / 10.0,
            ..Generic::default()
        };
        Hardware {
            adc: self.adc,
            wiring: Wiring::wires(self.wire),
            pairs: self.pairs,
            active_rows: self.active_rows.map(|active| active.min(rows)),
            dac_bits: Some(1),
            ..Hardware::new(Arc::from(device.device().expect("a device")))
        }
    }
}

fn settings() -> impl Strategy<Value = Settings> {
    let errors = AdcErrors { offset: 0.3, gain: 0.02, noise: 0.2, mismatch: 0.01, ..AdcErrors::default() };
    let errors = prop_oneof![Just(None), Just(Some(ConverterErrors { errors, columns: 2 }))];
    let adc = prop_oneof![
        1 => Just(None),
        2 => (3..=9u32, errors).prop_map(|(bits, errors)| Some(Adc { errors, ..Adc::new(bits) })),
    ];
    let pairs = prop_oneof![Just(Subtraction::Analog), Just(Subtraction::Digital)];
    let either = |value: f64| prop_oneof![Just(0.0), Just(value)];
    let active_rows = prop_oneof![Just(None), (1..=70usize).prop_map(Some)];
    (either(0.05), either(0.02), adc, either(1.0), pairs, active_rows).prop_map(
        |(programming_error, read_noise, adc, wire, pairs, active_rows)| Settings {
            programming_error,
            read_noise,
            adc,
            wire,
            pairs,
            active_rows,
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn every_scheme_is_exact(problem in problems()) {
        let hardware = Hardware { dac_bits: Some(1), ..Hardware::ideal() };
        for scheme in scheme::SCHEMES {
            let Ok(mapping) = map(&problem, scheme) else { continue };
            match signed_and_unsigned(&problem, &mapping, &hardware) {
                [Err(SimulateError::Layer { .. }), Err(SimulateError::Layer { .. })] => {
                    prop_assert!(mapping.layers[0].tiling.turns > 1);
                }
                scores => for scores in scores {
                    for (image, scores) in scores.expect("it runs").iter().enumerate() {
                        prop_assert_eq!(scores, &expected(&problem, image as i32), "{}", scheme.name());
                    }
                },
            }
        }
    }

    #[test]
    fn switched_rows_have_the_bits_of_driven_ones(problem in problems(), settings in settings()) {
        let hardware = settings.hardware(problem.target.crossbar.rows);
        for scheme in scheme::SCHEMES {
            let Ok(mapping) = map(&problem, scheme) else { continue };
            match signed_and_unsigned(&problem, &mapping, &hardware) {
                [Err(signed), Err(unsigned)] => prop_assert_eq!(signed, unsigned),
                [signed, unsigned] => {
                    prop_assert_eq!(signed.expect("it runs"), unsigned.expect("it runs"), "{}", scheme.name());
                }
            }
        }
    }
}

/// Crossbars of several words of rows, of several vectors of channels.
#[test]
fn large_crossbars_are_exact() {
    let target = Target::new(CrossbarSize { rows: 200, columns: 160 }, Encoding::whole(SignRule::Differential));
    let problem = MappingProblem { shape: ConvShape::dense(333, 75), target, seed: 4 };
    let hardware = Hardware { dac_bits: Some(1), ..Hardware::ideal() };
    let mapping = map(&problem, scheme::find("im2col").expect("a scheme")).expect("it fits");
    for scores in signed_and_unsigned(&problem, &mapping, &hardware) {
        for (image, scores) in scores.expect("it runs").iter().enumerate() {
            assert_eq!(scores, &expected(&problem, image as i32));
        }
    }
}
