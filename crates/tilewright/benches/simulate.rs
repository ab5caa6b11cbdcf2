//! How fast networks run on analog hardware: `cargo bench -p tilewright --bench simulate`, one thread.
//!
//! Prints images a second of ResNet-8 on 128×128 crossbars, 8-bit weights and inputs, and ratios to the floating-point
//! executor in the same run. `docs/benchmarks.md` keeps a record. Words after `--` choose the lines that contain one of them.

use std::hint::black_box;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Instant;
use tilewright::circuit::Wiring;
use tilewright::circuit::device::Generic;
use tilewright::mapping::{CrossbarSize, Encoding, SignRule, Target, map_network, scheme};
use tilewright::network::executor::{BATCH, Executor};
use tilewright::network::{Network, Rounding, Tensor, integer_layers, zoo};
use tilewright::simulate::{Adc, Chip, Hardware, Plan};

/// Runs of which the fastest counts: so many that one of them is disturbed by nobody else.
const RUNS: usize = 60;

fn main() {
    let network = zoo::build("resnet8").and_then(|network| network.initialize(1)).expect("a network of the zoo");
    let images: Vec<_> = (0..BATCH as u64).map(|seed| network.random_image(seed)).collect();
    let float = Executor::new(&network).expect("it has weights");
    let float = per_image(&images, |images| drop(black_box(float.run(images))));
    println!("{:<44} {:>6.0} images/s", "floating point", 1.0 / float);
    let ideal = Hardware::ideal;
    let adc = || Hardware { adc: Some(Adc::new(8)), ..ideal() };
    let wired = || Hardware { wiring: Wiring::wires(1.0), ..adc() };
    let noisy = || {
        let device = Generic { read_noise: vec![0.01], ..Generic::default() }.device().expect("a device");
        Hardware { device: Arc::from(device), ..wired() }
    };
    for (name, scheme, hardware) in [
        ("im2col, exact reads", "im2col", ideal()),
        ("im2col, 8-bit ADC", "im2col", adc()),
        ("im2col, 8-bit ADC, 1 Ω", "im2col", wired()),
        ("im2col, 8-bit ADC, 1 Ω, read noise", "im2col", noisy()),
        ("im2col, 8-bit ADC, 1-bit DAC", "im2col", Hardware { dac_bits: Some(1), ..adc() }),
        ("vw-sdk, 8-bit ADC", "vw-sdk", adc()),
        ("sub-image, 8-bit ADC", "sub-image", adc()),
    ] {
        if is_asked_for(name) {
            run(&network, &images, name, scheme, &hardware, float);
        }
    }
}

/// Whether the command line names it, or names nothing.
fn is_asked_for(name: &str) -> bool {
    let mut words = std::env::args().skip(1).filter(|word| !word.starts_with('-')).peekable();
    words.peek().is_none() || words.any(|word| name.contains(&word))
}

fn run(network: &Network, images: &[Tensor<f32>], name: &str, scheme: &str, hardware: &Hardware, float: f64) {
    let size = CrossbarSize { rows: 128, columns: 128 };
    let target = Target::new(size, Encoding::whole(SignRule::Differential));
    let scheme = scheme::find(scheme).expect("a scheme of the registry");
    let mapping = map_network(network, scheme, &target, None).expect("it fits");
    let rounding = Rounding::to_bits(8, 8);
    let layers = integer_layers(network, images, rounding).expect("it has weights");
    let plan = Plan { network, mapping: &mapping, layers: &layers, hardware, calibration: images, threads: 1 };
    let start = Instant::now();
    let chip = Chip::program(&plan, 0, &|_, _| ControlFlow::Continue(())).expect("it fits");
    let setup = start.elapsed().as_secs_f64();
    let seconds = per_image(images, |images| drop(black_box(chip.scores(0, images))));
    println!(
        "{name:<44} {:>6.0} images/s  {:>5.2} × floating point  set-up {setup:.2} s, {} crossbars, {:.0} MB",
        1.0 / seconds,
        float / seconds,
        chip.crossbars,
        chip.bytes as f64 / 1e6,
    );
}

/// Seconds an image, the least of some runs.
fn per_image(images: &[Tensor<f32>], run: impl Fn(&[Tensor<f32>])) -> f64 {
    run(images);
    let time = || {
        let start = Instant::now();
        run(images);
        start.elapsed().as_secs_f64() / images.len() as f64
    };
    (0..RUNS).map(|_| time()).fold(f64::INFINITY, f64::min)
}
