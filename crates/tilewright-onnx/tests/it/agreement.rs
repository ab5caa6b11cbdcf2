//! Every tensor of every fixture against ONNX Runtime.

use crate::recorded::{compare, folders};
use std::path::Path;

#[test]
fn every_tensor_is_what_onnx_runtime_computes() {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    let mut problems = vec![];
    for folder in folders(&fixtures) {
        let name = folder.file_name().unwrap().to_string_lossy().into_owned();
        match compare(&folder) {
            Ok(agreement) if agreement.beyond == 0 && agreement.tensors >= 2 => {}
            Ok(agreement) => problems.push(format!(
                "{name}: {:e} at {}, {} of {} values differ",
                agreement.worst, agreement.tensor, agreement.beyond, agreement.values
            )),
            Err(error) => problems.push(format!("{name}: {error}")),
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}
