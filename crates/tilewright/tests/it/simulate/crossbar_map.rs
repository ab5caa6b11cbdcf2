//! One crossbar cell by cell, against the placement and the circuit solved by itself.

use super::one_layer::{image, map, network};
use crate::mapping::problem::MappingProblem;
use std::sync::Arc;
use tilewright::circuit::device::Generic;
use tilewright::circuit::{Crossbar, Keep, SolveOptions, Wiring, solve, solve_with};
use tilewright::mapping::placement::crossbars;
use tilewright::mapping::{CrossbarSize, Encoding, SignRule, Target, Tiles, scheme};
use tilewright::network::ConvShape;
use tilewright::simulate::{
    Compensation, CrossbarMap, Hardware, LineOrder, Plan, Rounding, SimulateError, integer_layers,
};

const RANGE: [f64; 2] = [5e-6, 1e-4];

fn problem() -> MappingProblem {
    let encoding = Encoding { sign: SignRule::Differential, weight_bits: 6, cell_bits: 5 };
    let target = Target::new(CrossbarSize { rows: 24, columns: 10 }, encoding);
    MappingProblem { shape: ConvShape::new(5, [6, 6], 7, 3), target, seed: 3 }
}

fn hardware(wiring: Wiring, stuck_on: f64) -> Hardware {
    let device = Generic { on: RANGE[1], on_off_ratio: RANGE[1] / RANGE[0], stuck_on, ..Generic::default() };
    Hardware { wiring, ..Hardware::new(Arc::from(device.device().expect("a device"))) }
}

fn crossbar(hardware: &Hardware, layer: &str, crossbar: usize) -> Result<CrossbarMap, SimulateError> {
    let problem = problem();
    let network = network(&problem);
    let mapping = map(&problem, scheme::find("im2col").expect("a scheme")).expect("it fits");
    let layers = integer_layers(&network, &[], Rounding { weight_bits: 6, input_bits: 8 })?;
    let calibration = [image(&problem)];
    let plan =
        Plan { network: &network, mapping: &mapping, layers: &layers, hardware, calibration: &calibration, threads: 1 };
    CrossbarMap::of(&plan, 1, layer, crossbar)
}

/// Conductances of a crossbar of the problem, from its placement by hand.
fn by_hand(number: usize) -> (usize, usize, Vec<f64>) {
    let problem = problem();
    let tiling =
        scheme::find("im2col").and_then(|im2col| im2col.tile(&problem.shape, &problem.target)).expect("it fits");
    let tiles = Tiles::new(&problem.shape, tiling, problem.target.crossbar, problem.target.encoding).expect("it fits");
    let placed = crossbars(&tiles).nth(number).expect("that many");
    let levels = placed.program(&problem.weights(), &problem.target.encoding);
    let siemens = |&level: &i32| RANGE[0] + (RANGE[1] - RANGE[0]) * f64::from(level) / 31.0;
    (placed.rows.len(), levels.columns, levels.levels.iter().map(siemens).collect())
}

fn close(found: &[f64], expected: &[f64]) {
    assert_eq!(found.len(), expected.len());
    let most = expected.iter().fold(0.0, |most: f64, value| most.max(value.abs()));
    for (found, expected) in found.iter().zip(expected) {
        assert!((found - expected).abs() <= 1e-9 * most, "{found} {expected}");
    }
}

#[test]
fn cells_are_those_of_the_placement_and_the_circuit() {
    let wiring = Wiring { r_source: 40.0, r_sink: 15.0, ..Wiring::wires(3.0) };
    for number in [0, 3] {
        let map = crossbar(&hardware(wiring, 0.0), "layer", number).expect("it has one");
        let (rows, columns, siemens) = by_hand(number);
        assert_eq!((map.rows, map.columns, map.crossbar), (rows, columns, number));
        close(&map.wanted, &siemens);
        assert_eq!(map.conductances, map.wanted);
        let wired = Crossbar::new(rows, columns, siemens, wiring).expect("sound");
        // One word line after the other: each solution is a row of the matrix.
        for row in 0..rows {
            let volts: Vec<f64> = (0..rows).map(|line| f64::from(u8::from(line == row))).collect();
            let currents = solve(&wired, &volts).expect("solved").currents;
            close(&map.matrix[row * columns..][..columns], &currents);
        }
        let options = SolveOptions { keep: Keep::Nodes, ..SolveOptions::default() };
        let nodes = &solve_with(&wired, &vec![1.0; rows], &options).expect("solved").nodes[0];
        let across: Vec<f64> = nodes.word.iter().zip(&nodes.bit).map(|(word, bit)| word - bit).collect();
        close(&map.voltages, &across);
        let lost = map.taken();
        assert!(map.mean_taken() > 0.0 && map.mean_taken() < lost.iter().fold(0.0, |most: f64, &part| most.max(part)));
    }
}

#[test]
fn ideal_wires_take_nothing_and_stuck_cells_show() {
    let map = crossbar(&hardware(Wiring::default(), 0.2), "layer", 0).expect("it has one");
    assert_eq!((&map.matrix, map.mean_taken()), (&map.conductances, 0.0));
    assert!(map.voltages.iter().all(|&volt| volt == 1.0) && map.taken().iter().all(|&part| part == 0.0));
    let moved: Vec<f64> =
        map.conductances.iter().zip(&map.wanted).filter(|(is, wanted)| is != wanted).map(|(is, _)| *is).collect();
    assert!(!moved.is_empty() && moved.iter().all(|&siemens| siemens == RANGE[1]), "{moved:?}");
}

#[test]
fn lines_are_in_the_order_they_are_wired() {
    let ordered = Compensation { order: LineOrder::ByCurrent, ..Compensation::default() };
    let map = crossbar(&Hardware { compensation: ordered, ..hardware(Wiring::wires(1.0), 0.0) }, "layer", 0).unwrap();
    let row = |row: usize| map.conductances[row * map.columns..][..map.columns].iter().sum::<f64>();
    let column = |column: usize| map.conductances.iter().skip(column).step_by(map.columns).sum::<f64>();
    // Equal sums in another order differ by rounding.
    let rounding = 1e-12 * row(map.rows - 1);
    assert!((1..map.rows).all(|line| row(line) >= row(line - 1) - rounding), "large currents near the sinks");
    assert!(
        (1..map.columns).all(|line| column(line) <= column(line - 1) + rounding),
        "large currents near the sources"
    );
}

#[test]
fn crossbars_that_are_not_there() {
    let hardware = hardware(Wiring::default(), 0.0);
    let layer = crossbar(&hardware, "conv9", 0).expect_err("there is none").to_string();
    assert_eq!(layer, "layer: found \"conv9\"; give one of layer");
    let number = crossbar(&hardware, "layer", 99).expect_err("there is none").to_string();
    assert!(number.starts_with("crossbar of layer layer: found 99; give 0 to "), "{number}");
}
