# Everything a developer runs. CI runs `check` and `test`.

# Formatting, lints and documentation, warnings as errors.
check:
    cargo fmt --check
    cargo clippy --workspace --all-targets -- -D warnings
    RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps

# All tests.
test:
    cargo test --workspace

# The random tests with many more cases.
test-slow:
    PROPTEST_CASES=20000 cargo test --workspace --release

# Rewrites the recorded tables; review the difference.
bless:
    TILEWRIGHT_BLESS=1 cargo test --workspace

# Speed of mapping and execution; `docs/benchmarks.md` keeps a record.
bench:
    cargo bench -p tilewright

# Torchvision's networks through ONNX Runtime and through our float reference, tensor by tensor (downloads PyTorch, takes minutes).
onnxruntime folder="target/onnxruntime":
    python3 -m venv {{folder}}/python
    {{folder}}/python/bin/pip install --quiet -r crates/tilewright-onnx/tests/onnxruntime/requirements.txt
    {{folder}}/python/bin/python crates/tilewright-onnx/tests/onnxruntime/export.py zoo {{folder}}/models
    cargo run --release -p tilewright-onnx --example compare -- {{folder}}/models

# The Python package: built into an environment of its own, then formatting, types, tests and examples.
py *venv:
    python/test.sh {{venv}}

# The page that maps networks in the browser: its WebAssembly, built into docs/page.
page:
    crates/tilewright-web/build.sh

# The documentation site, warnings as errors, into target/site.
site folder="target/site-python":
    python3 -m venv {{folder}}
    {{folder}}/bin/pip install --quiet --disable-pip-version-check -r docs/site/requirements.txt
    {{folder}}/bin/mkdocs build --strict

# The drawings of the documentation, from the command as it is.
drawings:
    cargo build --release
    python3 docs/site/draw.py target/release/tilewright
