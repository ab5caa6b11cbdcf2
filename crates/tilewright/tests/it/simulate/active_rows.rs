//! Word lines driven some at a time: each step is a read of its own, and their sums are added as numbers.

use super::one_layer::{expected, image, map, network, run, with_chip};
use crate::mapping::problem::{MappingProblem, problems};
use proptest::prelude::*;
use std::sync::Arc;
use tilewright::circuit::device::Generic;
use tilewright::hardware::{
    AdcErrors, AdcSteps, Cells, Compensation, FaultMap, FaultyCell, LineOrder, RangeScope, StuckAt,
};
use tilewright::mapping::search::candidates;
use tilewright::mapping::{CrossbarSize, Encoding, GroupRule, MappingError, SignRule, Target, scheme};
use tilewright::network::{ConvShape, Rounding, Tensor, integer_layers};
use tilewright::simulate::{Adc, ConverterErrors, CrossbarMap, Hardware, LevelScale, Plan, SimulateError};

const ENCODING: Encoding = Encoding { sign: SignRule::Differential, weight_bits: 6, cell_bits: 5 };

/// 40 inputs of ten outputs on one crossbar.
fn dense() -> MappingProblem {
    let target = Target::new(CrossbarSize { rows: 64, columns: 40 }, ENCODING);
    MappingProblem { shape: ConvShape::dense(40, 10), target, seed: 11 }
}

/// Scores of a problem by im2col.
fn scores(problem: &MappingProblem, hardware: &Hardware, seed: u64, images: usize) -> Vec<Tensor<f32>> {
    let mapping = map(problem, scheme::find("im2col").expect("a scheme")).expect("it fits");
    run(problem, &mapping, hardware, seed, &vec![image(problem); images]).expect("it runs")
}

/// The sums that the dense layer's real outputs stand for.
fn sums(outputs: &Tensor<f32>) -> Vec<f64> {
    let of = |(channel, &real): (usize, &f32)| {
        (f64::from(real) - (channel as f64 - 1.5)) / (0.25 * f64::from(0.5 / (1 + channel) as f32))
    };
    outputs.values().iter().enumerate().map(of).collect()
}

/// What each step of so many rows of the dense layer yields, `[step][channel]`.
fn partial_sums(active_rows: usize) -> Vec<Vec<f64>> {
    let (weights, input) = (dense().weights(), dense().input());
    let of_step = |start: usize| {
        let rows = start..(start + active_rows).min(40);
        let product = |row: usize, channel: usize| weights.values()[channel * 40 + row] * input.values()[row];
        (0..10).map(|channel| rows.clone().map(|row| f64::from(product(row, channel))).sum()).collect()
    };
    (0..40).step_by(active_rows).map(of_step).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn every_scheme_is_exact(
        problem in problems(),
        active_rows in 1..=20usize,
        dac_bits in prop_oneof![Just(None), (1..=9u32).prop_map(Some)],
    ) {
        let active_rows = Some(active_rows.min(problem.target.crossbar.rows));
        let hardware = Hardware { active_rows, dac_bits, ..Hardware::ideal() };
        for scheme in scheme::SCHEMES {
            let mapping = match map(&problem, scheme) {
                Err(MappingError::DoesNotFit { .. }) => continue,
                mapping => mapping.expect("it is mapped"),
            };
            match run(&problem, &mapping, &hardware, 1, &[image(&problem)]) {
                Err(SimulateError::Layer { .. }) => prop_assert!(mapping.layers[0].tiling.turns > 1),
                found => prop_assert_eq!(&found.expect("it runs")[0], &expected(&problem), "{}", scheme.name()),
            }
        }
    }

    #[test]
    fn every_stack_is_exact(problem in problems(), active_rows in 1..=20usize) {
        let active_rows = Some(active_rows.min(problem.target.crossbar.rows));
        let candidates = candidates(&problem.shape, &problem.target).unwrap_or_default();
        for candidate in candidates.iter().filter(|candidate| candidate.tiling.is_stacked()).take(8) {
            let mut mapping = map(&problem, &scheme::Optimal).expect("a candidate fits");
            (mapping.layers[0].tiling, mapping.layers[0].counts) = (candidate.tiling, candidate.counts);
            let found = run(&problem, &mapping, &Hardware { active_rows, ..Hardware::ideal() }, 1, &[image(&problem)]);
            prop_assert_eq!(&found.expect("it runs")[0], &expected(&problem), "{:?}", candidate.tiling);
        }
    }

    /// Converters of 16 bits hold every sum of 40 rows, and so every sum of some of them.
    #[test]
    fn converters_with_bits_enough_lose_nothing(problem in problems(), active_rows in 1..=20usize) {
        let mut problem = problem;
        problem.target.encoding = Encoding { sign: SignRule::Differential, weight_bits: 3, cell_bits: 2 };
        problem.target.crossbar.rows = problem.target.crossbar.rows.min(40);
        problem.target.crossbar.columns = problem.target.crossbar.columns.max(2);
        let active_rows = Some(active_rows.min(problem.target.crossbar.rows));
        let hardware = Hardware { active_rows, adc: Some(Adc::new(16)), ..Hardware::ideal() };
        for scheme in scheme::SCHEMES {
            let Ok(mapping) = map(&problem, scheme) else { continue };
            let found = run(&problem, &mapping, &hardware, 1, &[image(&problem)]).expect("it runs");
            prop_assert_eq!(&found[0], &expected(&problem), "{}", scheme.name());
        }
    }
}

/// The range is that of the greatest sum of a step, and every step is rounded to it.
#[test]
fn each_step_is_converted_by_itself() {
    for active_rows in [1, 7, 16, 39, 40] {
        let parts = partial_sums(active_rows);
        let greatest = parts.iter().flatten().fold(0.0, |most: f64, sum| most.max(sum.abs()));
        let step = f64::from((greatest / 31.0) as f32);
        let hardware = Hardware { active_rows: Some(active_rows), adc: Some(Adc::new(6)), ..Hardware::ideal() };
        let found = sums(&scores(&dense(), &hardware, 1, 1)[0]);
        for (channel, found) in found.into_iter().enumerate() {
            let expected: f64 = parts.iter().map(|sums| (sums[channel] / step).round_ties_even() * step).sum();
            assert!((found - expected).abs() < 1e-3 * step, "{active_rows} rows: {found}, by hand {expected}");
        }
    }
}

/// Where stuck cells choose the lines, a step drives rows of the mapping, wherever they are: what it converts is the sum of their cells as the map of
/// the crossbar has them. Read exactly, nothing depends on the steps.
#[test]
fn steps_drive_their_rows_on_whatever_lines_faults_put_them() {
    let device = Generic { stuck_on: 0.03, stuck_off: 0.03, ..Generic::default() };
    let cells = Hardware::new(Arc::from(device.device().expect("a device")));
    let mut moved = 0;
    for (seed, spare_lines) in [(1, false), (2, true), (3, false)] {
        let compensation = Compensation { order: LineOrder::ByFaults, spare_lines, ..Compensation::default() };
        let of = |active_rows, adc| Hardware { active_rows, adc, compensation, ..cells.clone() };
        assert_eq!(scores(&dense(), &of(Some(7), None), seed, 1), scores(&dense(), &of(None, None), seed, 1));
        let held = with_chip(&dense(), &of(Some(7), Some(Adc::new(6))), seed, |plan, _, map| {
            moved += usize::from(map.row_on_line.iter().enumerate().any(|(line, row)| line != *row));
            levels(plan, map)
        });
        let input = dense().input();
        let pair = |row: usize, channel: usize| held[row * 20 + 2 * channel] - held[row * 20 + 2 * channel + 1];
        let of_step = |start: usize| -> Vec<f64> {
            let rows = start..(start + 7).min(40);
            (0..10)
                .map(|channel| rows.clone().map(|row| pair(row, channel) * f64::from(input.values()[row])).sum())
                .collect()
        };
        let parts: Vec<Vec<f64>> = (0..40).step_by(7).map(of_step).collect();
        let greatest = parts.iter().flatten().fold(0.0, |most: f64, sum| most.max(sum.abs()));
        let step = f64::from((greatest / 31.0) as f32);
        let found = sums(&scores(&dense(), &of(Some(7), Some(Adc::new(6))), seed, 1)[0]);
        for (channel, found) in found.into_iter().enumerate() {
            let wanted: f64 = parts.iter().map(|sums| (sums[channel] / step).round_ties_even() * step).sum();
            assert!((found - wanted).abs() < 1e-2 * step, "seed {seed}, {channel}: {found}, by hand {wanted}");
        }
    }
    assert!(moved > 0, "no row is on another line than its own");
}

/// A layer of 3 inputs and 2 outputs, some of its 12 cells stuck as a map says: with rows one at a time, no order of rows and columns, pairs either
/// way round, loses less than the one that is found, by enumeration of all 48.
#[test]
fn with_rows_in_steps_no_order_loses_less_than_that_by_faults() {
    let encoding = Encoding { sign: SignRule::Differential, weight_bits: 4, cell_bits: 3 };
    let mut gained = 0;
    for seed in 0..24u64 {
        let target = Target::new(CrossbarSize { rows: 3, columns: 4 }, encoding);
        let problem = MappingProblem { shape: ConvShape::dense(3, 2), target, seed };
        let stuck = |cell: u64| match (seed * 31 + cell * 17 + cell * cell * 5) % 7 {
            0 => Some(7),
            1 => Some(0),
            _ => None,
        };
        let found = with_chip(&problem, &by_faults(&stuck), 1, |plan, _, map| levels(plan, map));
        let harm = |held: &[f64]| harm(&problem, held);
        let orders = every_order(&problem, &stuck);
        let least = orders.iter().map(|held| harm(held)).fold(f64::INFINITY, f64::min);
        assert!(harm(&found) <= least * (1.0 + 1e-9) + 1e-12, "{seed}: {} and {least}", harm(&found));
        gained += usize::from(least < 0.9 * harm(&orders[0]));
    }
    assert!(gained > 8, "{gained}");
}

/// Cells at whole levels, stuck as a map of crossbar 0 says, whose lines are chosen by them; one row at a time.
fn by_faults(stuck: &impl Fn(u64) -> Option<i32>) -> Hardware {
    let state = |level: i32| if level == 0 { StuckAt::Off } else { StuckAt::On };
    let faulty = |cell: u32| {
        let state = state(stuck(cell.into())?);
        Some(FaultyCell { crossbar: 0, row: cell / 4, column: cell % 4, state })
    };
    let map = FaultMap::new("by hand", (0..12).filter_map(faulty).collect()).expect("a map");
    let compensation = Compensation { order: LineOrder::ByFaults, ..Compensation::default() };
    Hardware {
        cells: Cells { known_faults: Some(Arc::new(map)), ..Cells::default() },
        active_rows: Some(1),
        compensation,
        ..Hardware::ideal()
    }
}

/// Levels `[row][column]` that are held in every order of rows, columns and sides of pairs, that of the mapping first.
fn every_order(problem: &MappingProblem, stuck: &impl Fn(u64) -> Option<i32>) -> Vec<Vec<f64>> {
    let weights = problem.weights();
    let wanted = |row: usize, column: usize| {
        let weight = weights.values()[column / 2 * 3 + row];
        if column.is_multiple_of(2) { weight.max(0) } else { (-weight).max(0) }
    };
    let rows = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];
    let columns = (0..8).map(|way| (way & 1, [way >> 1 & 1, way >> 2]));
    let orders = rows.iter().flat_map(|rows| columns.clone().map(move |columns| (rows, columns)));
    let of_order = |(rows, (first, swapped)): (&[usize; 3], (usize, [usize; 2]))| {
        let cell = |row: usize, column: usize| {
            let line = 4 * rows[row] + 2 * ((column / 2) ^ first) + ((column % 2) ^ swapped[column / 2]);
            f64::from(stuck(line as u64).unwrap_or_else(|| wanted(row, column)))
        };
        (0..12).map(|place| cell(place / 4, place % 4)).collect()
    };
    orders.map(of_order).collect()
}

/// What held levels lose: squares of the errors of weights, by those of their inputs and of their outputs' scales.
fn harm(problem: &MappingProblem, held: &[f64]) -> f64 {
    let (weights, input) = (problem.weights(), problem.input());
    let of = |(row, channel): (usize, usize)| {
        let weight = held[4 * row + 2 * channel] - held[4 * row + 2 * channel + 1];
        let error = weight - f64::from(weights.values()[3 * channel + row]);
        (error * f64::from(input.values()[row]) * 0.5 / (1 + channel) as f64).powi(2)
    };
    (0..3).flat_map(|row| (0..2).map(move |channel| (row, channel))).map(of).sum()
}

/// Levels of the cells `[row][column]` as the mapping has them.
fn levels(plan: &Plan<'_>, map: &CrossbarMap) -> Vec<f64> {
    let scale = LevelScale::new(&plan.mapping.target.encoding, &plan.layers[0].weights, plan.hardware.device.range());
    let mut levels = vec![0.0; map.rows * map.columns];
    for (line, &row) in map.row_on_line.iter().enumerate() {
        for (bit_line, &column) in map.column_on_line.iter().enumerate() {
            let siemens = map.conductances[line * map.columns + bit_line];
            levels[row * map.columns + column] = ((siemens - scale.off) / scale.step).round();
        }
    }
    levels
}

/// Noise that each of three steps draws for itself adds up by its variance; an offset is the same in all, and adds up as it is.
#[test]
fn steps_draw_their_own_noise_and_share_converters() {
    const TIMES: usize = 3000;
    let exact = sums(&expected(&dense()));
    let spread = |found: &[f64]| {
        let mean = found.iter().sum::<f64>() / found.len() as f64;
        (found.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / found.len() as f64).sqrt()
    };
    let close = |what: &str, found: f64, expected: f64| {
        let error = 4.0 / (2.0 * TIMES as f64).sqrt();
        assert!((found / expected - 1.0).abs() < error, "{what}: {found}, expected {expected}");
    };
    let greatest = partial_sums(16).iter().flatten().fold(0.0, |most: f64, sum| most.max(sum.abs()));
    // Percentile 100 of one calibration image is its greatest sum; 12 bits leave what is added within the range of most.
    let step = greatest / 2047.0;
    let with = |errors: AdcErrors| {
        let errors = Some(ConverterErrors { errors, columns: 1 });
        Hardware { active_rows: Some(16), adc: Some(Adc { errors, ..Adc::new(12) }), ..Hardware::ideal() }
    };
    let small = (0..10).filter(|&channel| partial_sums(16).iter().all(|sums| sums[channel].abs() < 0.8 * greatest));
    let channel = small.clone().next().expect("a channel whose sums are well within the range");
    let noisy = scores(&dense(), &with(AdcErrors { noise: 8.0, ..AdcErrors::default() }), 1, TIMES);
    let errors: Vec<f64> = noisy.iter().map(|outputs| sums(outputs)[channel] - exact[channel]).collect();
    close("noise", spread(&errors), (3.0 * (64.0 + 1.0 / 12.0f64)).sqrt() * step);
    let offset = with(AdcErrors { offset: 30.0, ..AdcErrors::default() });
    let of_chip = |seed: usize| sums(&scores(&dense(), &offset, seed as u64, 1)[0])[channel] - exact[channel];
    let errors: Vec<f64> = (0..TIMES).map(of_chip).collect();
    close("offset", spread(&errors), 3.0 * 30.0 * step);

    // Of cells the noise is the same however many are read at once, but drawn otherwise.
    let device = Generic { read_noise: vec![0.02], on_off_ratio: 10.0, ..Generic::default() };
    let cells = Hardware::new(Arc::from(device.device().expect("a device")));
    let squares: f64 = dense().input().values().iter().map(|&x| f64::from(x).powi(2)).sum();
    let expected = (2.0 * squares).sqrt() * 0.02 * 31.0 / (1.0 - 1.0 / 10.0);
    let read = |active_rows| -> Vec<f64> {
        let found = scores(&dense(), &Hardware { active_rows, ..cells.clone() }, 1, TIMES);
        found.iter().map(|outputs| sums(outputs)[channel] - exact[channel]).collect()
    };
    let [whole, stepped] = [None, Some(16)].map(read);
    assert_ne!(whole, stepped);
    close("cells at once", spread(&whole), expected);
    close("cells in steps", spread(&stepped), expected);
}

/// Channels of 3×3 on the diagonal: one or two at a time, each is read by its own converter in its own range, as all of them are.
#[test]
fn a_step_reads_its_own_columns_through_their_own_converters() {
    let shape = ConvShape { groups: 7, ..ConvShape::new(7, [6, 6], 14, 3) };
    let target = Target::new(CrossbarSize { rows: 64, columns: 30 }, ENCODING);
    let problem = MappingProblem { shape, target: Target { groups: Some(GroupRule::Packed), ..target }, seed: 5 };
    let errors = AdcErrors { offset: 3.0, gain: 0.1, mismatch: 0.2, noise: 0.0, steps: AdcSteps::Sar };
    for scope in [RangeScope::Layer, RangeScope::Columns(3)] {
        let errors = Some(ConverterErrors { errors, columns: 2 });
        let adc = Some(Adc { scope, errors, ..Adc::new(7) });
        let of = |active_rows| scores(&problem, &Hardware { active_rows, adc, ..Hardware::ideal() }, 3, 2);
        let whole = of(None);
        assert_ne!(whole[0], expected(&problem));
        for active_rows in [9, 17, 18, 40, 63] {
            assert_eq!(of(Some(active_rows)), whole, "{active_rows}, {scope:?}");
        }
        assert_ne!(of(Some(8)), whole, "nine rows in two steps");
    }
}

/// 3 rows of levels up to 7 and inputs of one bit: ±21 takes 6 bits, and ±28 of all four rows does too; ±7 of one takes 4.
#[test]
fn lossless_bits_are_those_of_a_step() {
    let encoding = Encoding { sign: SignRule::Differential, weight_bits: 4, cell_bits: 3 };
    let target = Target::new(CrossbarSize { rows: 16, columns: 64 }, encoding);
    let problem = MappingProblem { shape: ConvShape::dense(4, 30), target, seed: 7 };
    let network = network(&problem);
    let mapping = map(&problem, scheme::find("im2col").expect("a scheme")).expect("it fits");
    let layers = integer_layers(&network, &[], Rounding::to_bits(4, 8)).expect("it is rounded");
    let bits = |active_rows| {
        let hardware = Hardware { active_rows, dac_bits: Some(1), ..Hardware::ideal() };
        let (network, mapping, layers) = (&network, &mapping, &layers);
        let plan = Plan { network, mapping, layers, hardware: &hardware, calibration: &[], threads: 1 };
        plan.lossless_bits().expect("a plan")[0]
    };
    let weights = problem.weights();
    let expected = |active_rows: usize| {
        let rows = weights.values().chunks_exact(4).flat_map(|of_output| of_output.chunks(active_rows));
        // Inputs have a sign, so that every product can have either.
        let most = rows.map(|weights| weights.iter().map(|weight| weight.abs()).sum::<i32>()).max().expect("weights");
        (1..).find(|bits| most < 1 << (bits - 1)).expect("some are enough")
    };
    for active_rows in 1..=4 {
        assert_eq!(bits(Some(active_rows)), expected(active_rows), "{active_rows}");
    }
    assert_eq!(bits(None), expected(4));
    assert!(expected(1) < expected(4));
}

#[test]
fn more_rows_than_there_are_are_refused() {
    for (active_rows, allowed) in [(0, "1 or more"), (65, "1 to 64, the rows of the crossbar")] {
        let mapping = map(&dense(), scheme::find("im2col").expect("a scheme")).expect("it fits");
        let hardware = Hardware { active_rows: Some(active_rows), ..Hardware::ideal() };
        let error = run(&dense(), &mapping, &hardware, 1, &[image(&dense())]).expect_err("it cannot be").to_string();
        assert_eq!(error, format!("word lines driven at a time: found {active_rows}; give {allowed}"));
    }
}
