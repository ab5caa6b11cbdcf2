//! Resistances from 1e-9 to 1e12 ohm and conductances from 1e-30 to 1e3 S: every answer within its bound, or an error.

use super::wide;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use tilewright::circuit::{
    CellCurve, CircuitError, Collect, Crossbar, Drive, Keep, Method, SolveOptions, Wiring, solve, solve_nonlinear,
    solve_with, transfer,
};

/// Random numbers of one circuit.
struct Dice(ChaCha8Rng);

impl Dice {
    fn share(&mut self) -> f64 {
        (self.0.next_u64() >> 11) as f64 / (1u64 << 53) as f64
    }

    fn below(&mut self, end: usize) -> usize {
        (self.share() * end as f64) as usize
    }

    /// 10 to a power evenly between two.
    fn power(&mut self, [least, most]: [f64; 2]) -> f64 {
        10f64.powf(least + (most - least) * self.share())
    }

    fn ohm(&mut self) -> f64 {
        if self.below(4) == 0 { 0.0 } else { self.power([-9.0, 12.0]) }
    }

    /// A circuit of at most `most` rows and columns, and a voltage for each row: of one sign in every other circuit.
    fn circuit(&mut self, most: usize) -> (Crossbar, Vec<f64>) {
        let (rows, columns) = (1 + self.below(most), 1 + self.below(most));
        // Half of them all over the range, half like devices.
        let range = if self.below(2) == 0 { [-30.0, 3.0] } else { [-6.0, -3.0] };
        let conductances =
            (0..rows * columns).map(|_| if self.below(12) == 0 { 0.0 } else { self.power(range) }).collect();
        let wiring = Wiring {
            r_word: self.ohm(),
            r_bit: self.ohm(),
            r_source: self.ohm(),
            r_sink: self.ohm(),
            drive: [Drive::Left, Drive::Right, Drive::Both][self.below(3)],
            collect: [Collect::Bottom, Collect::Top, Collect::Both][self.below(3)],
        };
        let least = [0.0, -1.0][self.below(2)];
        let voltages = (0..rows).map(|_| least + (1.0 - least) * self.share()).collect();
        (Crossbar::new(rows, columns, conductances, wiring).expect("in range"), voltages)
    }
}

fn largest(currents: &[f64]) -> f64 {
    currents.iter().fold(0.0, |most: f64, ampere| most.max(ampere.abs()))
}

/// The largest current under the voltages' magnitudes, which bounds are relative to.
fn scale(crossbar: &Crossbar, voltages: &[f64]) -> f64 {
    largest(&wide::currents(crossbar, &voltages.iter().map(|volt| volt.abs()).collect::<Vec<_>>()))
}

/// Every entry of the transfer matrix by itself.
#[test]
fn transfer_matrices_are_right_to_the_last_digits() {
    let mut worst: f64 = 0.0;
    for seed in 0..120 {
        let (crossbar, _) = Dice(ChaCha8Rng::seed_from_u64(seed)).circuit(9);
        let (rows, columns) = (crossbar.rows(), crossbar.columns());
        let matrix = transfer(&crossbar).expect("finite");
        for row in 0..rows {
            let unit: Vec<f64> = (0..rows).map(|other| if other == row { 1.0 } else { 0.0 }).collect();
            let right = wide::currents(&crossbar, &unit);
            for (found, right) in matrix.matrix()[row * columns..].iter().zip(&right) {
                // Below that denormal numbers lose digits on the way.
                if *right > 1e-280 {
                    worst = worst.max((found / right - 1.0).abs() / (rows + columns) as f64);
                }
            }
        }
    }
    println!("worst error: {worst:.1e} a row and column");
    assert!(worst < f64::EPSILON, "{worst:.1e}");
}

#[test]
fn random_circuits_are_within_their_bound_or_refused() {
    let (mut refused, mut by_transfer, mut worst) = (0, 0, 0.0_f64);
    for seed in 0..1000 {
        let (crossbar, voltages) = Dice(ChaCha8Rng::seed_from_u64(1000 + seed)).circuit(10);
        let solution = match solve(&crossbar, &voltages) {
            Ok(solution) => solution,
            Err(CircuitError::NotConverged { .. }) => {
                refused += 1;
                continue;
            }
            Err(error) => panic!("{seed}: {error}"),
        };
        by_transfer += usize::from(solution.method == Method::Transfer);
        let right = wide::currents(&crossbar, &voltages);
        let off = solution.currents.iter().zip(&right).fold(0.0, |most: f64, (a, b)| most.max((a - b).abs()));
        let scale = scale(&crossbar, &voltages);
        assert!(solution.residual <= SolveOptions::default().tolerance, "{seed}: {}", solution.residual);
        // Denormal currents have no digits to be right in.
        if scale > 1e-290 {
            worst = worst.max(off / scale / solution.residual.max(f64::MIN_POSITIVE));
            assert!(
                off <= solution.residual * scale,
                "{seed}: off by {:.1e}, bound {:.1e}, {crossbar:?}",
                off / scale,
                solution.residual
            );
        }
    }
    println!("{refused} refused, {by_transfer} by the transfer matrix; errors up to {worst:.1e} of the bound");
    assert!(refused < 10, "{refused}");
}

/// Newton's iteration on the same circuits: a transistor in series makes another linear cell, whose current is known.
#[test]
fn random_nonlinear_circuits_are_within_their_bound_or_refused() {
    let curve = CellCurve::Transistor { resistance: 2e3 };
    let options = SolveOptions::default();
    let mut solved = 0;
    for seed in 0..300 {
        let (crossbar, voltages) = Dice(ChaCha8Rng::seed_from_u64(5000 + seed)).circuit(7);
        let Ok(solution) = solve_nonlinear(&crossbar, &curve, &voltages, &options) else { continue };
        solved += 1;
        let in_series = crossbar.conductances().iter().map(|siemens| siemens / (1.0 + siemens * 2e3)).collect();
        let linear =
            Crossbar::new(crossbar.rows(), crossbar.columns(), in_series, *crossbar.wiring()).expect("in range");
        let right = wide::currents(&linear, &voltages);
        let off = solution.currents.iter().zip(&right).fold(0.0, |most: f64, (a, b)| most.max((a - b).abs()));
        let scale = scale(&linear, &voltages);
        // The cells of the other circuit are rounded.
        assert!(
            off <= (solution.residual + 1e-14) * scale || scale < 1e-290,
            "{seed}: {:.1e} {:.1e}",
            off / scale,
            solution.residual
        );
    }
    println!("{solved} of 300 solved");
    assert!(solved > 100, "{solved}");
}

/// A column that senses its voltage, over wires: conjugate gradients and Newton's iteration themselves keep the bound.
#[test]
fn voltage_sensing_needs_no_other_method() {
    let conductances: Vec<f64> =
        (0..16 * 8).map(|place| 1e-6 * 10f64.powf((place * 7919 % 1000) as f64 / 333.0)).collect();
    let voltages: Vec<f64> = (0..16).map(|row| 0.1 + f64::from(row) / 20.0).collect();
    for r_sink in [1e6, 1e9, 1e12] {
        for ohm in [0.0, 1e-9, 1.0] {
            let wiring = Wiring { r_source: 100.0, r_sink, r_word: 1.0, r_bit: ohm, ..Wiring::default() };
            let crossbar = Crossbar::new(16, 8, conductances.clone(), wiring).expect("in range");
            let right = wide::currents(&crossbar, &voltages);
            let options = SolveOptions { keep: Keep::Nodes, ..SolveOptions::default() };
            let straight = CellCurve::Sinh { k: 1e-8 };
            let found = [
                solve_with(&crossbar, &voltages, &options),
                solve_nonlinear(&crossbar, &straight, &voltages, &options),
            ];
            for solution in found {
                let solution = solution.unwrap_or_else(|error| panic!("{r_sink} {ohm}: {error}"));
                let off = solution.currents.iter().zip(&right).fold(0.0, |most: f64, (a, b)| most.max((a - b).abs()));
                assert!(off <= solution.residual * largest(&right), "{r_sink} {ohm}: {off:e}, {:e}", solution.residual);
            }
        }
    }
}

/// Equal currents of opposite sign leave nothing, and that is an answer.
#[test]
fn currents_that_cancel_are_solved() {
    for wiring in [Wiring::default(), Wiring::wires(1.0), Wiring { r_sink: 1e12, ..Wiring::wires(1.0) }] {
        let crossbar = Crossbar::new(2, 3, vec![1e-4; 6], wiring).expect("in range");
        for curve in [CellCurve::Linear, CellCurve::Sinh { k: 2.0 }] {
            let one = solve_nonlinear(&crossbar, &curve, &[0.2, 0.2], &SolveOptions::default()).expect("it converges");
            let both = solve_nonlinear(&crossbar, &curve, &[0.2, -0.2], &SolveOptions::default());
            let both = both.unwrap_or_else(|error| panic!("{wiring:?} {curve:?}: {error}"));
            // The farther row's current loses a little more.
            assert!(largest(&both.currents) < 1e-3 * largest(&one.currents), "{wiring:?} {curve:?}");
        }
    }
}

#[test]
fn a_cell_that_bends() {
    let crossbar = Crossbar::new(1, 1, vec![1e-4], Wiring::default()).expect("in range");
    let found = solve_nonlinear(&crossbar, &CellCurve::Sinh { k: 20.0 }, &[0.2], &SolveOptions::default());
    assert!((found.expect("it converges").currents[0] / 1.364_495_86e-4 - 1.0).abs() < 1e-8);
}
