//! Nonlinear cells: limits that are linear, and a dense Newton iteration.

use super::{difference, largest};
use tilewright::circuit::{
    CellCurve, CircuitError, Collect, Crossbar, Drive, Keep, SolveOptions, Wiring, solve_nonlinear, solve_with,
    transfer,
};

fn options() -> SolveOptions {
    SolveOptions { tolerance: 5e-13, keep: Keep::Nodes, ..SolveOptions::default() }
}

fn cells(count: usize) -> Vec<f64> {
    (0..count).map(|place| 1e-5 * 10f64.powf((place * 7919 % 1000) as f64 / 500.0)).collect()
}

fn crossbar(wiring: Wiring) -> Crossbar {
    Crossbar::new(7, 5, cells(35), wiring).expect("valid")
}

const VOLTAGES: [f64; 7] = [0.4, -0.3, 0.0, 0.5, 0.25, -0.5, 0.1];

fn wirings() -> Vec<Wiring> {
    let mut all = vec![];
    for [r_word, r_bit, r_source, r_sink] in [
        [5.0, 3.0, 20.0, 30.0],
        [0.0, 3.0, 20.0, 0.0],
        [5.0, 0.0, 0.0, 30.0],
        [0.0, 0.0, 20.0, 30.0],
        [5.0, 5.0, 0.0, 0.0],
    ] {
        all.push(Wiring { r_word, r_bit, r_source, r_sink, ..Wiring::default() });
        all.push(Wiring { r_word, r_bit, r_source, r_sink, drive: Drive::Both, collect: Collect::Top });
    }
    all
}

#[test]
fn curves_without_a_bend_are_linear() {
    let straight = [
        CellCurve::Linear,
        CellCurve::Sinh { k: 0.0 },
        CellCurve::Sinh { k: 1e-8 },
        CellCurve::Selector { current: 1e-6, voltage: 0.0 },
        CellCurve::Transistor { resistance: 0.0 },
        CellCurve::Measured { points: vec![[0.1, 2e-6], [0.2, 4e-6], [0.4, 8e-6]] },
    ];
    for wiring in wirings() {
        let linear = solve_with(&crossbar(wiring), &VOLTAGES, &options()).expect("it converges");
        for curve in &straight {
            let found = solve_nonlinear(&crossbar(wiring), curve, &VOLTAGES, &options()).expect("it converges");
            assert!(difference(&found.currents, &linear.currents) <= 1e-13 * largest(&linear.currents), "{curve:?}");
            assert!(
                found.residual < 1e-10 && (*curve == CellCurve::Linear || found.iterations <= 2),
                "{curve:?}: {} {}",
                found.residual,
                found.iterations
            );
        }
    }
}

#[test]
fn a_transistor_is_a_resistance_in_series() {
    for wiring in wirings() {
        let found =
            solve_nonlinear(&crossbar(wiring), &CellCurve::Transistor { resistance: 3e3 }, &VOLTAGES, &options());
        let in_series = cells(35).iter().map(|siemens| (siemens.recip() + 3e3).recip()).collect();
        let expected = transfer(&Crossbar::new(7, 5, in_series, wiring).expect("valid")).expect("finite");
        let expected = expected.currents(&VOLTAGES).expect("voltages");
        assert!(difference(&found.expect("it converges").currents, &expected) <= 1e-12 * largest(&expected));
    }
}

/// Steeper from point to point.
fn measured() -> CellCurve {
    CellCurve::Measured { points: vec![[0.1, 1e-6], [0.2, 2.4e-6], [0.3, 4.5e-6], [0.6, 15e-6]] }
}

#[test]
fn a_measured_curve_by_hand() {
    let at = |volt| measured().at(1e-3, volt);
    // The conductance up to the first point is 10 µS; G is 1 mS.
    for (volt, ampere, slope) in
        [(0.05, 5e-5, 1e-3), (0.25, 3.45e-4, 2.1e-3), (-0.25, -3.45e-4, 2.1e-3), (0.7, 1.85e-3, 3.5e-3)]
    {
        let (found, rise) = at(volt);
        assert!((found / ampere - 1.0).abs() < 1e-12 && (rise / slope - 1.0).abs() < 1e-12, "{volt} V: {found} {rise}");
    }
    for (points, field) in [
        (vec![], "curve: found no points"),
        (vec![[0.1, 1e-6], [0.1, 2e-6]], "curve[1]: found 0.1 V and 0.000002 A"),
        (vec![[0.1, -1e-6]], "curve[0]"),
        (vec![[0.1, f64::NAN]], "curve[0]"),
    ] {
        let error = CellCurve::Measured { points }.verify().expect_err("no curve").to_string();
        assert!(error.starts_with(field), "{error}");
    }
}

/// Without wires a column's current is the sum of its cells' curves.
#[test]
fn ideal_wires_give_the_curves_themselves() {
    for curve in [CellCurve::Sinh { k: 4.0 }, CellCurve::Selector { current: 1e-7, voltage: 0.05 }, measured()] {
        let crossbar = crossbar(Wiring::default());
        let found = solve_nonlinear(&crossbar, &curve, &VOLTAGES, &options()).expect("it converges");
        for column in 0..5 {
            let sum: f64 = (0..7).map(|row| curve.at(crossbar.conductances()[row * 5 + column], VOLTAGES[row]).0).sum();
            assert!((found.currents[column] - sum).abs() <= 1e-15);
        }
    }
}

#[test]
fn curves_by_hand() {
    let (ampere, slope) = CellCurve::Sinh { k: 2.0 }.at(1e-3, 0.5);
    assert!((ampere - 1e-3 * 1f64.sinh() / 2.0).abs() < 1e-18 && (slope - 1e-3 * 1f64.cosh()).abs() < 1e-18);
    for volt in [1e-6, 0.01, 0.3, 1.0, 5.0] {
        for siemens in [1e-9, 1e-5, 1e-1] {
            for (current, voltage) in [(1e-9, 0.04), (1e-4, 0.3)] {
                let curve = CellCurve::Selector { current, voltage };
                let (ampere, slope) = curve.at(siemens, volt);
                // What falls off the two parts is the whole.
                let parts = ampere / siemens + voltage * (ampere / current).asinh();
                assert!((parts / volt - 1.0).abs() < 1e-12, "{curve:?} {siemens} {volt}: {parts}");
                let [more, less] = [1.0 + 1e-5, 1.0 - 1e-5].map(|times| curve.at(siemens, times * volt).0);
                assert!(((more - less) / (2e-5 * volt) / slope - 1.0).abs() < 1e-6, "{curve:?} {siemens} {volt}");
                assert_eq!(curve.at(siemens, -volt).0, -ampere);
            }
        }
    }
}

/// The same crossbar by Newton's iteration on all node voltages with a dense Jacobian of finite wires, written plainly.
#[test]
fn newton_agrees_with_a_dense_newton() {
    let wiring = Wiring { r_word: 20.0, r_bit: 10.0, r_source: 50.0, r_sink: 30.0, ..Wiring::default() };
    for curve in [CellCurve::Sinh { k: 5.0 }, CellCurve::Selector { current: 1e-6, voltage: 0.06 }, measured()] {
        let crossbar = crossbar(wiring);
        let found = solve_nonlinear(&crossbar, &curve, &VOLTAGES, &options()).expect("it converges");
        let expected = dense_newton(&crossbar, &curve, &VOLTAGES);
        assert!(difference(&found.currents, &expected) <= 1e-11 * largest(&expected), "{curve:?}");
        assert!(found.residual < 1e-10);
        assert!(found.iterations > 1 && found.iterations < 20, "{}", found.iterations);
    }
}

fn dense_newton(crossbar: &Crossbar, curve: &CellCurve, voltages: &[f64]) -> Vec<f64> {
    let (rows, columns, wiring) = (crossbar.rows(), crossbar.columns(), crossbar.wiring());
    let cells = rows * columns;
    let mut x = vec![0.0; 2 * cells];
    for _ in 0..60 {
        let mut jacobian = vec![vec![0.0; 2 * cells]; 2 * cells];
        let mut sums = vec![0.0; 2 * cells];
        let tie =
            |from: usize, to: Option<(usize, f64)>, ohm: f64, sums: &mut Vec<f64>, jacobian: &mut Vec<Vec<f64>>| {
                let (other, volt) = to.map_or((None, 0.0), |(node, volt)| (Some(node), volt));
                let there = other.filter(|&node| node < 2 * cells).map_or(volt, |node| x[node]);
                sums[from] += (x[from] - there) / ohm;
                jacobian[from][from] += ohm.recip();
                if let Some(node) = other.filter(|&node| node < 2 * cells) {
                    jacobian[from][node] -= ohm.recip();
                }
            };
        for (row, &volt) in voltages.iter().enumerate() {
            for column in 0..columns {
                let (word, bit) = (row * columns + column, cells + row * columns + column);
                match column {
                    0 => tie(word, Some((usize::MAX, volt)), wiring.r_source + wiring.r_word, &mut sums, &mut jacobian),
                    _ => tie(word, Some((word - 1, 0.0)), wiring.r_word, &mut sums, &mut jacobian),
                }
                if column + 1 < columns {
                    tie(word, Some((word + 1, 0.0)), wiring.r_word, &mut sums, &mut jacobian);
                }
                if row > 0 {
                    tie(bit, Some((bit - columns, 0.0)), wiring.r_bit, &mut sums, &mut jacobian);
                }
                match row + 1 == rows {
                    true => tie(bit, None, wiring.r_sink + wiring.r_bit, &mut sums, &mut jacobian),
                    false => tie(bit, Some((bit + columns, 0.0)), wiring.r_bit, &mut sums, &mut jacobian),
                }
                let (ampere, slope) = curve.at(crossbar.conductances()[word], x[word] - x[bit]);
                sums[word] += ampere;
                sums[bit] -= ampere;
                for (from, to, sign) in [(word, word, 1.0), (word, bit, -1.0), (bit, bit, 1.0), (bit, word, -1.0)] {
                    jacobian[from][to] += sign * slope;
                }
            }
        }
        for (row, sum) in jacobian.iter_mut().zip(&sums) {
            row.push(-sum);
        }
        super::nodal::eliminate(jacobian).iter().zip(&mut x).for_each(|(step, x)| *x += step);
    }
    (0..columns).map(|column| x[2 * cells - columns + column] / (wiring.r_sink + wiring.r_bit)).collect()
}

#[test]
fn what_does_not_converge_is_an_error() {
    let wiring = Wiring::wires(5.0);
    let few = SolveOptions { max_iterations: 1, ..options() };
    let error = solve_with(&crossbar(wiring), &VOLTAGES, &few).expect_err("one iteration is too few");
    assert!(matches!(error, CircuitError::NotConverged { iterations: 1, .. }), "{error}");
    let steep = CellCurve::Sinh { k: 1000.0 };
    let error = solve_nonlinear(&crossbar(wiring), &steep, &[1e3; 7], &options()).expect_err("currents overflow");
    assert!(matches!(error, CircuitError::NotConverged { .. }), "{error}");
    let error =
        solve_nonlinear(&crossbar(wiring), &CellCurve::Sinh { k: -1.0 }, &VOLTAGES, &options()).expect_err("negative");
    assert_eq!(error.to_string(), "sinh k: found -1; give 0 to 1000 per volt");
}
