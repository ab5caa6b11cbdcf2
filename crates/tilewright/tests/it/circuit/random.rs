use super::nodal::{self, Node};
use super::{crossbars, difference, largest};
use proptest::prelude::*;
use tilewright::circuit::{Collect, Crossbar, Keep, SolveOptions, solve, solve_with, transfer};

/// About as near as can be proven of doubles however the currents of a small circuit differ.
fn strict() -> SolveOptions {
    SolveOptions { tolerance: 5e-12, keep: Keep::Nodes, ..SolveOptions::default() }
}

/// One row at 1 V after the other.
fn units(rows: usize) -> Vec<f64> {
    (0..rows * rows).map(|place| if place / rows == place % rows { 1.0 } else { 0.0 }).collect()
}

/// What column currents may be off by: 1e-9 of the current that all cells would draw without any wire. The dense analysis
/// loses digits where resistances are far apart.
fn scale(crossbar: &Crossbar, voltages: &[f64]) -> f64 {
    let rows = crossbar.conductances().chunks_exact(crossbar.columns()).zip(voltages);
    rows.map(|(row, volt)| row.iter().sum::<f64>() * volt.abs()).sum::<f64>().max(1e-12)
}

proptest! {
    #[test]
    fn both_methods_equal_nodal_analysis((crossbar, voltages) in crossbars(6)) {
        let expected = nodal::currents(&crossbar, &voltages);
        let solved = solve(&crossbar, &voltages).expect("it converges");
        let product = transfer(&crossbar).expect("finite").currents(&voltages).expect("voltages");
        let scale = scale(&crossbar, &voltages);
        prop_assert!(difference(&solved.currents, &expected) <= 1e-10 * scale);
        prop_assert!(difference(&product, &expected) <= 1e-10 * scale);
        prop_assert!(solved.residual <= SolveOptions::default().tolerance, "{}", solved.residual);
    }

    #[test]
    fn node_voltages_and_branch_currents_are_those_of_nodal_analysis((crossbar, voltages) in crossbars(5)) {
        let expected = nodal::voltages(&nodal::resistors(&crossbar), &voltages);
        let solution = solve_with(&crossbar, &voltages, &strict()).expect("it converges");
        let nodes = &solution.nodes[0];
        let (rows, columns) = (crossbar.rows(), crossbar.columns());
        for place in 0..rows * columns {
            let (row, column) = (place / columns, place % columns);
            for (node, found) in [(Node::Word(row, column), nodes.word[place]), (Node::Bit(row, column), nodes.bit[place])] {
                // A node that nothing but an open cell is tied to is in no list.
                let Some(expected) = expected.get(&node) else { continue };
                prop_assert!((found - expected).abs() < 1e-9, "{node:?}: {found} {expected}");
            }
        }
        let branches = nodes.branch_currents(&crossbar);
        let scale = scale(&crossbar, &voltages);
        for row in 0..rows {
            for column in 0..columns {
                let cell = branches.cells[row * columns + column];
                let word = &branches.word[row * (columns + 1) + column..];
                let bit = &branches.bit[row * columns + column..];
                prop_assert!((word[0] - word[1] - cell).abs() <= 1e-11 * scale);
                prop_assert!((bit[columns] - bit[0] - cell).abs() <= 1e-11 * scale);
            }
        }
        for column in 0..columns {
            let collected = branches.bit[rows * columns + column] - branches.bit[column];
            prop_assert!((collected - solution.currents[column]).abs() <= 1e-11 * scale);
        }
    }

    #[test]
    fn both_methods_agree_to_eleven_digits((crossbar, _) in crossbars(20)) {
        let matrix = transfer(&crossbar).expect("finite");
        let rows = crossbar.rows();
        let solved = solve_with(&crossbar, &units(rows), &strict()).expect("it converges");
        let largest = largest(matrix.matrix());
        for row in 0..rows {
            for column in 0..crossbar.columns() {
                let [product, solved] = [matrix.matrix()[row * crossbar.columns() + column], solved.currents[column * rows + row]];
                prop_assert!((product - solved).abs() <= 1e-11 * largest, "{product} {solved} of {largest}");
            }
        }
    }

    /// What goes in comes out, and the power of the sources is what all resistors turn into heat.
    #[test]
    fn current_and_power_balance((crossbar, voltages) in crossbars(8)) {
        let solution = solve_with(&crossbar, &voltages, &strict()).expect("it converges");
        let (rows, columns, wiring) = (crossbar.rows(), crossbar.columns(), *crossbar.wiring());
        let branches = solution.nodes[0].branch_currents(&crossbar);
        let row = |row: usize| &branches.word[row * (columns + 1)..][..columns + 1];
        let drawn: Vec<f64> = (0..rows).map(|r| row(r)[0] - row(r)[columns]).collect();
        let scale = scale(&crossbar, &voltages);
        prop_assert!((drawn.iter().sum::<f64>() - solution.currents.iter().sum::<f64>()).abs() <= 1e-11 * scale);
        let given: f64 = drawn.iter().zip(&voltages).map(|(ampere, volt)| ampere * volt).sum();
        let squares = |currents: &[f64]| currents.iter().map(|ampere| ampere * ampere).sum::<f64>();
        let ends = |first: f64, last: f64| first * first + last * last;
        let mut heat = 0.0;
        for r in 0..rows {
            heat += squares(row(r)) * wiring.r_word + ends(row(r)[0], row(r)[columns]) * wiring.r_source;
        }
        for column in 0..columns {
            let line: Vec<f64> = branches.bit[column..].iter().step_by(columns).copied().collect();
            heat += squares(&line) * wiring.r_bit + ends(line[0], line[rows]) * wiring.r_sink;
        }
        let cells = branches.cells.iter().zip(crossbar.conductances()).filter(|(_, siemens)| **siemens > 0.0);
        heat += cells.map(|(ampere, siemens)| ampere * ampere / siemens).sum::<f64>();
        prop_assert!((given - heat).abs() <= 1e-10 * scale, "{given} {heat}");
    }

    /// A crossbar driven at its sinks and read at its sources is the transpose.
    #[test]
    fn reciprocity((crossbar, _) in crossbars(9)) {
        use tilewright::circuit::{Drive, Wiring};
        let (rows, columns, wiring) = (crossbar.rows(), crossbar.columns(), *crossbar.wiring());
        let turned = Wiring {
            r_word: wiring.r_bit,
            r_bit: wiring.r_word,
            r_source: wiring.r_sink,
            r_sink: wiring.r_source,
            drive: match wiring.collect { Collect::Top => Drive::Left, Collect::Bottom => Drive::Right, Collect::Both => Drive::Both },
            collect: match wiring.drive { Drive::Left => Collect::Top, Drive::Right => Collect::Bottom, Drive::Both => Collect::Both },
        };
        let transpose = |rows: usize, columns: usize, matrix: &[f64]| -> Vec<f64> {
            (0..columns).flat_map(|c| (0..rows).map(move |r| (r, c))).map(|(r, c)| matrix[r * columns + c]).collect()
        };
        let cells = transpose(rows, columns, crossbar.conductances());
        let turned = transfer(&Crossbar::new(columns, rows, cells, turned).expect("valid")).expect("finite");
        let straight = transfer(&crossbar).expect("finite");
        let back = transpose(columns, rows, turned.matrix());
        prop_assert!(difference(&back, straight.matrix()) <= 1e-13 * largest(straight.matrix()).max(1e-30));
    }

    #[test]
    fn both_ends_add_up_and_the_middle_mirrors((crossbar, _) in crossbars(9)) {
        let matrix = transfer(&crossbar).expect("finite");
        match matrix.ends() {
            None => prop_assert!(crossbar.wiring().collect != Collect::Both),
            Some([top, bottom]) => {
                let sum: Vec<f64> = top.iter().zip(bottom).map(|(top, bottom)| top + bottom).collect();
                prop_assert_eq!(sum.as_slice(), matrix.matrix());
                // Upside down, top and bottom change places.
                let (rows, columns) = (crossbar.rows(), crossbar.columns());
                let flip = |matrix: &[f64]| -> Vec<f64> {
                    (0..rows).rev().flat_map(|row| matrix[row * columns..][..columns].to_vec()).collect()
                };
                let flipped = Crossbar::new(rows, columns, flip(crossbar.conductances()), *crossbar.wiring()).expect("valid");
                let flipped = transfer(&flipped).expect("finite");
                let [flipped_top, _] = flipped.ends().expect("both ends");
                prop_assert!(difference(&flip(flipped_top), bottom) <= 1e-13 * largest(matrix.matrix()).max(1e-30));
            }
        }
    }
}
