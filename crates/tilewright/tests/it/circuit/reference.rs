//! Crossbars that ngspice and badcrossbar have solved.

use serde::Deserialize;
use std::fs;
use std::path::{Path, PathBuf};
use tilewright::circuit::{Crossbar, Wiring, solve, transfer};

#[derive(Deserialize)]
struct Case {
    rows: usize,
    cols: usize,
    r_word: f64,
    r_bit: f64,
    r_source: f64,
    r_sink: f64,
    #[serde(rename = "G")]
    conductances: Vec<Vec<f64>>,
    #[serde(rename = "V")]
    voltages: Vec<Vec<f64>>,
    #[serde(rename = "I_ngspice")]
    ngspice: Vec<Vec<f64>>,
    #[serde(rename = "I_badcrossbar")]
    badcrossbar: Option<Vec<Vec<f64>>>,
}

impl Case {
    fn crossbar(&self) -> Crossbar {
        let wiring = Wiring {
            r_word: self.r_word,
            r_bit: self.r_bit,
            r_source: self.r_source,
            r_sink: self.r_sink,
            ..Wiring::default()
        };
        Crossbar::new(self.rows, self.cols, self.conductances.concat(), wiring).expect("a valid case")
    }
}

fn cases() -> Vec<(String, Case)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/circuit");
    let mut files: Vec<PathBuf> =
        fs::read_dir(folder).expect("the fixtures").map(|entry| entry.expect("readable").path()).collect();
    files.retain(|path| path.extension().is_some_and(|end| end == "json"));
    files.sort();
    let read = |path: &PathBuf| {
        let case = serde_json::from_str(&fs::read_to_string(path).expect("readable")).expect("a case");
        (path.file_stem().expect("a name").to_string_lossy().into_owned(), case)
    };
    files.iter().map(read).collect()
}

/// Greatest difference relative to the greatest expected current.
fn error(found: &[f64], expected: &[Vec<f64>]) -> f64 {
    let expected = expected.concat();
    assert_eq!(found.len(), expected.len());
    let largest = expected.iter().fold(0.0, |most: f64, current| most.max(current.abs()));
    found.iter().zip(&expected).fold(0.0, |most: f64, (found, expected)| most.max((found - expected).abs())) / largest
}

#[test]
fn conjugate_gradients_agree_with_other_simulators() {
    let cases = cases();
    assert!(cases.len() >= 19);
    for (name, case) in cases {
        let solution = solve(&case.crossbar(), &case.voltages.concat()).expect("it converges");
        let errors = [Some(&case.ngspice), case.badcrossbar.as_ref()]
            .map(|answer| answer.map_or(0.0, |answer| error(&solution.currents, answer)));
        println!("{name}: {errors:?}, {} iterations, residual {:.1e}", solution.iterations, solution.residual);
        assert!(errors.iter().all(|&error| error < 1e-11), "{name}: {errors:?}");
        assert!(solution.residual < 1e-10, "{name}: residual {:.1e}", solution.residual);
    }
}

#[test]
fn transfer_agrees_with_other_simulators() {
    for (name, case) in cases() {
        let found =
            transfer(&case.crossbar()).expect("it is linear").currents(&case.voltages.concat()).expect("voltages");
        let error = error(&found, &case.ngspice);
        println!("{name}: {error:.1e}");
        assert!(error < 1e-11, "{name}: {error:.1e}");
    }
}
