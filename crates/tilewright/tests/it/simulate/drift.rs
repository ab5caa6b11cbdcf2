//! Drift that one factor for each crossbar undoes.

use super::one_layer::{expected, image, map, run};
use crate::mapping::problem::MappingProblem;
use std::sync::Arc;
use tilewright::circuit::device::Generic;
use tilewright::hardware::{Compensation, DriftCompensation, RangeRule, RangeScope};
use tilewright::mapping::{CrossbarSize, Encoding, SignRule, Target, scheme};
use tilewright::network::{ConvShape, Tensor};
use tilewright::simulate::{Adc, Hardware};

/// A layer on several crossbars.
fn problem(sign: SignRule, cell_bits: u32) -> MappingProblem {
    let encoding = Encoding { sign, weight_bits: 6, cell_bits };
    let target = Target::new(CrossbarSize { rows: 30, columns: 12 }, encoding);
    MappingProblem { shape: ConvShape::new(4, [5, 5], 6, 3), target, seed: 3 }
}

fn hardware(drift_deviation: f64, drift: DriftCompensation) -> Hardware {
    let device = Generic { drift: 0.05, drift_deviation, ..Generic::default() };
    let compensation = Compensation { drift_compensation: drift, ..Compensation::default() };
    Hardware { age: 1e4, compensation, ..Hardware::new(Arc::from(device.device().expect("a device"))) }
}

fn outputs(problem: &MappingProblem, hardware: &Hardware) -> Tensor<f32> {
    let mapping = map(problem, scheme::find("im2col").expect("a scheme")).expect("it fits");
    run(problem, &mapping, hardware, 1, &[image(problem)]).expect("it runs").remove(0)
}

/// Greatest difference by the greatest magnitude.
fn error(problem: &MappingProblem, hardware: &Hardware) -> f64 {
    let (found, wanted) = (outputs(problem, hardware), expected(problem));
    let most = wanted.values().iter().fold(0.0_f32, |most, value| most.max(value.abs()));
    let off = found.values().iter().zip(wanted.values()).map(|(found, wanted)| (found - wanted).abs());
    f64::from(off.fold(0.0, f32::max) / most)
}

/// Cells that all drift alike have lost one factor, (1 + 10⁴)^−0.05 = 0.63; it is given back exactly.
#[test]
fn what_all_cells_lose_is_given_back() {
    for (sign, cell_bits) in
        [(SignRule::Differential, 5), (SignRule::Differential, 2), (SignRule::Offset, 6), (SignRule::Offset, 2)]
    {
        let problem = problem(sign, cell_bits);
        let [without, with] = [DriftCompensation::Off, DriftCompensation::PerCrossbar]
            .map(|drift| error(&problem, &hardware(0.0, drift)));
        assert!(without > 0.1 && with < 1e-5, "{sign:?}, {cell_bits}: {without} {with}");
    }
}

#[test]
fn what_each_cell_loses_by_itself_stays() {
    let problem = problem(SignRule::Differential, 5);
    let [without, with] =
        [DriftCompensation::Off, DriftCompensation::PerCrossbar].map(|drift| error(&problem, &hardware(0.01, drift)));
    assert!(with > 1e-3 && with < 0.5 * without, "{without} {with}");
}

/// The factor is digital: it is applied to what the converters yield, so that their steps grow with it.
#[test]
fn converters_read_what_has_drifted() {
    let problem = problem(SignRule::Differential, 5);
    let adc = Some(Adc { bits: 12, range: RangeRule::Max, scope: RangeScope::Layer, errors: None });
    let [without, with] = [DriftCompensation::Off, DriftCompensation::PerCrossbar]
        .map(|drift| error(&problem, &Hardware { adc, ..hardware(0.0, drift) }));
    assert!(without > 0.1 && with > 1e-6 && with < 5e-3, "{without} {with}");
}

#[test]
fn without_time_the_bits_are_as_before() {
    let problem = problem(SignRule::Differential, 5);
    let of = |drift: DriftCompensation| outputs(&problem, &Hardware { age: 0.0, ..hardware(0.01, drift) });
    assert_eq!(of(DriftCompensation::Off), of(DriftCompensation::PerCrossbar));
    assert_eq!(of(DriftCompensation::Off), expected(&problem));
}
