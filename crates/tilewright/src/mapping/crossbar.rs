//! The size of a unit crossbar.

use super::MappingError;
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// The most rows or columns a crossbar may have.
pub const MAX_CROSSBAR_SIDE: usize = 1 << 16;

/// A unit crossbar's word lines (rows) and bit lines (columns).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct CrossbarSize {
    /// Word lines, driven by inputs.
    pub rows: usize,
    /// Bit lines, read as outputs.
    pub columns: usize,
}

impl CrossbarSize {
    /// A crossbar of `rows` × `columns` cells.
    ///
    /// # Errors
    /// If a side is 0 or greater than [`MAX_CROSSBAR_SIDE`].
    pub fn new(rows: usize, columns: usize) -> Result<Self, MappingError> {
        if [rows, columns].iter().all(|side| (1..=MAX_CROSSBAR_SIDE).contains(side)) {
            Ok(Self { rows, columns })
        } else {
            Err(MappingError::Setting {
                problem: format!("crossbar {rows}x{columns}: give 1 to {MAX_CROSSBAR_SIDE} rows and columns"),
            })
        }
    }

    /// Cells of the crossbar.
    pub const fn cells(&self) -> usize {
        self.rows * self.columns
    }
}

impl fmt::Display for CrossbarSize {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}×{}", self.rows, self.columns)
    }
}

/// Reads `128` (square) or `512x256` (rows x columns).
impl FromStr for CrossbarSize {
    type Err = MappingError;

    fn from_str(text: &str) -> Result<Self, MappingError> {
        let (rows, columns) = text.split_once(['x', '×']).unwrap_or((text, text));
        match (rows.trim().parse(), columns.trim().parse()) {
            (Ok(rows), Ok(columns)) => Self::new(rows, columns),
            _ => Err(MappingError::Setting {
                problem: format!("crossbar {text:?}: give a side such as 128, or rows x columns such as 512x256"),
            }),
        }
    }
}
