//! The matrix that a linear crossbar is.

mod block;
mod dissection;
mod doubted;
mod elimination;
mod ideal;
mod join;
mod tile;

use super::crossbar::inputs;
use super::line::Line;
use super::{CircuitError, Collect, Crossbar};

pub(super) use doubted::Doubted;

/// A linear crossbar as a matrix: the current of column c is Σ over rows r of `matrix[r][c] · V[r]`.
#[derive(Clone, Debug, PartialEq)]
pub struct Transfer {
    rows: usize,
    columns: usize,
    matrix: Vec<f64>,
    /// Of the sinks at the top and at the bottom, where there are both.
    ends: Option<[Vec<f64>; 2]>,
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

    /// `[row][column]`, row-major, in siemens; of a column with two sinks their sum.
    pub fn matrix(&self) -> &[f64] {
        &self.matrix
    }

    /// The parts of [`Transfer::matrix`] that the sinks at the top and at the bottom collect; `None` unless there are both. Where an ideal
    /// wire joins the two, each collects half.
    pub fn ends(&self) -> Option<[&[f64]; 2]> {
        self.ends.as_ref().map(|ends| [&*ends[0], &*ends[1]])
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

/// The transfer matrix of a crossbar, exact to rounding: every entry on its own, however small. O(n³) for n×n cells.
///
/// # Errors
/// If conductances and resistances are so far apart that the result is not finite.
pub fn transfer(crossbar: &Crossbar) -> Result<Transfer, CircuitError> {
    let (rows, columns) = (crossbar.rows(), crossbar.columns());
    let ends @ [top, bottom] = &of_ends(crossbar);
    let matrix: Vec<f64> = top.iter().zip(bottom).map(|(top, bottom)| top + bottom).collect();
    if let Some(place) = matrix.iter().position(|siemens| !siemens.is_finite()) {
        let field = format!("transfer[{}][{}]", place / columns, place % columns);
        return Err(CircuitError::value(field, &matrix[place], "give resistances nearer to each other"));
    }
    let ends = (crossbar.wiring().collect == Collect::Both).then(|| ends.clone());
    Ok(Transfer { rows, columns, matrix, ends })
}

/// The matrices of the sinks at the top and at the bottom, whose sum is the whole.
fn of_ends(crossbar: &Crossbar) -> [Vec<f64>; 2] {
    let (rows, columns, cells) = (crossbar.rows(), crossbar.columns(), crossbar.conductances());
    match (crossbar.wiring().word_line(), crossbar.wiring().bit_line()) {
        (Line::Wire { .. }, Line::Wire { .. }) => dissection::transfer(crossbar),
        (Line::Fixed, bit) => ideal::fixed_words(columns, cells, bit),
        (Line::Node { terminal }, bit @ (Line::Wire { .. } | Line::Node { .. })) => {
            ideal::node_words(columns, cells, terminal, bit)
        }
        // Conductances between terminals are symmetric: a crossbar seen from its sinks is its transpose.
        (word @ (Line::Node { .. } | Line::Wire { .. }), Line::Fixed) => {
            halves(rows, &ideal::fixed_words(rows, &transposed(columns, cells), word))
        }
        (word @ Line::Wire { .. }, Line::Node { terminal }) => {
            halves(rows, &ideal::node_words(rows, &transposed(columns, cells), terminal, word))
        }
    }
}

/// The sum of a transposed crossbar's matrices, transposed back, in two halves.
fn halves(rows: usize, [first, second]: &[Vec<f64>; 2]) -> [Vec<f64>; 2] {
    let half: Vec<f64> = first.iter().zip(second).map(|(first, second)| (first + second) / 2.0).collect();
    let half = transposed(rows, &half);
    [half.clone(), half]
}

/// `[row][column]` of so many columns as `[column][row]`.
fn transposed(columns: usize, matrix: &[f64]) -> Vec<f64> {
    (0..columns).flat_map(|column| matrix[column..].iter().step_by(columns).copied()).collect()
}
