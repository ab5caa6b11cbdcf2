//! The matrix that a linear crossbar is.

use super::crossbar::inputs;
use super::{CircuitError, Crossbar, solve};

/// A linear crossbar as a matrix: the current of column c is Σ over rows r of `matrix[r][c] · V[r]`.
#[derive(Clone, Debug, PartialEq)]
pub struct Transfer {
    rows: usize,
    columns: usize,
    matrix: Vec<f64>,
}

impl Transfer {
    /// Number of rows, that is, of inputs.
    pub const fn rows(&self) -> usize {
        self.rows
    }

    /// Number of columns, that is, of outputs.
    pub const fn columns(&self) -> usize {
        self.columns
    }

    /// `[row][column]`, row-major, in siemens.
    pub fn matrix(&self) -> &[f64] {
        &self.matrix
    }

    /// Column currents `[column][input]`, in ampere, under `voltages` `[row][input]`, in volt.
    ///
    /// # Errors
    /// If the voltages are not a whole number of inputs, all rows of each.
    pub fn currents(&self, voltages: &[f64]) -> Result<Vec<f64>, CircuitError> {
        let inputs = inputs(self.rows, voltages)?;
        let mut currents = vec![0.0; self.columns * inputs];
        for (row, voltages) in self.matrix.chunks_exact(self.columns).zip(voltages.chunks_exact(inputs)) {
            for (siemens, currents) in row.iter().zip(currents.chunks_exact_mut(inputs)) {
                currents.iter_mut().zip(voltages).for_each(|(current, volt)| *current += siemens * volt);
            }
        }
        Ok(currents)
    }
}

/// The transfer matrix of a crossbar, exact to rounding.
///
/// # Errors
/// If a unit input cannot be solved.
pub fn transfer(crossbar: &Crossbar) -> Result<Transfer, CircuitError> {
    let (rows, columns) = (crossbar.rows(), crossbar.columns());
    let mut unit = vec![0.0; rows * rows];
    (0..rows).for_each(|row| unit[row * rows + row] = 1.0);
    let solution = solve(crossbar, &unit)?;
    let mut matrix = vec![0.0; rows * columns];
    for column in 0..columns {
        for row in 0..rows {
            matrix[row * columns + column] = solution.currents[column * rows + row];
        }
    }
    Ok(Transfer { rows, columns, matrix })
}
