//! How fast mapping is: run with `cargo bench -p tilewright`. Prints medians and ratios; `docs/benchmarks.md` keeps a record.

use std::hint::black_box;
use std::io::Write;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use tilewright::mapping::scheme::{self, SCHEMES};
use tilewright::mapping::{CrossbarSize, Encoding, SignRule, Target, Tiles, execute, map_network, search};
use tilewright::network::{ConvShape, Tensor, zoo};
use tilewright::partition::Partition;

/// VGG-13's convolutions in the convention of Rhe, Moon, Ko 2022: image, input and output channels; 3×3, no padding.
const VGG13: [[usize; 3]; 10] = [
    [224, 3, 64],
    [224, 64, 64],
    [112, 64, 128],
    [112, 128, 128],
    [56, 128, 256],
    [56, 256, 256],
    [28, 256, 512],
    [28, 512, 512],
    [14, 512, 512],
    [14, 512, 512],
];

fn main() {
    vw_sdk_search();
    candidates();
    every_scheme();
    execution();
}

fn vw_sdk_search() {
    let target = Target::new(CrossbarSize { rows: 512, columns: 512 }, Encoding::whole(SignRule::Single));
    let layers = VGG13.map(|[image, inputs, outputs]| ConvShape::new(inputs, [image, image], outputs, 3));
    let vw_sdk = scheme::find("vw-sdk").expect("a scheme");
    let tilings = || layers.map(|shape| vw_sdk.tile(&shape, &target).expect("it fits"));
    let ours = median(200, || {
        black_box(tilings());
    });
    let compared: usize = layers.iter().map(|shape| fitting_windows(shape, &target)).sum();
    let covered: usize = layers.iter().map(|shape| shape.output()[0] * shape.output()[1]).sum();
    println!("VW-SDK search, VGG-13, 512×512");
    println!("  one search of all layers   {ours:>12.1?}");
    println!("  windows compared           {:>12.2} million a second", millions(compared, ours));
    println!("  windows covered            {:>12.2} million a second", millions(covered, ours));
    let total: u64 = tilings()
        .iter()
        .zip(&layers)
        .map(|(tiling, shape)| {
            let tiles = Tiles::new(shape, *tiling, target.crossbar, target.encoding).expect("it fits");
            tiles.counts().expect("no overflow").array_activations
        })
        .sum();
    for (name, (python, cycles)) in
        ["plain Python, as published", "plain Python, leaner"].into_iter().zip(python_searches())
    {
        assert_eq!(total, cycles, "both searches find the same cycles");
        println!("  {name:<26} {python:>12.1?}  {:>6.0} ×", python.as_secs_f64() / ours.as_secs_f64());
    }
}

/// Windows the search compares: of those that cut an axis into equally many parts the smallest, as far as they fit.
fn fitting_windows(shape: &ConvShape, target: &Target) -> usize {
    let fits = |window: &[usize; 2]| {
        let partition = Partition::new(shape, *window);
        partition.touched_pixels() <= target.crossbar.rows && partition.window_pixels() <= target.crossbar.columns
    };
    search::windows(shape).filter(fits).count()
}

/// Seconds and cycles of each search of the Python script; none where Python is missing.
fn python_searches() -> Vec<(Duration, u64)> {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/vw_sdk_search.py");
    let python = Command::new("python3").arg(script).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
    let Ok(mut python) = python else { return vec![] };
    let layers = VGG13.map(|[image, inputs, outputs]| format!("{image} 3 {inputs} {outputs}\n")).concat();
    python.stdin.take().expect("piped").write_all(layers.as_bytes()).expect("the script reads");
    let output = python.wait_with_output().expect("the script ends").stdout;
    let line = |line: &str| {
        let (seconds, cycles) = line.split_once(' ').expect("seconds and cycles");
        let seconds: f64 = seconds.parse().expect("seconds");
        (Duration::from_secs_f64(seconds), cycles.parse().expect("cycles"))
    };
    String::from_utf8(output).expect("text").lines().map(line).collect()
}

fn candidates() {
    let target = Target::new(CrossbarSize { rows: 128, columns: 128 }, Encoding::whole(SignRule::Differential));
    let shape = ConvShape::new(64, [226, 226], 64, 3);
    let count = search::candidates(&shape, &target).expect("it fits").len();
    let time = median(50, || drop(black_box(search::candidates(&shape, &target))));
    println!("Whole mapping space, VGG-16 conv1_2, 128×128");
    println!("  one search                 {time:>12.1?}");
    println!("  candidates                 {:>12.2} million a second", millions(count, time));
}

fn every_scheme() {
    let target = Target::new(CrossbarSize { rows: 128, columns: 128 }, Encoding::whole(SignRule::Differential));
    println!("A whole network by all {} schemes, 128×128, one thread", SCHEMES.len());
    for entry in zoo::entries() {
        let network = entry.build().expect("the zoo builds");
        let all = || SCHEMES.map(|scheme| map_network(&network, scheme, &target, None).map(|mapping| mapping.total()));
        println!("  {:<24} {:>12.1?}", entry.name, median(10, || drop(black_box(all()))));
    }
}

fn execution() {
    let target = Target::new(CrossbarSize { rows: 128, columns: 128 }, Encoding::whole(SignRule::Differential));
    let shape = ConvShape::new(64, [18, 18], 64, 3);
    let weights = Tensor::new(vec![64, 64, 3, 3], (0..shape.weights() as i32).map(|i| i % 255 - 127).collect());
    let input = Tensor::new(vec![64, 18, 18], (0..64 * 18 * 18).map(|i| i * 7 % 255 - 127).collect());
    println!("Execution of 3×3×64 → 64 on 18×18, 128×128, differential, one thread");
    for scheme in SCHEMES {
        let tiling = scheme.tile(&shape, &target).expect("it fits");
        let tiles = Tiles::new(&shape, tiling, target.crossbar, target.encoding).expect("it fits");
        let time = median(5, || drop(black_box(execute::execute(&tiles, &weights, &input))));
        let rate = shape.macs() as f64 / time.as_secs_f64() / 1e6;
        println!("  {:<24} {time:>12.1?}  {rate:>8.0} million weight products a second", scheme.name());
    }
}

fn millions(count: usize, time: Duration) -> f64 {
    count as f64 / time.as_secs_f64() / 1e6
}

fn median(runs: usize, mut run: impl FnMut()) -> Duration {
    run();
    let mut times: Vec<Duration> = (0..runs)
        .map(|_| {
            let start = Instant::now();
            run();
            start.elapsed()
        })
        .collect();
    times.sort_unstable();
    times[runs / 2]
}
