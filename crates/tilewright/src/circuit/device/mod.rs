//! Devices: what a cell's conductance becomes when it is programmed, as time passes and when it is read.
//!
//! A [`Device`] answers four questions, each with its own random draws: what programming makes of a target, what time makes of
//! a programmed conductance, how noisy a read is, and which cells are stuck. It also says how its current follows
//! the voltage. Everything is in SI units: siemens, seconds, volts.
//!
//! The models are one file each, with the numbers in a data file of the same name under `data/device/`: paper, figure, fit and
//! status of every constant. To add one, see `CONTRIBUTING.md`. [`find`] knows the models by name, [`from_toml`] reads a
//! device of your own, and [`DeviceFit`] makes the file of one from measurements.
//!
//! # Invariants
//! - A target outside the device's range, or a time its data does not reach, is an error, never a guess.
//! - No conductance is ever negative.
//! - With every magnitude 0, [`Generic`] is [`Ideal`] bit for bit.
//! - A result depends on the device, the target and the stream of its draws, nothing else.
//!
//! Not modelled: the voltage and the length of the pulses, wear, temperature, and any correlation between cells.

mod agrawal_2022;
mod by_hand;
mod data;
mod falcone_2025;
mod fit;
mod generic;
mod ideal;
mod joshi_2020;
mod measured;
mod milo_2021;
mod programming;
mod range;
mod registry;
mod share;
mod voltage_curve;
mod wan_2022;

pub use agrawal_2022::Agrawal2022;
pub use by_hand::{ByHand, GENERIC, named};
pub use falcone_2025::Falcone2025;
pub use generic::Generic;
pub use ideal::Ideal;
pub use joshi_2020::Joshi2020;
pub use measured::{
    Between, ConductanceUnit, CurvePoint, DeviceFit, Distribution, Exponent, Goodness, LevelCurve, LevelFit, Measured,
    Measurements, Shape, Times,
};
pub use milo_2021::Milo2021;
pub use programming::{Programmed, Programming};
pub use range::{ConductanceRange, Levels};
pub use registry::{find, from_toml, names, text};
pub use wan_2022::Wan2022;

use super::CellCurve;
use crate::random::Draws;
use std::fmt::Debug;

/// A kind of memory cell. Serialised it is its constants, its [`Identity`] apart.
pub trait Device: Debug + erased_serde::Serialize + Send + Sync {
    /// What it is called, where its numbers are from, and its range.
    fn identity(&self) -> &Identity;

    /// What it is called.
    fn name(&self) -> &str {
        &self.identity().name
    }

    /// Where its numbers are from.
    fn source(&self) -> &str {
        &self.identity().source
    }

    /// The conductances it can be programmed to.
    fn range(&self) -> ConductanceRange {
        self.identity().range
    }

    /// Which conductances of the range it can be programmed to.
    fn levels(&self) -> Levels<'_> {
        Levels::Continuous
    }

    /// The conductance after one attempt to program `target`, both in siemens; `target` is a level within the range.
    ///
    /// Of a device whose data were taken after a procedure of the paper's own, an attempt is that whole procedure.
    fn attempt(&self, target: f64, draws: &mut Draws) -> f64;

    /// The conductance `seconds` after programming, in siemens, of a cell that had `conductance` then. `seconds` is not
    /// negative and at most [`Self::longest`]. The same draws give the same cell's conductance at another time.
    fn drift(&self, conductance: f64, seconds: f64, draws: &mut Draws) -> f64;

    /// Seconds after programming that the data reach.
    fn longest(&self) -> f64 {
        f64::INFINITY
    }

    /// Standard deviation of one read of a cell that has `conductance` now, `seconds` after programming, in siemens. Reads are
    /// taken as independent and normal.
    fn read_noise(&self, conductance: f64, seconds: f64) -> f64;

    /// How many cells are stuck, and where.
    fn stuck(&self) -> Stuck {
        Stuck::NONE
    }

    /// Whether two cells programmed alike may differ, or one cell from what was asked for.
    fn varies(&self) -> bool {
        true
    }

    /// How the current of a cell follows its voltage. Without a default, so that no device is taken for linear by mistake.
    fn curve(&self) -> CellCurve;

    /// Whether a crossbar of it is a matrix, whatever the voltages.
    ///
    /// # Errors
    /// [`DeviceError::Nonlinear`].
    fn is_linear(&self) -> Result<(), DeviceError> {
        match self.curve() {
            CellCurve::Linear => Ok(()),
            curve => Err(DeviceError::Nonlinear { device: self.name().into(), curve }),
        }
    }

    /// Programs a cell: the nearest level of `target` is attempted, once or until a read is within the tolerance.
    ///
    /// # Errors
    /// [`DeviceError::Target`] if the target is outside the range, [`DeviceError::Value`] if the way of programming is not
    /// possible.
    fn program(&self, target: f64, programming: Programming, draws: &mut Draws) -> Result<Programmed, DeviceError> {
        let level = self.range().target(self.name(), target, self.levels())?;
        programming.run(self.range(), level, |draws| self.attempt(level, draws), |g| self.read_noise(g, 0.0), draws)
    }

    /// [`Self::drift`], its arguments checked.
    ///
    /// # Errors
    /// [`DeviceError::Time`] if `seconds` is negative or beyond the data, [`DeviceError::Target`] if the conductance is
    /// negative or not a number.
    fn drifted(&self, conductance: f64, seconds: f64, draws: &mut Draws) -> Result<f64, DeviceError> {
        if !(conductance >= 0.0 && conductance.is_finite()) {
            let range = ConductanceRange { off: 0.0, on: f64::MAX };
            return Err(DeviceError::Target { device: self.name().into(), found: conductance, range });
        }
        self.reaches(seconds)?;
        Ok(self.drift(conductance, seconds, draws))
    }

    /// Whether the data reach a time after programming.
    ///
    /// # Errors
    /// [`DeviceError::Time`] if `seconds` is negative, infinite or beyond the data.
    fn reaches(&self, seconds: f64) -> Result<(), DeviceError> {
        if (0.0..=self.longest()).contains(&seconds) && seconds.is_finite() {
            return Ok(());
        }
        Err(DeviceError::Time { device: self.name().into(), found: seconds, longest: self.longest() })
    }
}

erased_serde::serialize_trait_object!(Device);

/// What every device has.
#[derive(Clone, Debug, PartialEq)]
pub struct Identity {
    /// What it is called.
    pub name: String,
    /// Where its numbers are from.
    pub source: String,
    /// The conductances it can be programmed to.
    pub range: ConductanceRange,
}

/// Cells that programming does not move.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Stuck {
    /// Share of cells stuck at [`Self::on_conductance`], 0 to 1.
    pub on_rate: f64,
    /// Share of cells stuck at [`Self::off_conductance`], 0 to 1 − `on_rate`.
    pub off_rate: f64,
    /// In siemens.
    pub on_conductance: f64,
    /// In siemens.
    pub off_conductance: f64,
}

impl Stuck {
    /// No cell is stuck.
    pub const NONE: Self = Self { on_rate: 0.0, off_rate: 0.0, on_conductance: 0.0, off_conductance: 0.0 };

    /// Whether any cell can be stuck.
    pub fn occurs(&self) -> bool {
        self.on_rate > 0.0 || self.off_rate > 0.0
    }

    /// The conductance that a cell is stuck at, in siemens; `None` if it is not stuck. Takes one uniform number.
    pub fn draw(&self, draws: &mut Draws) -> Option<f64> {
        let place = draws.uniform();
        match place {
            _ if place < self.on_rate => Some(self.on_conductance),
            _ if place < self.on_rate + self.off_rate => Some(self.off_conductance),
            _ => None,
        }
    }
}

/// Why a device cannot be had or used. All are the caller's input.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum DeviceError {
    /// A conductance that the device cannot have.
    #[error(
        "device {device}: a conductance of {found:e} S; allowed is {:e} to {:e} S: map the weights into this range",
        range.off, range.on
    )]
    Target {
        /// The device.
        device: String,
        /// In siemens.
        found: f64,
        /// What is allowed.
        range: ConductanceRange,
    },
    /// A time that the device's data do not reach.
    #[error("device {device}: {found} s after programming; allowed is {}", reach(*longest))]
    Time {
        /// The device.
        device: String,
        /// In seconds.
        found: f64,
        /// In seconds.
        longest: f64,
    },
    /// A setting or an entry of a device file out of range.
    #[error("{place}: {key} is {found}; allowed is {allowed}")]
    Value {
        /// The file or the device.
        place: String,
        /// The entry.
        key: String,
        /// What was found.
        found: String,
        /// What is allowed.
        allowed: String,
    },
    /// Cells whose current bends with the voltage, where only linear ones can be computed with.
    #[error(
        "device {device}: its cells are not linear ({curve}), and losses are those of linear cells at any voltage; the circuit solver solves such \
         cells (circuit solve)"
    )]
    Nonlinear {
        /// The device.
        device: String,
        /// Its cells' curve.
        curve: CellCurve,
    },
    /// A device file that is no TOML, or lacks an entry, or has one too many.
    #[error("{file}: {message}")]
    File {
        /// The file.
        file: String,
        /// Line, what was found and what is allowed.
        message: String,
    },
    /// A setting of the generic device, given for another one.
    #[error("the {setting} is a setting of the device {}, not of {device}; put it into a file", by_hand::GENERIC)]
    SetByHand {
        /// The setting.
        setting: &'static str,
        /// The device it was given for.
        device: String,
    },
    /// No device of this name.
    #[error("no device is called {name}; there are {known}{}, and files of your own (*.toml)", suggest(suggestion.as_ref()))]
    Unknown {
        /// What was asked for.
        name: String,
        /// The names there are.
        known: String,
        /// The nearest of them.
        suggestion: Option<String>,
    },
}

fn reach(longest: f64) -> String {
    if longest.is_finite() { format!("0 to {longest} s, which its data reach") } else { "0 s or any time later".into() }
}

fn suggest(name: Option<&String>) -> String {
    name.map_or(String::new(), |name| format!(" (did you mean {name}?)"))
}
