//! Tables of measurements: rows of what was asked of a cell and what was measured of it.

use super::MOST_SIEMENS;
use crate::circuit::device::DeviceError;
use crate::comma_separated::{fields, lines};

/// The unit of a table's conductances.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ConductanceUnit {
    /// S
    #[default]
    Siemens,
    /// mS
    Millisiemens,
    /// µS
    Microsiemens,
    /// nS
    Nanosiemens,
}

impl ConductanceUnit {
    /// So many make a siemens: a divisor, so that 25 µS are 2.5e-5 S to the last bit.
    const fn in_a_siemens(self) -> f64 {
        match self {
            Self::Siemens => 1.0,
            Self::Millisiemens => 1e3,
            Self::Microsiemens => 1e6,
            Self::Nanosiemens => 1e9,
        }
    }
}

/// Measurements by level and time.
#[derive(Clone, Debug, PartialEq)]
pub struct Measurements {
    /// The file, for errors.
    pub(super) file: String,
    /// Whether the table says when they were taken.
    pub(super) timed: bool,
    /// Two or more, by rising target.
    pub(super) levels: Vec<MeasuredLevel>,
}

/// What was measured of the cells programmed to one target.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct MeasuredLevel {
    /// In siemens.
    pub(super) target: f64,
    /// By rising time, the first of which all levels have.
    pub(super) samples: Vec<Sample>,
}

/// What was measured of them at one time.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Sample {
    /// After programming; 0 where the table does not say.
    pub(super) seconds: f64,
    /// Two or more conductances in siemens, rising.
    pub(super) siemens: Vec<f64>,
}

/// A line of a table.
#[derive(Clone, Copy)]
struct Row {
    target: f64,
    seconds: f64,
    measured: f64,
}

/// Where a column is, and what may be in it.
struct Columns {
    target: usize,
    measured: usize,
    time: Option<usize>,
    count: usize,
}

impl Measurements {
    /// Reads a table of comma-separated values. Its first line names the columns: `target` and `measured`, conductances in `unit`, and if you like
    /// `time`, seconds after programming. `file` is for errors.
    ///
    /// # Errors
    /// [`DeviceError::File`] for columns that are missing, unknown or twice there; [`DeviceError::Value`] for anything that is no conductance or
    /// time, for fewer than two levels, for a level measured once only, or, with times, for fewer than two of them, for a level without the first
    /// time or any later one, and for a conductance of 0.
    pub fn from_csv(text: &str, file: &str, unit: ConductanceUnit) -> Result<Self, DeviceError> {
        let mut lines = lines(text);
        let (_, header) = lines.next().ok_or_else(|| unusable(file, "it is empty"))?;
        let columns = Columns::of(header, file)?;
        let rows: Result<Vec<Row>, _> = lines.map(|(line, text)| columns.row(text, unit, (file, line))).collect();
        let measurements = Self { file: file.into(), timed: columns.time.is_some(), levels: levels(rows?) };
        measurements.verify()?;
        Ok(measurements)
    }

    /// How many conductances were measured.
    pub fn count(&self) -> usize {
        self.levels.iter().flat_map(|level| &level.samples).map(|sample| sample.siemens.len()).sum()
    }

    /// The first and the last time, in seconds.
    pub(super) fn times(&self) -> [f64; 2] {
        let times = self.levels.iter().flat_map(|level| &level.samples).map(|sample| sample.seconds);
        times.fold([f64::INFINITY, 0.0], |[first, last], seconds| [first.min(seconds), last.max(seconds)])
    }

    /// Whether levels and their deviations can be had from what is there.
    fn verify(&self) -> Result<(), DeviceError> {
        if self.levels.len() < 2 {
            let found =
                self.levels.first().map_or("missing".into(), |level| format!("{:e} S in all rows", level.target));
            return Err(self.wrong("target", &found, "two levels or more"));
        }
        for MeasuredLevel { target, samples } in &self.levels {
            if let Some(sample) = samples.iter().find(|sample| sample.siemens.len() < 2) {
                let when = if self.timed { format!(" at {} s", sample.seconds) } else { String::new() };
                let key = format!("level {target:e} S{when}");
                return Err(self.wrong(
                    &key,
                    "measured once",
                    "twice or more, for a deviation; round the targets to levels",
                ));
            }
        }
        if self.timed { self.verify_times() } else { Ok(()) }
    }

    fn verify_times(&self) -> Result<(), DeviceError> {
        let [first, last] = self.times();
        if first == last {
            return Err(self.wrong(
                "time",
                &format!("{first} s in all rows"),
                "two times or more; leave the column out without them",
            ));
        }
        for MeasuredLevel { target, samples } in &self.levels {
            let key = format!("level {target:e} S");
            if samples[0].seconds != first {
                return Err(self.wrong(
                    &key,
                    &format!("not measured at {first} s"),
                    "every level at the first time of all",
                ));
            }
            if samples.len() < 2 {
                return Err(self.wrong(
                    &key,
                    &format!("measured at {first} s only"),
                    "every level at two times or more",
                ));
            }
            if let Some(sample) = samples.iter().find(|sample| sample.siemens[0] == 0.0) {
                let found = format!("0 S at {} s", sample.seconds);
                return Err(self.wrong(
                    &key,
                    &found,
                    "more than 0 S where there are times: drift is a power of time, and 0 S has none",
                ));
            }
        }
        Ok(())
    }

    /// What is not allowed in the table.
    pub(super) fn wrong(&self, key: &str, found: &str, allowed: &str) -> DeviceError {
        DeviceError::Value { place: self.file.clone(), key: key.into(), found: found.into(), allowed: allowed.into() }
    }
}

impl Columns {
    fn of(header: &str, file: &str) -> Result<Self, DeviceError> {
        let names: Vec<&str> = fields(header).collect();
        if let Some(name) = names.iter().find(|name| !["target", "measured", "time"].contains(name)) {
            return Err(unusable(
                file,
                &format!("column {name:?} {}; allowed are target, measured and time", refusal(name)),
            ));
        }
        if let Some((place, name)) = names.iter().enumerate().find(|(place, name)| names[..*place].contains(name)) {
            return Err(unusable(
                file,
                &format!("column {name:?} is there twice, the second time as number {}", place + 1),
            ));
        }
        let place = |name: &str| names.iter().position(|&found| found == name);
        let needed =
            |name: &str| place(name).ok_or_else(|| unusable(file, &format!("it has no column {name:?}; {HEADER}")));
        Ok(Self { target: needed("target")?, measured: needed("measured")?, time: place("time"), count: names.len() })
    }

    fn row(&self, text: &str, unit: ConductanceUnit, (file, line): (&str, usize)) -> Result<Row, DeviceError> {
        let fields: Vec<&str> = fields(text).collect();
        let wrong = |key: String, found: &str, allowed: &str| DeviceError::Value {
            place: file.into(),
            key,
            found: found.into(),
            allowed: allowed.into(),
        };
        if fields.len() != self.count {
            let found = format!("{} values", fields.len());
            return Err(wrong(format!("line {line}"), &found, &format!("{}, one a column", self.count)));
        }
        let number = |column: usize, name: &str, most: f64, allowed: &str| match fields[column].parse::<f64>() {
            // Adding 0 makes 0 of −0.
            Ok(value) if (0.0..=most).contains(&value) && value.is_finite() => Ok(value + 0.0),
            _ => Err(wrong(format!("line {line}, column {name}"), &format!("{:?}", fields[column]), allowed)),
        };
        let allowed = "a conductance of 0 to 1 S; if the table is in another unit than the one that was named, name its own (S, mS, uS, nS)";
        let siemens = |column: usize, name: &str| {
            let most = MOST_SIEMENS * unit.in_a_siemens();
            number(column, name, most, allowed).map(|value| value / unit.in_a_siemens())
        };
        Ok(Row {
            target: siemens(self.target, "target")?,
            measured: siemens(self.measured, "measured")?,
            seconds: self
                .time
                .map_or(Ok(0.0), |column| number(column, "time", f64::MAX, "0 seconds after programming or more"))?,
        })
    }
}

/// How a table begins.
const HEADER: &str = "its first line names the columns: target and measured, and time if there are times";

/// Why a column is not taken.
fn refusal(name: &str) -> &'static str {
    match name {
        "cycle" => "describes wear, which devices do not model: leave it out, and all cycles are one sample",
        "voltage" | "current" => {
            "belongs to a current-voltage curve, which goes into the device file as `curve`: give conductances at the voltage it is read with"
        }
        _ => "is unknown to a fit",
    }
}

fn unusable(file: &str, message: &str) -> DeviceError {
    DeviceError::File { file: file.into(), message: message.into() }
}

/// Rows by target and time.
fn levels(mut rows: Vec<Row>) -> Vec<MeasuredLevel> {
    let key = |row: &Row| [row.target, row.seconds, row.measured];
    rows.sort_by(|a, b| {
        key(a)
            .iter()
            .zip(key(b))
            .map(|(a, b)| a.total_cmp(&b))
            .find(|order| order.is_ne())
            .unwrap_or(std::cmp::Ordering::Equal)
    });
    let sample =
        |rows: &[Row]| Sample { seconds: rows[0].seconds, siemens: rows.iter().map(|row| row.measured).collect() };
    let level = |rows: &[Row]| MeasuredLevel {
        target: rows[0].target,
        samples: rows.chunk_by(|a, b| a.seconds == b.seconds).map(sample).collect(),
    };
    rows.chunk_by(|a, b| a.target == b.target).map(level).collect()
}
