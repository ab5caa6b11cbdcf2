//! Conductances chosen so that the wired crossbar computes the wanted matrix, within the device's range.
//!
//! A crossbar's matrix is nearly its conductances, each a little less for the wires on its way. So what is missing is added
//! to the conductances, and the crossbar solved again, some rounds long. No conductance exceeds the device's range; the wanted
//! matrix is therefore scaled down by the greatest loss on the way of any cell, which the digital side scales up again.

use super::SimulateError;
use super::channels::{Channel, Minus};
use super::hardware::Hardware;
use super::target::Target;
use crate::circuit::device::ConductanceRange;

/// The corrected conductances, from `siemens` on, and the factor by which the crossbar's matrix is smaller than the wanted one. Cells
/// that are `held` stay as they are.
pub(super) fn predistort(
    hardware: &Hardware,
    channels: &[Channel],
    wanted: &Target,
    (mut siemens, held): (Vec<f64>, &[Option<f64>]),
    wired: impl Fn(&[f64]) -> Result<Vec<f64>, SimulateError>,
) -> Result<(Vec<f64>, f64), SimulateError> {
    let ConductanceRange { off, on } = hardware.device.range();
    let columns = wanted.columns;
    let mut matrix = wired(&siemens)?;
    let signal = least_reach((&siemens, held), &matrix, off);
    for _ in 0..hardware.compensation.predistort {
        let rows = siemens.chunks_exact_mut(columns).zip(held.chunks_exact(columns));
        let aims = wanted.siemens.chunks_exact(columns).zip(matrix.chunks_exact(columns));
        for ((row, held), (aim, reached)) in rows.zip(aims) {
            for channel in channels {
                let missing = signal * channel.of(aim) - channel.of(reached);
                add((row, held), channel, missing, [off, on]);
            }
        }
        matrix = wired(&siemens)?;
    }
    Ok((siemens, signal))
}

/// Adds to a channel's difference within the range: half of it on each column of a pair, unless one is at an end or held.
fn add((row, held): (&mut [f64], &[Option<f64>]), channel: &Channel, missing: f64, [off, on]: [f64; 2]) {
    let mut shift = |column: usize, by: f64| {
        if held[column].is_some() {
            return 0.0;
        }
        let to = (row[column] + by).clamp(off, on);
        to - std::mem::replace(&mut row[column], to)
    };
    match channel.minus {
        Minus::Pair(minus) => {
            let lowered = -shift(minus, -missing / 2.0);
            let raised = shift(channel.plus, missing - lowered);
            shift(minus, raised + lowered - missing);
        }
        Minus::Nothing | Minus::Shared(_) => {
            shift(channel.plus, missing);
        }
    }
}

/// The least part of a programmed conductance that is left of it in the matrix.
fn least_reach((siemens, held): (&[f64], &[Option<f64>]), matrix: &[f64], off: f64) -> f64 {
    let cells = siemens.iter().zip(held).zip(matrix);
    let programmed = cells.filter(|((siemens, held), _)| **siemens > off && held.is_none());
    programmed.map(|((siemens, _), reached)| reached / siemens).fold(1.0, f64::min)
}
