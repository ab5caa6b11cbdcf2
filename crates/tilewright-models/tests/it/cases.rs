//! What names and files mean.

use std::path::Path;
use tilewright::mapping::{CrossbarSize, Encoding, SignRule, Target, map_network, scheme};
use tilewright::network::Network;
use tilewright_models::{resolve, resolve_shaped};
use tilewright_onnx::Selection;

/// Crossbars of one copy of every layer by im2col, 128×128.
fn im2col(network: &Network) -> u64 {
    let target = Target::new(CrossbarSize { rows: 128, columns: 128 }, Encoding::whole(SignRule::Differential));
    let scheme = scheme::find("im2col").expect("a scheme");
    map_network(network, scheme, &target, None).expect("it fits").total().expect("no overflow").crossbars
}

#[test]
fn tables_of_layers_are_networks() {
    let table = |name: &str| {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/tables").join(name);
        resolve(path.to_str().expect("a path of this repository")).unwrap_or_else(|error| panic!("{error}"))
    };
    assert_eq!(im2col(&table("NetWork_VGG8.csv")), 1592);
    assert_eq!(im2col(&table("NetWork_ResNet18.csv")), 1432);
    assert_eq!(table("Resnet50_scalesim.csv").layers().len(), 4);
}

#[test]
fn a_tensor_can_be_chosen_of_a_file_only() {
    let error = resolve_shaped("lenet5", Selection { shape: None, output: Some("y") }).unwrap_err().to_string();
    assert!(error.contains("lenet5") && error.contains("of an ONNX file only"), "{error}");
}

#[test]
fn what_is_no_table_is_refused_with_its_file() {
    let folder = env!("CARGO_TARGET_TMPDIR");
    let path = Path::new(folder).join("layers.csv");
    std::fs::write(&path, [0xff, 0xfe, b'1']).unwrap();
    let error = resolve(&path).unwrap_err().to_string();
    assert!(error.contains("layers.csv: cannot be read: it is no text, as a table of layers is"), "{error}");
    let error = resolve(Path::new(folder).join("missing.toml")).unwrap_err().to_string();
    assert!(error.contains("missing.toml: cannot be read"), "{error}");
}
