//! What a transfer matrix can be off by.

use super::{Transfer, transfer, transposed};
use crate::circuit::solution::Answer;
use crate::circuit::{CircuitError, Crossbar};

/// A transfer matrix with what each entry can be off by: eliminated twice, the second time as the transposed crossbar, driven at its sinks and
/// read at its sources. By reciprocity both are the same conductances; the order in which nodes go is another.
pub(in crate::circuit) struct Doubted {
    matrix: Transfer,
    /// `[row][column]`, in siemens.
    doubts: Vec<f64>,
}

impl Doubted {
    /// # Errors
    /// As [`transfer()`].
    pub(in crate::circuit) fn new(crossbar: &Crossbar) -> Result<Self, CircuitError> {
        let matrix = transfer(crossbar)?;
        let again = transposed(crossbar.rows(), transfer(&crossbar.transposed())?.matrix());
        let rounding = f64::EPSILON * (ROUNDINGS * (crossbar.rows() + crossbar.columns())) as f64;
        let doubt = |(entry, again): (&f64, &f64)| (entry - again).abs() + rounding * entry;
        let doubts = matrix.matrix().iter().zip(&again).map(doubt).collect();
        Ok(Self { matrix, doubts })
    }

    /// Column currents under `voltages` `[row]`.
    ///
    /// # Errors
    /// If a current can be off by more than the tolerance.
    pub(in crate::circuit) fn answer(&self, voltages: &[f64], tolerance: f64) -> Result<Answer, CircuitError> {
        let magnitudes: Vec<f64> = voltages.iter().map(|volt| volt.abs()).collect();
        let under_magnitudes = |matrix: &[f64]| {
            let mut sums = vec![0.0; self.matrix.columns()];
            for (row, volt) in matrix.chunks_exact(sums.len()).zip(&magnitudes) {
                sums.iter_mut().zip(row).for_each(|(sum, siemens)| *sum += siemens * volt);
            }
            sums.into_iter().fold(0.0, f64::max)
        };
        let [error, scale] = [under_magnitudes(&self.doubts), under_magnitudes(self.matrix.matrix())];
        let answer = Answer { currents: self.matrix.currents(voltages)?, error, scale, iterations: 0 };
        if error <= tolerance * scale { Ok(answer) } else { Err(answer.inexact(tolerance)) }
    }
}

/// Roundings of an entry a row and a column of the crossbar: measured against arithmetic of 600 bits, with room above.
const ROUNDINGS: usize = 2;
