//! Bits of weights and inputs: those the model holds, in every command; −128 as a weight.

use crate::command::{json_of, output_of, refused, succeed, tilewright};
use serde_json::{Value, json};
use std::path::Path;

fn model(name: &str) -> String {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name).display().to_string()
}

/// `int4.onnx`: weights of ±7, an image rounded to −8 to 7, maps to 0 to 15; the integers are of 8 bits in the file.
#[test]
fn every_command_takes_those_of_the_model() {
    let four = model("int4.onnx");
    let of = |arguments: &str| json_of(&arguments.replace("MODEL", &four));
    let bits = json!({ "weights": { "bits": 4, "from": "model" }, "inputs": { "bits": 4, "from": "model" } });
    let mapped = of("map MODEL --scheme im2col --cell-bits 2 --format json");
    assert_eq!((&mapped["weight_bits"], &mapped["weight_bits_from"]), (&json!(4), &json!("model")));
    // Three bits of magnitude in 2-bit cells are two slices, two columns each.
    assert_eq!(mapped["columns_per_weight"], json!(4));
    let set = of("map MODEL --scheme im2col --cell-bits 2 --weight-bits 8 --format json");
    assert_eq!((&set["weight_bits_from"], &set["columns_per_weight"]), (&json!("set"), &json!(8)));
    let verified = of("verify MODEL --scheme im2col --format json");
    assert_eq!((&verified["bits"], &verified["equal"]), (&bits, &json!(true)));
    let cost = of("cost MODEL --format json");
    assert_eq!((&cost["bits"], &cost["pulses"], &cost["encoding"]["weight_bits"]), (&bits, &json!(4.0), &json!(4)));
    let set = of("cost MODEL --weight-bits 8 --input-bits 8 --format json");
    assert_eq!((&set["bits"]["weights"]["from"], &set["pulses"]), (&json!("set"), &json!(8.0)));
    let energy = |cost: &Value| cost["energy_uj"].as_f64().expect("a number");
    assert!(
        energy(&cost) < 0.5 * energy(&set),
        "half the pulses, half the slices: {} of {}",
        energy(&cost),
        energy(&set)
    );
    for command in ["map MODEL", "verify MODEL", "cost MODEL"] {
        let text = output_of(&command.replace("MODEL", &four)).replace('\n', " ");
        assert!(text.contains("Weights: 4 bits, from the model."), "{text}");
    }
    let page = output_of(&format!("report {four} -o -"));
    assert!(page.contains("4 bits, from the model; in 4-bit cells") && page.contains("Inputs: 4 bits, from the model"));
    let csv = output_of(&format!("map {four} --format csv"));
    assert!(csv.lines().skip(1).all(|line| line.ends_with(",4,model")), "{csv}");
}

/// `mixed-inputs.onnx`: `conv1` takes an image of 8 bits, `conv2` its outputs rounded to −8 to 7.
#[test]
fn a_layer_is_priced_by_the_bits_of_its_own_inputs() {
    let mixed = model("mixed-inputs.onnx");
    let cost = json_of(&format!("cost {mixed} --format json"));
    let of_layers = |key: &str| -> Vec<f64> {
        let layers = cost["layers"].as_array().expect("layers");
        layers.iter().map(|layer| layer[key].as_f64().expect("a number")).collect()
    };
    assert_eq!([of_layers("input_bits"), of_layers("pulses")], [[8.0, 4.0], [8.0, 4.0]]);
    // Both convert the same sums, a pulse after the other.
    assert_eq!(of_layers("cycle_ns"), [128.0, 64.0]);
    assert_eq!((&cost["input_bits"], &cost["bits"]["inputs"]["of_layers"]), (&json!(8), &json!([4, 8])));
    let text = output_of(&format!("cost {mixed} --layers"));
    assert!(text.contains("4- to 8-bit inputs in 4 to 8 pulses"), "{text}");
    let csv = output_of(&format!("cost {mixed} --format csv"));
    let bits_of = |layer: &str| csv.lines().filter(|line| line.contains(layer)).all(|line| line.ends_with(",8,model"));
    assert_eq!((bits_of(",conv1,"), bits_of(",conv2,")), (true, false), "{csv}");
    // What is set is set for all.
    let set = json_of(&format!("cost {mixed} --input-bits 8 --format json"));
    assert_eq!(set["layers"][1]["pulses"], json!(8.0));
    assert!(set["energy_uj"].as_f64() > cost["energy_uj"].as_f64());
}

#[test]
fn a_model_in_floating_point_has_the_default_and_on_a_chip_the_chips() {
    let text = output_of("map lenet5");
    assert!(text.contains("Weights: 8 bits, by default, since the model is in floating point."), "{text}");
    let cost = json_of("cost lenet5 --chip isaac --format json");
    assert_eq!(cost["bits"]["weights"], json!({ "bits": 16, "from": "chip" }));
    // What the model holds comes before the chip's.
    let cost = json_of(&format!("cost {} --chip isaac --format json", model("int4.onnx")));
    assert_eq!(cost["bits"]["weights"], json!({ "bits": 4, "from": "model" }));
}

#[test]
fn too_few_are_refused() {
    let four = model("int4.onnx");
    for command in ["map", "verify", "cost", "report -o -"] {
        refused(
            tilewright(command).args([&four, "--weight-bits", "3"]),
            &["layer \"conv1\" has the weight", "give 4 weight bits"],
        );
    }
    for command in ["verify", "cost"] {
        refused(
            tilewright(command).args([&four, "--input-bits", "3"]),
            &["3 bits an input", "\"conv1\"", "give 4 or more"],
        );
    }
}

/// Weights of uint8 with zero point 128, and of int8 with −128: nobody is asked for more bits.
#[test]
fn the_least_integer_is_a_weight() {
    for name in ["s32-u8w.onnx", "s32-m128.onnx"] {
        let model = model(name);
        for rest in ["", "--encoding offset", "--cell-bits 2", "--cell-bits 1"] {
            let verified = json_of(&format!("verify {model} --scheme im2col,sub-image {rest} --format json"));
            let bits = if rest == "--cell-bits 1" { 9 } else { 8 };
            let weights = &verified["bits"]["weights"];
            let found = [&verified["equal"], &weights["bits"], &weights["from"]];
            assert_eq!(found, [&json!(true), &json!(bits), &json!("model")], "{name} {rest}");
        }
        refused(
            tilewright("verify --weight-bits 8 --cell-bits 1").arg(&model),
            &["the weight -128", "-127 to 127", "give 9 weight bits, or the encoding offset or single"],
        );
        assert!(succeed(tilewright("cost").arg(&model)).contains("Weights: 8 bits, from the model."));
    }
}
