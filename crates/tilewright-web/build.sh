#!/usr/bin/env bash
# Builds the WebAssembly of the page into docs/page, and puts the script there that its figures share with the report. Needs the target wasm32-unknown-unknown: `rustup target add wasm32-unknown-unknown`,
# or Debian's rustc-web and its wasm32 library.
set -euo pipefail
cd "$(dirname "$0")/../.."
# Messages of panics name source files; the same sources give the same bytes on every machine.
flags="--remap-path-prefix=$PWD="
for registry in "${CARGO_HOME:-$HOME/.cargo}"/registry/src/*/; do
    flags+=" --remap-path-prefix=$registry="
done
RUSTFLAGS="$flags" cargo build --package tilewright-web --lib --target wasm32-unknown-unknown --profile page
install -m 644 "${CARGO_TARGET_DIR:-target}/wasm32-unknown-unknown/page/tilewright_web.wasm" docs/page/tilewright.wasm
cp crates/tilewright/src/report/html/cells.js docs/page/cells.js
ls -l docs/page
