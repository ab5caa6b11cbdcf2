//! How fast random numbers come: `cargo bench -p tilewright --bench random`, one thread.
//!
//! Prints millions a second of normal numbers, one by one and in bulk, and of cells programmed. `docs/benchmarks.md` keeps a
//! record.

use fearless_simd::Level;
use std::hint::black_box;
use std::time::Instant;
use tilewright::circuit::device::{self, Programming};
use tilewright::random::{Draws, Effect, Stream};

const COUNT: usize = 1 << 16;
const RUNS: usize = 400;

fn main() {
    let mut numbers = vec![0f32; COUNT];
    println!("one thread, {:?}, the best of {RUNS} runs of {COUNT} numbers", Level::new());
    let mut sample = 0;
    let mut draws = || {
        sample += 1;
        Draws::new(Stream { seed: 1, layer: 0, crossbar: 0, effect: Effect::ReadNoise, sample })
    };
    report("normal, f32, in bulk", || draws().fill_normal(&mut numbers));
    let mut sink = 0.0;
    let mut draws = Draws::new(Stream { seed: 2, layer: 0, crossbar: 0, effect: Effect::Programming, sample: 0 });
    report("normal, f64, one by one", || sink += (0..COUNT).map(|_| draws.normal()).sum::<f64>());
    let mut draws = Draws::new(Stream { seed: 3, layer: 0, crossbar: 0, effect: Effect::Programming, sample: 0 });
    report("uniform, f64", || sink += (0..COUNT).map(|_| draws.uniform()).sum::<f64>());
    for name in device::names() {
        let device = device::find(name).expect("a built-in device");
        let middle = f64::midpoint(device.range().off, device.range().on);
        report(&format!("cells of {name} programmed"), || {
            for sample in 0..COUNT as u32 {
                let stream = Stream { seed: 4, layer: 0, crossbar: 0, effect: Effect::Programming, sample };
                let mut draws = Draws::new(stream);
                sink += device.program(middle, Programming::OneShot, &mut draws).expect("within range").conductance;
            }
        });
    }
    black_box((sink, &numbers));
}

/// Numbers a second of the fastest run, so that other work on the machine does not count.
fn report(name: &str, mut run: impl FnMut()) {
    let seconds = (0..RUNS).map(|_| {
        let start = Instant::now();
        run();
        start.elapsed().as_secs_f64()
    });
    let best = seconds.fold(f64::INFINITY, f64::min);
    println!("  {name:<32} {:>7.1} M/s", COUNT as f64 / best / 1e6);
}
