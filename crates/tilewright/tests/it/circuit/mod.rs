//! Circuits against other tools' answers, dense nodal analysis and closed forms; devices against their papers.

/// Values worked out by hand, and what must hold of every crossbar.
mod closed_form;
mod device;
/// Circuits of magnitudes far apart.
mod extreme;
mod ngspice;
/// Nodal analysis of a list of resistors, plainly.
mod nodal;
mod nonlinear;
/// Random crossbars of every kind against the plain nodal analysis.
mod random;
mod reference;
mod refused;
/// Netlists, and what ngspice makes of them.
mod spice;
mod study;
/// Nodal analysis with as many digits as it takes.
mod wide;

use proptest::prelude::*;
use tilewright::circuit::{Collect, Crossbar, Drive, Wiring};

/// Any wiring: each resistance ideal or not, terminals on any side.
fn wirings() -> impl Strategy<Value = Wiring> {
    let ohm = || prop_oneof![Just(0.0), 0.01..100.0];
    let drive = prop_oneof![Just(Drive::Left), Just(Drive::Right), Just(Drive::Both)];
    let collect = prop_oneof![Just(Collect::Bottom), Just(Collect::Top), Just(Collect::Both)];
    (ohm(), ohm(), ohm(), ohm(), drive, collect).prop_map(|(r_word, r_bit, r_source, r_sink, drive, collect)| Wiring {
        r_word,
        r_bit,
        r_source,
        r_sink,
        drive,
        collect,
    })
}

/// Any small crossbar, open and stuck cells included, and a voltage for each row.
fn crossbars(largest: usize) -> impl Strategy<Value = (Crossbar, Vec<f64>)> {
    let cell = prop_oneof![8 => (-6.0..-3.0).prop_map(|power| 10f64.powf(power)), 1 => Just(0.0), 1 => Just(1e-2)];
    (1..=largest, 1..=largest, wirings()).prop_flat_map(move |(rows, columns, wiring)| {
        let cells = prop::collection::vec(cell.clone(), rows * columns);
        let voltages = prop::collection::vec(-0.5..0.5, rows);
        (cells, voltages).prop_map(move |(cells, voltages)| {
            (Crossbar::new(rows, columns, cells, wiring).expect("a valid crossbar"), voltages)
        })
    })
}

/// Greatest magnitude.
fn largest(values: &[f64]) -> f64 {
    values.iter().fold(0.0, |most: f64, value| most.max(value.abs()))
}

/// Greatest difference.
fn difference(left: &[f64], right: &[f64]) -> f64 {
    assert_eq!(left.len(), right.len());
    left.iter().zip(right).fold(0.0, |most: f64, (left, right)| most.max((left - right).abs()))
}
