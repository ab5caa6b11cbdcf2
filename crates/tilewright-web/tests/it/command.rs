//! Mappings and costs of random configurations, by the session and by the command.

use crate::configurations::{Options, configuration, question};
use serde_json::{Value, json};
use std::ffi::OsString;
use std::path::Path;
use tilewright_web::Session;

/// What the command writes for a configuration: its JSON, or none if it refuses.
pub(crate) fn command(name: &str, options: &Options, folder: &Path) -> Option<Value> {
    let file = folder.join(format!("{name}.json"));
    let mut words: Vec<OsString> = vec!["tilewright".into(), name.into()];
    for (option, value) in options {
        let value = value.as_str().map_or_else(|| value.to_string(), Into::into);
        match option.as_str() {
            "model" => words.push(value.into()),
            // The mapping does not depend on the inputs.
            "input-bits" if name == "map" => {}
            option => words.extend([format!("--{option}").into(), value.into()]),
        }
    }
    words.extend(["--format".into(), "json".into(), "--output".into(), file.clone().into()]);
    if tilewright_cli::run(words) != 0 {
        return None;
    }
    Some(serde_json::from_str(&std::fs::read_to_string(file).ok()?).expect("the command writes JSON"))
}

/// What the page must answer: the command's mapping and cost.
pub(crate) fn expected(options: &Options) -> [Option<Value>; 2] {
    let folder = tempfile::tempdir().expect("a temporary folder");
    // The command refuses a chip of which nothing is left; the page always prices.
    let mut mapped = options.clone();
    if ["crossbar", "encoding", "weight-bits", "cell-bits"].iter().all(|option| options.contains_key(*option)) {
        mapped.remove("chip");
    }
    [command("map", &mapped, folder.path()), command("cost", options, folder.path())]
}

#[test]
fn fifty_random_configurations_equal_the_command() {
    let mut session = Session::new();
    let mut answered = 0;
    for number in 0..50 {
        let options = configuration(number);
        let answer = session.answer(&question(&options).to_string(), &[]);
        let answer: Value = serde_json::from_str(&answer).expect("an answer is JSON");
        let [mapping, cost] = expected(&options);
        match &answer["error"] {
            Value::Null => {
                assert_eq!(Some(&answer["mapping"]), mapping.as_ref(), "mapping of {options:?}");
                assert_eq!(Some(&answer["cost"]), cost.as_ref(), "cost of {options:?}");
                answered += 1;
            }
            error => assert_eq!(cost, None, "the page alone refuses {options:?}: {error}"),
        }
    }
    assert!(answered >= 40, "{answered} of 50 configurations can be priced; the others show nothing");
}

#[test]
fn the_points_of_a_front_are_those_of_single_looks() {
    let mut session = Session::new();
    let mut ask = |question: Value| -> Value {
        serde_json::from_str(&session.answer(&question.to_string(), &[])).expect("an answer is JSON")
    };
    let setup = json!({ "model": "resnet20", "chip": "isaac", "scheme": "vw-sdk", "crossbar": "64" });
    let front = ask(json!({ "ask": "front", "setup": setup, "kernels": ["3d", "ratio=0.5", "2d1d"] }));
    let points = front["points"].as_array().expect("points");
    assert_eq!(points.len(), 3);
    for point in points {
        let mut setup = setup.clone();
        setup["kernels"] = point["kernels"].clone();
        let look = ask(json!({ "ask": "look", "setup": setup, "layer": null }));
        for key in ["crossbars", "area_mm2", "energy_uj", "latency_ms"] {
            assert_eq!(point[key], look["cost"][key], "{key} under {}", point["kernels"]);
        }
    }
}

#[test]
fn solved_wires_equal_circuit_solve() {
    let mut session = Session::new();
    let wires = json!({ "layer": "stage2.block1.conv1", "wire": 2.5, "source": 100.0, "sink": 50.0, "g-on": 1e-4, "on-off": 50.0, "seed": 7, "case": true });
    let setup = json!({ "model": "resnet18", "chip": "generic-22nm", "scheme": "vw-sdk", "crossbar": "64x48" });
    let question = json!({ "ask": "wires", "setup": setup, "wires": wires });
    let answer: Value = serde_json::from_str(&session.answer(&question.to_string(), &[])).expect("an answer is JSON");
    assert_eq!(answer["error"], Value::Null);
    let folder = tempfile::tempdir().expect("a temporary folder");
    let [case, solved] = ["case.json", "solved.json"].map(|name| folder.path().join(name));
    std::fs::write(&case, answer["case"].to_string()).expect("a writable folder");
    let words =
        ["tilewright".into(), "circuit".into(), "solve".into(), case.into(), "-o".into(), solved.clone().into()];
    assert_eq!(tilewright_cli::run(Vec::<OsString>::from(words)), 0);
    let solved: Value = serde_json::from_str(&std::fs::read_to_string(solved).expect("written")).expect("JSON");
    let columns: Vec<Value> = solved["I"].as_array().expect("columns").iter().map(|column| column[0].clone()).collect();
    assert_eq!(answer["currents"], Value::from(columns));
    assert!(answer["mean_loss"].as_f64().is_some_and(|loss| loss > 0.0 && loss < 1.0), "{}", answer["mean_loss"]);
}
