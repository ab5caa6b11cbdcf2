//! Drift that one factor for each crossbar undoes.

use super::one_layer::{expected, image, map, run};
use crate::mapping::problem::MappingProblem;
use std::ops::ControlFlow;
use std::sync::Arc;
use tilewright::circuit::device::Generic;
use tilewright::hardware::{Cells, Compensation, DriftCompensation, RangeRule, RangeScope};
use tilewright::mapping::{CrossbarSize, Encoding, SignRule, Target, map_network, scheme};
use tilewright::network::{ConvShape, Dense, Network, Op, Rounding, Tensor, Weights, integer_layers};
use tilewright::simulate::{Adc, Chip, Hardware, Plan};

/// A layer on several crossbars.
fn problem(sign: SignRule, cell_bits: u32) -> MappingProblem {
    let encoding = Encoding { sign, weight_bits: 6, cell_bits };
    let target = Target::new(CrossbarSize { rows: 30, columns: 12 }, encoding);
    MappingProblem { shape: ConvShape::new(4, [5, 5], 6, 3), target, seed: 3 }
}

fn hardware(drift_deviation: f64, drift: DriftCompensation) -> Hardware {
    let device = Generic { drift: 0.05, drift_deviation, ..Generic::default() };
    let compensation = Compensation { drift_compensation: drift, ..Compensation::default() };
    Hardware {
        cells: Cells { age: 1e4, ..Cells::default() },
        compensation,
        ..Hardware::new(Arc::from(device.device().expect("a device")))
    }
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
    let of = |drift: DriftCompensation| {
        outputs(&problem, &Hardware { cells: Cells { age: 0.0, ..Cells::default() }, ..hardware(0.01, drift) })
    };
    assert_eq!(of(DriftCompensation::Off), of(DriftCompensation::PerCrossbar));
    assert_eq!(of(DriftCompensation::Off), expected(&problem));
}

/// Behind a refreshed layer the currents are those of a chip that has not drifted; ranges set for what drift left of them would clip.
#[test]
fn converters_behind_a_refreshed_layer_read_what_is_restored() {
    let mut network = Network::new("three", vec![6]);
    for layer in 0..3 {
        // Positive, so that sums grow with what they are of.
        let values = (0..36).map(|at| 0.1 + ((at * 7 + layer * 5) % 11) as f32 / 11.0).collect();
        let weights = Some(Weights { values: Arc::new(Tensor::new(vec![6, 6], values)), scale: None });
        let dense = Dense { weights, ..Dense::new(6) };
        network.push(format!("fc{layer}"), Op::Dense(dense), &[network.output()]).expect("a layer");
    }
    let images: Vec<Tensor<f32>> = (0..32).map(|seed| network.random_image(seed).map(|x| x.abs())).collect();
    let layers = integer_layers(&network, &images, Rounding::to_bits(8, 8)).expect("weights");
    let target = Target::new(CrossbarSize { rows: 16, columns: 16 }, Encoding::whole(SignRule::Differential));
    let mapping = map_network(&network, scheme::find("im2col").expect("a scheme"), &target, None).expect("it fits");
    let device = Generic { drift: 0.1, ..Generic::default() };
    let hardware = Hardware {
        cells: Cells { age: 1e4, ..Cells::default() },
        compensation: Compensation { refresh: true, ..Compensation::default() },
        adc: Some(Adc { bits: 12, range: RangeRule::Max, scope: RangeScope::Layer, errors: None }),
        ..Hardware::new(Arc::from(device.device().expect("a device")))
    };
    let plan = Plan {
        network: &network,
        mapping: &mapping,
        layers: &layers,
        hardware: &hardware,
        calibration: &images,
        threads: 2,
    };
    let scores = |chip: &Chip| {
        let batches = images.chunks(16).map(|images| chip.scores(0, images).expect("scores"));
        batches.flatten().flat_map(|scores| scores.values().to_vec()).collect::<Vec<f32>>()
    };
    let found = scores(&Chip::program(&plan, 1, &|_, _| ControlFlow::Continue(())).expect("programmed"));
    let wanted = scores(&plan.ideal().expect("programmed"));
    let most = wanted.iter().fold(0.0_f32, |most, value| most.max(value.abs()));
    let off = found.iter().zip(&wanted).fold(0.0_f32, |off, (found, wanted)| off.max((found - wanted).abs()));
    assert!(off / most < 0.01, "off by {off} of {most}");
}
