//! Devices: what programming, time and reads make of a conductance.

mod files;
mod generic;
mod measured;
mod programming;
mod published;

use tilewright::circuit::device::{Device, Programming};
use tilewright::random::{Draws, Effect, Stream};

/// The draws of a cell under a fixed seed.
fn draws(effect: Effect, cell: u32) -> Draws {
    Draws::new(Stream { seed: 2026, layer: 0, crossbar: 0, effect, sample: cell })
}

/// Conductances of so many cells programmed once to the same target.
fn programmed(device: &dyn Device, target: f64, cells: u32) -> Vec<f64> {
    let one = |cell| device.program(target, Programming::OneShot, &mut draws(Effect::Programming, cell));
    (0..cells).map(|cell| one(cell).expect("within range").conductance).collect()
}

/// Mean and standard deviation.
fn moments(values: &[f64]) -> (f64, f64) {
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    (mean, (squares / values.len() as f64).sqrt())
}

/// Whether mean and deviation are those expected of so many normal numbers, within four standard errors and `slack`.
fn assert_moments(what: &str, values: &[f64], mean: f64, deviation: f64, slack: f64) {
    let found = moments(values);
    let error = 4.0 * deviation / (values.len() as f64).sqrt() + slack;
    assert!((found.0 - mean).abs() <= error, "{what}: mean {:e}, expected {mean:e} ± {error:e}", found.0);
    assert!(
        (found.1 - deviation).abs() <= error,
        "{what}: deviation {:e}, expected {deviation:e} ± {error:e}",
        found.1
    );
}
