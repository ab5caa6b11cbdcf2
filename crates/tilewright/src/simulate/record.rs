//! What a hardware is, in words and numbers.

use super::converter::Adc;
use super::hardware::{Compensation, Copies, Hardware, PairRead};
use crate::circuit::Wiring;
use crate::circuit::device::Programming;
use serde::Serialize;

/// A hardware's settings; for equal ones a seed gives equal chips.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct HardwareRecord {
    /// The device's name.
    pub device: String,
    /// Where its numbers are from.
    pub source: String,
    /// Least and greatest conductance, in siemens.
    pub range: [f64; 2],
    /// The device's constants.
    pub settings: serde_json::Value,
    /// How cells are programmed.
    pub programming: Programming,
    /// Seconds between programming and inference.
    pub age: f64,
    /// Wires and terminals.
    pub wiring: Wiring,
    /// Bits of an input that one pulse drives; none for all at once.
    pub dac_bits: Option<u32>,
    /// What reads the currents; none for exact reads.
    pub adc: Option<Adc>,
    /// Where the columns of a differential pair are subtracted.
    pub pairs: PairRead,
    /// What copies of a crossbar hold.
    pub copies: Copies,
    /// What is done about errors.
    pub compensation: Compensation,
}

impl Hardware {
    /// The settings for reports and for telling whether two runs are the same.
    pub fn record(&self) -> HardwareRecord {
        let range = self.device.range();
        HardwareRecord {
            device: self.device.name().into(),
            source: self.device.source().into(),
            range: [range.off, range.on],
            settings: serde_json::to_value(&*self.device).expect("devices have names and numbers"),
            programming: self.programming,
            age: self.age,
            wiring: self.wiring,
            dac_bits: self.dac_bits,
            adc: self.adc,
            pairs: self.pairs,
            copies: self.copies,
            compensation: self.compensation,
        }
    }
}
