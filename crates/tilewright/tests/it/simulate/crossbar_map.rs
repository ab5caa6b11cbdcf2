//! One crossbar cell by cell and access by access, against the placement, the circuit solved by itself and the chip.

use super::one_layer::{image, map, network};
use crate::mapping::problem::MappingProblem;
use std::ops::ControlFlow;
use std::sync::Arc;
use tilewright::circuit::device::Generic;
use tilewright::circuit::{Crossbar, Keep, SolveOptions, Wiring, solve, solve_with};
use tilewright::hardware::{Cells, Compensation, Copies, LineOrder};
use tilewright::mapping::placement::{RowInput, crossbars};
use tilewright::mapping::{CrossbarSize, Encoding, SignRule, Target, Tiles, scheme};
use tilewright::network::{ConvShape, Rounding, integer_layers};
use tilewright::simulate::{Chip, CrossbarAccess, CrossbarMap, Hardware, Plan, SimulateError};

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

/// Uses a plan of the problem on some hardware.
fn planned<T>(hardware: &Hardware, scheme: &str, of: impl FnOnce(&Plan<'_>) -> T) -> T {
    let problem = problem();
    let network = network(&problem);
    let mapping = map(&problem, scheme::find(scheme).expect("a scheme")).expect("it fits");
    let rounding = Rounding::to_bits(6, 8);
    let layers = integer_layers(&network, &[], rounding).expect("it is rounded");
    let calibration = [image(&problem)];
    of(&Plan { network: &network, mapping: &mapping, layers: &layers, hardware, calibration: &calibration, threads: 1 })
}

fn access(crossbar: usize, access: u64) -> CrossbarAccess<'static> {
    CrossbarAccess { layer: "layer", crossbar, access }
}

fn crossbar(hardware: &Hardware, layer: &str, crossbar: usize) -> Result<CrossbarMap, SimulateError> {
    planned(hardware, "im2col", |plan| CrossbarMap::of(plan, 1, &CrossbarAccess { layer, ..access(crossbar, 0) }))
}

fn program(plan: &Plan<'_>) -> Chip {
    Chip::program(plan, 1, &|_, _| ControlFlow::Continue(())).expect("it is programmed")
}

/// The problem's crossbars by one of the schemes.
fn tiles(scheme: &str) -> Tiles {
    let problem = problem();
    let tiling = scheme::find(scheme).and_then(|scheme| scheme.tile(&problem.shape, &problem.target)).expect("it fits");
    Tiles::new(&problem.shape, tiling, problem.target.crossbar, problem.target.encoding).expect("it fits")
}

/// Conductances of a crossbar of the problem, from its placement by hand.
fn by_hand(number: usize) -> (usize, usize, Vec<f64>) {
    let problem = problem();
    let placed = crossbars(&tiles("im2col")).nth(number).expect("that many");
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
    let beyond = planned(&hardware, "im2col", |plan| CrossbarMap::of(plan, 1, &access(0, 16)));
    let beyond = beyond.expect_err("there are sixteen windows").to_string();
    assert_eq!(beyond, "access of layer layer: found 16; give 0 to 15");
}

/// The rows of im2col take the pixels under a kernel; pulses take them a few bits at a time.
#[test]
fn rows_take_the_pixels_of_their_window() {
    let problem = problem();
    let input = problem.input();
    let plain = hardware(Wiring::default(), 0.0);
    let in_pulses = Hardware { dac_bits: Some(3), ..plain.clone() };
    let driven = |hardware: &Hardware, crossbar: usize, number: u64| {
        planned(hardware, "im2col", |plan| {
            program(plan).row_inputs(plan, &access(crossbar, number), 0, &image(&problem)).expect("there is one")
        })
    };
    for (number, placed) in crossbars(&tiles("im2col")).enumerate() {
        for window in [0, 7, 15] {
            let [down, across] = [window / 4, window % 4];
            let pixel = |row: &RowInput| (row.channel * 6 + down + row.pixel[0]) * 6 + across + row.pixel[1];
            let expected: Vec<f64> = placed.rows.iter().map(|row| f64::from(input.values()[pixel(row)])).collect();
            close(&driven(&plain, number, window as u64).iter().map(|x| x * 255.0).collect::<Vec<f64>>(), &expected);
            // Eight bits in three pulses of three: the least significant first.
            let pulses = (0..3).map(|pulse| driven(&in_pulses, number, 3 * window as u64 + pulse));
            let mut sum = vec![0.0; expected.len()];
            for (pulse, inputs) in pulses.enumerate() {
                assert!(inputs.iter().map(|input| input * 7.0).all(|x| (x - x.round()).abs() < 1e-9 && x.abs() < 7.5));
                sum.iter_mut().zip(inputs).for_each(|(sum, x)| *sum += x * 7.0 * f64::from(1 << (3 * pulse)));
            }
            close(&sum, &expected);
        }
    }
}

/// Ten rows at a time: an access drives those of its step, all windows and pulses as ever.
#[test]
fn an_access_drives_the_rows_of_its_step() {
    let problem = problem();
    let whole = Hardware { dac_bits: Some(3), ..hardware(Wiring::default(), 0.0) };
    let stepped = Hardware { active_rows: Some(10), ..whole.clone() };
    let driven = |hardware: &Hardware, number: u64| {
        planned(hardware, "im2col", |plan| {
            let access = access(0, number);
            let rows = access.driven_rows(plan).expect("there is one");
            (rows, program(plan).row_inputs(plan, &access, 0, &image(&problem)).expect("there is one"))
        })
    };
    for (window, pulse) in [(0, 0), (7, 2), (15, 1)] {
        let (rows, all) = driven(&whole, 3 * window + pulse);
        assert_eq!(rows, 0..24);
        for (step, rows) in [0..10, 10..20, 20..24].into_iter().enumerate() {
            let (found, inputs) = driven(&stepped, 3 * (3 * window + step as u64) + pulse);
            assert_eq!(found, rows);
            let expected = all.iter().enumerate().map(|(row, &input)| if rows.contains(&row) { input } else { 0.0 });
            assert_eq!(inputs, expected.collect::<Vec<_>>());
        }
    }
    let beyond = planned(&stepped, "im2col", |plan| CrossbarMap::of(plan, 1, &access(0, 144)));
    assert_eq!(beyond.expect_err("16 · 3 · 3").to_string(), "access of layer layer: found 144; give 0 to 143");
}

/// What the crossbars yield by themselves, put together by hand, is what the chip does.
#[test]
fn currents_put_together_are_the_output_of_the_chip() {
    let problem = problem();
    let image = image(&problem);
    let ordered = Compensation { order: LineOrder::ByCurrent, ..Compensation::default() };
    let wiring = Wiring { r_source: 40.0, r_sink: 15.0, ..Wiring::wires(3.0) };
    let device = Generic { on: RANGE[1], on_off_ratio: 20.0, programming_error: vec![0.03], ..Generic::default() };
    let device = Arc::from(device.device().expect("a device"));
    let hardware = Hardware { wiring, compensation: ordered, ..Hardware::new(device) };
    let (found, expected) = planned(&hardware, "im2col", |plan| {
        let chip = program(plan);
        let scores = chip.scores(3, std::slice::from_ref(&image)).expect("it runs").remove(0);
        let mut sums = vec![0.0; scores.values().len()];
        for (number, placed) in crossbars(&tiles("im2col")).enumerate() {
            for window in 0..16 {
                let access = access(number, window);
                let map = CrossbarMap::of(plan, 1, &access).expect("there is one");
                let inputs = chip.row_inputs(plan, &access, 3, &image).expect("there is one");
                let volts = map.on_word_lines(&inputs.iter().map(|input| input * 255.0).collect::<Vec<f64>>());
                let currents = solve(&map.circuit(wiring).expect("sound"), &volts).expect("solved").currents;
                close(&map.currents(&volts), &currents);
                let step = (RANGE[1] - RANGE[0]) / 31.0;
                let on_bit_line = |column: usize| {
                    currents[map.column_on_line.iter().position(|&on_line| on_line == column).expect("on some line")]
                };
                for (pair, column) in placed.columns.iter().enumerate() {
                    let levels = (on_bit_line(2 * pair) - on_bit_line(2 * pair + 1)) / step;
                    sums[column.channel * 16 + window as usize] += levels;
                }
            }
        }
        let real = |(at, sum): (usize, &f64)| {
            let channel = at / 16;
            sum * 0.25 * 0.5 / (1 + channel) as f64 + channel as f64 - 1.5
        };
        let found: Vec<f64> = sums.iter().enumerate().map(real).collect();
        (found, scores.values().iter().copied().map(f64::from).collect::<Vec<f64>>())
    });
    let most = expected.iter().fold(0.0, |most: f64, value| most.max(value.abs()));
    for (found, expected) in found.iter().zip(&expected) {
        assert!((found - expected).abs() <= 1e-5 * most, "{found} {expected}");
    }
}

/// Copies with errors of their own take turns, load by load.
#[test]
fn copies_take_turns() {
    let device = Generic { programming_error: vec![0.05], ..Generic::default() };
    let apart = Hardware::new(Arc::from(device.device().expect("a device")));
    let alike = Hardware { cells: Cells { copies: Copies::Alike, ..Cells::default() }, ..apart.clone() };
    let tiles = tiles("sub-image");
    let copies = tiles.tiling.replication;
    assert!(copies > 1 && copies == tiles.loads(), "a copy for each window");
    let cells = |hardware: &Hardware, number: u64| {
        planned(hardware, "sub-image", |plan| CrossbarMap::of(plan, 1, &access(0, number))).expect("one").conductances
    };
    assert_ne!(cells(&apart, 0), cells(&apart, 1));
    assert_eq!(cells(&alike, 0), cells(&alike, copies - 1));
    assert_eq!(cells(&alike, 0), cells(&apart, 0));
}
