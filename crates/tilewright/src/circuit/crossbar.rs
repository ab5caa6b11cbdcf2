//! A crossbar: its cells, wires and terminals.

use super::CircuitError;
use super::line::Line;
use serde::{Deserialize, Serialize};

/// The ends of the word lines that have a source. A row's two sources have the same voltage.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Drive {
    /// Before column 0.
    #[default]
    Left,
    /// After the last column.
    Right,
    /// At both ends.
    Both,
}

/// The ends of the bit lines that have a sink. A column's current is the sum of its sinks'.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Collect {
    /// After the last row.
    #[default]
    Bottom,
    /// Before row 0.
    Top,
    /// At both ends.
    Both,
}

/// Resistances of wires and terminals, in ohm, and where the terminals are.
///
/// 0 is an ideal wire or terminal: its nodes are one. Other resistances lie between 1e-9 and 1e12. The default has ideal wires and
/// terminals, sources at the left and sinks at the bottom.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Wiring {
    /// Word line between neighbouring cells, and between a source and the first cell. Ohm.
    pub r_word: f64,
    /// Bit line between neighbouring cells, and between the last cell and a sink. Ohm.
    pub r_bit: f64,
    /// Each source's own resistance. Ohm.
    pub r_source: f64,
    /// Each sink's own resistance. Ohm.
    pub r_sink: f64,
    /// Where the sources are.
    pub drive: Drive,
    /// Where the sinks are.
    pub collect: Collect,
}

impl Wiring {
    /// Wires of `ohm` per segment on word and bit lines, ideal terminals, sources at the left, sinks at the bottom.
    pub fn wires(ohm: f64) -> Self {
        Self { r_word: ohm, r_bit: ohm, ..Self::default() }
    }

    /// # Errors
    /// If a resistance is neither 0 nor between 1e-9 and 1e12 ohm.
    pub fn verify(&self) -> Result<(), CircuitError> {
        let resistances =
            [("r_word", self.r_word), ("r_bit", self.r_bit), ("r_source", self.r_source), ("r_sink", self.r_sink)];
        for (field, ohm) in resistances {
            if ohm != 0.0 && !(1e-9..=1e12).contains(&ohm) {
                return Err(CircuitError::value(field, &format!("{ohm} ohm"), "give 0, or 1e-9 to 1e12 ohm"));
            }
        }
        Ok(())
    }

    /// What every word line is.
    pub(super) fn word_line(&self) -> Line {
        Line::new(self.r_word, self.r_source, [self.drive != Drive::Right, self.drive != Drive::Left])
    }

    /// What every bit line is.
    pub(super) fn bit_line(&self) -> Line {
        Line::new(self.r_bit, self.r_sink, [self.collect != Collect::Bottom, self.collect != Collect::Top])
    }
}

/// A crossbar of linear cells.
///
/// Every word line has a source and every bit line a sink, so no node floats, not even beside open cells. Differential pairs
/// are columns like any other: put them side by side, or solve two crossbars, and subtract their currents
/// ([`Crossbar::columns_where`] takes an interleaved crossbar apart).
#[derive(Clone, Debug, PartialEq)]
pub struct Crossbar {
    rows: usize,
    columns: usize,
    conductances: Vec<f64>,
    wiring: Wiring,
}

impl Crossbar {
    /// A crossbar of `rows` × `columns` cells with `conductances` `[row][column]`, row-major, in siemens; 0 is an open cell.
    ///
    /// # Errors
    /// If a side is 0, the number of conductances is not rows × columns, one is negative, NaN or greater than 1e9 S, or a
    /// resistance is out of range.
    pub fn new(rows: usize, columns: usize, conductances: Vec<f64>, wiring: Wiring) -> Result<Self, CircuitError> {
        for (field, side) in [("rows", rows), ("columns", columns)] {
            if side == 0 {
                return Err(CircuitError::value(field, &0, "give at least 1"));
            }
        }
        if rows.checked_mul(columns) != Some(conductances.len()) {
            let found = format!("{} values for {rows} rows and {columns} columns", conductances.len());
            return Err(CircuitError::value("G", &found, "give one conductance a cell, row by row"));
        }
        wiring.verify()?;
        if let Some(place) = conductances.iter().position(|siemens| !(0.0..=1e9).contains(siemens)) {
            let field = format!("G[{}][{}]", place / columns, place % columns);
            let found = format!("{} S", conductances[place]);
            return Err(CircuitError::value(field, &found, "give 0 (open) to 1e9 S"));
        }
        Ok(Self { rows, columns, conductances, wiring })
    }

    /// Number of word lines.
    pub const fn rows(&self) -> usize {
        self.rows
    }

    /// Number of bit lines.
    pub const fn columns(&self) -> usize {
        self.columns
    }

    /// Conductances `[row][column]`, row-major, in siemens.
    pub fn conductances(&self) -> &[f64] {
        &self.conductances
    }

    /// Resistances and terminals.
    pub const fn wiring(&self) -> &Wiring {
        &self.wiring
    }

    /// The same cells between other wires and terminals.
    ///
    /// # Errors
    /// If a resistance is out of range.
    pub fn with_wiring(self, wiring: Wiring) -> Result<Self, CircuitError> {
        wiring.verify()?;
        Ok(Self { wiring, ..self })
    }

    /// The crossbar driven at its sinks and read at its sources, bit lines for word lines.
    pub(super) fn transposed(&self) -> Self {
        let Wiring { r_word, r_bit, r_source, r_sink, drive, collect } = self.wiring;
        let wiring = Wiring {
            r_word: r_bit,
            r_bit: r_word,
            r_source: r_sink,
            r_sink: r_source,
            drive: match collect {
                Collect::Top => Drive::Left,
                Collect::Bottom => Drive::Right,
                Collect::Both => Drive::Both,
            },
            collect: match drive {
                Drive::Left => Collect::Top,
                Drive::Right => Collect::Bottom,
                Drive::Both => Collect::Both,
            },
        };
        let column = |column: usize| self.conductances[column..].iter().step_by(self.columns).copied();
        let conductances = (0..self.columns).flat_map(column).collect();
        Self { rows: self.columns, columns: self.rows, conductances, wiring }
    }

    /// The crossbar of the columns that `keep` accepts, for instance the positive halves of interleaved differential pairs.
    /// The others' wires and cells are gone: it is another array, not a part of this one.
    ///
    /// # Errors
    /// If no column is left.
    pub fn columns_where(&self, keep: impl Fn(usize) -> bool) -> Result<Self, CircuitError> {
        let columns: Vec<usize> = (0..self.columns).filter(|&column| keep(column)).collect();
        let rows = self.conductances.chunks_exact(self.columns);
        let conductances = rows.flat_map(|row| columns.iter().map(|&column| row[column])).collect();
        Self::new(self.rows, columns.len(), conductances, self.wiring)
    }
}

/// Number of inputs in `voltages` `[row][input]`.
///
/// # Errors
/// If the rows are not all there or a voltage is not finite.
pub(super) fn inputs(rows: usize, voltages: &[f64]) -> Result<usize, CircuitError> {
    let inputs = voltages.len() / rows;
    if inputs == 0 || inputs * rows != voltages.len() {
        let found = format!("{} values for {rows} rows", voltages.len());
        return Err(CircuitError::value("V", &found, "give a voltage for every row of every input, row by row"));
    }
    if let Some(place) = voltages.iter().position(|volt| !(-1e6..=1e6).contains(volt)) {
        let field = format!("V[{}][{}]", place / inputs, place % inputs);
        return Err(CircuitError::value(field, &format!("{} V", voltages[place]), "give -1e6 to 1e6 V"));
    }
    Ok(inputs)
}
