//! Whole layers through wires, against each crossbar solved by itself, input by input.

use super::one_layer::{image, map, run};
use crate::mapping::problem::{MappingProblem, layers};
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::sync::Arc;
use tilewright::circuit::device::Generic;
use tilewright::circuit::{Crossbar, Wiring, solve};
use tilewright::hardware::{Compensation, LineOrder, Subtraction};
use tilewright::mapping::placement::crossbars;
use tilewright::mapping::{CrossbarSize, Encoding, SignRule, Target, Tiles, scheme};
use tilewright::network::Tensor;
use tilewright::simulate::Hardware;

fn problem(shape: tilewright::network::ConvShape, seed: u64, cell_bits: u32) -> MappingProblem {
    let encoding = Encoding { sign: SignRule::Differential, weight_bits: 6, cell_bits };
    MappingProblem { shape, target: Target::new(CrossbarSize { rows: 24, columns: 20 }, encoding), seed }
}

fn hardware(wiring: Wiring) -> Hardware {
    let device = Generic { on: 1e-4, on_off_ratio: 20.0, ..Generic::default() }.device().expect("a device");
    Hardware { wiring, ..Hardware::new(Arc::from(device)) }
}

/// The layer's sums by im2col: every crossbar wired up and solved for every window's voltages, currents subtracted by hand.
fn solved(problem: &MappingProblem, wiring: Wiring) -> BTreeMap<(usize, usize), f64> {
    let tiling =
        scheme::find("im2col").and_then(|im2col| im2col.tile(&problem.shape, &problem.target)).expect("it fits");
    let tiles = Tiles::new(&problem.shape, tiling, problem.target.crossbar, problem.target.encoding).expect("it fits");
    let encoding = problem.target.encoding;
    let (slices, cells) = (encoding.slices(), encoding.columns_per_weight());
    let (off, on) = (5e-6, 1e-4);
    let (weights, input) = (problem.weights(), problem.input());
    // The least weight takes one more level where a cell holds it whole.
    let least = weights.values().iter().min().copied().unwrap_or(0);
    let top = (1i32 << encoding.cell_bits.min(encoding.weight_bits - 1)) - 1;
    let top = f64::from(if slices == 1 { top.max(-least) } else { top });
    let shape = &problem.shape;
    let [height, width] = shape.output();
    let mut sums = BTreeMap::new();
    for placed in crossbars(&tiles) {
        let levels = placed.program(&weights, &encoding);
        let siemens = levels.levels.iter().map(|&level| off + (on - off) * f64::from(level) / top).collect();
        let crossbar = Crossbar::new(placed.rows.len(), levels.columns, siemens, wiring).expect("sound");
        for pixel in 0..height * width {
            let (y, x) = (pixel / width, pixel % width);
            let volts: Vec<f64> = placed
                .rows
                .iter()
                .map(|row| {
                    let at = |axis: usize, window: usize| {
                        let first = window * shape.stride[axis] + row.pixel[axis];
                        first.checked_sub(shape.padding.on_axis(axis)[0]).filter(|&place| place < shape.input[axis])
                    };
                    at(0, y).zip(at(1, x)).map_or(0.0, |(y, x)| {
                        f64::from(input.values()[(row.channel * shape.input[0] + y) * shape.input[1] + x])
                    })
                })
                .collect();
            let currents = solve(&crossbar, &volts).expect("solved").currents;
            for (column, output) in placed.columns.iter().enumerate() {
                let value = (0..slices).map(|slice| {
                    let pair = column * cells + 2 * slice;
                    let place = 2f64.powi(slice as i32 * encoding.cell_bits as i32);
                    (currents[pair] - currents[pair + 1]) / ((on - off) / top) * place
                });
                *sums.entry((output.channel, pixel)).or_insert(0.0) += value.sum::<f64>();
            }
        }
    }
    sums
}

/// The sums that a layer's real outputs stand for.
fn sums_of(output: &Tensor<f32>) -> impl Iterator<Item = ((usize, usize), f64)> + '_ {
    let pixels = output.values().len() / output.shape()[0];
    output.values().iter().enumerate().map(move |(at, &real)| {
        let channel = at / pixels;
        let scale = 0.25 * f64::from(0.5 / (1 + channel) as f32);
        ((channel, at % pixels), (f64::from(real) - (channel as f64 - 1.5)) / scale)
    })
}

fn check(problem: &MappingProblem, hardware: &Hardware) {
    let mapping = map(problem, scheme::find("im2col").expect("a scheme")).expect("it fits");
    let found = run(problem, &mapping, hardware, 1, &[image(problem)]).expect("it runs");
    let wanted = solved(problem, hardware.wiring);
    let greatest = wanted.values().fold(1.0, |most: f64, sum| most.max(sum.abs()));
    for (place, sum) in sums_of(&found[0]) {
        assert!((sum - wanted[&place]).abs() < 2e-5 * greatest, "{place:?}: {sum}, wanted {}", wanted[&place]);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn layers_are_what_their_crossbars_yield(
        shape in layers(), seed in any::<u64>(), cell_bits in 1..=6u32, word in 0.0..20f64, sink in 0.0..50f64, apart in any::<bool>()
    ) {
        let problem = problem(shape, seed, cell_bits);
        prop_assume!(scheme::find("im2col").and_then(|im2col| im2col.tile(&problem.shape, &problem.target)).is_ok());
        let wiring = Wiring { r_word: word, r_bit: 1.0 + word / 2.0, r_source: 3.0, r_sink: sink, ..Wiring::default() };
        let pairs = if apart { Subtraction::Digital } else { Subtraction::Analog };
        check(&problem, &Hardware { pairs, ..hardware(wiring) });
    }
}

/// Mean square of the errors of a dense layer of 24 × 10 weights against its exact outputs.
fn error(hardware: &Hardware) -> f64 {
    let problem = problem(tilewright::network::ConvShape::dense(24, 10), 7, 5);
    let mapping = map(&problem, scheme::find("im2col").expect("a scheme")).expect("it fits");
    let found = run(&problem, &mapping, hardware, 1, &[image(&problem)]).expect("it runs");
    let exact = super::one_layer::expected(&problem);
    sums_of(&found[0]).zip(sums_of(&exact)).map(|((_, found), (_, exact))| (found - exact).powi(2)).sum()
}

#[test]
fn compensations_take_errors_away() {
    let wired = hardware(Wiring::wires(10.0));
    let with = |compensation: Compensation| error(&Hardware { compensation, ..wired.clone() });
    let plain = with(Compensation::default());
    let ordered = with(Compensation { order: LineOrder::ByCurrent, ..Compensation::default() });
    let rounds = [1, 4, 16].map(|predistort| with(Compensation { predistort, ..Compensation::default() }));
    assert!(plain > 0.0);
    assert!(ordered < plain, "{ordered} of {plain}");
    assert!(rounds[0] < plain && rounds[1] < 0.1 * rounds[0] && rounds[2] < 1e-6 * plain, "{rounds:?} of {plain}");
}
