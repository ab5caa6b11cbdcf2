//! The weights that a chip holds, against what the chip yields for one input after another.

use super::one_layer::{image, map, network, run};
use crate::mapping::problem::MappingProblem;
use std::ops::ControlFlow;
use std::sync::Arc;
use tilewright::circuit::Wiring;
use tilewright::circuit::device::Generic;
use tilewright::hardware::{Cells, Compensation, FaultAware, Subtraction};
use tilewright::mapping::{CrossbarSize, Encoding, SignRule, Target, scheme};
use tilewright::network::{ConvShape, Rounding, Tensor, integer_layers};
use tilewright::simulate::{Hardware, Plan, SimulateError};

/// Of more rows than a crossbar has.
fn dense(sign: SignRule, cell_bits: u32) -> MappingProblem {
    let target = Target::new(CrossbarSize { rows: 24, columns: 40 }, Encoding { sign, weight_bits: 6, cell_bits });
    MappingProblem { shape: ConvShape::dense(40, 10), target, seed: 11 }
}

fn held(problem: &MappingProblem, scheme: &str, hardware: &Hardware) -> Result<Tensor<f32>, SimulateError> {
    let network = network(problem);
    let layers = integer_layers(&network, &[], Rounding::to_bits(6, 8))?;
    let mapping = map(problem, scheme::find(scheme).expect("a scheme"))?;
    let calibration = [image(problem)];
    let plan =
        Plan { network: &network, mapping: &mapping, layers: &layers, hardware, calibration: &calibration, threads: 2 };
    Ok(plan.held_weights(5, &|_, _| ControlFlow::Continue(()))?.remove(0))
}

fn flawed() -> Generic {
    Generic {
        programming_error: vec![0.05],
        stuck_on: 0.02,
        stuck_off: 0.02,
        drift: 0.05,
        on_off_ratio: 50.0,
        ..Generic::default()
    }
}

fn on(device: Generic) -> Hardware {
    Hardware {
        cells: Cells { age: 1e4, ..Cells::default() },
        ..Hardware::new(Arc::from(device.device().expect("a device")))
    }
}

#[test]
fn ideal_cells_hold_the_weights() {
    for sign in [SignRule::Differential, SignRule::Offset, SignRule::Single] {
        for cell_bits in [1, 2, 5, 6] {
            let problem = dense(sign, cell_bits);
            let found = held(&problem, "im2col", &Hardware::ideal()).expect("held");
            let wanted = problem.weights().map(|&weight| weight as f32);
            assert_eq!(found, wanted, "{sign:?} {cell_bits}");
        }
    }
}

#[test]
fn a_chip_yields_what_its_weights_do() {
    let wired = Wiring { r_word: 1.0, r_bit: 1.0, r_source: 5.0, ..Wiring::default() };
    let taken_over = Compensation { fault_aware: FaultAware::Pairs, ..Compensation::default() };
    let hardware = [
        on(flawed()),
        Hardware { wiring: wired, ..on(flawed()) },
        Hardware { compensation: taken_over, ..on(flawed()) },
        Hardware { pairs: Subtraction::Digital, ..on(flawed()) },
    ];
    for (sign, hardware) in [SignRule::Differential, SignRule::Offset]
        .into_iter()
        .flat_map(|sign| hardware.iter().map(move |hardware| (sign, hardware)))
        .filter(|(sign, hardware)| {
            *sign == SignRule::Differential || hardware.compensation.fault_aware == FaultAware::No
        })
    {
        let problem = dense(sign, 2);
        let weights = held(&problem, "im2col", hardware).expect("held");
        assert_ne!(weights, problem.weights().map(|&weight| weight as f32), "nothing is wrong with it");
        let mapping = map(&problem, scheme::find("im2col").expect("a scheme")).expect("it fits");
        let unit = |input: usize| {
            let mut values = vec![0.0; 40];
            values[input] = 0.25;
            Tensor::new(vec![40, 1, 1], values)
        };
        let units: Vec<Tensor<f32>> = (0..40).map(unit).collect();
        for (first, units) in units.chunks(16).enumerate() {
            let yielded = run(&problem, &mapping, hardware, 5, units).expect("it runs");
            for (input, yielded) in yielded.iter().enumerate() {
                for (channel, &found) in yielded.values().iter().enumerate() {
                    let scale = 0.25 * 0.5 / (1 + channel) as f32;
                    let found = (found - (channel as f32 - 1.5)) / scale;
                    let weight = weights.values()[channel * 40 + first * 16 + input];
                    assert!((found - weight).abs() < 1e-3, "{sign:?} {input} {channel}: {found}, held {weight}");
                }
            }
        }
    }
}

#[test]
fn a_read_has_noise_and_refreshed_channels_a_gain() {
    let problem = dense(SignRule::Differential, 5);
    let wanted = problem.weights();
    let noisy = on(Generic { read_noise: vec![0.02], ..Generic::default() });
    let found = held(&problem, "im2col", &noisy).expect("held");
    let errors =
        found.values().iter().zip(wanted.values()).map(|(&found, &weight)| f64::from(found) - f64::from(weight));
    let deviation = (errors.map(|error| error * error).sum::<f64>() / 400.0).sqrt();
    // Two cells of a pair, 31 levels each.
    let expected = 2f64.sqrt() * 0.02 * 31.0;
    assert!((deviation / expected - 1.0).abs() < 4.0 / 800f64.sqrt(), "{deviation}, wanted {expected}");

    let drifted = on(Generic { drift: 0.05, ..Generic::default() });
    let refreshed = Compensation { refresh: true, ..Compensation::default() };
    let restored = held(&problem, "im2col", &Hardware { compensation: refreshed, ..drifted.clone() }).expect("held");
    let shrunk = held(&problem, "im2col", &drifted).expect("held");
    for ((restored, shrunk), &weight) in restored.values().iter().zip(shrunk.values()).zip(wanted.values()) {
        assert!((restored - weight as f32).abs() < 1e-4, "{restored}, wanted {weight}");
        let factor = (1.0 + 1e4f64).powf(-0.05);
        assert!((f64::from(*shrunk) - f64::from(weight) * factor).abs() < 1e-4, "{shrunk} of {weight}");
    }
}

#[test]
fn a_weight_held_several_times_is_refused() {
    let target = Target::new(CrossbarSize { rows: 64, columns: 64 }, Encoding::whole(SignRule::Differential));
    let shape = ConvShape { input: [6, 6], kernel: [3, 3], ..ConvShape::dense(2, 2) };
    let problem = MappingProblem { shape, target, seed: 3 };
    assert!(held(&problem, "im2col", &Hardware::ideal()).is_ok());
    let message = held(&problem, "sub-image", &Hardware::ideal()).expect_err("several copies").to_string();
    assert!(message.contains("\"layer\" holds a weight several times") && message.contains("im2col"), "{message}");
}
