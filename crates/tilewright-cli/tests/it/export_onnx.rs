//! `export onnx`.

use crate::command::{refused, succeed, tilewright};
use std::fs;

/// What is exported is the same model for the other commands.
#[test]
fn an_exported_model_maps_and_classifies_as_the_network_does() {
    let folder = tempfile::tempdir().expect("a folder for the test");
    let file = folder.path().join("written.onnx");
    succeed(tilewright("export onnx resnet8-2d1d-int8 -o").arg(&file));
    let of = |command: &str, model: &str| -> String { succeed(tilewright(command).arg(model)).replace(model, "MODEL") };
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
