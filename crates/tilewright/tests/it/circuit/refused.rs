//! What is no crossbar: the field, what was found, what is allowed.

use tilewright::circuit::{CircuitError, Crossbar, Wiring, solve, transfer};

fn refusal(rows: usize, columns: usize, cells: Vec<f64>, wiring: Wiring) -> String {
    Crossbar::new(rows, columns, cells, wiring).expect_err("it is no crossbar").to_string()
}

#[test]
fn errors_name_field_value_and_range() {
    let ideal = Wiring::default();
    assert_eq!(refusal(0, 2, vec![], ideal), "rows: found 0; give at least 1");
    assert_eq!(
        refusal(2, 2, vec![1e-6; 3], ideal),
        "G: found 3 values for 2 rows and 2 columns; give one conductance a cell, row by row"
    );
    for bad in [-1e-6, f64::NAN, f64::INFINITY] {
        let message = refusal(2, 2, vec![1e-6, 1e-6, bad, 1e-6], ideal);
        assert_eq!(message, format!("G[1][0]: found {bad} S; give 0 (open) to 1e9 S"));
        let message = refusal(1, 1, vec![1e-6], Wiring { r_sink: bad, ..ideal });
        assert_eq!(message, format!("r_sink: found {bad} ohm; give 0, or 1e-9 to 1e12 ohm"));
    }
    assert!(refusal(usize::MAX, 3, vec![1e-6], ideal).starts_with("G: found 1 values"));
}

#[test]
fn voltages_must_be_all_there_and_finite() {
    let crossbar = Crossbar::new(2, 1, vec![1e-6; 2], Wiring::wires(1.0)).expect("valid");
    let matrix = transfer(&crossbar).expect("finite");
    for (voltages, message) in [
        (vec![], "V: found 0 values for 2 rows; give a voltage for every row of every input, row by row"),
        (vec![0.1; 3], "V: found 3 values for 2 rows; give a voltage for every row of every input, row by row"),
        (vec![0.1, 0.2, f64::NAN, 0.1], "V[1][0]: found NaN V; give -1e6 to 1e6 V"),
    ] {
        let errors: [CircuitError; 2] =
            [solve(&crossbar, &voltages).expect_err("refused"), matrix.currents(&voltages).expect_err("refused")];
        assert!(errors.iter().all(|error| error.to_string() == message), "{errors:?}");
    }
}
