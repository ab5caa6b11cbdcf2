use crate::command::{json_of, onnx_model, output_of, succeed, tilewright};
use serde_json::json;

#[test]
fn a_whole_network_under_every_scheme() {
    let verification = json_of("verify lenet5 --format json");
    assert_eq!((&verification["equal"], &verification["layers"]), (&json!(true), &json!(5)));
    let schemes = verification["schemes"].as_array().expect("an array");
    assert_eq!(schemes.len(), 8);
    for scheme in schemes {
        // 6·28² + 16·10² + 120 + 84 + 10 outputs.
        assert_eq!((&scheme["outputs"], &scheme["difference"]), (&json!(6_518), &json!(null)), "{scheme}");
    }
}

#[test]
fn counts_are_those_of_map() {
    let arguments =
        "lenet5 --scheme im2col --crossbar 64x48 --encoding offset --weight-bits 6 --cell-bits 2 --format json";
    let (run, counted) = (json_of(&format!("verify {arguments}")), json_of(&format!("map {arguments}")));
    for key in ["crossbars", "array_activations"] {
        assert_eq!(run["schemes"][0][key], counted["total"][key], "{key}");
    }
}

#[test]
fn a_scheme_that_does_not_fit_is_not_hidden() {
    let text = output_of("verify lenet5 --crossbar 16 --scheme im2col,sub-image");
    assert!(text.contains("sub-image  3 of 5"), "{text}");
    assert!(text.contains("equal where it fits"), "{text}");
    assert!(text.contains("sub-image: layer \"conv1\" does not fit"), "{text}");
}

#[test]
fn models_keep_their_own_weights() {
    let text = succeed(tilewright("verify --crossbar 32 --scheme im2col,vw-sdk,optimal").arg(onnx_model()));
    assert!(text.contains("Everything is equal to the plain integer convolution: model on 32×32 crossbars"), "{text}");
}

#[test]
fn replaced_kernels_are_run_too() {
    for plan in ["2d1d", "2d1d+norm-relu"] {
        let verification = json_of(&format!("verify resnet8 --kernels {plan} --scheme im2col,optimal --format json"));
        assert_eq!((&verification["equal"], &verification["layers"]), (&json!(true), &json!(17)), "{plan}");
    }
}
