//! What wires and terminals take from a crossbar's currents, and what that depends on.

use super::{CircuitError, Crossbar, Wiring, solve};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use serde::Serialize;

/// What the cells of a specimen hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum CellPattern {
    /// All are on: the worst case.
    On,
    /// Conductances evenly distributed between off and on, under a seed.
    Random(u64),
}

/// A crossbar to be studied, every row of which is driven with the same voltage.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Specimen {
    /// Word lines.
    pub rows: usize,
    /// Bit lines.
    pub columns: usize,
    /// Conductance of a cell that is on, more than 0, at most 1e9. Siemens.
    pub g_on: f64,
    /// How much greater that is than of a cell that is off; at least 1.
    pub on_off: f64,
    /// What the cells hold.
    pub cells: CellPattern,
    /// Wires and terminals.
    pub wiring: Wiring,
}

/// What is varied, all else as the specimen has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Parameter {
    /// Rows and columns of a square crossbar.
    Size,
    /// Rows of a single column.
    ColumnLength,
    /// Resistance of word and bit lines per segment. Ohm.
    Wire,
    /// Resistance of the sources. Ohm.
    Source,
    /// Resistance of the sinks. Ohm.
    Sink,
    /// Ratio of on to off conductance.
    OnOff,
}

/// A specimen under one value after the other.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Sweep {
    /// What is varied.
    pub varied: Parameter,
    /// One a value.
    pub points: Vec<Point>,
}

/// What is lost under one value.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Point {
    /// The value.
    pub value: f64,
    /// What is lost.
    #[serde(flatten)]
    pub losses: Losses,
}

/// What wires and terminals take from a crossbar's currents.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Losses {
    /// Share of the current of all columns together that ideal wires and terminals would carry beyond.
    pub mean_loss: f64,
    /// The same of the column that loses most.
    pub worst_loss: f64,
    /// The same of the column that loses least; how far the two are apart no digital gain makes good.
    pub least_loss: f64,
    /// Of the solver; 0 of the transfer matrix.
    pub iterations: usize,
    /// [`Solution::residual`](super::Solution::residual).
    pub residual: f64,
}

impl Specimen {
    /// The crossbar.
    ///
    /// # Errors
    /// If a value is out of range.
    pub fn crossbar(&self) -> Result<Crossbar, CircuitError> {
        if !(self.g_on > 0.0 && self.g_on <= 1e9) {
            return Err(CircuitError::value("g_on", &format!("{} S", self.g_on), "give more than 0, at most 1e9 S"));
        }
        if self.on_off.is_nan() || self.on_off < 1.0 {
            return Err(CircuitError::value("on_off", &self.on_off, "give a ratio of at least 1"));
        }
        let cells = self.rows.saturating_mul(self.columns);
        if cells > MOST_CELLS {
            let found = format!("{} rows, {} columns", self.rows, self.columns);
            return Err(CircuitError::value("crossbar", &found, "give at most 16 million cells"));
        }
        let off = self.g_on / self.on_off;
        let conductances = match self.cells {
            CellPattern::On => vec![self.g_on; cells],
            CellPattern::Random(seed) => {
                let mut random = ChaCha8Rng::seed_from_u64(seed);
                let mut share = || (random.next_u64() >> 11) as f64 / (1u64 << 53) as f64;
                (0..cells).map(|_| off + (self.g_on - off) * share()).collect()
            }
        };
        Crossbar::new(self.rows, self.columns, conductances, self.wiring)
    }

    /// What it loses under each of some values.
    ///
    /// # Errors
    /// If a value is out of range or a crossbar cannot be solved.
    pub fn sweep(&self, varied: Parameter, values: &[f64]) -> Result<Sweep, CircuitError> {
        let point = |&value: &f64| Ok(Point { value, losses: self.with(varied, value).losses()? });
        Ok(Sweep { varied, points: values.iter().map(point).collect::<Result<_, _>>()? })
    }

    fn with(mut self, varied: Parameter, value: f64) -> Self {
        match varied {
            Parameter::Size => (self.rows, self.columns) = (value as usize, value as usize),
            Parameter::ColumnLength => (self.rows, self.columns) = (value as usize, 1),
            Parameter::Wire => (self.wiring.r_word, self.wiring.r_bit) = (value, value),
            Parameter::Source => self.wiring.r_source = value,
            Parameter::Sink => self.wiring.r_sink = value,
            Parameter::OnOff => self.on_off = value,
        }
        self
    }

    /// What it loses.
    ///
    /// # Errors
    /// If a value is out of range or the crossbar cannot be solved.
    pub fn losses(&self) -> Result<Losses, CircuitError> {
        let crossbar = self.crossbar()?;
        let solution = solve(&crossbar, &vec![1.0; self.rows])?;
        let mut ideal = vec![0.0; self.columns];
        for row in crossbar.conductances().chunks_exact(self.columns) {
            ideal.iter_mut().zip(row).for_each(|(sum, siemens)| *sum += siemens);
        }
        let losses = solution.currents.iter().zip(&ideal).filter(|(_, ideal)| **ideal > 0.0);
        let losses: Vec<f64> = losses.map(|(current, ideal)| 1.0 - current / ideal).collect();
        let all: f64 = ideal.iter().sum();
        let mean_loss = if all > 0.0 { 1.0 - solution.currents.iter().sum::<f64>() / all } else { 0.0 };
        Ok(Losses {
            mean_loss,
            worst_loss: losses.iter().copied().reduce(f64::max).unwrap_or(0.0),
            least_loss: losses.iter().copied().reduce(f64::min).unwrap_or(0.0),
            iterations: solution.iterations,
            residual: solution.residual,
        })
    }
}

/// Cells of the largest specimen: some two gigabytes of memory while it is solved.
const MOST_CELLS: usize = 1 << 24;
