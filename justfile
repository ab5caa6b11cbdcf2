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

# A wheel for every Python from 3.10 on, with the command in it, into target/wheels; for Linux against an old C library, linked by Zig.
wheel target="":
    python3 -m venv target/wheel-python
    target/wheel-python/{{bin}}/pip install --quiet --disable-pip-version-check 'maturin[zig]>=1.9.4,<2'
    cd python && ../target/wheel-python/{{bin}}/maturin build --release --strip --out ../target/wheels {{ if target == "" { "" } else { "--target " + target } }} {{ if target =~ "linux" { "--zig --compatibility manylinux_2_28" } else { "" } }}

# The wheel in target/wheels in an environment without anything else: the package and the command.
try-wheel:
    python3 -m venv --clear target/try-wheel
    target/try-wheel/{{bin}}/pip install --quiet --disable-pip-version-check target/wheels/*.whl
    target/try-wheel/{{bin}}/python -c 'import tilewright; assert tilewright.map("resnet20", scheme="sub-image").total.crossbars == 70401'
    target/try-wheel/{{bin}}/tilewright report resnet20 -o target/try-wheel/report.html

# The command in a bare image, and its first run.
container:
    docker build --tag tilewright .
    docker run --rm tilewright map resnet20

# The crates as they are published, each below the 10 MiB that a package may have.
package:
    cargo package --workspace --locked --exclude tilewright-py --exclude tilewright-web
    test -z "$(find target/package -maxdepth 1 -name "*.crate" -size +10240k)"

# Licences and sources of dependencies.
deny:
    cargo deny check licenses bans sources

# The licence texts of what is built in, python/THIRD_PARTY.md.
licences:
    .ci/dependencies.py licences python/THIRD_PARTY.md

# What is built in, as a bill of materials: target/sbom.json.
sbom:
    .ci/dependencies.py sbom target/sbom.json

# Where environments of Python have their programs.
bin := if os_family() == "windows" { "Scripts" } else { "bin" }
