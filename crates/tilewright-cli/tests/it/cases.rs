//! Models on which a command once said something wrong without a word, with what is right.

use crate::command::{json_of, refused, succeed, tilewright};
use crate::simulate::{images, of, parsed};
use serde_json::{Value, json};
use std::path::Path;

fn fixture(name: &str) -> String {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name).display().to_string()
}

/// A model of the ONNX reader's fixtures.
fn model(name: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tilewright-onnx/tests/fixtures").join(name);
    folder.join("model.onnx").display().to_string()
}

/// What is on no crossbar is named with its share and warned of: priced operations are that share of all there are.
#[test]
fn no_weighted_operation_is_priced_at_nothing_in_silence() {
    for (name, operations) in [
        ("case-cost-convtranspose", 1_335_296.0),
        ("case-local-function", 1_695_744.0),
        ("case-fusedconv", 1_032_192.0),
        ("case-attention", 191_488.0),
        ("case-autoencoder", 1_171_456.0),
        ("case-autoencoder-si", 1_171_456.0),
    ] {
        let output = tilewright("cost --format json").arg(model(name)).output().expect("the command starts");
        let cost: Value = serde_json::from_slice(&output.stdout).expect("JSON");
        let number = |value: &Value| value.as_f64().expect("a number");
        let (priced, share) = (number(&cost["operations"]), number(&cost["coverage"]["share"]));
        assert!((priced / share - operations).abs() < 1e-6 * operations, "{name}: {priced} of {operations}, {share}");
        let off = cost["coverage"]["off_crossbars"].as_array().expect("operations");
        let warned = String::from_utf8_lossy(&output.stderr).contains("are on crossbars; on none: ");
        assert_eq!((share < 1.0, share < 1.0), (warned, !off.is_empty()), "{name}");
    }
}

#[test]
fn an_activation_that_takes_more_is_not_cheaper() {
    let energy = |model: &str| json_of(&format!("cost {model} --format json"))["energy_uj"].as_f64();
    assert!(energy(&model("case-act-gelu")) >= energy(&fixture("act-relu.onnx")));
}

/// Two convolutions and a dense layer of 4 bits, behind a tensor type of 8: a weight uses the whole range of its cell.
#[test]
fn programming_error_is_of_the_bits_that_the_model_holds() {
    let of = |bits: &str| {
        parsed(&mut of(&fixture("int4.onnx"), &format!("--set fashion-mnist --programming-error 0.02 {bits}")))
    };
    let (own, eight) = (of(""), of("--weight-bits 8"));
    assert_eq!(own["runs"][0]["bits"]["weights"], json!({ "bits": 4, "from": "model" }));
    let error = |report: &Value| report["runs"][0]["layers"][1]["own"]["snr_db"].as_f64().expect("an error");
    // A sixteenth of the range is 24 dB less.
    assert!((error(&own) - error(&eight) - 24.0).abs() < 3.0, "{} dB and {} dB", error(&own), error(&eight));
}

/// −128 among weights of int8.
#[test]
fn the_least_integer_is_simulated() {
    let report = parsed(&mut of(&fixture("m128-28.onnx"), "--set fashion-mnist"));
    assert_eq!(report["runs"][0]["bits"]["weights"], json!({ "bits": 8, "from": "model" }));
    let run = &report["runs"][0];
    assert!(run["chips"].as_array().expect("chips").iter().all(|chip| chip["rate"] == run["digital"]));
}

/// Behind a ReLU a NaN looks like 0, and the network has a rate.
#[test]
fn a_weight_that_is_no_number_is_refused_by_all_that_read_weights() {
    let folder = tempfile::tempdir().expect("a folder for the test");
    let output = folder.path().join("out");
    for command in [
        "map",
        "verify",
        "cost",
        "report -o OUTPUT",
        "simulate --set fashion-mnist",
        "evaluate --set fashion-mnist",
        "export spice --layer conv -o OUTPUT",
        "export -o OUTPUT",
    ] {
        let command = command.replace("OUTPUT", &output.display().to_string());
        let parts = ["one-nan.onnx", "\"conv\"", "1 weights that are not a number", "of 50"];
        refused(tilewright(&command).arg(fixture("one-nan.onnx")), &parts);
        assert!(!output.exists(), "{command}");
    }
}

/// A dense layer for images of 784 pixels in a row.
#[test]
fn images_are_vectors_for_a_network_that_takes_vectors() {
    let mut evaluate = tilewright("evaluate --set fashion-mnist --limit 20 --format json");
    let found = succeed(evaluate.arg(fixture("vector-784.onnx")).arg("--data").arg(images()));
    let found: Value = serde_json::from_str(&found).expect("JSON");
    assert_eq!(found["top1"]["images"], json!(20));
    let report = parsed(&mut of(&fixture("vector-784.onnx"), "--set fashion-mnist --limit 20"));
    assert_eq!(report["runs"][0]["digital"]["images"], json!(20));
}
