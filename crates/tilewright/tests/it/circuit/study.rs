//! What wires take, against transfer matrices and first-order formulas.

use tilewright::circuit::study::{CellPattern, Parameter, Specimen};
use tilewright::circuit::{Wiring, transfer};

fn specimen() -> Specimen {
    Specimen {
        rows: 24,
        columns: 16,
        g_on: 1e-4,
        on_off: 10.0,
        cells: CellPattern::Random(3),
        wiring: Wiring { r_source: 10.0, ..Wiring::wires(2.5) },
    }
}

#[test]
fn losses_are_those_of_the_transfer_matrix() {
    let crossbar = specimen().crossbar().expect("valid");
    assert!(crossbar.conductances().iter().all(|siemens| (1e-5..=1e-4).contains(siemens)));
    let matrix = transfer(&crossbar).expect("finite");
    let column = |matrix: &[f64], column: usize| matrix[column..].iter().step_by(16).sum::<f64>();
    let losses: Vec<f64> =
        (0..16).map(|c| 1.0 - column(matrix.matrix(), c) / column(crossbar.conductances(), c)).collect();
    let sums = |matrix: &[f64]| matrix.iter().sum::<f64>();
    let point = specimen().sweep(Parameter::Wire, &[2.5]).expect("it converges").points[0];
    assert!((point.losses.mean_loss - (1.0 - sums(matrix.matrix()) / sums(crossbar.conductances()))).abs() < 1e-12);
    assert!((point.losses.worst_loss - losses.iter().copied().fold(0.0, f64::max)).abs() < 1e-12);
    assert!((point.losses.least_loss - losses.iter().copied().fold(1.0, f64::min)).abs() < 1e-12);
}

/// A long column of weak cells: cell k's current crosses n − k segments, each drop is felt by all cells above.
#[test]
fn a_column_loses_by_the_square_of_its_length() {
    let specimen = Specimen { cells: CellPattern::On, g_on: 1e-9, wiring: Wiring::wires(1.0), ..specimen() };
    for point in specimen.sweep(Parameter::ColumnLength, &[10.0, 100.0, 784.0]).expect("it converges").points {
        let n = point.value;
        // First order: r G Σ min(i, j) / n over all pairs on the bit line, and r G on the word line.
        let first_order = 1e-9 * ((n + 1.0) * (2.0 * n + 1.0) / 6.0 + 1.0);
        assert!((point.losses.mean_loss / first_order - 1.0).abs() < 1e-2, "{point:?} {first_order}");
    }
}

#[test]
fn without_wires_nothing_is_lost() {
    let ideal = Specimen { wiring: Wiring::default(), ..specimen() };
    let values = [
        (Parameter::Size, 8.0),
        (Parameter::ColumnLength, 9.0),
        (Parameter::Wire, 0.0),
        (Parameter::OnOff, f64::INFINITY),
    ];
    for (varied, value) in values {
        let point = ideal.sweep(varied, &[value]).expect("it is ideal").points[0];
        assert!(point.losses.mean_loss.abs() < 1e-15 && point.losses.worst_loss.abs() < 1e-15, "{varied:?}: {point:?}");
    }
    assert!(ideal.sweep(Parameter::OnOff, &[0.5]).is_err());
    assert!(ideal.sweep(Parameter::Size, &[1e9]).is_err());
    assert!(ideal.sweep(Parameter::Wire, &[-1.0]).is_err());
    for g_on in [0.0, -1e-4, f64::NAN, 1e10] {
        let error = Specimen { g_on, ..ideal }.crossbar().expect_err("no conductance").to_string();
        assert_eq!(error, format!("g_on: found {g_on} S; give more than 0, at most 1e9 S"));
    }
}
