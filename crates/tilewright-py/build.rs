//! Lets `cargo build` link the module on macOS too, where Python's symbols are found only when it is loaded.

fn main() {
    pyo3_build_config::add_extension_module_link_args();
}
