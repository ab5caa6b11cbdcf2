//! What the cells are.

use super::FaultMap;
use crate::circuit::device::{ByHand, Device, DeviceError, GENERIC, Generic, Programming, named};
use crate::percent;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// The cells of every crossbar: their device, how they are programmed, and what time does to them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Cells {
    /// The device by its name, or its TOML file.
    pub device: String,
    /// The text of that file, once it is read ([`Cells::read_device`]).
    #[serde(skip)]
    pub device_text: Option<String>,
    /// Greatest by least conductance of the generic device.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub on_off: Option<f64>,
    /// Greatest conductance of the generic device, in siemens.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub g_on: Option<f64>,
    /// Number of conductances the generic device can take.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub levels: Option<u32>,
    /// Standard deviation of the generic device's programming, relative to its greatest conductance.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub programming_error: Option<f64>,
    /// Standard deviation of one read of the generic device, relative to its greatest conductance.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub read_noise: Option<f64>,
    /// Share of the generic device's cells that are stuck, half of them on and half off.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stuck: Option<f64>,
    /// The file of a map of stuck cells, in place of drawn ones.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fault_map: Option<String>,
    /// That map, once it is read ([`Cells::read_fault_map`]).
    #[serde(skip)]
    pub known_faults: Option<Arc<FaultMap>>,
    /// Mean exponent of the generic device's drift.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub drift: Option<f64>,
    /// V₀ of the generic device's current G V₀ sinh(V / V₀), in volts; without it cells are linear.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sinh_volts: Option<f64>,
    /// Voltage of the greatest input a pulse can drive, which cells are read at.
    pub read_voltage: f64,
    /// How near the target a read must be before programming ends, by the device's range; without it cells are programmed once.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub verify_within: Option<f64>,
    /// Most programming attempts for a cell that is verified.
    pub max_pulses: u32,
    /// What the cells are that hold no weight.
    pub unused_cells: Unused,
    /// Conductance of an unformed cell, in siemens.
    pub g_unformed: f64,
    /// Share of the unformed cells that conduct as if they were on.
    pub shorts: f64,
    /// Seconds between programming and inference.
    pub age: f64,
    /// Whether the copies of a crossbar have cells of their own.
    pub copies: Copies,
    /// What the noise of a read is drawn for. At its default it is not serialised: stores know runs from before there was another.
    #[serde(skip_serializing_if = "Reads::are_apart")]
    pub reads: Reads,
}

/// What is done with the cells of a crossbar that the mapping leaves without a weight (structural zeros).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Unused {
    /// They are programmed to level 0, with all errors of a cell.
    #[default]
    Programmed,
    /// They are never formed, as RRAM cells leave the factory.
    Unformed,
}

/// What the copies of a crossbar (replication) hold.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Copies {
    /// Each its own cells, with errors of their own.
    #[default]
    Apart,
    /// The same cells: less memory and set-up, as if all copies came out alike.
    Alike,
}

/// What the noise of a read is drawn for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reads {
    /// Every read: noise that is faster than reads follow one another.
    #[default]
    Apart,
    /// Every cell once: noise that is slower than a run, as nearly all 1/f noise is. The AIHWKIT simulates phase-change memory so
    /// (its documentation, "Inference and PCM statistical model": noise and drift are applied once, "and then weights are kept constant").
    Alike,
}

impl Reads {
    fn are_apart(&self) -> bool {
        *self == Self::Apart
    }
}

/// Volts that cells are read at unless it is said.
const READ_VOLTAGE: f64 = 0.2;

impl Default for Cells {
    /// Cells of the generic device without errors.
    fn default() -> Self {
        Self {
            device: "generic".into(),
            device_text: None,
            on_off: None,
            g_on: None,
            levels: None,
            programming_error: None,
            read_noise: None,
            stuck: None,
            fault_map: None,
            known_faults: None,
            drift: None,
            sinh_volts: None,
            read_voltage: READ_VOLTAGE,
            verify_within: None,
            max_pulses: 20,
            unused_cells: Unused::default(),
            g_unformed: 0.0,
            shorts: 0.0,
            age: 0.0,
            copies: Copies::default(),
            reads: Reads::default(),
        }
    }
}

impl Cells {
    /// Checks the numbers as far as no device says more of them; the error is a key, what was found and what is allowed.
    pub(crate) fn verify(&self) -> Result<(), (&'static str, f64, String)> {
        let Self { read_voltage, g_unformed, shorts, age, .. } = *self;
        let at_least_0 = |number: f64| number >= 0.0 && number.is_finite();
        let share = format!("0 to 1, a share of the unformed cells{}", percent::offer(shorts));
        for (key, found, fine, allowed) in [
            (
                "read_voltage",
                read_voltage,
                read_voltage > 0.0 && read_voltage <= 100.0,
                "a positive voltage, at most 100",
            ),
            ("g_unformed", g_unformed, at_least_0(g_unformed), "a number of at least 0"),
            ("shorts", shorts, (0.0..=1.0).contains(&shorts), &share),
            ("age", age, at_least_0(age), "a number of at least 0"),
        ] {
            if !fine {
                return Err((key, found, allowed.into()));
            }
        }
        Ok(())
    }

    /// Forgets the numbers of the generic device but those whose settings are `kept`.
    pub(super) fn forget_by_hand(&mut self, kept: impl Fn(&str) -> bool) {
        let numbers = [
            ("on-off", &mut self.on_off),
            ("g-on", &mut self.g_on),
            ("programming-error", &mut self.programming_error),
            ("read-noise", &mut self.read_noise),
            ("stuck", &mut self.stuck),
            ("drift", &mut self.drift),
            ("sinh-volts", &mut self.sinh_volts),
        ];
        numbers.into_iter().filter(|(setting, _)| !kept(setting)).for_each(|(_, number)| *number = None);
        self.levels = self.levels.filter(|_| kept("levels"));
    }

    /// What is said of the cells besides their device's own numbers and which cells are stuck; the device has a name.
    pub(crate) fn named(&self, device: &str) -> Self {
        let (device, device_text) = (device.into(), None);
        let mut cells = Self { device, device_text, fault_map: None, known_faults: None, ..self.clone() };
        cells.forget_by_hand(|_| false);
        cells
    }

    /// Reads the device's file, if it has one; `read` yields its text.
    ///
    /// # Errors
    /// What `read` fails with.
    pub fn read_device<E>(&mut self, read: impl FnOnce(&str) -> Result<String, E>) -> Result<(), E> {
        if self.device.ends_with(".toml") {
            self.device_text = Some(read(&self.device)?);
        }
        Ok(())
    }

    /// Reads the map of stuck cells, if there is one; `read` yields it.
    ///
    /// # Errors
    /// What `read` fails with.
    pub fn read_fault_map<E>(&mut self, read: impl FnOnce(&str) -> Result<FaultMap, E>) -> Result<(), E> {
        if let Some(file) = &self.fault_map {
            self.known_faults = Some(Arc::new(read(file)?));
        }
        Ok(())
    }

    /// The device.
    ///
    /// # Errors
    /// As [`named`]; [`DeviceError::File`] for a file that was not read before.
    pub fn device(&self) -> Result<Box<dyn Device>, DeviceError> {
        let Self { on_off, g_on, levels, programming_error, read_noise, stuck, drift, sinh_volts, .. } = *self;
        let by_hand = ByHand { on_off, g_on, levels, programming_error, read_noise, stuck, drift, sinh_volts };
        let unread = |file: &str| DeviceError::File { file: file.into(), message: "it was not read".into() };
        named(&self.device, &by_hand, |file| self.device_text.clone().ok_or_else(|| unread(file)))
    }

    /// Greatest by least conductance; infinite for cells that are off.
    ///
    /// # Errors
    /// As [`Cells::device`].
    pub fn on_off(&self) -> Result<f64, DeviceError> {
        let device = self.device()?;
        let range = device.range();
        // The ratio itself, not one of two rounded conductances.
        let generic = (self.device == GENERIC).then(|| self.on_off.unwrap_or(Generic::default().on_off_ratio));
        Ok(generic.unwrap_or(range.on / range.off))
    }

    /// How they are programmed.
    pub fn programming(&self) -> Programming {
        let max_pulses = self.max_pulses;
        self.verify_within.map_or(Programming::OneShot, |tolerance| Programming::WriteVerify { tolerance, max_pulses })
    }
}
