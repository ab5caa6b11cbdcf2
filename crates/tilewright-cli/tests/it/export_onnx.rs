//! `export onnx`.

use crate::command::{refused, succeed, tilewright};
use std::fs;

#[test]
fn an_exported_model_is_mapped_and_verified_as_the_network_is() {
    let folder = tempfile::tempdir().expect("a folder for the test");
    let file = folder.path().join("resnet8-2d1d-int8.onnx");
    succeed(tilewright("export onnx resnet8-2d1d-int8 -o").arg(&file));
    let of = |command: &str, model: &str| succeed(tilewright(command).arg(model));
    let path = file.to_str().expect("a path in UTF-8");
    for command in ["map --format csv", "verify --format csv"] {
        assert_eq!(of(command, path), of(command, "resnet8-2d1d-int8"), "{command}");
    }
}

#[test]
fn what_cannot_be_exported_leaves_no_file() {
    let folder = tempfile::tempdir().expect("a folder for the test");
    let file = folder.path().join("written.onnx");
    refused(tilewright("export onnx resnet8 -o").arg(&file), &["resnet8 has no weights", "resnet8-3d-int8"]);
    assert!(!file.exists());
    refused(&mut tilewright("export onnx resnet8-3d-int8 -o -"), &["--output", "a model is no text"]);
    assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 0);
}
