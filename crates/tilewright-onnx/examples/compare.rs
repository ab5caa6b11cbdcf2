//! Compares recorded models with the float reference, tensor by tensor.
//!
//! `cargo run --release -p tilewright-onnx --example compare -- FOLDER`, where FOLDER was written by
//! `python tests/onnxruntime/export.py zoo FOLDER`. Exits with 1 if a tensor is further than 1e-4 from ONNX Runtime's, relative to
//! the tensor's greatest magnitude. A quantised model may do so where a value lies between two levels, which is a level off then.

#[path = "../tests/it/recorded.rs"]
mod recorded;

use std::process::ExitCode;

fn main() -> ExitCode {
    let Some(folder) = std::env::args_os().nth(1) else {
        eprintln!("give the folder that export.py wrote");
        return ExitCode::from(2);
    };
    let mut code = ExitCode::SUCCESS;
    for folder in recorded::folders(folder.as_ref()) {
        let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
        match recorded::compare(&folder) {
            Ok(recorded::Agreement { tensors, worst, tensor, beyond, values }) => {
                println!(
                    "{name:36} {tensors:5} tensors, worst {worst:.1e} at {tensor}, {beyond} of {values} values differ"
                );
                if beyond > 0 {
                    code = ExitCode::from(1);
                }
            }
            Err(error) => {
                println!("{name:36} {error}");
                code = ExitCode::from(1);
            }
        }
    }
    code
}
