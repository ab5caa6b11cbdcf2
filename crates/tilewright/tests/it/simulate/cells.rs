//! Cells without a weight that are never formed, and stuck cells whose errors others take over.

use super::one_layer::{expected, image, map, network, run};
use crate::mapping::problem::{MappingProblem, problems};
use proptest::prelude::*;
use std::sync::Arc;
use tilewright::circuit::Wiring;
use tilewright::circuit::device::Generic;
use tilewright::hardware::{Cells, Compensation, FaultAware, LineOrder, Unused};
use tilewright::mapping::placement::crossbars;
use tilewright::mapping::{CrossbarSize, Encoding, SignRule, Target, Tiles, scheme};
use tilewright::network::{ConvShape, Rounding, integer_layers};
use tilewright::simulate::{CrossbarAccess, CrossbarMap, Hardware, Plan, SimulateError};

const SEED: u64 = 1;
const RANGE: [f64; 2] = [1e-6, 1e-4];

/// A depthwise layer, whose groups lie along the diagonal of a crossbar.
fn problem(cell_bits: u32) -> MappingProblem {
    let encoding = Encoding { sign: SignRule::Differential, weight_bits: 5, cell_bits };
    let target = Target::new(CrossbarSize { rows: 60, columns: 40 }, encoding);
    MappingProblem { shape: ConvShape { groups: 4, ..ConvShape::new(4, [5, 5], 4, 3) }, target, seed: 3 }
}

fn device(stuck_on: f64, stuck_off: f64) -> Generic {
    Generic { on: RANGE[1], on_off_ratio: RANGE[1] / RANGE[0], stuck_on, stuck_off, ..Generic::default() }
}

fn hardware(device: Generic, cells: Cells, fault_aware: FaultAware) -> Hardware {
    let compensation = Compensation { fault_aware, ..Compensation::default() };
    Hardware { cells, compensation, ..Hardware::new(Arc::from(device.device().expect("a device"))) }
}

fn unformed(g_unformed: f64, shorts: f64) -> Cells {
    Cells { unused_cells: Unused::Unformed, g_unformed, shorts, ..Cells::default() }
}

fn crossbar(problem: &MappingProblem, hardware: &Hardware) -> Result<CrossbarMap, SimulateError> {
    let network = network(problem);
    let mapping = map(problem, scheme::find("im2col").expect("a scheme")).expect("it fits");
    let rounding = Rounding::to_bits(problem.target.encoding.weight_bits, 8);
    let layers = integer_layers(&network, &[], rounding).expect("it is rounded");
    let calibration = [image(problem)];
    let plan =
        Plan { network: &network, mapping: &mapping, layers: &layers, hardware, calibration: &calibration, threads: 1 };
    CrossbarMap::of(&plan, SEED, &CrossbarAccess { layer: "layer", crossbar: 0, access: 0 })
}

/// Which cells of the problem's first crossbar hold a weight, from its placement by hand.
fn holds_weight(problem: &MappingProblem) -> Vec<bool> {
    let tiling =
        scheme::find("im2col").and_then(|scheme| scheme.tile(&problem.shape, &problem.target)).expect("it fits");
    let tiles = Tiles::new(&problem.shape, tiling, problem.target.crossbar, problem.target.encoding).expect("it fits");
    let placed = crossbars(&tiles).next().expect("a crossbar");
    let cells = problem.target.encoding.columns_per_weight();
    let columns = placed.columns.len() * cells;
    let is_weight = |row: usize, column: usize| {
        placed.weights.iter().any(|weight| weight.row == row && weight.column == column / cells)
    };
    (0..placed.rows.len())
        .flat_map(|row| (0..columns).map(move |column| (row, column)))
        .map(|(row, column)| is_weight(row, column))
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn unformed_cells_and_an_order_by_faults_of_sound_hardware_change_nothing(problem in problems()) {
        let mut problem = problem;
        problem.target.encoding = Encoding { sign: SignRule::Differential, weight_bits: 6, cell_bits: 5 };
        problem.target.crossbar.columns = problem.target.crossbar.columns.max(2);
        let hardware = hardware(device(0.0, 0.0), unformed(0.0, 0.0), FaultAware::No);
        for scheme in scheme::SCHEMES {
            let Ok(mapping) = map(&problem, scheme) else { continue };
            // Packs that take turns have their lines in common.
            let ordered = mapping.layers[0].tiling.turns == 1;
            for hardware in [Some(hardware.clone()), ordered.then(|| by_faults(hardware.clone(), true))] {
                let Some(hardware) = hardware else { continue };
                let found = run(&problem, &mapping, &hardware, 1, &[image(&problem)]).expect("it runs");
                prop_assert_eq!(&found[0], &expected(&problem), "{}", scheme.name());
            }
        }
    }
}

#[test]
fn unformed_cells_have_their_own_conductance_and_the_others_are_as_before() {
    let problem = problem(4);
    let holds = holds_weight(&problem);
    let noisy = Generic { programming_error: vec![0.05], ..device(0.1, 0.1) };
    let before = crossbar(&problem, &hardware(noisy.clone(), Cells::default(), FaultAware::No)).expect("a crossbar");
    let after = crossbar(&problem, &hardware(noisy.clone(), unformed(2e-9, 0.0), FaultAware::No)).expect("a crossbar");
    assert_eq!(holds.len(), after.conductances.len());
    assert!(holds.iter().filter(|holds| !**holds).count() > holds.len() / 2, "three of four blocks are zeros");
    for ((holds, before), after) in holds.iter().zip(&before.conductances).zip(&after.conductances) {
        assert_eq!(*after, if *holds { *before } else { 2e-9 });
    }
    let shorted = crossbar(&problem, &hardware(noisy, unformed(0.0, 0.25), FaultAware::No)).expect("a crossbar");
    let zeros: Vec<f64> =
        holds.iter().zip(&shorted.conductances).filter(|(holds, _)| !**holds).map(|(_, siemens)| *siemens).collect();
    let shorts = zeros.iter().filter(|siemens| **siemens == RANGE[1]).count();
    assert!(zeros.iter().all(|siemens| [0.0, RANGE[1]].contains(siemens)));
    let (mean, deviation) = (0.25 * zeros.len() as f64, (0.25 * 0.75 * zeros.len() as f64).sqrt());
    assert!((shorts as f64 - mean).abs() < 4.0 * deviation, "{shorts} of {}", zeros.len());
}

#[test]
fn reads_of_unformed_cells_are_without_noise() {
    let noisy = Generic { read_noise: vec![0.05], ..device(0.0, 0.0) };
    let images = vec![image(&problem(4)); 256];
    let spread = |cells: Cells| {
        let mapping = map(&problem(4), scheme::find("im2col").expect("a scheme")).expect("it fits");
        let found =
            run(&problem(4), &mapping, &hardware(noisy.clone(), cells, FaultAware::No), 1, &images).expect("it runs");
        let values: Vec<f64> = found.iter().map(|found| f64::from(found.values()[0])).collect();
        let mean = values.iter().sum::<f64>() / values.len() as f64;
        values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / values.len() as f64
    };
    // A column has nine weights and, where three other blocks share the crossbar, twenty-seven zeros that are driven as well.
    let ratio = spread(Cells::default()) / spread(unformed(0.0, 0.0));
    assert!((2.0..8.0).contains(&ratio), "{ratio}");
}

/// The partner of a stuck cell is programmed so that their difference is the wanted one, where the range allows it.
#[test]
fn partners_take_over_what_the_range_allows() {
    let problem = problem(4);
    let wanted = crossbar(&problem, &hardware(device(0.0, 0.0), Cells::default(), FaultAware::No)).expect("a crossbar");
    let faulty = device(0.05, 0.05);
    let blind = crossbar(&problem, &hardware(faulty.clone(), Cells::default(), FaultAware::No)).expect("a crossbar");
    let aware = crossbar(&problem, &hardware(faulty, Cells::default(), FaultAware::Pairs)).expect("a crossbar");
    let mut taken_over = 0;
    for place in (0..wanted.conductances.len()).step_by(2) {
        let of = |map: &CrossbarMap| map.conductances[place] - map.conductances[place + 1];
        let stuck = [place, place + 1].map(|cell| blind.conductances[cell] != wanted.conductances[cell]);
        let least = match stuck {
            [false, false] => of(&wanted),
            // Both ends of the partner's range, or the wanted difference between them.
            [true, false] => {
                of(&wanted).clamp(blind.conductances[place] - RANGE[1], blind.conductances[place] - RANGE[0])
            }
            [false, true] => {
                of(&wanted).clamp(RANGE[0] - blind.conductances[place + 1], RANGE[1] - blind.conductances[place + 1])
            }
            [true, true] => of(&blind),
        };
        assert!((of(&aware) - least).abs() < 1e-18, "{place}: {} of {least}", of(&aware));
        taken_over += usize::from((of(&blind) - of(&wanted)).abs() > (of(&aware) - of(&wanted)).abs());
    }
    assert!(taken_over > 10, "{taken_over}");
}

fn by_faults(hardware: Hardware, spare_lines: bool) -> Hardware {
    let compensation = Compensation { order: LineOrder::ByFaults, spare_lines, ..hardware.compensation };
    Hardware { compensation, ..hardware }
}

/// The same cells are stuck whatever is put onto their lines; the weights that meet them are others, and suffer less.
#[test]
fn stuck_cells_meet_weights_that_they_suit() {
    let problem = problem(4);
    for aware in [FaultAware::No, FaultAware::Pairs] {
        let mapped = hardware(device(0.1, 0.1), Cells::default(), aware);
        let [wanted, mapped, ordered] =
            [hardware(device(0.0, 0.0), Cells::default(), aware), mapped.clone(), by_faults(mapped, false)]
                .map(|hardware| crossbar(&problem, &hardware).expect("a crossbar"));
        // Only stuck cells are at an end of the range and not where programming left them.
        let blind = crossbar(&problem, &hardware(device(0.1, 0.1), Cells::default(), FaultAware::No));
        let blind = blind.expect("a crossbar").conductances;
        let stuck = (0..blind.len()).filter(|&cell| blind[cell] != wanted.conductances[cell]);
        assert!(stuck.clone().count() > 20);
        stuck.for_each(|cell| assert_eq!(ordered.conductances[cell], blind[cell], "{cell}"));
        let differences = |map: &CrossbarMap| {
            let mut cells = vec![0.0; map.conductances.len()];
            for (place, siemens) in map.conductances.iter().enumerate() {
                let [row, column] = [map.row_on_line[place / map.columns], map.column_on_line[place % map.columns]];
                cells[row * map.columns + column] = *siemens;
            }
            cells.chunks_exact(2).map(|pair| pair[0] - pair[1]).collect::<Vec<f64>>()
        };
        let aim = differences(&wanted);
        let error = |map: &CrossbarMap| {
            differences(map).iter().zip(&aim).map(|(found, aim)| (found - aim).powi(2)).sum::<f64>()
        };
        assert!(error(&ordered) < 0.7 * error(&mapped), "{aware:?}: {} of {}", error(&ordered), error(&mapped));
        let sorted = |mut lines: Vec<usize>| {
            lines.sort_unstable();
            lines
        };
        assert_ne!(ordered.row_on_line, mapped.row_on_line);
        assert_eq!(sorted(ordered.row_on_line), mapped.row_on_line);
        assert_eq!(sorted(ordered.column_on_line), mapped.column_on_line);
    }
}

#[test]
fn spare_lines_take_the_place_of_bad_ones() {
    let problem = problem(4);
    let hardware = |device: Generic| hardware(device, Cells::default(), FaultAware::Pairs);
    let wanted = crossbar(&problem, &hardware(device(0.0, 0.0))).expect("a crossbar");
    let error = |spare_lines: bool| {
        let found = crossbar(&problem, &by_faults(hardware(device(0.15, 0.15)), spare_lines)).expect("a crossbar");
        let mut squares = 0.0;
        for (line, row) in found.row_on_line.iter().enumerate() {
            let mut cells = vec![0.0; found.columns];
            let lines = found.column_on_line.iter().enumerate();
            lines.for_each(|(at, &column)| cells[column] = found.conductances[line * found.columns + at]);
            let aim = &wanted.conductances[row * found.columns..][..found.columns];
            let pairs = cells.chunks_exact(2).zip(aim.chunks_exact(2));
            squares += pairs.map(|(cells, aim)| (cells[0] - cells[1] - aim[0] + aim[1]).powi(2)).sum::<f64>();
        }
        squares
    };
    assert!(wanted.rows < problem.target.crossbar.rows && wanted.columns < problem.target.crossbar.columns);
    assert!(error(true) < 0.5 * error(false), "{} of {}", error(true), error(false));
}

#[test]
fn known_faults_and_wires_are_corrected_together() {
    let problem = problem(4);
    let wiring = Wiring::wires(10.0);
    let of = |fault_aware: FaultAware, predistort: u32| {
        let hardware = hardware(device(0.03, 0.03), unformed(0.0, 0.0), fault_aware);
        let compensation = Compensation { predistort, ..hardware.compensation };
        crossbar(&problem, &Hardware { wiring, compensation, ..hardware }).expect("a crossbar")
    };
    let sound = Hardware { wiring, ..hardware(device(0.0, 0.0), unformed(0.0, 0.0), FaultAware::No) };
    let wanted = crossbar(&problem, &Hardware { wiring: Wiring::default(), ..sound }).expect("a crossbar").conductances;
    let differences = |cells: &[f64]| cells.chunks_exact(2).map(|pair| pair[0] - pair[1]).collect::<Vec<f64>>();
    let wanted = differences(&wanted);
    // Of pairs that can be repaired at all; the scale is the digital side's to correct, so it is fitted.
    let repaired =
        Hardware { wiring: Wiring::default(), ..hardware(device(0.03, 0.03), unformed(0.0, 0.0), FaultAware::Pairs) };
    let repaired = differences(&crossbar(&problem, &repaired).expect("a crossbar").conductances);
    let kept: Vec<usize> = (0..wanted.len()).filter(|&pair| (repaired[pair] - wanted[pair]).abs() < 1e-15).collect();
    let error = |map: &CrossbarMap| {
        let found = differences(&map.matrix);
        let product = |a: &[f64], b: &[f64]| kept.iter().map(|&pair| a[pair] * b[pair]).sum::<f64>();
        let scale = product(&found, &wanted) / product(&found, &found);
        kept.iter().map(|&pair| (scale * found[pair] - wanted[pair]).powi(2)).sum::<f64>()
    };
    let [blind, wires, faults, both] =
        [(FaultAware::No, 0), (FaultAware::No, 4), (FaultAware::Pairs, 0), (FaultAware::Pairs, 4)]
            .map(|(aware, rounds)| error(&of(aware, rounds)));
    assert!(faults < 0.1 * blind && both < 1e-3 * faults && both < 1e-3 * wires, "{blind} {wires} {faults} {both}");
}

#[test]
fn what_does_not_go_with_the_encoding_is_refused() {
    let offset = |cell_bits: u32| {
        let mut problem = problem(cell_bits);
        problem.target.encoding.sign = SignRule::Offset;
        problem
    };
    let stuck = || device(0.05, 0.05);
    for (problem, hardware, part) in [
        (offset(5), hardware(stuck(), unformed(0.0, 0.0), FaultAware::No), "hold the offset"),
        (offset(5), hardware(stuck(), Cells::default(), FaultAware::Pairs), "the other cell of a pair"),
        (offset(5), hardware(stuck(), Cells::default(), FaultAware::Slices), "several cells"),
        (
            offset(5),
            by_faults(hardware(stuck(), Cells::default(), FaultAware::No), false),
            "by-faults with the differential one",
        ),
        (
            problem(4),
            Hardware {
                wiring: Wiring::wires(1.0),
                ..by_faults(hardware(stuck(), Cells::default(), FaultAware::No), true)
            },
            "spare lines",
        ),
        (problem(4), hardware(stuck(), unformed(1.0, 0.0), FaultAware::No), "0 to 1e-4 S"),
        (
            problem(4),
            hardware(stuck(), unformed(-1e-9, 0.0), FaultAware::No),
            "g_unformed of the cells: found -0.000000001",
        ),
        (problem(4), hardware(stuck(), unformed(0.0, 1.5), FaultAware::No), "a share"),
    ] {
        let error = crossbar(&problem, &hardware).expect_err(part).to_string();
        assert!(error.contains(part), "{error}");
    }
    assert!(crossbar(&offset(2), &hardware(stuck(), Cells::default(), FaultAware::Slices)).is_ok());
}
