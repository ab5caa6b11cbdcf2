//! How fast networks run in floating point: `cargo bench -p tilewright --bench executor`, one thread.
//!
//! Prints images and operations a second (a multiply-accumulate is two), the share of what this processor reaches without
//! loading anything, and ratios to the naive executor and, where the Python that `TILEWRIGHT_PYTHON` names has it, to ONNX
//! Runtime on the stored network of the same layers. `docs/benchmarks.md` keeps a record. Words after `--` choose the networks.

use fearless_simd::{Level, Simd, dispatch, f32x16, prelude::*};
use std::hint::black_box;
use std::path::Path;
use std::process::Command;
use std::time::Instant;
use tilewright::network::executor::{BATCH, Executor};
use tilewright::network::reference::float;
use tilewright::network::zoo;

/// Networks of the zoo, and the stored ones that ONNX Runtime runs.
const NETWORKS: [(&str, &str); 5] = [
    ("lenet5", "lenet5-fashion"),
    ("resnet8", "resnet8-3d"),
    ("resnet20", "resnet20-3d"),
    ("vgg8", ""),
    ("mobilenetv2", ""),
];

fn main() {
    let peak = peak();
    println!("{} images together, one thread; products and sums without memory {:.0} GFLOP/s", BATCH, peak / 1e9);
    for (name, stored) in NETWORKS.into_iter().filter(|(name, _)| is_asked_for(name)) {
        let network = zoo::build(name).and_then(|network| network.initialize(1)).expect("a network of the zoo");
        let images: Vec<_> = (0..BATCH as u64).map(|seed| network.random_image(seed)).collect();
        let executor = Executor::new(&network).expect("it has weights");
        let seconds = median(30, || drop(black_box(executor.run(&images)))) / BATCH as f64;
        let naive = median(1, || drop(black_box(float::run(&network, &images[0]))));
        let rate = 2.0 * network.macs() as f64 / seconds;
        println!(
            "  {name:<12} {:>9.0} images/s  {:>6.1} GFLOP/s  {:>3.0} % of that  {:>5.0} × naive{}",
            1.0 / seconds,
            rate / 1e9,
            100.0 * rate / peak,
            naive / seconds,
            onnx_runtime(stored)
                .map_or(String::new(), |images| format!("  {:.2} × ONNX Runtime", 1.0 / seconds / images))
        );
    }
}

/// Whether the command line names it, or names nothing.
fn is_asked_for(name: &str) -> bool {
    let mut words = std::env::args().skip(1).filter(|word| !word.starts_with('-')).peekable();
    words.peek().is_none() || words.any(|word| word == name)
}

/// Operations a second of products and sums of registers, the executor's own instructions.
fn peak() -> f64 {
    const SUMS: usize = 14;
    const STEPS: usize = 1 << 22;
    #[inline(always)]
    fn run<S: Simd>(simd: S, factor: f32) -> f32 {
        let mut sums = [f32x16::splat(simd, 1.0); SUMS];
        let factor = f32x16::splat(simd, factor);
        for _ in 0..STEPS {
            // Of its own sum, so that no product can be taken out of the loop.
            sums.iter_mut().for_each(|sum| *sum = sum.mul_add_precise(factor, factor));
        }
        sums.map(|sum| -> [f32; 16] { sum.into() }).concat().iter().sum()
    }
    let level = Level::new();
    let seconds = median(5, || {
        black_box(dispatch!(level, simd => run(simd, black_box(1e-3))));
    });
    (2 * 16 * SUMS * STEPS) as f64 / seconds
}

/// Images a second of ONNX Runtime; `None` without the file or without ONNX Runtime.
fn onnx_runtime(stored: &str) -> Option<f64> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let model = here.join("../tilewright-models/trained").join(format!("{stored}.onnx"));
    let python = std::env::var_os("TILEWRIGHT_PYTHON").unwrap_or_else(|| "python3".into());
    let script = here.join("benches/onnx_runtime.py");
    let output =
        Command::new(python).arg(script).arg(model.canonicalize().ok()?).arg(BATCH.to_string()).output().ok()?;
    String::from_utf8(output.stdout).ok()?.trim().parse().ok()
}

/// Seconds, the median of a few runs after one that does not count.
fn median(runs: usize, mut run: impl FnMut()) -> f64 {
    run();
    let mut times: Vec<f64> = (0..runs)
        .map(|_| {
            let start = Instant::now();
            run();
            start.elapsed().as_secs_f64()
        })
        .collect();
    times.sort_by(f64::total_cmp);
    times[runs / 2]
}
