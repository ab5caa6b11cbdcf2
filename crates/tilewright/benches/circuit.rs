//! How fast one crossbar is solved: run with `cargo bench -p tilewright --bench circuit`. Prints minima of one thread;
//! `docs/benchmarks.md` keeps a record. `circuit_peers.py` solves the same crossbars with badcrossbar.

use std::hint::black_box;
use std::time::{Duration, Instant};
use tilewright::circuit::{Crossbar, Wiring, solve, transfer};

fn main() {
    one_input();
    transfers();
    many_inputs();
}

/// Conductances between two ends, evenly distributed in their logarithm.
fn cells(size: usize, [least, most]: [f64; 2]) -> Vec<f64> {
    let mut state = 0x9E37_79B9_7F4A_7C15_u64;
    let mut share = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 11) as f64 / (1u64 << 53) as f64
    };
    (0..size * size).map(|_| least * (most / least).powf(share())).collect()
}

fn crossbar(size: usize, range: [f64; 2], ohm: f64) -> Crossbar {
    Crossbar::new(size, size, cells(size, range), Wiring::wires(ohm)).expect("a valid crossbar")
}

/// 10 kΩ to 1 MΩ.
const USUAL: [f64; 2] = [1e-6, 1e-4];
/// 1 kΩ, all of them.
const HARD: [f64; 2] = [1e-3, 1e-3];

fn voltages(size: usize, inputs: usize) -> Vec<f64> {
    (0..size * inputs).map(|place| 0.05 + (place * 31 % 97) as f64 / 400.0).collect()
}

fn one_input() {
    println!("One input, to 1e-11 of the largest current");
    for (size, range, ohm, name) in
        [(128, USUAL, 1.0, "usual"), (256, USUAL, 1.0, "usual"), (512, USUAL, 1.0, "usual"), (128, HARD, 2.5, "hard")]
    {
        let (crossbar, voltages) = (crossbar(size, range, ohm), voltages(size, 1));
        let solution = solve(&crossbar, &voltages).expect("it converges");
        let time = least(20, || drop(black_box(solve(&crossbar, &voltages))));
        let (iterations, current) = (solution.iterations, solution.currents[0]);
        println!(
            "  {size:>4}, {name:<6} {ohm:>4} ohm {time:>12.1?}  {iterations:>2} iterations, current 0 {current:.12e} A"
        );
    }
}

fn transfers() {
    println!("Transfer matrix");
    for (size, range, ohm, name) in [(128, USUAL, 1.0, "usual"), (128, HARD, 2.5, "hard"), (256, USUAL, 1.0, "usual")] {
        let crossbar = crossbar(size, range, ohm);
        let time = least(10, || drop(black_box(transfer(&crossbar))));
        println!("  {size:>4}, {name:<6} {ohm:>4} ohm {time:>12.1?}");
    }
}

fn many_inputs() {
    let matrix = transfer(&crossbar(256, USUAL, 1.0)).expect("finite");
    let voltages = voltages(256, 100);
    let time = least(20, || drop(black_box(matrix.currents(&voltages))));
    println!("100 inputs, 256, the transfer matrix given {time:>12.1?}");
}

/// The least of some runs: what else runs on the machine only adds.
fn least(runs: usize, mut run: impl FnMut()) -> Duration {
    let once = |_| {
        let start = Instant::now();
        run();
        start.elapsed()
    };
    (0..runs).map(once).min().expect("at least one run")
}
