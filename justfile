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

# The Python package: built into an environment of its own, then formatting, types, tests and examples.
py *venv:
    python/test.sh {{venv}}
