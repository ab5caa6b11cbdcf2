use crate::command::{json_of, output_of, refused, succeed, tilewright};
use serde_json::Value;
use std::path::{Path, PathBuf};

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../tilewright/tests/fixtures/circuit").join(name)
}

fn numbers(value: &Value) -> Vec<f64> {
    let rows = value.as_array().expect("rows").iter().flat_map(|row| row.as_array().expect("a row"));
    rows.map(|number| number.as_f64().expect("a number")).collect()
}

/// A fixture, and the file of what of it is a crossbar.
fn case(name: &str, folder: &Path) -> (Value, PathBuf) {
    let case: Value = serde_json::from_slice(&std::fs::read(fixture(name)).expect("readable")).expect("JSON");
    let mut crossbar = case.clone();
    crossbar.as_object_mut().expect("an object").retain(|key, _| !key.starts_with("I_"));
    let file = folder.join(name.rsplit('/').next().expect("a name"));
    std::fs::write(&file, crossbar.to_string()).expect("the folder is writable");
    (case, file)
}

#[test]
fn solve_answers_reference_cases_by_both_methods() {
    let folder = tempfile::tempdir().expect("a folder for the test");
    for name in ["u_8x8_rw2.5.json", "term_idealwire_8x8.json", "faults_64x64.json"] {
        let (case, file) = case(name, folder.path());
        let expected = numbers(&case["I_ngspice"]);
        let largest = expected.iter().fold(0.0, |most: f64, current| most.max(current.abs()));
        for method in ["cg", "transfer"] {
            let text = succeed(tilewright(&format!("circuit solve --method {method}")).arg(&file));
            let answer: Value = serde_json::from_str(&text).expect("JSON");
            let found = numbers(&answer["I"]);
            assert_eq!(answer["method"], if method == "cg" { "conjugate-gradients" } else { "transfer" });
            assert_eq!(answer["I"].as_array().map(Vec::len), case["I_ngspice"].as_array().map(Vec::len));
            assert!(found.iter().zip(&expected).all(|(a, b)| (a - b).abs() <= 1e-9 * largest), "{name} {method}");
            assert!(answer["residual"].as_f64().expect("a number") < 1e-10, "{name} {method}: {}", answer["residual"]);
            assert!(answer["seconds"].as_f64().is_some() && answer["iterations"].as_u64().is_some());
        }
    }
}

/// Sinks that sense voltages, resistances of all magnitudes: the right currents are of arithmetic of 600 bits.
#[test]
fn solve_answers_extreme_cases_within_its_residual() {
    let folder = tempfile::tempdir().expect("a folder for the test");
    for name in ["sense2x1.json", "voltage-sense.json", "rand38.json", "mini-src1e+12.json"] {
        let (case, file) = case(&format!("extreme/{name}"), folder.path());
        let right = numbers(&case["I_exact"]);
        let largest = right.iter().fold(0.0, |most: f64, current| most.max(current.abs()));
        for method in ["cg", "transfer"] {
            let text = succeed(tilewright(&format!("circuit solve --method {method}")).arg(&file));
            let answer: Value = serde_json::from_str(&text).expect("JSON");
            let residual = answer["residual"].as_f64().expect("a number");
            let off = numbers(&answer["I"]).iter().zip(&right).fold(0.0, |most: f64, (a, b)| most.max((a - b).abs()));
            assert!(
                off <= residual * largest && residual < 2.5e-11,
                "{name} {method}: {off:e} of {largest:e}, {residual:e}"
            );
        }
    }
}

/// G · sinh(20 · 0.2) / 20 through a cell without wires; a linear one would take 2e-5 A.
#[test]
fn solve_heeds_cells_that_are_not_linear() {
    let folder = tempfile::tempdir().expect("a folder for the test");
    let file = folder.path().join("sinh_cell.json");
    let text =
        r#"{"rows": 1, "cols": 1, "r_word": 0, "r_bit": 0, "G": [[1e-4]], "V": [[0.2]], "cell": {"sinh": {"k": 20}}}"#;
    std::fs::write(&file, text).expect("the folder is writable");
    let answer: Value = serde_json::from_str(&succeed(tilewright("circuit solve").arg(&file))).expect("JSON");
    let found = numbers(&answer["I"])[0];
    assert!((found - 1.364_495_86e-4).abs() < 1e-12, "{found:e}");
}

#[test]
fn solve_refuses_keys_that_nothing_reads() {
    let folder = tempfile::tempdir().expect("a folder for the test");
    let file = folder.path().join("case.json");
    let text = r#"{"rows": 1, "cols": 1, "r_word": 1, "r_bit": 1, "r_sinc": 5, "G": [[1e-6]], "V": [[0.1]]}"#;
    std::fs::write(&file, text).expect("the folder is writable");
    refused(
        tilewright("circuit solve").arg(&file),
        &["no key of a crossbar is called \"r_sinc\", did you mean r_sink?", "r_source"],
    );
}

#[test]
fn solve_refuses_what_is_no_crossbar() {
    let folder = tempfile::tempdir().expect("a folder for the test");
    let file = folder.path().join("case.json");
    let case = |wire: &str, cells: &str, volts: &str| {
        format!("{{\"rows\": 1, \"cols\": 2, \"r_word\": {wire}, \"r_bit\": 1, \"G\": {cells}, \"V\": {volts}}}")
    };
    for (text, parts) in [
        (case("-1", "[[1e-6, 1e-6]]", "[[0.1]]"), vec!["case.json", "r_word: found -1 ohm", "1e-9 to 1e12"]),
        (case("1", "[[1e-6, -1e-6]]", "[[0.1]]"), vec!["G[0][1]: found -0.000001 S", "0 (open)"]),
        (case("1", "[[1e-6]]", "[[0.1]]"), vec!["G[0]: found 1 values", "give 2"]),
        (case("1", "[[1e-6, 1e-6]]", "[[0.1], [0.2]]"), vec!["V: found 2 rows", "each of the 1 rows"]),
        (case("1", "[[1e-6, 1e-6]]", "[[]]"), vec!["V: found 0 values"]),
        ("{}".into(), vec!["case.json is not a crossbar", "missing field"]),
    ] {
        std::fs::write(&file, text).expect("the folder is writable");
        refused(tilewright("circuit solve").arg(&file), &parts);
    }
    refused(&mut tilewright("circuit solve nowhere.json"), &["cannot read the crossbar nowhere.json"]);
}

#[test]
fn the_study_has_every_sweep_in_every_form() {
    let study = json_of("circuit --crossbar 32 --format json");
    let sweeps = study["sweeps"].as_array().expect("sweeps");
    let varied: Vec<&str> = sweeps.iter().filter_map(|sweep| sweep["varied"].as_str()).collect();
    assert_eq!(varied, ["size", "column-length", "wire", "source", "sink", "on-off"]);
    // More of anything costs more current; without wires nothing is lost.
    for sweep in &sweeps[..5] {
        let points = sweep["points"].as_array().expect("points");
        let losses: Vec<f64> = points.iter().filter_map(|point| point["mean_loss"].as_f64()).collect();
        assert_eq!(losses.len(), points.len());
        assert!(losses.is_sorted(), "{sweep}");
    }
    let without_wires = sweeps[2]["points"][0]["mean_loss"].as_f64().expect("a number");
    assert!(without_wires.abs() < 1e-15, "{without_wires}");
    let points: usize = sweeps.iter().map(|sweep| sweep["points"].as_array().map_or(0, Vec::len)).sum();
    let lines = output_of("circuit --crossbar 32 --format csv");
    assert_eq!(lines.lines().count(), 1 + points);
    assert_eq!(output_of("circuit --crossbar 32").lines().count(), 2 + points);
    let page = output_of("circuit --crossbar 32 --format html");
    assert!(page.starts_with("<!DOCTYPE html>") && page.contains("<svg") && page.contains("a single column"));
    refused(&mut tilewright("circuit --g-on 0"), &["on is 0", "a positive number of siemens"]);
    refused(&mut tilewright("circuit --wire=-1"), &["r_word: found -1 ohm"]);
    refused(&mut tilewright("circuit --pattern random --on-off 0.5"), &["on_off_ratio is 0.5", "more than 1"]);
}
