//! A chip's matrices are held against independent solves of the same crossbars.

use std::ops::ControlFlow;
use std::sync::Arc;
use tilewright::circuit::device::Generic;
use tilewright::circuit::{Wiring, solve};
use tilewright::hardware::{Compensation, LineOrder};
use tilewright::mapping::{CrossbarSize, Encoding, SignRule, Target, map_network, scheme};
use tilewright::network::{Dense, Network, Op, Rounding, Tensor, Weights, integer_layers};
use tilewright::simulate::{Chip, CrossbarAccess, CrossbarMap, Hardware, Plan};

/// What is found of two dense layers, the first of which takes several crossbars.
fn with_plan<T>(wiring: Wiring, compensation: Compensation, threads: usize, of: impl Fn(&Plan<'_>) -> T) -> T {
    let mut network = Network::new("dense", vec![20]);
    for (name, inputs) in [("wide", 20), ("narrow", 12)] {
        let weights = (0..12 * inputs).map(|at| ((at * 37 % 101) as f32 - 50.0) / 50.0).collect();
        let values = Arc::new(Tensor::new(vec![12, inputs], weights));
        let dense = Dense { weights: Some(Weights { values, scale: None }), ..Dense::new(12) };
        network.push(name, Op::Dense(dense), &[network.output()]).expect("a layer");
    }
    let device = Generic { programming_error: vec![0.05], ..Generic::default() };
    let hardware = Hardware { wiring, compensation, ..Hardware::new(Arc::from(device.device().expect("a device"))) };
    let target = Target::new(CrossbarSize { rows: 16, columns: 16 }, Encoding::whole(SignRule::Differential));
    let mapping = map_network(&network, scheme::find("im2col").expect("a scheme"), &target, None).expect("it fits");
    let images = [network.random_image(1), network.random_image(2)];
    let layers = integer_layers(&network, &images, Rounding::to_bits(8, 8)).expect("weights");
    of(&Plan {
        network: &network,
        mapping: &mapping,
        layers: &layers,
        hardware: &hardware,
        calibration: &images,
        threads,
    })
}

fn residual(plan: &Plan<'_>) -> Option<f64> {
    Chip::program(plan, 3, &|_, _| ControlFlow::Continue(())).expect("programmed").residual
}

/// The greatest over the crossbars of a chip, each laid out and solved by itself.
fn recomputed(plan: &Plan<'_>) -> f64 {
    let mut greatest: f64 = 0.0;
    for layer in ["wide", "narrow"] {
        let map_of =
            |crossbar| CrossbarMap::of(plan, 3, &CrossbarAccess { layer, crossbar, access: 0 }).expect("a map");
        for crossbar in 0..map_of(0).crossbars {
            let map = map_of(crossbar);
            let circuit = map.circuit(plan.hardware.wiring).expect("a circuit");
            let solved = solve(&circuit, &vec![1.0; map.rows]).expect("solved").currents;
            let largest = solved.iter().copied().fold(0.0, f64::max);
            for (column, current) in solved.iter().enumerate() {
                // The chip adds rows in the order of the mapping.
                let line_of = |row: usize| map.row_on_line.iter().position(|&on| on == row).expect("a line");
                let sum: f64 = (0..map.rows).map(|row| map.matrix[line_of(row) * map.columns + column]).sum();
                greatest = greatest.max((sum - current).abs() / largest);
            }
        }
    }
    greatest
}

#[test]
fn a_wired_chip_says_what_an_independent_solve_says() {
    let by_current = Compensation { order: LineOrder::ByCurrent, predistort: 2, ..Compensation::default() };
    for compensation in [Compensation::default(), by_current] {
        let wiring = Wiring { r_sink: 20.0, ..Wiring::wires(5.0) };
        let [one, three] = [1, 3].map(|threads| with_plan(wiring, compensation, threads, residual));
        let one_by_one = with_plan(wiring, compensation, 1, recomputed);
        assert_eq!((one, three), (Some(one_by_one), Some(one_by_one)));
        assert!(one_by_one > 0.0 && one_by_one < 1e-11, "{one_by_one}");
    }
}

#[test]
fn ideal_wires_leave_nothing_to_solve() {
    assert_eq!(with_plan(Wiring::default(), Compensation::default(), 1, residual), None);
}
