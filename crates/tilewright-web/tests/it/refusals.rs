//! Questions without an answer, and files.

use serde_json::{Value, json};
use tilewright_web::Session;

fn ask(session: &mut Session, question: &Value, file: &[u8]) -> Value {
    serde_json::from_str(&session.answer(&question.to_string(), file)).expect("an answer is JSON")
}

#[test]
fn what_cannot_be_is_said_in_a_line() {
    let mut session = Session::new();
    let setup = |change: &Value| {
        let mut setup = json!({ "model": "lenet5", "chip": "isaac", "scheme": "im2col" });
        change.as_object().expect("options").iter().for_each(|(key, value)| setup[key] = value.clone());
        setup
    };
    for (change, words) in [
        (json!({ "model": "resnet21" }), "did you mean \"resnet20\"?"),
        (json!({ "chip": "isac" }), "did you mean \"isaac\"?"),
        (json!({ "scheme": "im2row" }), "im2col"),
        (json!({ "kernels": "ratio=2" }), "2"),
        (json!({ "crossbar": "0" }), "give 1 to"),
        (json!({ "crossbar": "2048" }), "up to 1024"),
        (json!({ "weight-bits": 1 }), "weight-bits \"1\": give a whole number of 2 to 16"),
        (json!({ "speed": 1 }), "unknown field `speed`"),
        (json!({ "model": null }), "no file is open"),
    ] {
        let answer = ask(&mut session, &json!({ "ask": "look", "setup": setup(&change), "layer": null }), &[]);
        let error = answer["error"].as_str().unwrap_or_default();
        assert!(error.contains(words) && !error.contains('\n'), "{change}: {error}");
    }
    assert!(session.answer("{", &[]).contains("error"));
}

#[test]
fn a_dropped_file_is_mapped_and_a_bad_one_leaves_the_last() {
    let mut session = Session::new();
    let file = include_bytes!("../../../tilewright-onnx/tests/fixtures/activations-dynamo18/model.onnx");
    let opened = ask(&mut session, &json!({ "ask": "open", "name": "activations-dynamo18.onnx" }), file);
    assert_eq!(opened["error"], Value::Null);
    let setup = json!({ "chip": "generic-22nm", "scheme": "im2col" });
    let look = json!({ "ask": "look", "setup": setup, "layer": null });
    let before = ask(&mut session, &look, &[]);
    assert_eq!(before["mapping"]["network"], "activations-dynamo18");
    let refused = ask(&mut session, &json!({ "ask": "open", "name": "notes.txt" }), b"no model");
    assert!(refused["error"].as_str().is_some_and(|error| error.contains("notes")), "{refused}");
    assert_eq!(ask(&mut session, &look, &[]), before);
}

#[test]
fn every_layer_is_drawn_with_the_names_the_page_looks_for() {
    let mut session = Session::new();
    let setup = json!({ "model": "resnet8", "chip": "isaac", "scheme": "sub-image" });
    let first = ask(&mut session, &json!({ "ask": "look", "setup": setup, "layer": null }), &[]);
    for layer in first["mapping"]["layers"].as_array().expect("layers") {
        let look = ask(&mut session, &json!({ "ask": "look", "setup": setup, "layer": layer["name"] }), &[]);
        assert_eq!(look["layer"], layer["name"]);
        assert!(look["drawing"].as_str().is_some_and(|drawing| drawing.contains("class=\"readout\"")));
    }
}

#[test]
fn figures_are_read_by_the_script_of_the_report() {
    assert_eq!(
        include_str!("../../../../docs/page/cells.js"),
        tilewright::report::html::CELLS_SCRIPT,
        "run `just page`"
    );
}
