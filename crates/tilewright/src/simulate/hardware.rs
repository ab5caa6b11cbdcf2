//! What a network is simulated on.

use super::SimulateError;
use super::converter::Adc;
use super::drift_compensation::DriftCompensation;
use super::known_faults::FaultAware;
use super::unused_cells::UnusedCells;
use crate::circuit::Wiring;
use crate::circuit::device::{ConductanceRange, Device, DeviceError, Ideal, Levels, Programming};
use crate::random::{Draws, Effect, Stream};
use serde::Serialize;
use std::sync::Arc;

/// Cells, wires and converters.
#[derive(Clone)]
pub struct Hardware {
    /// What the cells are.
    pub device: Arc<dyn Device>,
    /// How they are programmed.
    pub programming: Programming,
    /// What the cells without a weight are.
    pub unused: UnusedCells,
    /// Seconds between programming and inference, in which conductances drift.
    pub age: f64,
    /// Wires and terminals of every crossbar.
    pub wiring: Wiring,
    /// Bits of an input that one pulse drives; all at once if there are none.
    pub dac_bits: Option<u32>,
    /// What reads the currents; exact if there is none.
    pub adc: Option<Adc>,
    /// Whether the columns of a differential pair are subtracted before or after conversion.
    pub pairs: PairRead,
    /// Whether the copies of a crossbar are chips' worth of cells of their own.
    pub copies: Copies,
    /// What is done about the errors.
    pub compensation: Compensation,
}

/// Where the columns of a differential pair are subtracted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum PairRead {
    /// As currents, by one converter a pair, as the analog neurons of Oh, An, Min (2023) do.
    #[default]
    Subtracted,
    /// As numbers, by a converter for each column.
    Apart,
}

/// What the copies of a crossbar (replication) hold.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Copies {
    /// Each its own cells, with errors of their own.
    #[default]
    Apart,
    /// The same cells: less memory and set-up, as if all copies came out alike.
    Alike,
}

/// What is done about the errors of the analog part.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Compensation {
    /// In which order rows and columns are put onto the lines.
    pub order: LineOrder,
    /// Which cells take over the errors of stuck ones.
    pub fault_aware: FaultAware,
    /// Corrections of the conductances so that the loaded crossbar computes the wanted matrix: so many rounds.
    pub predistortion: u32,
    /// Whether the mean drift of a crossbar is undone.
    pub drift: DriftCompensation,
    /// Digital gain and offset of each output channel, fitted on the calibration images.
    pub refresh: Refresh,
}

/// In which order rows and columns are put onto a crossbar's lines.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum LineOrder {
    /// As the mapping says.
    #[default]
    Mapped,
    /// Rows with large currents near the sinks, columns with large currents near the sources.
    ByCurrent,
}

/// Whether digital gain and offset are fitted anew.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Refresh {
    /// No.
    #[default]
    Off,
    /// Per output channel, layer by layer, on the calibration images: what refreshing a batch norm does.
    PerChannel,
}

impl Hardware {
    /// Cells of a device without anything else that could go wrong: ideal wires, exact reads, no time passed.
    pub fn new(device: Arc<dyn Device>) -> Self {
        Self {
            device,
            programming: Programming::OneShot,
            unused: UnusedCells::default(),
            age: 0.0,
            wiring: Wiring::default(),
            dac_bits: None,
            adc: None,
            pairs: PairRead::default(),
            copies: Copies::default(),
            compensation: Compensation::default(),
        }
    }

    /// Hardware that does nothing wrong; its cells are off or have up to 100 µS.
    ///
    /// # Panics
    /// Never: the range is one.
    pub fn ideal() -> Self {
        let device = Ideal::new(ConductanceRange { off: 0.0, on: 1e-4 }, Levels::Continuous).expect("a range");
        Self::new(Arc::new(device))
    }

    /// Checks every setting, and that a network can be computed with such cells.
    ///
    /// # Errors
    /// [`SimulateError::Setting`], [`SimulateError::Device`] or [`SimulateError::Circuit`] with what was found and what is allowed.
    pub fn verify(&self) -> Result<(), SimulateError> {
        self.device.is_linear()?;
        self.device.reaches(self.age)?;
        self.wiring.verify()?;
        self.programming.verify()?;
        self.unused.verify(self.device.range())?;
        if !(0.0..=self.device.longest()).contains(&self.age) {
            let (device, longest) = (self.device.name().into(), self.device.longest());
            return Err(DeviceError::Time { device, found: self.age, longest }.into());
        }
        if let Some(bits) = self.dac_bits {
            SimulateError::check("DAC bits", &bits, (1..=16).contains(&bits), "1 to 16, or none for whole inputs")?;
        }
        let rounds = self.compensation.predistortion;
        SimulateError::check("rounds of predistortion", &rounds, rounds <= 100, "0 to 100")?;
        self.adc.as_ref().map_or(Ok(()), Adc::verify)
    }

    /// Whether two chips may differ: whether anything at all is drawn at random.
    pub fn varies(&self) -> bool {
        self.cells_vary() || self.conductances().any(|siemens| self.device.read_noise(siemens, self.age) > 0.0)
    }

    /// Whether two cells that should be alike may differ once they are programmed.
    pub(super) fn cells_vary(&self) -> bool {
        self.device.varies() || self.unused.varies()
    }

    /// Whether the time since programming changes a conductance or the noise of a read.
    pub fn ages(&self) -> bool {
        let changes = |siemens: f64| {
            let noise = |seconds: f64| self.device.read_noise(siemens, seconds);
            let moves = |sample: u32| {
                let stream = Stream { seed: 0, layer: 0, crossbar: 0, effect: Effect::Drift, sample };
                self.device.drift(siemens, self.age, &mut Draws::new(stream)) != siemens
            };
            noise(self.age) != noise(0.0) || (0..16).any(moves)
        };
        self.conductances().any(changes)
    }

    /// Conductances from one end of the device's range to the other.
    fn conductances(&self) -> impl Iterator<Item = f64> {
        let ConductanceRange { off, on } = self.device.range();
        (0..=8).map(move |eighth| off + (on - off) * f64::from(eighth) / 8.0)
    }

    /// Whether the wires and terminals have no resistance, so that currents are plain sums.
    pub(super) fn is_wired_ideally(&self) -> bool {
        let Wiring { r_word, r_bit, r_source, r_sink, .. } = self.wiring;
        [r_word, r_bit, r_source, r_sink].iter().all(|&ohm| ohm == 0.0)
    }
}
