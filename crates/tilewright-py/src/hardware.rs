//! What a network is simulated on: the core's `Hardware` from the words the command takes.

use crate::error::{Failure, Outcome};
use crate::file::read;
use crate::target::{choose, whole};
use pyo3::prelude::*;
use std::sync::Arc;
use tilewright::circuit::device::{ByHand, Device, DeviceError, Programming, named};
use tilewright::circuit::{Collect, Drive, Wiring};
use tilewright::simulate::{
    Adc, Compensation, Copies, DriftCompensation, FaultAware, Hardware, LineOrder, PairRead, Refresh, Unformed,
    UnusedCells,
};

const COPIES: [(&str, Copies); 2] = [("apart", Copies::Apart), ("alike", Copies::Alike)];
const DRIVES: [(&str, Drive); 3] = [("left", Drive::Left), ("right", Drive::Right), ("both", Drive::Both)];
const COLLECTS: [(&str, Collect); 3] = [("bottom", Collect::Bottom), ("top", Collect::Top), ("both", Collect::Both)];
const UNUSED: [(&str, bool); 2] = [("programmed", false), ("unformed", true)];
const FAULT_AWARE: [(&str, FaultAware); 3] =
    [("none", FaultAware::No), ("pairs", FaultAware::Pairs), ("slices", FaultAware::Slices)];
const DRIFT_COMPENSATION: [(&str, DriftCompensation); 2] =
    [("none", DriftCompensation::Off), ("crossbar", DriftCompensation::PerCrossbar)];
const PAIRS: [(&str, PairRead); 2] = [("analog", PairRead::Subtracted), ("digital", PairRead::Apart)];
const ORDERS: [(&str, LineOrder); 2] = [("mapped", LineOrder::Mapped), ("by-current", LineOrder::ByCurrent)];

/// Cells, wires, converters and compensation.
#[pyclass(frozen, module = "tilewright._core", name = "Hardware")]
pub(crate) struct PyHardware(pub(crate) Hardware);

/// The settings, by attribute.
#[derive(FromPyObject)]
struct Settings {
    device: String,
    on_off: Option<f64>,
    g_on: Option<f64>,
    levels: Option<i64>,
    programming_error: Option<f64>,
    read_noise: Option<f64>,
    stuck: Option<f64>,
    drift: Option<f64>,
    verify_within: Option<f64>,
    unused_cells: String,
    g_unformed: Option<f64>,
    shorts: Option<f64>,
    max_pulses: i64,
    age: f64,
    copies: String,
    wire: f64,
    bit_wire: Option<f64>,
    source: f64,
    sink: f64,
    drive: String,
    collect: String,
    adc_bits: Option<i64>,
    adc_range: String,
    adc_scope: String,
    dac_bits: Option<i64>,
    pairs: String,
    order: String,
    fault_aware: String,
    predistort: i64,
    drift_compensation: String,
    refresh: bool,
}

#[pymethods]
impl PyHardware {
    #[new]
    #[expect(clippy::needless_pass_by_value, reason = "a value of Python")]
    fn new(settings: Settings) -> Outcome<Self> {
        let hardware = Hardware {
            programming: settings.programming()?,
            unused: settings.unused()?,
            age: settings.age,
            copies: choose("copies", &settings.copies, &COPIES)?,
            wiring: settings.wiring()?,
            adc: settings.adc()?,
            dac_bits: settings.dac_bits.map(|bits| whole("dac_bits", bits)).transpose()?,
            pairs: choose("pairs", &settings.pairs, &PAIRS)?,
            compensation: Compensation {
                order: choose("order", &settings.order, &ORDERS)?,
                fault_aware: choose("fault_aware", &settings.fault_aware, &FAULT_AWARE)?,
                predistortion: whole("predistort", settings.predistort)?,
                drift: choose("drift_compensation", &settings.drift_compensation, &DRIFT_COMPENSATION)?,
                refresh: if settings.refresh { Refresh::PerChannel } else { Refresh::Off },
            },
            ..Hardware::new(settings.device()?)
        };
        hardware.verify()?;
        if hardware.compensation.drift != DriftCompensation::Off && !hardware.ages() {
            let problem = "drift_compensation changes nothing here: no conductance changes with time; give age and a device that drifts";
            return Err(Failure::new(problem));
        }
        Ok(Self(hardware))
    }
}

impl Settings {
    fn device(&self) -> Outcome<Arc<dyn Device>> {
        let by_hand = ByHand {
            on_off: self.on_off,
            g_on: self.g_on,
            levels: self.levels.map(|levels| whole("levels", levels)).transpose()?,
            programming_error: self.programming_error,
            read_noise: self.read_noise,
            stuck: self.stuck,
            drift: self.drift,
        };
        Ok(Arc::from(named(&self.device, &by_hand, |path| read("the device file ", path))?))
    }

    fn programming(&self) -> Outcome<Programming> {
        let max_pulses = whole("max_pulses", self.max_pulses)?;
        Ok(self
            .verify_within
            .map_or(Programming::OneShot, |tolerance| Programming::WriteVerify { tolerance, max_pulses }))
    }

    fn unused(&self) -> Outcome<UnusedCells> {
        let numbers = self.g_unformed.is_some() || self.shorts.is_some();
        if choose("unused_cells", &self.unused_cells, &UNUSED)? {
            let (siemens, shorts) = (self.g_unformed.unwrap_or(0.0), self.shorts.unwrap_or(0.0));
            return Ok(UnusedCells::Unformed(Unformed { siemens, shorts }));
        }
        if numbers {
            let problem =
                "g_unformed and shorts change nothing here: all cells are formed; give unused_cells=\"unformed\"";
            return Err(Failure::new(problem));
        }
        Ok(UnusedCells::Programmed)
    }

    fn wiring(&self) -> Outcome<Wiring> {
        Ok(Wiring {
            r_word: self.wire,
            r_bit: self.bit_wire.unwrap_or(self.wire),
            r_source: self.source,
            r_sink: self.sink,
            drive: choose("drive", &self.drive, &DRIVES)?,
            collect: choose("collect", &self.collect, &COLLECTS)?,
        })
    }

    fn adc(&self) -> Outcome<Option<Adc>> {
        let (range, scope) = (self.adc_range.parse()?, self.adc_scope.parse()?);
        let bits: Option<u32> = self.adc_bits.map(|bits| whole("adc_bits", bits)).transpose()?;
        Ok(bits.map(|bits| Adc { bits, range, scope }))
    }
}

impl From<DeviceError> for Failure {
    fn from(error: DeviceError) -> Self {
        Self::new(error.to_string())
    }
}
